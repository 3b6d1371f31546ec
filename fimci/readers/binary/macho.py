"""Mach-O: what a program or library of macOS imports, where it looks, and what is odd about it.

A file for several processors has one program for each, and all of them count. Names are taken from
the symbol table and from what the loader binds, as only the second is needed to run.
Sources: `mach-o/loader.h`, `mach-o/nlist.h`, `mach-o/fat.h`, `mach-o/fixup-chains.h`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

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
from fimci.readers.binary.elf import library_paths

_FAT, _FAT_WIDE = b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf"
_ARCHITECTURES = 64
_COMMANDS = 65_536
_EXECUTABLE, _PROGRAM, _DEBUG = 4, 2, 10
_SEGMENT, _SEGMENT_WIDE, _SYMBOLS = 0x1, 0x19, 0x2
_RPATH, _BOUND, _BOUND_ONLY, _CHAINS = 0x8000001C, 0x22, 0x80000022, 0x80000034
_WRITE_AND_EXECUTE = 6
#: A name among the instructions that bind: its opcode has the flags in its lower half.
_BINDS = re.compile(rb"[\x40-\x4f](_[!-~]{1,500})\0")
_NAME = re.compile(rb"_[!-~]{1,500}")


def facts(data: bytes) -> Iterator[Fact]:
    """Yield what the tables of each processor's program say. Raises `Damaged`."""
    if not data.startswith((_FAT, _FAT_WIDE)):
        yield from _program(data, 0, len(data))
        return
    (count,) = numbers(data, ">I", 4, "header")
    if count > _ARCHITECTURES:
        raise Damaged("header", f"more than {_ARCHITECTURES} architectures")
    last = 0
    form, size = (">IIQQII", 32) if data.startswith(_FAT_WIDE) else (">IIIII", 20)
    for _, _, at, length, *_ in rows(data, form, 8, count * size, "architectures"):
        if at + length > len(data):
            raise Damaged("architectures", "outside of the file")
        if at < last:
            raise Damaged("architectures", "one lies in another")
        last = at + length
        yield End(at + length)
        if data[at : at + 4] in {b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe"}:
            yield from _program(data, at, at + length)


def _program(data: bytes, begin: int, end: int) -> Iterator[Fact]:
    order = ">" if data[begin] == 0xFE else "<"  # noqa: PLR2004  (first byte of the magic number)
    wide = data[begin if order == "<" else begin + 3] == 0xCF  # noqa: PLR2004  (the last of it)
    _, _, kind, count, size, _ = numbers(data, order + "6I", begin + 4, "header")
    if kind == _DEBUG:
        return
    if kind != _PROGRAM:
        yield Library()
    at = begin + (32 if wide else 28)
    last = min(at + size, end)
    once = {_SYMBOLS, _BOUND, _BOUND_ONLY, _CHAINS}
    for _ in range(min(count, _COMMANDS)):
        if at >= last:
            raise Damaged("load commands", "fewer than the header says")
        command, length = numbers(data, order + "II", at, "load commands")
        if length < 8:  # noqa: PLR2004  (the two numbers)
            raise Damaged("load commands", "one without a length")
        if command in {_SEGMENT, _SEGMENT_WIDE}:
            yield from _segment(data, order, at, begin, wide=command == _SEGMENT_WIDE)
        elif command == _RPATH:
            yield from library_paths(
                [text(data, at + numbers(data, order + "I", at + 8, "load commands")[0])]
            )
        elif command not in once:
            pass  # of no interest, or there already: the loader takes one
        elif command == _SYMBOLS:
            once.remove(command)
            yield from _symbols(data, order, at, begin, wide=wide)
        else:
            once.remove(command)
            yield from _bound(data, order, at, begin, chains=command == _CHAINS)
        at += length


def _segment(data: bytes, order: str, at: int, begin: int, *, wide: bool) -> Iterator[Fact]:
    form, row = ("16sQQQQIIII", "16s16sQQ8I") if wide else ("16sIIIIIIII", "16s16sII7I")
    name, _, _, offset, size, _, protection, count, _ = numbers(data, order + form, at + 8, "segment")
    label = bytes(name).rstrip(b"\0").decode("ascii", "replace")
    yield End(begin + offset + size)
    if protection & _WRITE_AND_EXECUTE == _WRITE_AND_EXECUTE:
        yield Trait("native-code", "memory both writable and executable", label)
    if protection & _EXECUTABLE:
        yield Code(label, begin + offset, min(begin + offset + size, len(data)))
    (length,) = numbers(data, order + "I", at + 4, "segment")
    table = at + (72 if wide else 56)
    if table + count * (80 if wide else 68) > at + length:
        raise Damaged("segment", "sections outside of their command")
    for values in rows(data, order + row, table, count * (80 if wide else 68), "segment"):
        section = bytes(values[0]).rstrip(b"\0")
        if section in {b"__cstring", b"__const", b"__data", b"__ustring", b"__cfstring", b"__rodata"}:
            yield Texts(begin + values[4], min(begin + values[4] + values[3], len(data)))


def _symbols(data: bytes, order: str, at: int, begin: int, *, wide: bool) -> Iterator[Import]:
    """Yield the symbols that are external, undefined, and no common block."""
    table, count, strings, length = numbers(data, order + "4I", at + 8, "symbols")
    size = 16 if wide else 12
    for name, kind, _, _, value in rows(
        data, order + ("IBBHQ" if wide else "IBBHI"), begin + table, count * size, "symbols"
    ):
        if kind & 0xEF == 1 and not value and 0 < name < length:
            yield Import(text(data, begin + strings + name))


def _bound(data: bytes, order: str, at: int, begin: int, *, chains: bool) -> Iterator[Import]:
    """Yield the names among the instructions, or in the pool, of what the loader binds."""
    if chains:
        regions = [numbers(data, order + "2I", at + 8, "bindings")]
    else:
        stated = numbers(data, order + "10I", at + 8, "bindings")
        regions = [stated[2:4], stated[4:6], stated[6:8]]
    for offset, size in regions:
        blob = data[begin + offset : begin + offset + size]
        if chains:
            if size:
                (names,) = numbers(blob, order + "I", 12, "bindings")
                pool = (name for name in blob[names:].split(b"\0") if _NAME.fullmatch(name))
                yield from (Import(name.decode("ascii")) for name in pool)
        else:
            yield from (Import(found[1].decode("ascii")) for found in _BINDS.finditer(blob))
