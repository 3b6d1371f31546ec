"""Every sentence of docs/walking.md names a test that is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "walking.md").read_text()
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", PAGE)
ROWS = [
    line
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith(("| ---", "| object", "| what "))
]


@pytest.mark.parametrize("row", ROWS, ids=range(len(ROWS)))
def test_a_row_ends_with_its_test(row: str) -> None:
    assert re.search(r"\| `tests/[\w/]+\.py::test_\w+` \|$", row)


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED)))
def test_the_test_is_there(file: str, name: str) -> None:
    assert f"def {name}(" in (ROOT / file).read_text()


def test_every_test_of_kinds_and_races_is_in_the_page() -> None:
    named = {name for _, name in NAMED}
    for file in ("tests/sources/test_kinds.py", "tests/sources/test_races.py"):
        tests = re.findall(r"^def (test_\w+)", (ROOT / file).read_text(), re.MULTILINE)
        assert set(tests) - named <= {"test_more_folders_in_one_another_than_handles_are_kept"}
