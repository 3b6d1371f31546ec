from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.model import Capability
from fimci.readers.binary import magic
from fimci.rules import binary_appeared


def elf(kind: int = 3, machine: int = 62, *, order: str = "<") -> bytes:
    ident = b"\x7fELF\x02" + (b"\x01" if order == "<" else b"\x02") + b"\x01" + bytes(9)
    return ident + struct.pack(f"{order}HH", kind, machine) + bytes(44)


def pe(machine: int = 0x8664, flags: int = 0x22, at: int = 64) -> bytes:
    header = struct.pack("<HHIIIHH", machine, 1, 0, 0, 0, 0, flags)
    return b"MZ" + bytes(58) + struct.pack("<I", at) + bytes(at - 64) + b"PE\0\0" + header


def macho(order: str, machine: int = 0x100000C, kind: int = 6) -> bytes:
    return struct.pack(f"{order}IIII", 0xFEEDFACF, machine, 0, kind) + bytes(16)


def pyc(number: int = 3495, flags: int = 0) -> bytes:
    return struct.pack("<H2sI", number, b"\r\n", flags) + bytes(8) + b"\xe3" + bytes(15)


def read(path: str, data: bytes) -> list[Capability]:
    found = list(magic.read(path, data))
    assert magic.wants(path, data[:4096]) == bool(found)
    return found


@pytest.mark.parametrize(
    ("path", "data", "subject", "detail"),
    [
        ("a.so", elf(), "elf", "x86-64 shared object"),
        ("a.so.1", elf(machine=183), "elf", "arm64 shared object"),
        ("a", elf(2, 22, order=">"), "elf", "s390x executable"),
        ("a.node", elf(machine=999), "elf", "machine 999 shared object"),
        ("a.png", elf(), "elf named .png", "x86-64 shared object"),
        ("a.txt", b"\x7fELF", "elf named .txt", "damaged"),
        ("a.exe", pe(), "pe", "x86-64 executable"),
        ("a.dll", pe(0xAA64, 0x2022, at=128), "pe", "arm64 library"),
        ("a.jpg", pe(0x14C), "pe named .jpg", "x86 executable"),
        ("a.exe", b"MZ" + bytes(62), "dos", "executable"),
        ("a.dylib", macho("<"), "mach-o", "arm64 shared library"),
        ("a", macho(">", 7, 2), "mach-o", "x86 executable"),
        ("a", b"\xca\xfe\xba\xbe\0\0\0\x02" + bytes(40), "mach-o", "2 architectures"),
        ("a.wasm", b"\0asm\x01\0\0\0", "wasm", "module"),
        ("a.wasm", b"\0asm\x0d\0\x01\0", "wasm", "component"),
        ("a.a", b"!<arch>\na.o/  ", "static library", ""),
        ("a.lnk", b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F" + bytes(56), "lnk", "Windows shortcut"),
        ("a.bc", b"BC\xc0\xde" + bytes(8), "llvm bitcode", ""),
        ("a.obj", b"\x64\x86" + bytes(18), "coff", "object"),
    ],
)
def test_native_code(path: str, data: bytes, subject: str, detail: str) -> None:
    (found,) = read(path, data)
    assert (found.name, found.subject, found.detail, found.at.line) == ("native-code", subject, detail, 1)


@pytest.mark.parametrize(
    ("path", "data", "subject", "detail"),
    [
        ("a.pyc", pyc(), "pyc", "Python 3.11"),
        ("a.pyc", pyc(3430), "pyc", "Python 3.10"),
        ("a.pyc", pyc(3627), "pyc", "Python 3.14"),
        ("a.pyc", pyc(flags=1), "pyc", "Python 3.11, never checked against its source"),
        ("a.pyc", pyc(flags=3), "pyc", "Python 3.11"),
        ("a.pyc", struct.pack("<H2sI", 62211, b"\r\n", 1) + bytes(16), "pyc", "Python 2"),
        ("a.pyc", b"left", "pyc", "unknown version"),
        ("a.dat", pyc(), "pyc", "Python 3.11"),
        ("a.txt", pyc(), "pyc named .txt", "Python 3.11"),
        ("a.class", b"\xca\xfe\xba\xbe\0\0\0\x3d" + bytes(8), "java class", "Java 17"),
        ("a.jar", b"PK\x03\x04" + bytes(26) + b"META-INF/MANIFEST.MF", "jar", "Java archive"),
        ("classes.dex", b"dex\n035\0" + bytes(8), "dex", "Android"),
        ("a.luac", b"\x1bLuaT" + bytes(8), "lua bytecode", ""),
        ("a.beam", b"FOR1\0\0\0\0BEAM", "beam", "Erlang"),
        ("a.jsc", b"\x12\x34\xde\xc0" + bytes(8), "v8 cache", "compiled JavaScript"),
    ],
)
def test_bytecode(path: str, data: bytes, subject: str, detail: str) -> None:
    (found,) = read(path, data)
    assert (found.name, found.subject, found.detail) == ("bytecode", subject, detail)
    assert found.phase == ("import" if subject.startswith("pyc") else "call")


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(16)),
        ("a.zip", b"PK\x03\x04" + bytes(26) + b"a.txt"),
        ("a.whl", b"PK\x03\x04" + bytes(26) + b"left/__init__.py"),
        ("a.deb", b"!<arch>\ndebian-binary   "),
        ("a.txt", b"MZ is how programs for DOS begin, and this is a text about them, long enough."),
        ("a.txt", b"\xb9\x0d\r\n" + b"text" * 10),
        ("a.sh", b"#!/bin/sh\n"),
        ("a.bin", b"\xca\xfe\xba\xbe"),
        ("empty.pyc", b""),
        ("a.js", b"FOR1 and more"),
    ],
)
def test_what_is_no_program(path: str, data: bytes) -> None:
    assert read(path, data) == []


@given(st.sampled_from([elf(), pe(), macho("<"), pyc(), b"\xca\xfe\xba\xbe", b"PK\x03\x04"]), st.data())
@settings(max_examples=100)
def test_damaged_headers_raise_nothing(whole: bytes, data: st.DataObject) -> None:
    cut = whole[: data.draw(st.integers(0, len(whole)))] + data.draw(st.binary(max_size=80))
    for path in ("a", "a.pyc", "a.o", "a.jsc"):
        assert len(list(magic.read(path, cut))) <= 1


def test_the_rule_knows_every_kind() -> None:
    described = {describe(bytes(64)) for _, describe in magic._MAGIC}
    kinds = {program.kind for program in described if program is not None}
    assert kinds <= binary_appeared.KINDS
