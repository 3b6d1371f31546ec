"""The feature table: each "yes" names tests that pytest collects, and the page is what the data says."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from tools import features, pages

DATA = features.data()
ROWS: list[dict[str, Any]] = [*DATA["feature"], *DATA["behaviour"]]


def title(row: dict[str, Any]) -> str:
    return str(row.get("name") or row["case"])


def test_the_page_is_what_the_data_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert features.main(["--check"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("row", DATA["feature"], ids=title)
def test_yes_has_a_proof_and_no_has_none(row: dict[str, Any]) -> None:
    claimed = row["fimci"].partition(":")[0] in {"yes", "partly"}
    assert claimed == bool(row.get("tests"))
    assert set(row) - {"tests"} == {"group", "name", "fimci", *DATA["peers"]}


@pytest.mark.parametrize("row", DATA["behaviour"], ids=title)
def test_every_behaviour_has_a_proof(row: dict[str, Any]) -> None:
    assert row["tests"]
    assert set(row) == {"case", "fimci", "tests", "others"}


def test_every_named_test_is_collected() -> None:
    named = {test for row in ROWS for test in row.get("tests", ())}
    files = sorted({test.partition("::")[0] for test in named})
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *files],
        cwd=pages.ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))},
        capture_output=True,
        check=False,
        timeout=120,
    )
    collected = set(done.stdout.decode().splitlines())
    known = collected | {test.partition("[")[0] for test in collected}
    known |= {test.partition("::")[0] for test in collected}
    assert not named - known, done.stderr.decode()
