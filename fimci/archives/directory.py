"""Read the central directory of a zip (APPNOTE.TXT 4.3.12 to 4.3.16), found from the end.

The end record decides what a zip contains; bytes before, between and after its members are
invisible to most readers, and a second end record shows some of them another zip.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO, NamedTuple

from fimci.archives.bounds import ArchiveError, Meter
from fimci.model import Unread

_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_ROW = struct.Struct("<4s4B4H3L5H2L")
_CRX = struct.Struct("<4s3L")
_LONGEST_LEAD = 0x4000
_LONGEST_COMMENT = 0xFFFF
FULL = 0xFFFFFFFF
_UNICODE_PATH = 0x7075  # of Info-ZIP
_FULL16 = 0xFFFF


class Row(NamedTuple):
    """One member as the directory lists it; `offset` is that of its local header in the file."""

    name: bytes
    system: int
    attributes: int
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    renamed: bool  # by a Unicode path in its extra fields
    doubled: bool = False  # an extra field is there twice


class Directory(NamedTuple):
    """Where the directory lies, and what it is said to hold."""

    start: int
    end: int
    entries: int
    shift: int  # what to add to every stated offset
    comment: int  # bytes after the end record
    faults: tuple[tuple[str, str], ...]
    lead: int = 0  # bytes of a signed header before it, as extensions of Chrome have one


def find(file: IO[bytes]) -> Directory:
    """Find the directory from the end of the file. Raises `ArchiveError` if there is none."""
    size = file.seek(0, 2)
    tail_at = max(0, size - _END.size - _LONGEST_COMMENT)
    tail = _at(file, tail_at, size - tail_at)
    at = tail.rfind(b"PK\x05\x06", 0, max(0, len(tail) - _END.size + 4))
    if at < 0:
        raise ArchiveError("end", "has no end record: it was cut")
    _, disk, first_disk, here, count, length, offset, comment = _END.unpack_from(tail, at)
    faults = []
    if at + _END.size + comment != len(tail):
        faults.append(("trailing", "has other data after its end record"))
    if _another_end(tail, at):
        faults.append(("end record", "has two end records: readers may see two different archives"))
    end = tail_at + at
    stated = (disk, first_disk, here, count, length, offset)
    larger = _larger(file, end)
    if larger is not None:
        if any(one not in (other, _FULL16, FULL) for one, other in zip(stated, larger, strict=True)):
            faults.append(("end record", "has two end records (ZIP64) that contradict each other"))
        end -= _LOCATOR.size + _END64.size
        stated = larger
    disk, first_disk, here, count, length, offset = stated
    if disk or first_disk or here != count:
        faults.append(("disks", "is one part of several"))
    if length > end:
        raise ArchiveError("end", "has an end record that points before its start: it was cut")
    start = end - length
    lead = _signed(file)
    if start > offset and start - offset != lead:
        faults.append(("prefix", "has other data before it"))
    elif start < offset:
        faults.append(("end record", "has a directory that is not where its end record says"))
    shift = start - offset
    return Directory(start, end, count, shift, comment, tuple(faults), lead if shift == lead else 0)


def _signed(file: IO[bytes]) -> int:
    """Return the length of the signed header of an extension for Chrome (CRX 2, 3); 0 where there is none."""
    head = _at(file, 0, _CRX.size)
    if len(head) < _CRX.size or not head.startswith(b"Cr24"):
        return 0
    _, version, first, second = _CRX.unpack(head)
    if max(first, second * (version == 2)) > _LONGEST_LEAD:  # noqa: PLR2004  (2 has a key and a signature)
        return 0
    return int(_CRX.size + first + second if version == 2 else _CRX.size - 4 + first)  # noqa: PLR2004  (the same)


def is_there(file: IO[bytes]) -> bool:
    """Tell whether readers that look for the end record would take this file for a zip."""
    try:
        found = find(file)
    except ArchiveError:
        return False
    return found.end > found.start and _at(file, found.start, 4) == b"PK\x01\x02"


def rows(file: IO[bytes], found: Directory, meter: Meter) -> Iterator[Row | Unread]:
    """Yield what the directory lists, and last what does not fit."""
    yield from (Unread(path="", part=part, why=why) for part, why in found.faults)
    at, count = found.start, 0
    while at < found.end:
        meter.check()
        fixed = _at(file, at, _ROW.size)
        if len(fixed) < _ROW.size or not fixed.startswith(b"PK\x01\x02"):
            raise ArchiveError("directory", f"has a broken directory at byte {at:,}: the rest was not read")
        fields = _ROW.unpack(fixed)
        name_length, extra_length, comment_length = fields[12:15]
        variable = _at(file, at + _ROW.size, name_length + extra_length)
        yield _row(fields, variable[:name_length], variable[name_length:], found.shift)
        at += _ROW.size + name_length + extra_length + comment_length
        count += 1
    if at != found.end or count != found.entries:
        yield Unread(path="", part="directory", why="has a directory that holds more or less than it states")


def doubled(data: bytes) -> bool:
    """Tell whether an extra field is there twice: readers take the first, or the last."""
    seen: set[int] = set()
    at = 0
    while at + 4 <= len(data):
        number, length = struct.unpack_from("<2H", data, at)
        if number in seen:
            return True
        seen.add(number)
        at += 4 + length
    return False


def extras(data: bytes) -> dict[int, bytes]:
    """Return the extra fields by their number, the first of each."""
    found: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(data):
        number, length = struct.unpack_from("<2H", data, at)
        found.setdefault(number, data[at + 4 : at + 4 + length])
        at += 4 + length
    return found


def wide(extra: dict[int, bytes], *narrow: int) -> tuple[int, ...]:
    """Replace what is full (0xFFFFFFFF) by the 64-bit values of the ZIP64 field, in order."""
    data = extra.get(1, b"")
    values = iter(struct.unpack_from(f"<{len(data) // 8}Q", data))
    return tuple(next(values, value) if value == FULL else value for value in narrow)


def _row(fields: tuple[int, ...], name: bytes, extra: bytes, shift: int) -> Row:
    (_, _, system, _, _, flags, method, _, _, crc, packed, size, *_, attributes, offset) = fields
    found = extras(extra)
    size, packed, offset = wide(found, size, packed, offset)
    return Row(
        name, system, attributes, flags, method, crc, packed, size, offset + shift,
        renamed=_UNICODE_PATH in found and found[_UNICODE_PATH][5:] != name,  # after version and checksum
        doubled=doubled(extra),
    )  # fmt: skip


def _larger(file: IO[bytes], end: int) -> tuple[int, int, int, int, int, int] | None:
    """Return the fields of the ZIP64 end record, if a locator stands before the end record."""
    at = end - _LOCATOR.size
    locator = _at(file, at, _LOCATOR.size) if at >= 0 else b""
    if not locator.startswith(b"PK\x06\x07"):
        return None
    at -= _END64.size
    record = _at(file, at, _END64.size) if at >= 0 else b""
    if not record.startswith(b"PK\x06\x06"):
        raise ArchiveError("end", "has no ZIP64 end record where one must be")
    _, _, _, _, disk, first_disk, here, count, length, offset = _END64.unpack(record)
    return disk, first_disk, here, count, length, offset


def _another_end(tail: bytes, last: int) -> bool:
    """Tell whether an earlier end record has a comment that reaches exactly to the end."""
    at = tail.find(b"PK\x05\x06")
    while 0 <= at < last:
        if at + _END.size + struct.unpack_from("<H", tail, at + _END.size - 2)[0] == len(tail):
            return True
        at = tail.find(b"PK\x05\x06", at + 1)
    return False


def _at(file: IO[bytes], position: int, length: int) -> bytes:
    file.seek(position)
    return file.read(length)
