"""Hives of the Windows registry, built cell by cell: whole ones, and such as no Windows would write."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import NamedTuple

SZ, EXPAND, BINARY, DWORD, MULTI, QWORD = 1, 2, 3, 4, 7, 11
_NONE = 0xFFFFFFFF


class Node(NamedTuple):
    """A key: its values by name (type and bytes), and the keys below."""

    values: Mapping[str, tuple[int, bytes]] = {}
    keys: Mapping[str, Node] = {}


def text(value: str) -> tuple[int, bytes]:
    """Return a text as a value."""
    return SZ, (value + "\0").encode("utf-16-le")


class Cells:
    """The cells of a hive as they are laid out, one after another."""

    def __init__(self) -> None:
        self.data = bytearray(b"hbin" + bytes(28))

    def add(self, content: bytes) -> int:
        """Put a cell; return its offset."""
        at = len(self.data)
        size = -(-(len(content) + 4) // 8) * 8
        self.data += struct.pack("<i", -size) + content.ljust(size - 4, b"\0")
        return at


def built(root: Node, *, first: int = 1, second: int = 1) -> bytes:
    """Return a hive; `first` and `second` are its sequence numbers, equal in one that was closed."""
    cells = Cells()
    descriptor = struct.pack("<BBHIIII", 1, 0, 0x8000, 0, 0, 0, 0)
    at = len(cells.data)
    security = cells.add(struct.pack("<2sHIIII", b"sk", 0, at, at, 1, len(descriptor)) + descriptor)
    top = _key(cells, "ROOT", root, security, flags=0x2C)
    size = -(-len(cells.data) // 4096) * 4096
    free = size - len(cells.data)
    if free:
        cells.data += struct.pack("<i", free) + bytes(free - 4)
    cells.data[4:12] = struct.pack("<II", 0, size)
    return header(first, second, top, size) + bytes(cells.data)


def header(first: int, second: int, root: int, size: int) -> bytes:
    """Return the base block of a hive, with the checksum that it must have."""
    block = struct.pack("<4sIIQIIIIIII", b"regf", first, second, 0, 1, 5, 0, 1, root, size, 1)
    block = block.ljust(508, b"\0")
    checksum = 0
    for (word,) in struct.iter_unpack("<I", block):
        checksum ^= word
    return (block + struct.pack("<I", checksum)).ljust(4096, b"\0")


def _key(cells: Cells, name: str, node: Node, security: int, flags: int = 0x20) -> int:
    below = [(one, _key(cells, one, inner, security)) for one, inner in sorted(node.keys.items())]
    listed = _NONE
    if below:
        entries = b"".join(struct.pack("<I4s", at, one.encode("utf-8")[:4]) for one, at in below)
        listed = cells.add(struct.pack("<2sH", b"lf", len(below)) + entries)
    values = [_value(cells, one, *value) for one, value in node.values.items()]
    values_at = cells.add(struct.pack(f"<{len(values)}I", *values)) if values else _NONE
    raw, compressed = _encoded(name)
    fixed = struct.pack(
        "<2sHQIIIIIIIIIIIIIIIHH", b"nk", flags if compressed else flags & ~0x20, 0, 0, 0, len(below), 0,
        listed, _NONE, len(values), values_at, security, _NONE, 0, 0, 0, 0, 0, len(raw), 0,
    )  # fmt: skip
    here = cells.add(fixed + raw)
    for _, at in below:
        struct.pack_into("<I", cells.data, at + 4 + 16, here)
    return here


def _value(cells: Cells, name: str, kind: int, data: bytes) -> int:
    raw, compressed = _encoded(name)
    if len(data) <= 4:
        size, at = len(data) | 0x80000000, int.from_bytes(data.ljust(4, b"\0"), "little")
    elif len(data) > 16344:
        parts = [cells.add(data[start : start + 16344]) for start in range(0, len(data), 16344)]
        segments = cells.add(struct.pack(f"<{len(parts)}I", *parts))
        size, at = len(data), cells.add(struct.pack("<2sHI", b"db", len(parts), segments))
    else:
        size, at = len(data), cells.add(data)
    return cells.add(struct.pack("<2sHIIIHH", b"vk", len(raw), size, at, kind, int(compressed), 0) + raw)


def _encoded(name: str) -> tuple[bytes, bool]:
    try:
        return name.encode("latin-1"), True
    except UnicodeEncodeError:
        return name.encode("utf-16-le", "surrogatepass"), False
