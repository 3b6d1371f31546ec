"""ELF: what a program or library of Linux and its kin imports, where it looks, and what is odd about it.

The loader's own view counts (program headers, dynamic table); section headers only add to it, as nobody
needs them to run. IFUNC resolvers run before anything else does, which is how the xz back door (2024)
came to run. Sources: System V ABI, chapters 4 and 5, and its GNU extensions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

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

_LOAD, _DYNAMIC, _INTERPRETER = 1, 2, 3
_EXECUTABLE, _WRITABLE = 1, 2
_OBJECT, _SHARED, _CORE = 1, 3, 4
_SYMBOLS, _NO_BITS, _DYNAMIC_SYMBOLS = 2, 8, 11
_HASH, _GNU_HASH = 4, 0x6FFFFEF5
_STRINGS, _SYMBOL_TABLE, _RELOCATIONS, _RELOCATIONS_SIZE = 5, 6, 7, 8
_PLT, _PLT_SIZE, _PLT_FORM, _SHORT, _SHORT_SIZE = 23, 2, 20, 17, 18
_STRINGS_SIZE, _RPATH, _RUNPATH = 10, 15, 29
_IFUNC = 10
#: The relocation that calls a resolver, by processor: x86, x86-64, arm64, 32-bit arm, powerpc64, s390, riscv.
_RESOLVED = {3: 42, 62: 37, 183: 1032, 40: 160, 21: 248, 22: 61, 243: 58}
_EXTENDED = 0xFFFF
_ENTRIES = 1_000_000
#: Folders for libraries, and characters of one.
_PATHS, _PATH = 100, 200


class _Form(NamedTuple):
    """How the tables of one class and byte order are laid out."""

    order: str
    wide: bool
    kind: int
    machine: int


class _Segment(NamedTuple):
    kind: int
    flags: int
    offset: int
    address: int
    size: int


class _Section(NamedTuple):
    name: int
    kind: int
    flags: int
    address: int
    offset: int
    size: int
    link: int


def facts(data: bytes) -> Iterator[Fact]:
    """Yield what the tables say. Raises `Damaged`."""
    if len(data) < 20 or data[4] not in {1, 2} or data[5] not in {1, 2}:  # noqa: PLR2004  (up to the machine)
        raise Damaged("header", "no class or byte order")
    order = "<" if data[5] == 1 else ">"
    form = _Form(order, data[4] == 2, *numbers(data, order + "HH", 16, "header"))  # noqa: PLR2004  (64 bit)
    if form.kind == _CORE:
        return
    segments, sections, end = _tables(data, form)
    yield End(max([end, *(s.offset + s.size for s in segments if s.kind == _LOAD)], default=0))
    if form.kind == _SHARED and not any(s.kind == _INTERPRETER for s in segments):
        yield Library()
    yield from _memory(data, segments, sections)
    if form.kind == _OBJECT:
        yield from _undefined(data, form, sections)
    yield from _dynamic(data, form, segments, sections)


def _tables(data: bytes, form: _Form) -> tuple[list[_Segment], list[_Section], int]:
    """Return segments, sections, and where the sections and their table end."""
    if form.wide:
        at, table, _, _, _, count, _, many, _ = numbers(data, form.order + "QQIHHHHHH", 32, "header")
    else:
        at, table, _, _, _, count, _, many, _ = numbers(data, form.order + "IIIHHHHHH", 28, "header")
    if count == _EXTENDED and table:
        count = numbers(data, form.order + "I", table + (44 if form.wide else 28), "section headers")[0]
    row = form.order + ("IIQQQQQQ" if form.wide else "IIIIIIII")
    size = 56 if form.wide else 32
    segments = []
    for values in rows(data, row, at, min(count, _ENTRIES) * size, "program headers"):
        if form.wide:
            kind, flags, offset, address, _, length, *_ = values
        else:
            kind, offset, address, _, length, _, flags, _ = values
        segments.append(_Segment(kind, flags, offset, address, length))
    return segments, *_sections(data, form, table, many)


def _sections(data: bytes, form: _Form, table: int, count: int) -> tuple[list[_Section], int]:
    """Read section headers as far as they are in the file: a loader does without, and strippers cut them."""
    row, size = (form.order + "IIQQQQIIQQ", 64) if form.wide else (form.order + "IIIIIIIIII", 40)
    if not table or table + size > len(data):
        return [], 0
    first = _Section(*numbers(data, row, table, "section headers")[:7])
    count = min(count or first.size, (len(data) - table) // size, _ENTRIES)
    found = [_Section(*values[:7]) for values in rows(data, row, table, count * size, "section headers")]
    ends = (s.offset + s.size for s in found if s.kind not in {0, _NO_BITS})
    return found, max([table + count * size, *ends])


def _memory(data: bytes, segments: list[_Segment], sections: list[_Section]) -> Iterator[Fact]:
    """Yield where code and constants stand, and memory that is both."""
    for segment in segments:
        if segment.kind == _LOAD and segment.flags & _EXECUTABLE:
            end = min(segment.offset + segment.size, len(data))
            yield Code("segment", segment.offset, end)
            if segment.flags & _WRITABLE:
                yield Trait("native-code", "memory both writable and executable")
    loaded = [s for s in segments if s.kind == _LOAD]
    # Flags: loaded (2), and no code (4).
    constants = [s for s in sections if s.flags & 2 and not s.flags & 4 and s.kind == 1]
    if constants:
        yield from (Texts(s.offset, min(s.offset + s.size, len(data))) for s in constants)
    else:
        yield from (Texts(s.offset, min(s.offset + s.size, len(data))) for s in loaded)


def _undefined(data: bytes, form: _Form, sections: list[_Section]) -> Iterator[Fact]:
    """Yield what an object file leaves to the linker."""
    tables = [table for table in sections if table.kind == _SYMBOLS and table.link < len(sections)]
    if sum(table.size for table in tables) > len(data):
        raise Damaged("symbols", "tables that overlap")
    for table in tables:
        strings = sections[table.link]
        yield from _imports(data, form, table.offset, table.size, (strings.offset, strings.size))


def _dynamic(data: bytes, form: _Form, segments: list[_Segment], sections: list[_Section]) -> Iterator[Fact]:
    """Yield what the loader is told: where to look for libraries, what to take from them."""
    table = next((s for s in segments if s.kind == _DYNAMIC), None)
    if table is None or not table.size or _only_debug(table, sections):
        return
    stated: dict[int, int] = {}
    paths = []
    for tag, value in rows(
        data, form.order + ("QQ" if form.wide else "II"), table.offset, table.size, "dynamic"
    ):
        if tag == 0:
            break
        stated.setdefault(tag, value)
        if tag in {_RPATH, _RUNPATH}:
            paths.append(value)
    loaded = [s for s in segments if s.kind == _LOAD]
    strings = _offset(loaded, stated.get(_STRINGS, 0), "dynamic strings")
    for path in paths[:_PATHS]:
        yield from library_paths(text(data, strings + path).split(":"))
    symbols = stated.get(_SYMBOL_TABLE)
    if symbols is None:
        return
    relocations = _relocations(data, form, loaded, stated)
    if _RESOLVED.get(form.machine, -1) in relocations[1]:
        yield Trait("native-code", "resolver that runs at load (IFUNC)")
    count = max(_count(data, form, loaded, stated, sections), relocations[0] + 1)
    at = _offset(loaded, symbols, "dynamic symbols")
    size = min(count, _ENTRIES) * (24 if form.wide else 16)
    yield from _imports(data, form, at, size, (strings, stated.get(_STRINGS_SIZE, 0)))


def _only_debug(table: _Segment, sections: list[_Section]) -> bool:
    """Tell a file that has debugging information alone: its headers speak of bytes that are elsewhere."""
    return any(s.address == table.address and s.kind == _NO_BITS and s.size for s in sections)


def library_paths(paths: list[str]) -> Iterator[Trait]:
    """Yield folders for libraries that somebody else can write to, or that depend on where one stands."""
    for path in (path[:_PATH] for path in paths[:_PATHS]):
        if path.startswith(("/tmp", "/var/tmp", "/dev/shm")):  # noqa: S108  (told, not used)
            yield Trait("native-code", f"library path {path}", "anybody can write there")
        elif not path.startswith(("/", "$", "@")):
            yield Trait("native-code", f"library path {path or '(empty)'}", "relative to the current folder")


def _offset(loaded: list[_Segment], address: int, part: str) -> int:
    for segment in loaded:
        if segment.address <= address < segment.address + segment.size:
            return address - segment.address + segment.offset
    raise Damaged(part, "at an address that is not loaded")


def _relocations(
    data: bytes, form: _Form, loaded: list[_Segment], stated: dict[int, int]
) -> tuple[int, frozenset[int]]:
    """Return the highest symbol that is asked for, and the kinds of relocation."""
    highest, kinds = 0, set()
    in_plt = stated.get(_PLT_FORM, _RELOCATIONS) == _RELOCATIONS
    tables = (
        (_RELOCATIONS, _RELOCATIONS_SIZE, True),
        (_SHORT, _SHORT_SIZE, False),
        (_PLT, _PLT_SIZE, in_plt),
    )
    for table, size, addend in tables:
        if stated.get(size) and table in stated:
            row = ("QQq" if addend else "QQ") if form.wide else ("IIi" if addend else "II")
            at = _offset(loaded, stated[table], "relocations")
            infos = {values[1] for values in rows(data, form.order + row, at, stated[size], "relocations")}
            highest = max([highest, *(info >> (32 if form.wide else 8) for info in infos)])
            kinds |= {info & (0xFFFFFFFF if form.wide else 0xFF) for info in infos}
    return highest, frozenset(kinds)


def _count(
    data: bytes, form: _Form, loaded: list[_Segment], stated: dict[int, int], sections: list[_Section]
) -> int:
    """Return the number of dynamic symbols: no table says it plainly, so the most of what several say."""
    size = 24 if form.wide else 16
    count = max((s.size // size for s in sections if s.kind == _DYNAMIC_SYMBOLS), default=0)
    if _HASH in stated and form.machine != 22:  # noqa: PLR2004  (on s390 its words are longer)
        at = _offset(loaded, stated[_HASH], "hash")
        count = max(count, numbers(data, form.order + "II", at, "hash")[1])
    if _GNU_HASH in stated:
        at = _offset(loaded, stated[_GNU_HASH], "hash")
        count = max(count, _hashed(data, form, at))
    return count


def _hashed(data: bytes, form: _Form, at: int) -> int:
    """Return one more than the last symbol of a GNU hash table: the end of its last chain."""
    buckets, first, blooms, _ = numbers(data, form.order + "IIII", at, "hash")
    at += 16 + blooms * (8 if form.wide else 4)
    table = rows(data, form.order + "I", at, buckets * 4, "hash")
    last = max((value for (value,) in table), default=0)
    if last < first:
        return first
    chain = at + buckets * 4 + (last - first) * 4
    while not numbers(data, form.order + "I", chain, "hash")[0] & 1:
        last += 1
        chain += 4
        if last > _ENTRIES:
            raise Damaged("hash", f"more than {_ENTRIES:,} symbols")
    return last + 1


def _imports(
    data: bytes, form: _Form, at: int, size: int, strings: tuple[int, int]
) -> Iterator[Import | Trait]:
    """Yield the symbols that are defined nowhere in the file."""
    begin, length = strings
    row = form.order + ("IBBHQQ" if form.wide else "IIIBBH")
    resolver = False
    for values in rows(data, row, at, size, "symbols"):
        if form.wide:
            name, info, _, section, *_ = values
        else:
            name, _, _, info, _, section = values
        if section == 0:
            if 0 < name < length:
                yield Import(text(data, begin + name))
        elif info & 15 == _IFUNC and not resolver:
            resolver = True
            yield Trait("native-code", "resolver that runs at load (IFUNC)")
