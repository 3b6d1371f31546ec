"""WebAssembly: what a module asks its host for, and where its constants stand.

A module can do nothing but what it imports. Source: WebAssembly core specification 5.5.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.readers.binary.anatomy import Code, Damaged, End, Fact, Import, Texts

_IMPORT, _CODE, _DATA = 2, 10, 11
_FUNCTION, _TABLE, _MEMORY, _GLOBAL, _TAG = range(5)
_ENTRIES = 100_000
#: No number that is a size has more bytes.
_LONGEST = 5


def facts(data: bytes) -> Iterator[Fact]:
    """Yield imports and regions; nothing of a component. Raises `Damaged`."""
    if data[4:8] != b"\x01\0\0\0":
        return
    at = 8
    while at < len(data):
        kind = data[at]
        size, begin = _number(data, at + 1)
        at = begin + size
        if at > len(data) or kind > 13:  # noqa: PLR2004  (the last section there is)
            yield End(begin - 2)
            if kind <= 13:  # noqa: PLR2004  (the same)
                raise Damaged("sections", "outside of the file")
            return
        if kind == _IMPORT:
            yield from _imports(data, begin, at)
        elif kind == _CODE:
            yield Code("code", begin, at)
        elif kind == _DATA:
            yield Texts(begin, at)
    yield End(len(data))


def _imports(data: bytes, at: int, end: int) -> Iterator[Import]:
    """Yield the functions; tables, memories and the like are stepped over."""
    count, at = _number(data, at)
    for _ in range(min(count, _ENTRIES)):
        if at >= end:
            raise Damaged("imports", "fewer than it says")
        _, at = _name(data, at)
        name, at = _name(data, at)
        kind = data[at] if at < end else -1
        at += 1
        if kind == _FUNCTION:
            _, at = _number(data, at)
            yield Import(name)
        elif kind == _TABLE:
            at = _limits(data, at + 1)
        elif kind == _MEMORY:
            at = _limits(data, at)
        elif kind == _GLOBAL:
            at += 2
        elif kind == _TAG:
            _, at = _number(data, at + 1)
        else:
            raise Damaged("imports", "of an unknown kind")


def _limits(data: bytes, at: int) -> int:
    """Step over a minimum and, if the flags say so, a maximum."""
    flags, at = _number(data, at)
    for _ in range(2 if flags & 1 else 1):
        _, at = _number(data, at)
    return at


def _name(data: bytes, at: int) -> tuple[str, int]:
    size, at = _number(data, at)
    if at + size > len(data):
        raise Damaged("imports", "a name outside of the file")
    return data[at : at + min(size, 500)].decode("utf-8", "replace"), at + size


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Read an unsigned number in LEB128; return it, and where it ends."""
    value = 0
    for step in range(_LONGEST):
        if at + step >= len(data):
            raise Damaged("sections", "outside of the file")
        byte = data[at + step]
        value |= (byte & 0x7F) << (7 * step)
        if byte < 0x80:  # noqa: PLR2004  (the last byte has no such bit)
            return value, at + step + 1
    raise Damaged("sections", "a size of too many bytes")
