"""Every case file in `fixtures/rules`: its rule, run alone, says exactly what the case expects."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from fimci import drift, rules
from fimci.compare import compare
from fimci.findings import Finding
from fimci.look import take
from fimci.model import Record
from fimci.readers import ALL as READERS
from fimci.snapshot import Entry, Recipe
from fimci.verdict import annotated
from tests import cases

FOLDER = Path(__file__).parent.parent / "fixtures" / "rules"
CASES = sorted(FOLDER.glob("*.txt"))
RULES = {rules.name(rule): rule for rule in rules.every()}


def recorded(side: list[Entry]) -> list[Record]:
    found = take(side, Recipe(), READERS)
    return sorted([*found, *drift.derive(found)], key=lambda record: record.key)


def findings(name: str, case: cases.Case) -> list[Finding]:
    before = recorded(case.before)
    changes = annotated(compare(before, recorded(case.after)), case.critical, sealed=case.sealed)
    rule = RULES[name]
    if rule in rules.WHOLE:
        return list(rule.check_all(changes, before))
    return [found for change in changes for found in cast("rules.Rule", rule).check(change)]


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
