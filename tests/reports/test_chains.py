"""Chains of custody in reports: nothing that a stranger wrote there means anything."""

from __future__ import annotations

import json

import msgspec
import pytest

from fimci import reports
from fimci.findings import CLAIMS, LINKS, Cell, Chain, Verified
from fimci.reports import chains
from tests.reports import sample

EVIL = (
    "a|b\n| c",
    "<script>x</script>",
    "::error::x",
    "\x1b[31m",
    "`@everyone`",
    "[x](https://a.example)",
    "",
)


@pytest.mark.parametrize("why", EVIL)
def test_no_reason_means_anything(why: str) -> None:
    cells = (Cell("failed", why), *[Cell("not verified", why)] * 4, Cell("verified", why))
    told = msgspec.structs.replace(
        sample.CLEAN,
        chains=(Chain(f"pkg:npm/{why}", why, cells),),
        artifacts=(Verified(f"{why}.whl", "ab" * 32, cells),),
    )
    text = reports.render("text", told)
    starts = ("custody: ", "        ", "compared: ", "looked at: ", "clean")
    assert all(line.startswith(starts) for line in text.splitlines())
    assert "\x1b" not in text
    markdown = reports.render("markdown", told)
    assert all(line.count(" | ") in {0, 6} for line in markdown.splitlines() if line.startswith("|"))
    page = reports.render("html", told)
    assert page.count("<script>") == 1
    row = json.loads(reports.render("json", told))["custody"][0]
    assert [row[link]["state"] for link in LINKS] == [cell.state for cell in cells]
    row = json.loads(reports.render("json", told))["artifacts"][0]
    assert [row[claim]["state"] for claim in CLAIMS] == [cell.state for cell in cells]


def test_many_packages_are_counted_failures_first() -> None:
    good = (Cell("verified"),) * 6
    found = [Chain(f"pkg:npm/a{n}@1", "", good) for n in range(80)]
    found.append(Chain("pkg:npm/bad@1", "", (Cell("failed", "x"), *good[1:])))
    text = reports.render("text", msgspec.structs.replace(sample.CLEAN, chains=tuple(found)))
    assert "custody: 31 more; the JSON report lists them all" in text
    assert text.index("npm/bad@1") < text.index("npm/a0@1")
    assert "custody: locked failed: x (1 package: npm/bad@1)" in text


def test_a_reason_is_told_once_for_all_alike() -> None:
    cells = (Cell("not verified", "offline"),) * 6
    found = [Chain(f"pkg:npm/a{n}@1", "", cells) for n in range(3)]
    (table,) = chains.tables(msgspec.structs.replace(sample.CLEAN, chains=tuple(found)))
    assert list(chains.reasons(table)) == [f"{link} not verified: offline (all)" for link in LINKS]
