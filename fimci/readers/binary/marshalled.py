"""Python's marshal format, read without Python's own reader, which crashes on hostile bytes.

Only what tells something is kept: the names that code uses, its constant texts and bytes. One loop
over the bytes, no recursion, under caps. Source: `Python/marshal.c` of 3.4 to 3.14.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

#: The first magic numbers with positional-only parameters (3.8), and with other code objects (3.11).
_POSITIONAL, _NEW_CODE = 3410, 3450
_OBJECTS = 1_000_000
_DEPTH = 500
_TEXTS = 100_000
_INT = struct.Struct("<i")
#: Objects of which nothing is kept, and how many bytes they have.
_FIXED = {"N": 0, "F": 0, "T": 0, "S": 0, ".": 0, "i": 4, "I": 8, "g": 8, "y": 16}
_SIZED = {"s": 4, "t": 4, "u": 4, "a": 4, "A": 4, "z": 1, "Z": 1}
_HEADED = {"(": 4, "[": 4, "<": 4, ">": 4, ")": 1}
_SLICE = 3
#: Objects of a code object in front of its line number, and which of them are constants, names, its name.
_BEFORE_LINE = 8
_CONSTANTS, _NAMES = 1, 2

_Value: TypeAlias = "str | bytes | list[Any] | None"


class Broken(Exception):  # noqa: N818  (it names the state of the bytes)
    """The bytes are not marshalled objects, or beyond a cap: why."""


class Contents(NamedTuple):
    """What the code objects of a file have: names that each uses in their order, constant texts and bytes."""

    names: tuple[tuple[str, ...], ...]
    texts: tuple[str, ...]
    blobs: tuple[bytes, ...]


@dataclass
class _Frame:
    """An object whose members are being read; `left` is -1 until an end is met."""

    kind: str
    left: int
    reference: int
    items: list[_Value] = field(default_factory=list)


@dataclass
class _Reading:
    """The state of one reading: what is open, what can be referred to, and what was found."""

    data: bytes
    magic: int
    frames: list[_Frame] = field(default_factory=list)
    references: list[_Value] = field(default_factory=list)
    names: dict[tuple[str, ...], None] = field(default_factory=dict)
    texts: dict[str, None] = field(default_factory=dict)
    blobs: dict[bytes, None] = field(default_factory=dict)
    constants: int = 0

    @property
    def behind_line(self) -> int:
        """Count the objects of a code object behind its line number."""
        return 2 if self.magic >= _NEW_CODE else 1


def contents(data: bytes, begin: int, magic: int) -> Contents:
    """Read the object that begins there. Raises `Broken`."""
    reading = _Reading(data, magic)
    at = begin
    for _ in range(_OBJECTS):
        at, value, frame = _object(reading, at)
        if frame is not None:
            if len(reading.frames) >= _DEPTH:
                raise Broken("nested too deeply")
            reading.frames.append(frame)
            if frame.left:
                continue
        else:
            _give(reading.frames, value)
        at = _closed(reading, at)
        if not reading.frames:
            return Contents(tuple(reading.names), tuple(reading.texts), tuple(reading.blobs))
    raise Broken(f"more than {_OBJECTS:,} objects")


def _object(reading: _Reading, at: int) -> tuple[int, _Value, _Frame | None]:
    """Read one object, or open one that has members."""
    data = reading.data
    if at >= len(data):
        raise Broken("it ends too early")
    kind, flagged = chr(data[at] & 0x7F), data[at] & 0x80
    at += 1
    reference = len(reading.references) if flagged else -1
    if flagged:
        reading.references.append(None)
    if kind in _SIZED:
        at, value = _text(data, at, kind)
        if flagged:
            reading.references[reference] = value
        return at, value, None
    if kind in _FIXED:
        return _within(data, at + _FIXED[kind]), None, None
    if kind in _HEADED:
        size, at = _size(data, at, _HEADED[kind])
        return at, None, _Frame(kind, size, reference)
    if kind == "c":
        at = _within(data, at + (24 if _POSITIONAL <= reading.magic < _NEW_CODE else 20))
        return at, None, _Frame(kind, _BEFORE_LINE + reading.behind_line, reference)
    return _rare(reading, at, kind, reference)


def _text(data: bytes, at: int, kind: str) -> tuple[int, _Value]:
    size, at = _size(data, at, _SIZED[kind])
    value = data[at : at + size]
    if kind == "s":
        return at + size, value
    return at + size, value.decode("utf-8" if kind in "tu" else "latin-1", "replace")


def _rare(reading: _Reading, at: int, kind: str, reference: int) -> tuple[int, _Value, _Frame | None]:
    data = reading.data
    if kind == "r":
        number = _number(data, at)
        if not 0 <= number < len(reading.references):
            raise Broken("a reference to nothing")
        return at + 4, reading.references[number], None
    if kind == "{":
        return at, None, _Frame(kind, -1, reference)
    if kind == "0":
        return at, _END, None
    if kind == ":":
        return at, None, _Frame(kind, _SLICE, reference)
    if kind == "l":
        return _within(data, at + 4 + 2 * abs(_number(data, at))), None, None
    if kind in "fx":
        for _ in range(1 if kind == "f" else 2):
            size, at = _size(data, at, 1)
            at += size
        return at, None, None
    raise Broken("an object of an unknown kind")


#: What ends a table.
_END: list[Any] = []


def _give(frames: list[_Frame], value: _Value) -> None:
    """Put a value into the object that is open."""
    if not frames:
        return
    frame = frames[-1]
    if value is _END:
        if frame.kind != "{":
            raise Broken("an end where there is nothing to end")
        frame.left = 0
    elif frame.kind != "{":
        frame.items.append(value)
        frame.left -= 1


def _closed(reading: _Reading, at: int) -> int:
    """Close all objects that are complete now; return where to go on."""
    while reading.frames:
        frame = reading.frames[-1]
        if frame.kind == "c" and len(frame.items) == _BEFORE_LINE and frame.left == reading.behind_line:
            return _within(reading.data, at + 4)
        if frame.left:
            return at
        reading.frames.pop()
        if frame.kind == "c":
            _take(reading, frame)
        value = frame.items if frame.kind in "()<>[" else None
        if frame.reference >= 0:
            reading.references[frame.reference] = value
        _give(reading.frames, value)
    return at


def _take(reading: _Reading, code: _Frame) -> None:
    """Keep the names and constants of a code object; a text at the begin of it is documentation."""
    names, constants = code.items[_NAMES], code.items[_CONSTANTS]
    if isinstance(names, list):
        reading.constants += len(names)
        reading.names[tuple(name for name in names if isinstance(name, str))] = None
    open_ = [(constants, 0)]
    while open_:
        value, place = open_.pop()
        reading.constants += 1
        if reading.constants > _TEXTS:
            raise Broken(f"more than {_TEXTS:,} constants")
        if isinstance(value, list):
            open_.extend((item, number) for number, item in enumerate(value))
        elif isinstance(value, str):
            if place or " " not in value:
                reading.texts[value] = None
        elif isinstance(value, bytes):
            reading.blobs[value] = None


def _number(data: bytes, at: int) -> int:
    _within(data, at + 4)
    return int(_INT.unpack_from(data, at)[0])


def _size(data: bytes, at: int, width: int) -> tuple[int, int]:
    size = data[_within(data, at + 1) - 1] if width == 1 else _number(data, at)
    if size < 0 or size > len(data) - at - width:  # each member takes a byte
        raise Broken("a size beyond the end")
    return size, at + width


def _within(data: bytes, at: int) -> int:
    if at > len(data):
        raise Broken("it ends too early")
    return at
