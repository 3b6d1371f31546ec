"""A registry hive, format `regf`: keys and values as they stand in the file, strictly and under caps.

After the format's description in libyal's "Windows NT Registry File (REGF) format specification" and Maxim
Suhanov's "Windows registry file format specification". Every offset is somebody's claim: each is held against
the file before it is followed, and a key is met once.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

_BASE, _HEADER = 4096, 512
_SIGNATURE = b"regf"
#: Data beyond this, in bytes, lies in segments of this size each (hives since version 1.4).
_SEGMENT = 16344
_COMPRESSED_KEY, _COMPRESSED_VALUE = 0x20, 0x01
_INLINE = 0x80000000
_NONE = 0xFFFFFFFF
_ENTRY = {b"lf": 8, b"lh": 8, b"li": 4}
#: Lists of lists are one deep.
_MOST_SUBKEYS = 1 << 20


class Broken(Exception):  # noqa: N818  (it names what the file is)
    """Something in the file is not what it must be."""


class Value(NamedTuple):
    """A value: its name (empty for the default one), its type, its bytes; or why those cannot be had."""

    name: str
    type: int
    data: bytes
    fault: str = ""


class Key(NamedTuple):
    """A key: its name, and where in the file it and its lists are."""

    name: str
    at: int
    subkeys: int
    subkeys_at: int
    values: int
    values_at: int


class Hive(NamedTuple):
    """The bytes of a hive, and where its first key is."""

    data: bytes
    root: int

    def cell(self, offset: int) -> bytes:
        """Return the content of an allocated cell. Raises `Broken`."""
        at = _BASE + offset
        if offset % 8 or not _BASE <= at <= len(self.data) - 8:
            raise Broken(f"points at byte {at:,}, where no cell begins")
        size = -int.from_bytes(self.data[at : at + 4], "little", signed=True)
        if size < 8 or at + size > len(self.data):  # noqa: PLR2004  (the least that a cell takes)
            raise Broken(f"has no cell in use at byte {at:,}")
        return self.data[at + 4 : at + size]


def opened(data: bytes) -> tuple[Hive, list[str]]:
    """Return a hive, and what is wrong with it as a whole. Raises `Broken` where it is none."""
    if len(data) < _BASE or not data.startswith(_SIGNATURE):
        raise Broken("is no registry hive")
    first, second = struct.unpack_from("<II", data, 4)
    (root,) = struct.unpack_from("<I", data, 36)
    faults = []
    if first != second:
        faults.append("was not closed: what its transaction logs hold is not in it")
    checksum = 0
    for (word,) in struct.iter_unpack("<I", data[: _HEADER - 4]):
        checksum ^= word
    checksum = {0: 1, _NONE: _NONE - 1}.get(checksum, checksum)
    if checksum != int.from_bytes(data[_HEADER - 4 : _HEADER], "little"):
        faults.append("has a header whose checksum is wrong")
    return Hive(data, root), faults


def key(hive: Hive, offset: int) -> Key:
    """Read a key. Raises `Broken`."""
    cell = hive.cell(offset)
    if len(cell) < 76 or cell[:2] != b"nk":  # noqa: PLR2004  (where the name begins)
        raise Broken(f"has no key at byte {_BASE + offset:,}")
    flags, subkeys, subkeys_at, values, values_at, length = struct.unpack("<H16xI4xI4xII28xH", cell[2:74])
    name = cell[76 : 76 + length]
    if len(name) < length:
        raise Broken(f"has a key with a name that is cut at byte {_BASE + offset:,}")
    return Key(
        _name(name, compressed=bool(flags & _COMPRESSED_KEY)), offset, subkeys, subkeys_at, values, values_at
    )


def subkeys(hive: Hive, above: Key) -> Iterator[int]:
    """Yield where the keys below a key are. Raises `Broken` where a list is none, or not whole."""
    if not above.subkeys:
        return
    found = 0
    for offset in _listed(hive, above.subkeys_at):
        found += 1
        if found > min(above.subkeys, _MOST_SUBKEYS):
            raise Broken("has more keys below than it says")
        yield offset
    if found < above.subkeys:
        raise Broken(f"has {found:,} keys below that can be found, and says {above.subkeys:,}")


def values(hive: Hive, of: Key) -> Iterator[Value | Broken]:
    """Yield the values of a key, and what is wrong with one that cannot be read. Raises `Broken`."""
    if not of.values:
        return
    listed = hive.cell(of.values_at)
    if len(listed) < 4 * of.values:
        raise Broken("has a list of values that is cut")
    for (offset,) in struct.iter_unpack("<I", listed[: 4 * of.values]):
        try:
            yield _value(hive, offset)
        except Broken as fault:
            yield fault


def _listed(hive: Hive, offset: int) -> Iterator[int]:
    cell = hive.cell(offset)
    kind, count = cell[:2], int.from_bytes(cell[2:4], "little")
    lists = [cell] if kind != b"ri" else [hive.cell(at) for at in _offsets(cell, count, 4)]
    for one in lists:
        if one[:2] not in _ENTRY:
            raise Broken("has a list of keys of a kind that is not known")
        yield from _offsets(one, int.from_bytes(one[2:4], "little"), _ENTRY[one[:2]])


def _offsets(cell: bytes, count: int, width: int) -> list[int]:
    if len(cell) < 4 + count * width:
        raise Broken("has a list of keys that is cut")
    return [int.from_bytes(cell[at : at + 4], "little") for at in range(4, 4 + count * width, width)]


def _value(hive: Hive, offset: int) -> Value:
    cell = hive.cell(offset)
    if len(cell) < 20 or cell[:2] != b"vk":  # noqa: PLR2004  (where the name begins)
        raise Broken(f"has no value at byte {_BASE + offset:,}")
    length, size, data_at, kind, flags = struct.unpack("<HIIIH", cell[2:18])
    raw = cell[20 : 20 + length]
    if len(raw) < length:
        raise Broken(f"has a value with a name that is cut at byte {_BASE + offset:,}")
    name = _name(raw, compressed=bool(flags & _COMPRESSED_VALUE))
    try:
        return Value(name, kind, _data(hive, size, data_at, cell[8:12]))
    except Broken as fault:
        return Value(name, kind, b"", f"its data cannot be read: it {fault}")


def _data(hive: Hive, size: int, at: int, inline: bytes) -> bytes:
    if size & _INLINE:
        if size & ~_INLINE > len(inline):
            raise Broken("claims more data than has room in the place of its offset")
        return inline[: size & ~_INLINE]
    if not size:
        return b""
    cell = hive.cell(at)
    if size > _SEGMENT and cell[:2] == b"db":
        count, list_at = struct.unpack("<HI", cell[2:8])
        if count > -(-size // _SEGMENT):
            raise Broken("has more segments than it says")
        offsets = hive.cell(list_at)[: 4 * count]
        cell = b"".join(hive.cell(offset)[:_SEGMENT] for (offset,) in struct.iter_unpack("<I", offsets))
    if len(cell) < size:
        raise Broken(f"has {len(cell):,} bytes of data, and says {size:,}")
    return cell[:size]


def _name(raw: bytes, *, compressed: bool) -> str:
    """Decode a name; half of a pair of UTF-16 stays visible, whatever follows it."""
    if compressed:
        return raw.decode("latin-1")
    text = raw.decode("utf-16-le", "surrogatepass") if not len(raw) % 2 else raw.decode("latin-1")
    return text.encode("utf-8", "backslashreplace").decode()
