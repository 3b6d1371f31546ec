"""The short way through an ordinary tarball: gzip, and nothing but plain files and folders in it.

What clients pack is so, and its hash is known to be that of the lockfile before it comes here. Whatever is
out of the ordinary goes the long way (`fimci.archives`), which takes five times as long.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from fimci.archives.bounds import LIMITS

#: Bytes that a process unpacks at once: the largest packages of npm have 200 MiB. A larger archive is read as
#: a stream.
_MOST = 256 << 20
_BLOCK = 512
#: Packed bytes that are unpacked at once.
_PIECE = 64 << 10
_GZIP = 31
_END = bytes(_BLOCK)
#: Type, name of the link (none), and `ustar`; version and owners are nobody's business here.
_USUAL = re.compile(rb"([05\0])\0{100}ustar")
_OCTAL = re.compile(rb"[0-7]{1,11}(?=[ \0]|\Z)")


class Opened(NamedTuple):
    """What was in the gzip stream, and name, start and size of each file in that."""

    data: bytes | bytearray
    files: list[tuple[str, int, int]]


def opened(data: bytes) -> Opened | None:
    """Unpack a tarball and find its files; `None` unless all of it is ordinary."""
    unpacked = _unpacked(data)
    headers = _headers(unpacked) if unpacked is not None else None
    return Opened(unpacked, headers) if unpacked is not None and headers is not None else None


def files(data: bytes) -> Iterator[tuple[str, memoryview]] | None:
    """Return the files of a tarball with their content; `None` unless all of it is ordinary."""
    found = opened(data)
    if found is None:
        return None
    view = memoryview(found.data)
    return ((name, view[start : start + size]) for name, start, size in found.files)


def _unpacked(data: bytes) -> bytearray | None:
    """Return what is in one gzip stream, unless that is large, more than one, or not as long as it says."""
    size = int.from_bytes(data[-4:], "little")
    if size > _MOST or (size > LIMITS.floor and size > LIMITS.ratio * len(data)):
        return None
    state, unpacked, at = zlib.decompressobj(_GZIP), bytearray(size), 0
    packed = memoryview(data)
    try:
        # In pieces, into memory of the size that is said: what grows by doubling is copied at its end.
        for start in range(0, len(data), _PIECE):
            piece = state.decompress(packed[start : start + _PIECE], size - at + 1)
            if at + len(piece) > size or state.unconsumed_tail:
                return None
            unpacked[at : at + len(piece)] = piece
            at += len(piece)
    except zlib.error:
        return None
    return unpacked if state.eof and not state.unused_data and at == size else None


def _headers(data: bytearray) -> list[tuple[str, int, int]] | None:
    """Return name, start and size of each file; `None` for a header that says more than that."""
    found: list[tuple[str, int, int]] = []
    at, end = 0, len(data)
    while at + _BLOCK <= end:
        block = bytes(data[at : at + _BLOCK])
        if block == _END:
            return None if data[at:].strip(b"\0") else found
        usual, octal = _USUAL.match(block, 156), _OCTAL.match(block[124:136])
        name = _name(block)
        if usual is None or octal is None or name is None:
            return None
        size = int(octal[0], 8)
        at += _BLOCK
        if at + size > end:
            return None
        if usual[1] != b"5":
            if name.endswith("/"):  # a folder, in old archives
                return None
            found.append((name, at, size))
        elif size:
            return None
        at += -(-size // _BLOCK) * _BLOCK
    return None


def _name(block: bytes) -> str | None:
    """Return the path of a header, if it is one that needs no judgement."""
    name, prefix = block[:100].partition(b"\0")[0], block[345:500].partition(b"\0")[0]
    if block[257:263] != b"ustar\0" and prefix:
        return None
    path = prefix + b"/" + name if prefix else name
    if not path or path[:1] == b"/" or b"//" in path or b"/./" in path or path[:2] == b"./" or b".." in path:
        return None
    return path.decode("utf-8", "surrogateescape")
