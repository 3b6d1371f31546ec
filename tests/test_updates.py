"""Routine updates that real clients made: nothing to read, let alone to stop for.

`fixtures/updates/<what>/{before,after}` are two states of a small project between which a client
regenerated its lockfile, updated a dependency, or wrote a newer version of its format.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from fimci.between import between
from fimci.findings import Severity
from fimci.policy import Policy
from fimci.sources.locator import parse

FOLDER = Path(__file__).parent.parent / "fixtures" / "updates"
UPDATES = sorted(path for path in FOLDER.iterdir() if path.is_dir())


@pytest.mark.parametrize("update", UPDATES, ids=lambda path: path.name)
def test_a_routine_update_is_quiet(update: Path) -> None:
    before, after = (parse(f"dir:{update / side}") for side in ("before", "after"))
    report = between(before, after, Policy(), today=dt.date(2026, 11, 26))
    loud = [found for found in report.findings if found.severity >= Severity.MEDIUM]
    assert [f"{found.path}:{found.line}: {found.rule}: {found.message}" for found in loud] == []


def test_the_page_has_them_all_and_no_cell_is_empty() -> None:
    page = (FOLDER.parent.parent / "docs" / "updates.md").read_text()
    assert sorted(re.findall(r"\(\.\./fixtures/updates/([^)]+)\)", page)) == [path.name for path in UPDATES]
    rows = [row for row in page.splitlines() if row.startswith("| ")][2:]
    assert len(rows) > 20
    assert all(cell.strip() for row in rows for cell in row.strip("|").split("|"))
