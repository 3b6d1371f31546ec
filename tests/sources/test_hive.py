"""Registry hives: what is read of whole ones, and that nobody is led anywhere by broken ones."""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.cli import main
from fimci.errors import SourceError
from fimci.model import File, Setting, Unread
from fimci.sources.hive import live, values, walk
from fimci.sources.hive.regf import Value
from fimci.sources.hive.walk import Said
from tests import hives
from tests.hives import Node

RUN = "Microsoft/Windows/CurrentVersion/Run"
MACHINE = Node(
    {"": hives.text("root")},
    {
        "Acme": Node(
            {
                "sz": hives.text("C:\\Program Files\\Acme"),
                "n": (hives.DWORD, b"\x2a\0\0\0"),
                "q": (hives.QWORD, b"\1" + bytes(7)),
                "multi": (hives.MULTI, "a\0b\0\0".encode("utf-16-le")),
                "raw": (hives.BINARY, b"\0\1\2"),
                "odd": (hives.SZ, b"abc"),
                "none": (0, b""),
                "own": (0x200000, b"\1\2\3\4\5"),
                "long": (hives.BINARY, bytes(40_000)),
                "\u20ac": hives.text("euro"),
            }
        ),
        "text/html": Node({}, {"100%": Node({"\0hidden": hives.text("x")})}),
        "Empty": Node(),
    },
)


def taken(tmp_path: Path, data: bytes) -> list[Said]:
    file = tmp_path / "hive"
    file.write_bytes(data)
    return list(walk.records(str(file)))


def test_keys_and_values_are_records(tmp_path: Path) -> None:
    found = taken(tmp_path, hives.built(MACHINE))
    assert not [one for one in found if isinstance(one, Unread)]
    files = {one.path: one.kind for one in found if isinstance(one, File)}
    folders = dict.fromkeys(("Empty", "text%2Fhtml"), "directory")
    assert files == {"Acme": "file", "text%2Fhtml/100%25": "file", **folders}
    told = {(one.path, one.name): one.value for one in found if isinstance(one, Setting)}
    assert told[("", "(Default)")] == "REG_SZ: root"
    assert told[("text%2Fhtml/100%25", "\\0hidden")] == "REG_SZ: x"
    acme = {name: value for (path, name), value in told.items() if path == "Acme"}
    assert acme.pop("long").startswith("REG_BINARY: sha256:")
    assert acme == {
        "sz": "REG_SZ: C:\\Program Files\\Acme",
        "n": "REG_DWORD: 42",
        "q": "REG_QWORD: 1",
        "multi": "REG_MULTI_SZ: a | b",
        "raw": "REG_BINARY: 000102",
        "odd": "REG_SZ: 616263",
        "none": "REG_NONE: ",
        "own": "type 0x200000: 0102030405",
        "\u20ac": "REG_SZ: euro",
    }


@given(st.binary(max_size=60), st.integers(0, 12))
@settings(max_examples=100)
def test_no_change_of_a_value_goes_unseen(data: bytes, kind: int) -> None:
    def digest(one: bytes, of: int) -> object:
        parts = walk._of_key("k", [Value("v", of, one)])
        return next(record.digest for record in parts if isinstance(record, File))

    assert digest(data, kind) == digest(data, kind)
    assert digest(data + b"\0", kind) != digest(data, kind)
    assert digest(data, kind + 1) != digest(data, kind)
    assert values.told(kind, data)


def test_what_is_no_hive_is_said_to_be_none(tmp_path: Path) -> None:
    for data in (b"", b"regf", b"MZ" + bytes(9000)):
        with pytest.raises(SourceError, match="is no registry hive"):
            taken(tmp_path, data)
    with pytest.raises(SourceError, match="cannot be read"):
        list(walk.records(str(tmp_path / "nonesuch")))


def test_a_hive_that_was_not_closed_and_one_with_another_header_are_told(tmp_path: Path) -> None:
    open_ = taken(tmp_path, hives.built(MACHINE, second=2))
    assert [one.why for one in open_ if isinstance(one, Unread)] == [
        "was not closed: what its transaction logs hold is not in it"
    ]
    data = bytearray(hives.built(MACHINE))
    data[100] ^= 1
    other = taken(tmp_path, bytes(data))
    assert [one.why for one in other if isinstance(one, Unread)] == ["has a header whose checksum is wrong"]


def test_a_key_that_leads_to_itself_is_told_once(tmp_path: Path) -> None:
    data = bytearray(hives.built(Node({}, {"a": Node({}, {"b": Node()})})))
    lists = [at for at in range(4096, len(data)) if data[at : at + 2] == b"lf"]
    root = data[36:40]
    data[lists[0] + 4 : lists[0] + 8] = root  # what stands below `a` is the root again
    found = taken(tmp_path, bytes(data))
    assert any("met already" in one.why for one in found if isinstance(one, Unread))


def test_every_byte_of_a_hive_may_be_another_one(tmp_path: Path) -> None:
    """No traceback, no loop; what is broken is unread, a change, or a byte that says nothing."""
    whole = hives.built(Node({"v": hives.text("x")}, {"a": Node({"w": hives.text("y" * 40)}), "b": Node()}))
    for at in range(0, len(whole), 17):
        for value in (0, 0x7F, 0xFF):
            data = bytearray(whole)
            data[at] = value
            try:
                taken(tmp_path, bytes(data))
            except SourceError:
                assert at < 4


@given(st.data())
@settings(max_examples=60)
def test_a_hive_that_is_cut_or_overwritten_gives_records_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = bytearray(hives.built(MACHINE))
    at = data.draw(st.integers(0, len(whole) - 1))
    blob = data.draw(st.binary(max_size=64))
    whole[at : at + len(blob)] = blob
    cut = data.draw(st.integers(0, len(whole)))
    with contextlib.suppress(SourceError):  # what was cut within its first block, or begins with another word
        taken(tmp_path_factory.mktemp("hive"), bytes(whole[:cut]))


def test_a_deep_hive_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "_DEEPEST", 50)
    node = Node()
    for _ in range(80):
        node = Node({}, {"k": node})
    found = taken(tmp_path, hives.built(node))
    assert sum(isinstance(one, File) for one in found) == 50
    assert sum(isinstance(one, Unread) for one in found) == 1


def test_a_key_of_the_machine_is_asked_for_on_windows_alone(tmp_path: Path) -> None:
    assert live.is_key("HKLM/SOFTWARE")
    assert live.is_key("hkey_current_user\\Software\\Acme")
    assert not live.is_key("HKLMX/SOFTWARE")
    assert not live.is_key(str(tmp_path))
    with pytest.raises(SourceError, match="is a Windows registry key"):
        list(walk.records("HKLM/SOFTWARE"))


def test_a_baseline_of_a_hive_and_a_check_against_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "SOFTWARE").write_bytes(hives.built(Node({}, {"Acme": Node({"a": hives.text("1")})})))
    assert main(["baseline", "hive:SOFTWARE", "--output", "software.baseline"]) == 0
    assert main(["check", "hive:SOFTWARE", "--baseline", "software.baseline"]) == 0
    (tmp_path / "SOFTWARE").write_bytes(hives.built(Node({}, {"Acme": Node({"a": hives.text("2")})})))
    capsys.readouterr()
    assert main(["check", "hive:SOFTWARE", "--baseline", "software.baseline"]) == 1
    assert "unexpected-change" in capsys.readouterr().out


@pytest.mark.client
@pytest.mark.skipif(shutil.which("hivexregedit") is None, reason="needs hivexregedit (libwin-hivex-perl)")
def test_what_hivexregedit_plants_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "before").write_bytes(hives.built(Node()))
    keys = ["Microsoft", "Microsoft\\Windows", "Microsoft\\Windows\\CurrentVersion"]
    keys.append("Microsoft\\Windows\\CurrentVersion\\Run")
    lines = "".join(f"\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\{key}]\n" for key in keys)
    planted = '"Updater"="C:\\\\Users\\\\Public\\\\up.exe"\n"n"=dword:0000002a\n'
    for name, text in (("before", lines), ("after", lines + planted)):
        (tmp_path / "add.reg").write_text(f"Windows Registry Editor Version 5.00\n{text}")
        if name == "after":
            shutil.copy("before", "after")
        merge = ["hivexregedit", "--merge", "--prefix", "HKEY_LOCAL_MACHINE\\SOFTWARE", name, "add.reg"]
        subprocess.run(merge, check=True)
    assert main(["compare", "hive:before", "hive:after"]) == 1
    said = capsys.readouterr().out
    assert "high[registry-persistence-changed]: Run: new Run/Updater" in said
    assert f"--> {RUN}" in said


@pytest.mark.client
@pytest.mark.skipif(shutil.which("hivexregedit") is None, reason="needs hivexregedit (libwin-hivex-perl)")
def test_what_is_read_is_what_hivex_reads(tmp_path: Path) -> None:
    plain = MACHINE.keys["Acme"]
    kept = {name: value for name, value in plain.values.items() if name.isascii()}
    (tmp_path / "hive").write_bytes(hives.built(Node({}, {"Acme": Node(kept)})))
    exported = subprocess.run(
        ["hivexregedit", "--export", str(tmp_path / "hive"), "\\Acme"], check=True, capture_output=True
    )
    lines = exported.stdout.decode().splitlines()
    read = {line.partition("=")[0].strip('"') for line in lines if line.startswith('"')}
    found = walk.records(str(tmp_path / "hive"))
    assert {one.name for one in found if isinstance(one, Setting)} == read


class Registry:
    """A stand-in for `winreg`: keys by path, some of which nobody may open."""

    KEY_READ, KEY_WOW64_64KEY = 0x20019, 0x100
    REG_DWORD_BIG_ENDIAN, REG_QWORD = 5, 11
    HKEY_LOCAL_MACHINE = "machine"

    def __init__(self, keys: dict[str, list[tuple[str, object, int]]], denied: str = "") -> None:
        self.keys, self.denied = keys, denied
        self.opened: list[str] = []

    @contextlib.contextmanager
    def OpenKeyEx(self, root: str, path: str, _: int, access: int) -> Iterator[str]:  # noqa: N802  (as there)
        assert (root, access) == (self.HKEY_LOCAL_MACHINE, self.KEY_READ | self.KEY_WOW64_64KEY)
        self.opened.append(path)
        if path == self.denied:
            raise PermissionError(5, "Access is denied")
        yield path

    def QueryInfoKey(self, path: str) -> tuple[int, int, int]:  # noqa: N802  (as there)
        return len(self._below(path)), len(self.keys[path]), 0

    def EnumKey(self, path: str, at: int) -> str:  # noqa: N802  (as there)
        return self._below(path)[at]

    def EnumValue(self, path: str, at: int) -> tuple[str, object, int]:  # noqa: N802  (as there)
        return self.keys[path][at]

    def _below(self, path: str) -> list[str]:
        above = f"{path}\\" if path else ""
        rest = (one[len(above) :] for one in self.keys if one.startswith(above) and one != path)
        return sorted({one.split("\\")[0] for one in rest})


def live_with(monkeypatch: pytest.MonkeyPatch, registry: Registry) -> ModuleType:
    """Load the module as on Windows, with a stand-in for the registry."""
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "winreg", registry)
    spec = importlib.util.spec_from_file_location("live_on_windows", live.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.undo()
    return module


def test_keys_of_a_running_machine_are_what_the_same_keys_are_in_a_hive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `winreg` would give for the values of a hive gives the records of that hive."""
    given: list[tuple[str, object, int]] = [
        ("sz", "C:\\Program Files\\Acme", hives.SZ),
        ("n", 42, hives.DWORD),
        ("q", 1, hives.QWORD),
        ("multi", ["a", "b"], hives.MULTI),
        ("raw", b"\0\1\2", hives.BINARY),
        ("none", None, 0),
    ]
    registry = Registry(
        {"Software": [("", "root", hives.SZ)], "Software\\Acme": given, "Software\\Acme\\a/b%": []}
    )
    module = live_with(monkeypatch, registry)
    monkeypatch.setattr(walk, "live", module)
    found = list(walk.records("HKLM/Software"))
    acme = {
        name: value for name, value in MACHINE.keys["Acme"].values.items() if name in {g[0] for g in given}
    }
    node = Node({}, {"HKEY_LOCAL_MACHINE": Node({}, {"Software": Node(
        {"": hives.text("root")}, {"Acme": Node(acme, {"a/b%": Node()})})})})  # fmt: skip
    there = [one for one in taken(tmp_path, hives.built(node)) if one.path.count("/") >= 1]
    assert sorted(map(str, found)) == sorted(map(str, there))


def test_a_key_that_nobody_may_open_is_unread_and_its_neighbours_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    registry = Registry({"S": [], "S\\a": [("x", 1, hives.DWORD)], "S\\b": []}, denied="S\\b")
    monkeypatch.setattr(walk, "live", live_with(monkeypatch, registry))
    found = list(walk.records("HKEY_LOCAL_MACHINE\\S"))
    assert [(one.path, one.why) for one in found if isinstance(one, Unread)] == [
        ("HKEY_LOCAL_MACHINE/S/b", "access is denied")
    ]
    assert "HKEY_LOCAL_MACHINE/S/a" in {one.path for one in found if isinstance(one, File)}


def test_a_link_among_keys_that_leads_round_comes_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    class Round(Registry):
        def QueryInfoKey(self, path: str) -> tuple[int, int, int]:  # noqa: N802  (as there)
            assert len(self.opened) < 2_000
            return 2, 0, 0 * len(path)

        def EnumKey(self, path: str, at: int) -> str:  # noqa: N802  (as there)
            return f"{len(path) % 2}{at}"

    monkeypatch.setattr(walk, "live", live_with(monkeypatch, Round({})))
    found = list(walk.records("HKLM/S"))
    assert any("lead round" in one.why for one in found if isinstance(one, Unread))
