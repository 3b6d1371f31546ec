"""Routine work stays quiet: what real clients wrote before and after gives nothing at or above medium.

`fixtures/updates/<format>-<what>/{before,after}` are two trees that a client wrote: a dependency
updated, a lock made again, a lock taken to a newer version of its format.
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

FOLDERS = sorted(path for path in (Path(__file__).parent.parent / "fixtures" / "updates").iterdir())


def recorded(side: Path) -> list[Record]:
    files = sorted(path for path in side.rglob("*") if path.is_file())
    entries = [cases.entry(path.relative_to(side).as_posix(), path.read_bytes()) for path in files]
    found = take(entries, Recipe(), READERS)
    return sorted([*found, *drift.derive(found)], key=lambda record: record.key)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_routine_update_is_quiet(folder: Path) -> None:
    before, after = recorded(folder / "before"), recorded(folder / "after")
    changes = annotated(compare(before, after), ())
    assert any(change.real for change in changes)
    loud = [found for found in rules.run(changes, before) if found.severity >= Severity.MEDIUM]
    assert [(one.rule, one.path, one.line, one.message) for one in loud] == []
