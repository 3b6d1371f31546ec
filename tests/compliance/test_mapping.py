"""The mappings: what they name exists, what they say is said honestly, and every file is listed."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import msgspec
import pytest

from fimci import cli, model, rules
from fimci.compliance import evidence, mapping
from fimci.compliance.mapping import Requirement
from fimci.rules import unexpected_change

ALL = [(name, one) for name in mapping.NAMES for one in mapping.load(name).requirement]
RULES = {rule.name for rule in rules.ALL}
RECORDS = {record.__name__ for record in get_args(model.Record)}
#: What the issue asks for, of each standard.
ASKED = {
    "pci-dss": {"10.3.4", "11.5.2", "11.6.1"},
    "hipaa": {"164.312(b)", "164.312(c)(1)", "164.312(c)(2)"},
    "nist-800-53": {"SI-7", "CM-3", "SR-4", "SR-11"},
    "sox": {"change-management", "program-development", "access", "operations"},
    "iso-27001": {"A.8.9", "A.8.32"},
    "slsa": {"build-l1", "build-l2", "build-l3"},
}


def named(pair: tuple[str, Requirement]) -> str:
    return f"{pair[0]}-{pair[1].id}"


@pytest.mark.parametrize("pair", ALL, ids=named)
def test_every_rule_verb_and_record_exists(pair: tuple[str, Requirement]) -> None:
    _, one = pair
    assert set(one.rules) <= RULES
    assert set(one.verbs) <= set(cli._VERBS)
    assert set(one.records) <= RECORDS
    for names in (one.rules, one.verbs, one.records):
        assert names
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("pair", ALL, ids=named)
def test_every_requirement_says_what_is_not_covered(pair: tuple[str, Requirement]) -> None:
    _, one = pair
    for text in (one.asks, one.serves, one.missing):
        assert text[0] == text[0].upper() or text.startswith(("`", "fimci"))
        assert text.endswith(".")
    assert evidence.JUDGING & set(one.verbs), "no run of its verbs would be in the history"
    assert 0 <= one.every <= 366


@pytest.mark.parametrize("name", mapping.NAMES)
def test_every_standard_has_its_source_and_what_was_asked(name: str) -> None:
    found = mapping.load(name)
    assert found.source
    ids = [one.id for one in found.requirement]
    assert set(ids) >= ASKED[name]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("pair", ALL, ids=named)
def test_what_is_told_in_the_place_of_an_unexpected_change_counts_like_one(
    pair: tuple[str, Requirement],
) -> None:
    _, one = pair
    if "unexpected-change" in one.rules:
        assert {"host-persistence-changed", "registry-persistence-changed"} <= set(one.rules)


def test_every_rule_serves_something_or_is_said_to_serve_nothing() -> None:
    serving = {rule for _, one in ALL for rule in one.rules}
    assert serving | set(mapping.NONE) == RULES
    assert not serving & set(mapping.NONE)
    grades = {page.rule: page.severity for page in rules.pages().values()}
    assert all(grades[rule] < unexpected_change.SEVERITY for rule in mapping.NONE), "nothing grave"
    assert all(mapping.NONE.values())


def test_critical_files_are_compared_weekly() -> None:
    (one,) = (one for one in mapping.load("pci-dss").requirement if one.id == "11.5.2")
    assert one.every == 7


def test_every_file_is_listed() -> None:
    folder = Path(mapping.__file__).parent / "mappings"
    assert sorted(path.stem for path in folder.iterdir()) == sorted(mapping.NAMES)


def test_a_mapping_takes_no_other_key() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"title": "a", "source": "b", "requirement": [], "module": "os"}, mapping.Mapping)
    with pytest.raises(KeyError):
        mapping.load("../mappings/sox")
