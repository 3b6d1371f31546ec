"""Small programs, built header by header: tables and names, and nothing that could run."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

_CODE = bytes(64)


class Elf(NamedTuple):
    """What is to stand in a shared object of Linux."""

    imports: Sequence[str] = ()
    exports: Sequence[str] = ()
    runpath: str = ""
    constants: bytes = b""
    flags: int = 5
    relocation: int = 0
    wide: bool = True
    order: str = "<"
    machine: int = 62
    appended: bytes = b""


def elf(wanted: Elf) -> bytes:
    """Build a shared object: one loaded segment, a dynamic table, symbols, a hash table, no sections."""
    order, wide = wanted.order, wanted.wide
    head, segment = (64, 56) if wide else (52, 32)
    names = b"\0" + b"".join(name.encode() + b"\0" for name in (*wanted.imports, *wanted.exports))
    strings = names + wanted.runpath.encode() + b"\0"
    symbols = _symbols(wanted, names)
    count = len(wanted.imports) + len(wanted.exports) + 1
    table = struct.pack(order + "II", 1, count) + bytes(4 * (1 + count))
    row = "QQq" if wide else "IIi"
    relocations = struct.pack(order + row, 0, wanted.relocation, 0) if wanted.relocation else b""
    at = head + 2 * segment
    places = {}
    body = b""
    for tag, part in ((5, strings), (6, symbols), (4, table), (7, relocations), (0, wanted.constants)):
        places[tag] = at + len(body)
        body += part + bytes(-len(part) % 8)
    stated = [(5, places[5]), (10, len(strings)), (6, places[6]), (4, places[4])]
    stated += [(7, places[7]), (8, len(relocations))] if relocations else []
    stated += [(29, len(names))] if wanted.runpath else []
    dynamic = b"".join(struct.pack(order + ("QQ" if wide else "II"), *pair) for pair in [*stated, (0, 0)])
    end = at + len(body) + len(dynamic)
    segments = [(1, wanted.flags, 0, end), (2, 6, at + len(body), len(dynamic))]
    headers = b"".join(_segment(wanted, *one) for one in segments)
    return _header(wanted, head, segment) + headers + body + dynamic + wanted.appended


def _symbols(wanted: Elf, names: bytes) -> bytes:
    rows = bytes(24 if wanted.wide else 16)
    for number, name in enumerate((*wanted.imports, *wanted.exports)):
        at, section = names.index(b"\0" + name.encode() + b"\0") + 1, int(number >= len(wanted.imports))
        if wanted.wide:
            rows += struct.pack(wanted.order + "IBBHQQ", at, 0x12, 0, section, 0, 0)
        else:
            rows += struct.pack(wanted.order + "IIIBBH", at, 0, 0, 0x12, 0, section)
    return rows


def _segment(wanted: Elf, kind: int, flags: int, at: int, size: int) -> bytes:
    if wanted.wide:
        return struct.pack(wanted.order + "IIQQQQQQ", kind, flags, at, at, at, size, size, 8)
    return struct.pack(wanted.order + "IIIIIIII", kind, at, at, at, size, size, flags, 8)


def _header(wanted: Elf, size: int, segment: int) -> bytes:
    ident = b"\x7fELF" + bytes((2 if wanted.wide else 1, 1 if wanted.order == "<" else 2, 1)) + bytes(9)
    form = wanted.order + ("HHIQQQIHHHHHH" if wanted.wide else "HHIIIIIHHHHHH")
    return ident + struct.pack(form, 3, wanted.machine, 1, 0, size, 0, 0, size, segment, 2, 0, 0, 0)


def pe(  # noqa: PLR0913  (each is one thing that may be odd)
    imports: Sequence[tuple[str, Sequence[str | int]]] = (),
    *,
    constants: bytes = b"",
    code: bytes = _CODE,
    flags: int = 0x60000020,
    name: bytes = b".text",
    appended: bytes = b"",
) -> bytes:
    """Build a library for 64-bit Windows: a section of code, one of constants with the imports."""
    base, start = 0x40000, 1024
    size = 20 * (len(imports) + 1)
    rows, body = b"", b""
    for library, functions in imports:
        entries, texts = b"", b""
        begin = base + size + len(body)
        after = begin + 8 * (len(functions) + 1)
        for function in functions:
            if isinstance(function, int):
                entries += struct.pack("<Q", 1 << 63 | function)
            else:
                entries += struct.pack("<Q", after + len(texts))
                texts += b"\0\0" + function.encode() + b"\0"
        rows += struct.pack("<IIIII", begin, 0, 0, after + len(texts), begin)
        body += entries + bytes(8) + texts + library.encode() + b"\0"
    data = rows + bytes(20) + body + constants
    data += bytes(-len(data) % 512)
    directories = struct.pack("<IIII", 0, 0, base, size) + bytes(14 * 8)
    optional = struct.pack("<H", 0x20B) + bytes(106) + struct.pack("<I", 16) + directories
    text = code + bytes(-len(code) % 512)
    sections = struct.pack("<8sIIIIIIHHI", name, len(code), 0x1000, len(text), start, 0, 0, 0, 0, flags)
    sections += struct.pack(
        "<8sIIIIIIHHI", b".rdata", len(data), base, len(data), start + len(text), 0, 0, 0, 0, 0x40000040
    )
    header = b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, 2, 0, 0, 0, len(optional), 0x2022)
    head = b"MZ" + bytes(58) + struct.pack("<I", 64) + header + optional + sections
    return head + bytes(start - len(head)) + text + data + appended


def macho(  # noqa: PLR0913  (each is one thing that may be odd)
    imports: Sequence[str] = (),
    *,
    rpath: str = "",
    protection: int = 5,
    constants: bytes = b"",
    bound: bytes = b"",
    chained: Sequence[str] = (),
    appended: bytes = b"",
) -> bytes:
    """Build a bundle for macOS on ARM."""
    strings = b"\0" + b"".join(name.encode() + b"\0" for name in imports)
    symbols = b"".join(
        struct.pack("<IBBHQ", strings.index(b"\0" + name.encode() + b"\0") + 1, 1, 0, 0, 0)
        for name in imports
    )
    pool = b"".join(name.encode() + b"\0" for name in chained)
    chains = struct.pack("<7I", 0, 0, 0, 28, len(chained), 1, 0) + pool if chained else b""
    path = rpath.encode() + b"\0"
    path += bytes(-len(path) % 8)
    size = 152 + 24 + 48 + 16 + (12 + len(path) if rpath else 0)
    at = 32 + size
    offsets = [at]
    for part in (constants, symbols, strings, bound, chains):
        offsets.append(offsets[-1] + len(part))
    end = offsets[-1]
    section = struct.pack(
        "<16s16sQQ8I", b"__cstring", b"__TEXT", 0, len(constants), offsets[0], 0, 0, 0, 0, 0, 0, 0
    )
    commands = (
        struct.pack("<II16sQQQQIIII", 0x19, 152, b"__TEXT", 0, end, 0, end, 7, protection, 1, 0) + section
    )
    commands += struct.pack("<6I", 2, 24, offsets[1], len(imports), offsets[2], len(strings))
    commands += struct.pack("<12I", 0x80000022, 48, 0, 0, offsets[3], len(bound), 0, 0, 0, 0, 0, 0)
    commands += struct.pack("<4I", 0x80000034, 16, offsets[4], len(chains))
    if rpath:
        commands += struct.pack("<3I", 0x8000001C, 12 + len(path), 12) + path
    header = struct.pack("<8I", 0xFEEDFACF, 0x100000C, 0, 8, 5 if rpath else 4, len(commands), 0, 0)
    return header + commands + constants + symbols + strings + bound + chains + appended


def fat(*programs: bytes) -> bytes:
    """Put programs for several processors into one file."""
    at = 8 + 20 * len(programs)
    table, body = b"", b""
    for program in programs:
        table += struct.pack(">5I", 0x100000C, 0, at + len(body), len(program), 0)
        body += program
    return b"\xca\xfe\xba\xbe" + struct.pack(">I", len(programs)) + table + body


def wasm(imports: Sequence[tuple[str, str]] = (), *, constants: bytes = b"", appended: bytes = b"") -> bytes:
    """Build a module that imports functions, a memory and a global."""
    rows = b"".join(_name(module) + _name(name) + b"\0\0" for module, name in imports)
    rows += _name("env") + _name("memory") + b"\x02\x01\x01\x10" + _name("env") + _name("g") + b"\x03\x7f\0"
    parts = ((2, bytes((len(imports) + 2,)) + rows), (11, constants))
    return b"\0asm\x01\0\0\0" + b"".join(_part(*part) for part in parts) + appended


def _part(kind: int, body: bytes) -> bytes:
    return bytes((kind, len(body) & 0x7F | 0x80, len(body) >> 7)) + body


def _name(text: str) -> bytes:
    return bytes((len(text),)) + text.encode()
