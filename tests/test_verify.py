from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from fimci.findings import Report
from fimci.verify import Request, verify
from tests.artifacts import battery

TODAY = dt.date(2026, 11, 26)


def verified(folder: Path, name: str, data: bytes) -> Report:
    (folder / name).write_bytes(data)
    return verify(Request(artifacts=(str(folder / name),), today=TODAY))


def said(report: Report) -> set[tuple[str, str]]:
    return {(str(finding.severity), finding.rule) for finding in report.findings}


def expected(text: str) -> tuple[str, str]:
    grade, _, rule = text.rpartition(" ")
    return grade or "high", rule


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (battery.WHEEL, battery.wheel()),
        (battery.SDIST, battery.sdist()),
        (battery.NPM, battery.npm(battery.PACKAGE)),
    ],
)
def test_what_is_as_it_should_be_passes(tmp_path: Path, name: str, data: bytes) -> None:
    report = verified(tmp_path, name, data)
    assert (report.findings, report.unread, report.exit_code) == ((), (), 0)


CASES = [
    *((battery.WHEEL, title, *case) for title, case in battery.WHEELS.items()),
    *((battery.SDIST, title, *case) for title, case in battery.SDISTS.items()),
    *((battery.NPM, title, *case) for title, case in battery.NPMS.items()),
    *((file, title, make, rule) for title, (file, make, rule) in battery.MORE.items()),
]


@pytest.mark.parametrize(
    ("name", "make", "rule"),
    [(name, make, rule) for name, _, make, rule in CASES],
    ids=[f"{name.rpartition('.')[2]}: {title}" for name, title, _, _ in CASES],
)
def test_every_defect_gives_its_finding(
    tmp_path: Path, name: str, make: Callable[[], bytes], rule: str
) -> None:
    report = verified(tmp_path, name, make())
    assert expected(rule) in said(report), said(report)


def test_a_package_manager_may_bring_its_own_command(tmp_path: Path) -> None:
    manifest = b'{"name": "npm", "version": "1.0.0", "bin": {"npm": "cli.js", "npx": "cli.js"}}'
    data = battery.npm((("package/package.json", manifest), battery.PACKAGE[1]))
    assert said(verified(tmp_path, "npm-1.0.0.tgz", data)) == set()


def test_the_battery_is_whole() -> None:
    assert (len(battery.WHEELS), len(battery.SDISTS)) == (45, 24)
