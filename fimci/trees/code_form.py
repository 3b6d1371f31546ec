"""Marshalled code in one form, so that two of them can be compared without loading either.

Python's own reader may crash, or worse, on bytes that an attacker wrote. Here each object becomes a hash of
its kind and of the hashes of its members: which of them are shared, the order of sets and the name of the
file say nothing. One loop, no recursion, under caps. For the version of Python that runs this check alone.
Source: `Python/marshal.c` of 3.10 to 3.14.
"""

from __future__ import annotations

import hashlib
import struct
import sys
from dataclasses import dataclass, field

_OBJECTS = 2_000_000
_DEPTH = 1000
_INT = struct.Struct("<i")
_SINGLE = frozenset("NFTS.")
_FIXED = {"i": 4, "I": 8, "g": 8, "y": 16}
#: How wide the size is that stands before the bytes of a text, and before the members of the rest.
_SIZED = {"s": 4, "t": 4, "u": 4, "a": 4, "A": 4, "z": 1, "Z": 1}
_HEADED = {"(": 4, ")": 1, "[": 4, "<": 4, ">": 4}
#: One kind in several spellings: texts, short and long tuples.
_SAME = dict.fromkeys("tuaAzZ", "t") | {")": "("}
_NEW = sys.version_info >= (3, 11)
#: Of a code object: bytes of its numbers, members in front of its line number, behind it, and which is the
#: name of its file.
_NUMBERS, _BEFORE, _BEHIND, _FILE = (20, 8, 2, 5) if _NEW else (24, 8, 1, 6)
_SLICE = 3


@dataclass
class _Open:
    """An object whose members are being read; `left` is -1 until an end is met."""

    kind: str
    left: int
    reference: int
    own: bytes = b""
    members: list[bytes] = field(default_factory=list)


def form(data: bytes) -> bytes:
    """Return the hash of marshalled code. Raises `ValueError` for what is none, or beyond a cap."""
    references: list[bytes] = []
    open_: list[_Open] = []
    at = 0
    for _ in range(_OBJECTS):
        at, done = _begun(data, at, references, open_)
        if len(open_) > _DEPTH:
            raise ValueError("nested too deeply")
        if done is not None and not open_:
            return _ended(data, at, done)
        if done is not None:
            _take(open_[-1], done)
        while open_ and _is_whole(open_[-1]):
            one = open_[-1]
            if one.kind == "c" and len(one.members) == _BEFORE and not one.left:
                one.own += data[at : _within(data, at + 4)]
                at, one.left = at + 4, _BEHIND
                break
            open_.pop()
            done = _closed(one)
            if one.reference >= 0:
                references[one.reference] = done
            if not open_:
                return _ended(data, at, done)
            _take(open_[-1], done)
    raise ValueError("too many objects")


def _begun(data: bytes, at: int, references: list[bytes], open_: list[_Open]) -> tuple[int, bytes | None]:
    """Read one object whole, and return its hash; or open one that has members."""
    kind, flagged = chr(data[_within(data, at + 1) - 1] & 0x7F), data[at] & 0x80
    at += 1
    if kind == "r":
        number = _number(data, at)
        if not 0 <= number < len(references) or not references[number]:
            raise ValueError("a reference to nothing")
        return at + 4, references[number]
    if kind == "0":
        return at, b""
    reference = len(references) if flagged else -1
    if flagged:
        references.append(b"")
    end, opened = _extent(data, at, kind, reference)
    if opened is not None:
        open_.append(opened)
        return end, None
    own = data[at:end] if kind not in _SIZED else data[at + _SIZED[kind] : end]
    done = _hash(kind, own, [])
    if flagged:
        references[reference] = done
    return end, done


def _extent(data: bytes, at: int, kind: str, reference: int) -> tuple[int, _Open | None]:
    """Return where an object ends, or where its members begin and what is open then."""
    if kind in _SINGLE:
        return at, None
    if kind in _FIXED:
        return _within(data, at + _FIXED[kind]), None
    if kind in _SIZED:
        return _within(data, at + _SIZED[kind] + _size(data, at, _SIZED[kind])), None
    if kind == "l":
        return _within(data, at + 4 + 2 * abs(_number(data, at))), None
    if kind in _HEADED:
        return at + _HEADED[kind], _Open(kind, _size(data, at, _HEADED[kind]), reference)
    if kind == "c":
        end = _within(data, at + _NUMBERS)
        return end, _Open(kind, _BEFORE, reference, data[at:end])
    if kind in "{:":
        return at, _Open(kind, -1 if kind == "{" else _SLICE, reference)
    raise ValueError("an object of an unknown kind")


def _take(one: _Open, done: bytes) -> None:
    """Put a member into the object that is open; the end of a table is an empty one."""
    if not done:
        if one.kind != "{":
            raise ValueError("an end where there is nothing to end")
        one.left = 0
        return
    one.members.append(done)
    if one.kind != "{":
        one.left -= 1


def _is_whole(one: _Open) -> bool:
    return one.left == 0


def _closed(one: _Open) -> bytes:
    members = one.members
    if one.kind == "c":
        members = [*members[:_FILE], *members[_FILE + 1 :]]
    return _hash(one.kind, one.own, sorted(members) if one.kind in "<>" else members)


def _hash(kind: str, own: bytes, members: list[bytes]) -> bytes:
    parts = (_SAME.get(kind, kind).encode(), own, *members)
    return hashlib.sha256(b"".join(b"%d:%b" % (len(part), part) for part in parts)).digest()


def _ended(data: bytes, at: int, done: bytes) -> bytes:
    if at != len(data) or not done:
        raise ValueError("more than one object")
    return done


def _number(data: bytes, at: int) -> int:
    _within(data, at + 4)
    return int(_INT.unpack_from(data, at)[0])


def _size(data: bytes, at: int, width: int) -> int:
    size = data[_within(data, at + 1) - 1] if width == 1 else _number(data, at)
    if not 0 <= size <= len(data):  # each member takes a byte
        raise ValueError("a size beyond the end")
    return size


def _within(data: bytes, at: int) -> int:
    if at > len(data):
        raise ValueError("it ends too early")
    return at
