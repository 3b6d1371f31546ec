"""Build archives field by field, so that every one of them can lie."""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

END_OF_TAR = bytes(1024)


def tar_header(  # noqa: PLR0913  (the fields of the header)
    name: bytes,
    size: int = 0,
    kind: bytes = b"0",
    *,
    mode: int = 0o644,
    target: bytes = b"",
    magic: bytes = b"ustar\x0000",
    prefix: bytes = b"",
) -> bytes:
    """Make one header block with a right checksum."""
    fields = (name, b"%07o" % mode, b"0000000", b"0000000", b"%011o" % size, b"00000000000", b" " * 8)
    block = struct.pack("<100s8s8s8s12s12s8s", *fields) + struct.pack("<1s100s8s", kind, target, magic)
    block = (block + bytes(32 + 32 + 8 + 8) + prefix).ljust(512, b"\0")
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def tar_member(name: bytes, data: bytes = b"", kind: bytes = b"0", *, mode: int = 0o644) -> bytes:
    """Make a header and its data, padded."""
    return tar_header(name, len(data), kind, mode=mode) + data + bytes(-len(data) % 512)


def pax(kind: bytes = b"x", /, **records: str) -> bytes:
    """Make an extended header."""
    data = b""
    for keyword, value in records.items():
        line = f" {keyword}={value}\n".encode("utf-8", "surrogateescape")
        length = len(line) + 1
        while length != len(line) + len(str(length)):
            length = len(line) + len(str(length))
        data += str(length).encode() + line
    return tar_member(b"PaxHeaders/x", data, kind)


class Zipped(NamedTuple):
    """One member of a zip; what is `None` is what it should be."""

    name: bytes
    data: bytes = b""
    local_name: bytes | None = None
    flags: int = 0x800
    method: int = 8
    crc: int | None = None
    size: int | None = None
    local_size: int | None = None
    system: int = 3
    mode: int = 0o100644
    extra: bytes = b""
    local_extra: bytes = b""
    listed: bool = True
    gap: bytes = b""  # after its data
    repeat: int = 1  # how often the directory lists it


def zip_of(*members: Zipped, before: bytes = b"", comment: bytes = b"", after: bytes = b"") -> bytes:
    """Make a zip; offsets count from its first byte, `before` included."""
    body, rows, count = before, b"", 0
    for one in members:
        data = one.data
        if one.method == 8:
            deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
            data = deflater.compress(one.data) + deflater.flush()
        crc = zlib.crc32(one.data) if one.crc is None else one.crc
        size = len(one.data) if one.size is None else one.size
        local_size = size if one.local_size is None else one.local_size
        local_name = one.name if one.local_name is None else one.local_name
        local = (20, one.flags, one.method, 0, 33, crc, len(data), local_size)
        offset = len(body)
        body += struct.pack("<4s5H3L2H", b"PK\3\4", *local, len(local_name), len(one.local_extra))
        body += local_name + one.local_extra + data + one.gap
        row = struct.pack(
            "<4sBBHHHHHLLLHHHHHLL", b"PK\1\2", 20, one.system, 20, one.flags, one.method, 0, 33, crc,
            len(data), size, len(one.name), len(one.extra), 0, 0, 0, one.mode << 16, offset,
        )  # fmt: skip
        if one.listed:
            rows += (row + one.name + one.extra) * one.repeat
            count += one.repeat
    end = struct.pack(
        "<4s4H2LH", b"PK\5\6", 0, 0, count & 0xFFFF, count & 0xFFFF, len(rows), len(body), len(comment)
    )
    return body + rows + end + comment + after
