"""Several artifacts in one run: one table over all, and what was found in each is told in each format."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from fimci import reports
from fimci.errors import UsageError
from fimci.findings import Report
from fimci.verify import Request, verify
from tests.artifacts import battery

TODAY = dt.date(2026, 11, 26)
WHEEL = battery.wheel({"demo/bad.png": battery.ELF})
SDIST = battery.SDISTS["bytecode"][0]()


def verified(folder: Path) -> Report:
    files = {battery.WHEEL: WHEEL, battery.SDIST: SDIST, battery.NPM: battery.npm(battery.PACKAGE)}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return verify(Request(artifacts=tuple(str(folder / name) for name in files), today=TODAY))


def test_the_table_has_a_row_for_each(tmp_path: Path) -> None:
    report = verified(tmp_path)
    assert report.left == f"name:{battery.WHEEL}, {battery.SDIST}, {battery.NPM}"
    assert [(one.artifact, one.cells[0].state, one.cells[0].why) for one in report.artifacts] == [
        (battery.WHEEL, "failed", "artifact-binary-unexpected"),
        (battery.SDIST, "failed", "artifact-binary-unexpected"),
        (battery.NPM, "verified", ""),
    ]
    document = json.loads(reports.render("json", report))
    assert [one["artifact"] for one in document["artifacts"]] == [battery.WHEEL, battery.SDIST, battery.NPM]
    assert document["artifacts"][1]["list"] == {"state": "not verified", "why": "only a wheel has one"}
    lines = reports.render("text", report).splitlines()
    assert f"custody: ok       -    -      -      -        -        {battery.NPM}" in lines
    assert f"custody: FAILED   -    -      -      -        -        {battery.SDIST}" in lines
    markdown = reports.render("markdown", report)
    assert f"| `{battery.WHEEL}` | FAILED | ok | - | - | - | - |" in markdown
    assert "Custody of 3 artifacts" in reports.render("html", report)


@pytest.mark.parametrize("name", reports.ALL)
def test_what_is_found_in_each_is_told_in_each_format(tmp_path: Path, name: str) -> None:
    text = reports.render(name, verified(tmp_path)).replace("%21", "!").replace("\\/", "/")
    assert f"{battery.WHEEL}!/demo/bad.png" in text
    assert f"{battery.SDIST}!/demo-1.0/demo/core.pyc" in text


def test_one_file_is_verified_once_and_two_of_one_name_not_at_once(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    for folder in (tmp_path, tmp_path / "other"):
        (folder / battery.WHEEL).write_bytes(battery.wheel())
    path, other = str(tmp_path / battery.WHEEL), str(tmp_path / "other" / battery.WHEEL)
    report = verify(Request(artifacts=(path, str(tmp_path / "other" / ".." / battery.WHEEL)), today=TODAY))
    assert len(report.artifacts) == 1
    with pytest.raises(UsageError, match=f"several artifacts are named {battery.WHEEL}"):
        verify(Request(artifacts=(path, other), today=TODAY))
