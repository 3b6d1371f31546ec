"""The table of attacks against formats: no cell is empty without a reason, and the page is its own."""

from __future__ import annotations

import pytest
import tomli

from tests import cases
from tools import attacks

TABLE = attacks.table()
OPEN = tomli.loads(attacks.DATA.read_text())["open"]


@pytest.mark.parametrize("cell", sorted(TABLE), ids=lambda cell: f"{cell[1]}: {cell[0]}")
def test_an_attack_is_told_in_a_format_or_cannot_be_made_there(cell: tuple[str, str]) -> None:
    """A cell without a case says why, or stands in the list of those that nobody has written yet."""
    found = TABLE[cell]
    attack, form = cell
    assert (not found.cases and not found.why) == (f"{form}: {attack}" in OPEN)


def test_reasons_name_facts_that_attacks_need() -> None:
    needed = {fact for attack in tomli.loads(attacks.DATA.read_text())["attack"] for fact in attack["needs"]}
    for one in attacks.data()["format"]:
        assert set(one.get("lacks", ())) <= needed, one["name"]


def test_the_page_is_up_to_date() -> None:
    assert attacks.PAGE.read_text(encoding="utf-8") == attacks.page(), "run `make docs`"


def case(expected: str, **members: str) -> cases.Case:
    trees = "".join(f"-- {path.replace('__', '.')} --\n{text}\n" for path, text in members.items())
    return cases.parse(f"What happens.\n\n== before\n{trees}== after\n{trees}== expect\n{expected}\n")


def test_a_case_is_about_the_file_of_its_finding_or_the_lockfile_beside_it() -> None:
    lock = case("x", package__json="{}", **{"package-lock__json": "{}", "uv__lock": ""})
    assert list(attacks.formats_of(lock, "package-lock.json")) == ["npm"]
    assert list(attacks.formats_of(lock, "package.json")) == ["npm"]
    assert list(attacks.formats_of(case("x", package__json="{}"), "package.json")) == ["npm"]
    assert list(attacks.formats_of(lock, "a.txt")) == []


def test_a_manifest_of_several_clients_is_told_by_its_tables() -> None:
    poetry = case("x", pyproject__toml="[tool.poetry]")
    assert list(attacks.formats_of(poetry, "pyproject.toml")) == ["poetry"]
    assert list(attacks.formats_of(case("x", pyproject__toml=""), "pyproject.toml")) == []
