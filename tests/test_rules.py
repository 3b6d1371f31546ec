"""Every case file in `fixtures/rules`: its rule, run alone, says exactly what the case expects."""

from __future__ import annotations

from pathlib import Path

import pytest

from fimci import drift, rules
from fimci.compare import compare
from fimci.findings import Finding
from fimci.look import take
from fimci.model import Record
from fimci.reach import settled
from fimci.readers import ALL as READERS
from fimci.snapshot import Entry, Recipe
from fimci.verdict import annotated
from tests import cases

FOLDER = Path(__file__).parent.parent / "fixtures" / "rules"
CASES = sorted(FOLDER.glob("*.txt"))
RULES = {rule.name: rule for rule in rules.ALL}


@pytest.fixture(autouse=True)
def _nothing_is_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cases say what a rule makes of a gain whose rate nobody knows: the table changes with time."""
    monkeypatch.setattr("fimci.capabilities.gains._rates", lambda: ({}, {}))


def recorded(side: list[Entry]) -> list[Record]:
    found = list(settled(take(side, Recipe(), READERS), project=False))
    return sorted([*found, *drift.derive(found)], key=lambda record: record.key)


def findings(name: str, case: cases.Case) -> list[Finding]:
    rule = RULES[name]
    assert case.against in rule.against, "the table says that it does not judge this"
    before, after = case.records
    if case.before or case.after:
        before, after = recorded(case.before), recorded(case.after)
    changes = annotated(
        compare(before, after), case.critical, case.persistence, sealed=case.sealed, root=case.root
    )
    said = list(rule.judge(changes, before))
    kinds = frozenset(rules.kind(change.record) for change in changes)
    assert not said or rule.may_speak(changes, kinds), "the table says that it cannot speak of this"
    return said


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    case = cases.parse(path.read_text())
    name = path.stem.partition("--")[0]
    said = sorted(f"{f.path}:{f.line}: {f.severity}: {f.rule}: {f.message}" for f in findings(name, case))
    assert said == sorted(case.expect)


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_rule_has_a_case_where_it_speaks_and_one_where_it_is_silent(name: str) -> None:
    expectations = [
        bool(cases.parse(path.read_text()).expect) for path in CASES if path.stem.partition("--")[0] == name
    ]
    assert True in expectations
    assert False in expectations
