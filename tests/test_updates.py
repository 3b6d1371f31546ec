"""What clients write on an ordinary day: no pair in `fixtures/updates` gives a finding worth a minute.

Each folder holds the files of a project before and after something that people do every week.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from fimci import drift, rules
from fimci.compare import compare
from fimci.findings import Severity
from fimci.look import take
from fimci.model import Record
from fimci.readers import ALL as READERS
from fimci.snapshot import Recipe
from fimci.verdict import annotated
from tests import cases

FOLDER = Path(__file__).parent.parent / "fixtures" / "updates"
PAIRS = sorted(path for path in FOLDER.iterdir() if path.is_dir())


def recorded(side: Path) -> list[Record]:
    files = sorted(path for path in side.rglob("*") if path.is_file())
    entries = [cases.entry(path.relative_to(side).as_posix(), path.read_bytes()) for path in files]
    found = take(entries, Recipe(), READERS)
    return sorted([*found, *drift.derive(found)], key=lambda record: record.key)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda path: path.name)
def test_an_ordinary_update_is_silent(pair: Path) -> None:
    before, after = recorded(pair / "before"), recorded(pair / "after")
    changes = annotated(compare(before, after), (), sealed=False)
    assert changes
    found = [
        f"{f.severity}: {f.rule}: {f.message}"
        for f in rules.run(changes, before)
        if f.severity >= Severity.MEDIUM
    ]
    assert found == []
