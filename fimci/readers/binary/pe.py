"""PE: what a program or library of Windows imports, and what is odd about its sections.

Source: Microsoft's "PE Format"; ordinals of the socket library as its import library has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from fimci.capabilities.native_names import SOCKETS
from fimci.readers.binary.anatomy import (
    Code,
    Damaged,
    End,
    Fact,
    Import,
    Library,
    Texts,
    Trait,
    numbers,
    rows,
    text,
)

_LIBRARY = 0x2000
_EXECUTABLE, _WRITABLE, _CONSTANT = 0x20000000, 0x80000000, 0x40
_WIDE = 0x20B
_IMPORTS, _CERTIFICATES, _LATE = 1, 4, 13
#: Windows loads no program with more sections.
_SECTIONS = 96
_LIBRARIES, _FUNCTIONS = 4096, 200_000


class _Section(NamedTuple):
    name: str
    size: int
    address: int
    offset: int
    length: int
    flags: int


def facts(data: bytes) -> Iterator[Fact]:
    """Yield what the tables say; nothing of a program for DOS. Raises `Damaged`."""
    (at,) = numbers(data, "<I", 60, "header")
    if data[at : at + 4] != b"PE\0\0":
        return
    _, count, _, _, _, optional, flags = numbers(data, "<HHIIIHH", at + 4, "header")
    begin = at + 24
    sections = list(_sections(data, begin + optional, count))
    directories = list(_directories(data, begin, optional))
    yield from _memory(data, sections)
    yield End(_end(sections, directories))
    if flags & _LIBRARY:
        yield Library()
    if len(directories) > _IMPORTS:
        wide = numbers(data, "<H", begin, "header")[0] == _WIDE
        yield from _imports(data, sections, directories[_IMPORTS], wide=wide, late=False)
        for directory in directories[_LATE : _LATE + 1]:
            yield from _imports(data, sections, directory, wide=wide, late=True)


def _sections(data: bytes, at: int, count: int) -> Iterator[_Section]:
    if count > _SECTIONS:
        raise Damaged("section table", f"more than {_SECTIONS} sections")
    for name, size, address, length, offset, _, _, _, flags in rows(
        data, "<8sIIIIIIII", at, count * 40, "section table"
    ):
        label = bytes(name).rstrip(b"\0").decode("ascii", "replace")
        yield _Section(label, size, address, offset, length, flags)


def _directories(data: bytes, begin: int, optional: int) -> Iterator[tuple[int, ...]]:
    """Yield address and size of each of the data directories."""
    if optional < 2:  # noqa: PLR2004  (the magic number alone)
        return
    wide = numbers(data, "<H", begin, "header")[0] == _WIDE
    at = begin + (108 if wide else 92)
    count = min(numbers(data, "<I", at, "header")[0], 16)
    yield from rows(data, "<II", at + 4, count * 8, "data directories")


def _memory(data: bytes, sections: list[_Section]) -> Iterator[Fact]:
    for section in sections:
        end = min(section.offset + section.length, len(data))
        if section.flags & _EXECUTABLE:
            yield Code(section.name, section.offset, end)
            if section.flags & _WRITABLE:
                yield Trait("native-code", "memory both writable and executable", section.name)
        elif section.flags & _CONSTANT:
            yield Texts(section.offset, end)


def _end(sections: list[_Section], directories: list[tuple[int, ...]]) -> int:
    """Return where sections end and, behind them, the signature, whose address is an offset."""
    end = max((section.offset + section.length for section in sections), default=0)
    for at, size in directories[_CERTIFICATES : _CERTIFICATES + 1]:
        end = max(end, at + size) if size else end
    return end


def _imports(
    data: bytes, sections: list[_Section], directory: tuple[int, ...], *, wide: bool, late: bool
) -> Iterator[Import]:
    """Yield what is taken from each library, at the start or (`late`) when it is first called."""
    address, size = directory
    if not address or not size:
        return
    at = _offset(sections, address)
    length = 32 if late else 20
    functions = 0
    for _ in range(_LIBRARIES):
        row = numbers(data, "<8I" if late else "<5I", at, "imports")
        at += length
        library, names = (row[1], row[4]) if late else (row[3], row[0] or row[4])
        if not library or not names:
            return
        if not late or row[0] & 1:  # what is older has addresses of memory there
            name = text(data, _offset(sections, library)).lower()
            for function in _functions(data, sections, _offset(sections, names), name, wide=wide):
                functions += 1
                if functions > _FUNCTIONS:
                    raise Damaged("imports", f"more than {_FUNCTIONS:,} functions")
                yield function
    raise Damaged("imports", f"more than {_LIBRARIES:,} libraries")


def _functions(
    data: bytes, sections: list[_Section], at: int, library: str, *, wide: bool
) -> Iterator[Import]:
    form, size, by_number = ("<Q", 8, 1 << 63) if wide else ("<I", 4, 1 << 31)
    while True:
        (entry,) = numbers(data, form, at, "imports")
        at += size
        if not entry:
            return
        if entry & by_number:
            sockets = SOCKETS if library in {"ws2_32.dll", "wsock32.dll"} else {}
            yield Import(sockets.get(entry & 0xFFFF, ""))
        else:
            yield Import(text(data, _offset(sections, entry & 0x7FFFFFFF) + 2))


def _offset(sections: list[_Section], address: int) -> int:
    for section in sections:
        if section.address <= address < section.address + max(section.length, section.size):
            return address - section.address + section.offset
    raise Damaged("imports", "at an address that is not loaded")
