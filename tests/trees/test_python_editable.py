"""Editable installs: silent where they lead to their own project, loud where they lead elsewhere."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from fimci import trees
from fimci.findings import Finding, Severity
from fimci.policy import Policy
from tests.environments import create, install

TODAY = dt.date(2026, 1, 1)
FINDER = "__editable___left_1_finder.py"


def said(where: Path) -> tuple[list[Finding], list[str]]:
    reports = list(trees.judged(trees.found(str(where), "", {}), Policy(), today=TODAY))
    return [f for one in reports for f in one.findings], [note for one in reports for note in one.notes]


def editable(where: Path, files: dict[str, str], installer: str = "pip") -> None:
    prefix = where / ".venv"
    if not prefix.exists():
        create(prefix)
    url = f'{{"url": "file://{where}/left%20pad", "dir_info": {{"editable": true}}}}'
    install(prefix, "left", "1", dict(files), direct_url=url, installer=installer)


def finder(mapping: object, namespaces: object = None) -> dict[str, str]:
    spaces = f"NAMESPACES: dict[str, list[str]] = {namespaces or {}!r}\n"
    text = f"import sys\nMAPPING: dict[str, str] = {mapping!r}\n{spaces}"
    return {FINDER: text, "__editable__.left-1.pth": f"import {FINDER[:-3]}; {FINDER[:-3]}.install()"}


def test_silent_where_it_leads_into_its_project(tmp_path: Path) -> None:
    home = f"{tmp_path}/left pad"
    editable(
        tmp_path, finder({"left": f"{home}/src/left"}, {"ns": [f"{home}/ns"]}) | {"left.pth": f"{home}/src\n"}
    )
    assert said(tmp_path)[0] == []


def test_silent_where_a_link_leads_into_its_project(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "left pad").symlink_to(tmp_path / "real")
    editable(tmp_path, finder({"left": f"{tmp_path}/real/left"}))
    assert said(tmp_path)[0] == []


@pytest.mark.parametrize(
    "files",
    [
        finder({"left": "/elsewhere/left"}),
        finder({"left": "{home}/left", "json": "/elsewhere/json"}),
        finder({"left": "{home}/../elsewhere"}),
        finder({}, {"ns": ["{home}/ns", "/elsewhere"]}),
        finder({"left": "relative"}),
        finder(["no mapping"]),
        {FINDER: "MAPPING = {}\nNAMESPACES = {}\nMAPPING['json'] = '/elsewhere'\n"},
        {FINDER: "MAPPING = dict(json='/elsewhere')\n"},
        {FINDER: f"MAPPING = {'[' * 9999}\n"},
        {"left.pth": "/elsewhere/left\n"},
    ],
)
def test_what_leads_elsewhere_is_told(tmp_path: Path, files: dict[str, str]) -> None:
    home = f"{tmp_path}/left pad"
    editable(tmp_path, {path: text.replace("{home}", home) for path, text in files.items()})
    (finding,) = said(tmp_path)[0]
    assert (finding.rule, finding.severity) == ("module-shadowed", Severity.HIGH)
    assert finding.message.startswith("imported from outside of its project: left: ")


def test_who_installed_what_the_others_did_not(tmp_path: Path) -> None:
    prefix = create(tmp_path / ".venv")
    for number in range(3):
        install(prefix, f"p{number}", "1", {f"p{number}.py": ""}, installer="uv")
    install(prefix, "pip", "26", {"pip/__init__.py": ""})
    install(prefix, "left", "1", {"left.py": ""}, installer="Poetry 2.5.1")
    install(prefix, "right", "1", {"right.py": ""}, installer="")
    findings, notes = said(tmp_path)
    assert findings == []
    assert "installed by poetry, the others by uv: left" in notes
    assert "installed by nobody who says so, the others by uv: right" in notes
    assert not any("pip" in note.partition(":")[2] for note in notes if note.startswith("installed by"))
