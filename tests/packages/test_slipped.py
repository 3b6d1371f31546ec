"""Newcomers that only releases ask for which were there before: what makes that ordinary, what does not."""

from __future__ import annotations

from typing import Any

import pytest

from fimci.compare import compare
from fimci.model import File, Package, Record, Setting
from fimci.packages.slipped import slipped
from tests.rules.stated import file, npm, wanted

LOCK = "pnpm-lock.yaml"


def entry(name: str, version: str = "1.0.0", **facts: Any) -> Package:
    return npm(name, version, path=LOCK, place=f"{LOCK}#{name}@{version}", **facts)


def told(before: list[Record], after: list[Record]) -> list[str]:
    sides = [sorted([file(LOCK), *side], key=lambda record: record.key) for side in (before, after)]
    return [f"{one.package.name} {one.askers}" for one in slipped(list(compare(*sides)), sides[0])]


OLD, ASKING = entry("a"), entry("a", dependencies=("b@1.0.0",))
NEW = entry("b")


def test_a_newcomer_of_a_release_that_stays() -> None:
    assert told([OLD], [ASKING, NEW]) == ["b ('a@1.0.0',)"]
    # What it brings along is its own affair.
    brought = entry("b", dependencies=("c@1.0.0",))
    assert told([OLD], [ASKING, brought, entry("c")]) == ["b ('a@1.0.0',)"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([OLD], [entry("a", "1.1.0", dependencies=("b@1.0.0",)), NEW]),
        ([OLD], [ASKING, NEW, wanted("b", path="package.json")]),
        ([OLD], [ASKING, NEW, entry("c", dependencies=("b@1.0.0",))]),
        ([OLD, entry("c")], [ASKING, NEW, entry("c", "2.0.0", dependencies=("a@1.0.0",))]),
        ([OLD], [OLD, NEW]),
        ([ASKING, NEW], [ASKING, entry("b", "1.0.1")]),
        ([OLD], [ASKING, entry("b", origin_kind="link", origin="b")]),
        (
            [OLD],
            [ASKING, NEW, Setting(path=LOCK, name="locked.packageExtensionsChecksum", value="x", at=OLD.at)],
        ),
    ],
)
def test_what_is_ordinary(before: list[Record], after: list[Record]) -> None:
    assert told(before, after) == []


def test_of_other_formats_and_of_a_lockfile_that_is_new_nothing_is_told() -> None:
    sides = [sorted([OLD], key=lambda one: one.key), sorted([ASKING, NEW], key=lambda one: one.key)]
    assert [one.package.name for one in slipped(list(compare(*sides)), sides[0])] == ["b"]
    verbatim = [npm("a"), npm("a", dependencies=("b@1",)), npm("b")]
    changes = list(compare([verbatim[0]], sorted(verbatim[1:], key=lambda one: one.key)))
    assert list(slipped(changes, [verbatim[0]])) == []


def test_a_manifest_of_python_that_changed_may_be_the_reason() -> None:
    def at(name: str, **facts: Any) -> Package:
        return npm(name, path="uv.lock", place=f"uv.lock#{name}", **facts)

    def of(size: int) -> File:
        return File(path="pyproject.toml", size=size)

    before: list[Record] = [file("uv.lock"), of(1), at("a")]
    for size, names in ((1, ["b"]), (2, [])):
        after: list[Record] = [file("uv.lock"), of(size), at("a", dependencies=("b",)), at("b")]
        sides = [sorted(side, key=lambda record: record.key) for side in (before, after)]
        assert [one.package.name for one in slipped(list(compare(*sides)), sides[0])] == names
