"""The table of releases: what needs a look first, and many of which there is nothing to say are folded."""

from __future__ import annotations

import msgspec

from fimci import reports
from fimci.findings import ReleaseChange, Report
from tests.reports import sample


def told(*verdicts: str, quiet: int = 0) -> Report:
    rows = [
        ReleaseChange("a.lock", 1, "npm", f"p-{verdict}", "1", "2", "major", "", 5, (), "npm", verdict, "")
        for verdict in verdicts
    ]
    rows += [
        ReleaseChange("a.lock", 1, "npm", f"quiet-{n}", "1", "2", "patch", "", None, (), "npm", "ok", "")
        for n in range(quiet)
    ]
    return msgspec.structs.replace(sample.REPORT, releases=tuple(rows), chains=(), packages=(), findings=())


def places(text: str, *words: str) -> list[int]:
    return [text.index(word) for word in words]


def test_the_worst_comes_first() -> None:
    report = told("ok", "low", "not looked at", "critical", "info", "high")
    for form in ("text", "markdown", "html"):
        found = places(
            reports.render(form, report), "p-critical", "p-high", "p-not looked at", "p-low", "p-info", "p-ok"
        )
        assert found == sorted(found), form


def test_many_of_which_there_is_nothing_to_say_are_folded() -> None:
    report = told("high", quiet=300)
    text = reports.render("markdown", report)
    assert "<summary>300 releases ok, with nothing gained</summary>" in text
    (loud, start, quiet) = places(text, "p-high", "<details>", "quiet-0")
    assert loud < start < quiet
    assert len(text.encode()) <= 60_000
    assert "<details>" not in reports.render("markdown", told("high", quiet=3))
    assert "more are ok and gained nothing" in reports.render("text", report)


def test_what_is_not_known_is_said_to_be_so() -> None:
    row = reports.render("markdown", told(quiet=1)).partition("| `quiet-0` |")[2].partition("\n")[0]
    assert row == " `1` | `2` | patch | unstated |  | unstated | ok |"
    assert "| 5 hours |" in reports.render("markdown", told("high"))
    cells = '<td data-head="age">unstated<td data-head="provenance">unstated'
    assert cells in reports.render("html", told(quiet=1))
