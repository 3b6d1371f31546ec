"""Read a zip: what the directory lists, held against the local headers and the bytes between.

Readers differ in which of the two they believe: one that streams sees every local header, one
that seeks sees the directory. Members are read as the directory lists them (so do pip, uv and
Python); every contradiction is reported.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import IO, NamedTuple

from fimci.archives import directory
from fimci.archives.bounds import ArchiveError, Meter
from fimci.archives.directory import Row
from fimci.archives.held import refusing
from fimci.archives.magic import BLOCK
from fimci.archives.member import Member, text
from fimci.archives.streams import CHUNK, DECODERS, Feed, stream
from fimci.model import UNSTATED, Unread, Unstated
from fimci.printable import printable

_LOCAL = struct.Struct("<4s5H3L2H")
_METHODS = {8: "deflate", 12: "bzip2", 93: "zstd"}
_UNIX = (3, 19)  # Unix and macOS: modes are in the upper half of the attributes
_LONGEST_TARGET = 4096

_ENCRYPTED = 0x2041
_DESCRIPTOR = 0x8
_PATCHED = 0x20
_UTF8 = 0x800
_DECISIVE = _ENCRYPTED | _DESCRIPTOR | _UTF8


class Span(NamedTuple):
    """What one member takes up in the file, by its local header."""

    start: int
    end: int
    row: Row


def members(file: IO[bytes], meter: Meter) -> Iterator[Member | Unread]:
    """Yield members and what is wrong with them, in the directory's order.

    Raises `ArchiveError` where there is no directory or it cannot be read on.
    """
    found = directory.find(file)
    spans = []
    for row in directory.rows(file, found, meter):
        if isinstance(row, Unread):
            yield row
            continue
        data_at, faults = _local(file, row)
        spans.append(Span(row.offset, data_at + row.packed, row))
        yield from (Unread(path=text(row.name), part=part, why=why) for part, why in faults)
        yield _member(_Content(file, row, data_at, meter))
    yield from _between(file, sorted(spans), found)


class _Content(NamedTuple):
    """The data of one member, to be had as long as the file is open."""

    file: IO[bytes]
    row: Row
    start: int
    meter: Meter

    def head(self) -> bytes:
        return Feed(self._decoded()).peek(BLOCK)

    def read(self) -> Iterator[bytes]:
        row = self.row
        size = crc = 0
        for chunk in Feed(self._decoded()).rest():
            self.meter.spend(len(chunk))
            size += len(chunk)
            crc = zlib.crc32(chunk, crc)
            if size > row.size:
                raise ArchiveError("size", f"is larger than the {row.size:,} bytes that it declares")
            yield chunk
        if size < row.size:
            raise ArchiveError("size", f"is smaller than the {row.size:,} bytes that it declares")
        if crc != row.crc:
            raise ArchiveError("checksum", "does not have the checksum that it declares")

    def _decoded(self) -> Iterator[bytes]:
        if self.row.flags & _ENCRYPTED:
            raise ArchiveError("encryption", "is encrypted")
        packed = Feed(self._packed())
        if self.row.method == 0:
            yield from packed.rest()
        elif self.row.method in _METHODS:
            yield from stream(DECODERS[_METHODS[self.row.method]](), packed)
        else:
            raise ArchiveError("method", f"is compressed by the unknown method {self.row.method}")
        if packed.take(1):
            raise ArchiveError("trailing", "has other data after its compressed data")

    def _packed(self) -> Iterator[bytes]:
        at, end = self.start, self.start + self.row.packed
        while at < end:
            self.file.seek(at)
            chunk = self.file.read(min(CHUNK, end - at))
            if not chunk:
                raise ArchiveError("end", "lies beyond the end of the archive")
            at += len(chunk)
            yield chunk


def _member(content: _Content) -> Member:
    row = content.row
    name, mode = text(row.name), _mode(row)
    kind = mode & 0o170000 if isinstance(mode, int) else 0
    permissions = mode & 0o7777 if isinstance(mode, int) else UNSTATED
    if name.endswith("/"):
        return Member(name, "directory", permissions)
    if kind == 0o120000:  # noqa: PLR2004  (S_IFLNK)
        return _link(name, content)
    if kind not in (0, 0o100000):
        return Member(name, "other", permissions)
    return Member(name, "file", permissions, row.size, read=content.read, head=content.head)


def _link(name: str, content: _Content) -> Member:
    """Read the target of a link, which is its data."""
    if content.row.size > _LONGEST_TARGET:
        return Member(name, "link", read=refusing("is a link with a target that is too long"))
    try:
        return Member(name, "link", target=text(b"".join(content.read())))
    except OSError as error:
        return Member(name, "link", read=refusing(str(error)))


def _mode(row: Row) -> int | Unstated:
    """Return the mode with the kind of file, if the archive was made where there are modes."""
    mode = row.attributes >> 16
    return mode if row.system in _UNIX and mode else UNSTATED


def _local(file: IO[bytes], row: Row) -> tuple[int, list[tuple[str, str]]]:
    """Return where the data starts, and what the local header says differently."""
    faults = [("name", why) for why in _name_faults(row)]
    if row.flags & _PATCHED:
        faults.append(
            ("method", "is a patch for other data: some readers refuse it, others take it as it is")
        )
    if row.name.endswith(b"/") and row.size:
        faults.append(("size", "is a folder with data"))
    file.seek(max(0, row.offset))
    fixed = file.read(_LOCAL.size)
    if row.offset < 0 or len(fixed) < _LOCAL.size or not fixed.startswith(b"PK\x03\x04"):
        return max(0, row.offset), [*faults, ("local header", "has no local header where one must be")]
    _, _, flags, method, _, _, crc, packed, size, name_length, extra_length = _LOCAL.unpack(fixed)
    variable = file.read(name_length + extra_length)
    extra = directory.extras(variable[name_length:])
    if row.doubled or directory.doubled(variable[name_length:]):
        faults.append(("extra", "has an extra field twice: readers take the first of them, or the last"))
    if variable[:name_length] != row.name:
        other = printable(text(variable[:name_length]), 80)
        faults.append(("local name", f"has another name in its local header: {other}"))
    if (flags & _DECISIVE, method) != (row.flags & _DECISIVE, row.method):
        faults.append(("local header", "has another method or other flags in its local header"))
    stated = (crc, *directory.wide(extra, size, packed))
    if stated != (row.crc, row.size, row.packed) and not (row.flags & _DESCRIPTOR and not any(stated)):
        faults.append(("local size", "has another size or checksum in its local header"))
    if _unasked(extra.get(1, b""), size, packed):
        faults.append(("local size", "has sizes in its local header that only some readers apply"))
    return row.offset + _LOCAL.size + len(variable), faults


def _unasked(data: bytes, size: int, packed: int) -> bool:
    """Tell whether a ZIP64 field gives other sizes than a header that does not refer to it."""
    values = struct.unpack_from(f"<{len(data) // 8}Q", data)[:2]
    return directory.FULL not in (size, packed) and values not in ((), (0, 0), (size, packed))


def _name_faults(row: Row) -> Iterator[str]:
    if row.renamed:
        yield "has a second name, which only some readers apply"
    elif not row.name.isascii() and not row.flags & _UTF8:
        yield "has a name that is not marked as UTF-8: readers decode it differently"
    if b"\\" in row.name:
        yield "has a backslash in its name: some readers make a folder of it"


def _between(file: IO[bytes], spans: list[Span], found: directory.Directory) -> Iterator[Unread]:
    """Yield what lies between the members and before the directory, or in two of them at once."""
    at, gap, overlap = found.lead, 0, False
    descriptor: Row | None = None
    for span in [*spans, None]:
        until = found.start if span is None else span.start
        between = until - at
        overlap = overlap or between < 0
        if between > 0 and not _is_descriptor(file, at, between, descriptor):
            gap += between
        if span is not None:
            at, descriptor = max(at, span.end), span.row
    if overlap:
        yield Unread(path="", part="overlap", why="has members that lie in each other")
    if gap:
        yield Unread(path="", part="gap", why=f"has {gap:,} bytes that its directory does not list")


def _is_descriptor(file: IO[bytes], at: int, length: int, row: Row | None) -> bool:
    """Tell whether the bytes after a member are its data descriptor, and say what the directory says."""
    if row is None or not row.flags & _DESCRIPTOR or length not in (12, 16, 20, 24):
        return False
    file.seek(at)
    data = file.read(length)
    data = data[4:] if length in (16, 24) and data.startswith(b"PK\x07\x08") else data
    sizes = "<L2L" if len(data) == 12 else "<L2Q"  # noqa: PLR2004
    return len(data) in (12, 20) and struct.unpack(sizes, data) == (row.crc, row.packed, row.size)
