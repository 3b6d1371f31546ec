from __future__ import annotations

import pytest

from fimci.model import UNSTATED, Package, Record
from fimci.rules import downgrade as rule
from fimci.rules import several_versions
from tests.rules.stated import npm, pypi, said, settings, wanted

INNER = "package-lock.json#node_modules/a/node_modules/left"


def test_back_to_an_older_release() -> None:
    assert said(rule, [npm("left", "1.2.0")], [npm("left", "1.1.9")]) == [
        "package-lock.json:2: medium: left downgraded: 1.2.0 → 1.1.9"
    ]
    assert said(rule, [npm("left", "1.1.9")], [npm("left", "1.2.0")]) == []


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (["2.0.0", "1.0.0"], ["1.0.0", "2.0.0"], []),
        (["2.0.0"], ["2.0.0", "1.0.0"], []),
        (["3.0.0", "1.0.0"], ["1.5.0"], []),
        (["3.0.0", "2.0.0"], ["1.5.0"], ["2.0.0 → 1.5.0"]),
        (["3.0.0", "1.0.0"], ["2.0.0", "1.0.0"], ["3.0.0 → 2.0.0"]),
        (["3.0.0", "1.0.0"], ["2.9.0", "0.9.0"], ["1.0.0 → 0.9.0", "3.0.0 → 2.9.0"]),
        (["2.0.0"], ["1.0.0", "3.0.0"], []),
        (["2.0.0"], [], []),
    ],
)
def test_sets_of_versions_are_held_against_each_other(
    before: list[str], after: list[str], told: list[str]
) -> None:
    def locked(versions: list[str]) -> list[Package]:
        places = ("package-lock.json#node_modules/left", INNER)
        return [npm("left", v, place=place) for v, place in zip(versions, places, strict=False)]

    found = [line.partition("downgraded: ")[2] for line in said(rule, locked(before), locked(after))]
    assert found == told


@pytest.mark.parametrize(
    "asking",
    [
        ([wanted("left", "^1.2.0")], [wanted("left", "~1.1.0")]),
        ([], settings({"overrides.left": "1.1.9"}, "package.json")),
        ([], settings({"resolutions.left@^1": "1.1.9"}, "package.json")),
    ],
)
def test_a_manifest_or_an_override_that_asks(asking: tuple[list[Record], list[Record]]) -> None:
    before, after = asking
    (told,) = said(rule, [npm("left", "1.2.0"), *before], [npm("left", "1.1.9"), *after])
    assert told == "package-lock.json:2: info: left downgraded: 1.2.0 → 1.1.9, as its manifest requires"


def test_the_copy_in_the_lockfile_asks_for_nothing() -> None:
    place = "package-lock.json#requires/dependencies/left"
    before = [wanted("left", "^1.2.0", path="package-lock.json", place=place), npm("left", "1.2.0")]
    after = [wanted("left", "^1.1.0", path="package-lock.json", place=place), npm("left", "1.1.9")]
    assert ": medium: " in said(rule, before, after)[0]


@pytest.mark.parametrize(
    ("had", "asker", "severity"),
    [
        (npm("a", dependencies=("left@^1.2.0",)), npm("a", "1.0.1", dependencies=("left@~1.1.0",)), "info"),
        (npm("b"), npm("a", dependencies=("left@~1.1.0",)), "info"),
        (npm("a", dependencies=("left@^1.0.0",)), npm("a", "1.0.1", dependencies=("left@^1.0.0",)), "medium"),
        (npm("a", dependencies=("left@^1.2.0",)), npm("a", dependencies=("left@~1.1.0",)), "medium"),
    ],
)
def test_a_package_that_was_updated_and_asks(had: Package, asker: Package, severity: str) -> None:
    (told,) = said(rule, [had, npm("left", "1.2.0")], [asker, npm("left", "1.1.9")])
    assert f": {severity}: " in told


def test_a_list_that_is_written_by_hand_and_one_with_hashes() -> None:
    def pinned(version: str, **facts: object) -> Package:
        return pypi("left", version, path="requirements.txt", **facts)

    assert ": medium: " in said(rule, [pinned("1.2")], [pinned("1.1")])[0]
    (told,) = said(rule, [pinned("1.2", integrity=())], [pinned("1.1", integrity=())])
    assert told.endswith("info: left downgraded: 1.2 → 1.1, as this file requires")


@pytest.mark.parametrize("version", ["latest", UNSTATED, "1." + "9" * 5000])
def test_what_has_no_order(version: str) -> None:
    assert said(rule, [npm("left", "1.2.0")], [npm("left", version)]) == []


def test_many_are_told_once_and_other_lockfiles_apart() -> None:
    names = [f"left-{n}" for n in range(7)]
    before = [npm(name, "2.0.0") for name in names]
    after = [npm(name, "1.0.0") for name in names]
    second = npm("left-0", "2.0.0", path="b/package-lock.json")
    back = npm("left-0", "1.0.0", path="b/package-lock.json")
    assert [line[:63] for line in said(rule, [*before, second], [*after, back])] == [
        "b/package-lock.json:2: medium: left-0 downgraded: 2.0.0 → 1.0.0",
        "package-lock.json:2: medium: 7 packages downgraded: left-0 2.0.",
    ]


def test_several_versions_where_one_was() -> None:
    before, more = [npm("left", "1.10.0")], npm("left", "1.9.0", place=INNER)
    assert said(several_versions, before, [*before, more]) == [
        "package-lock.json:2: info: 1 package in several versions now: left 1.9.0 and 1.10.0"
    ]
    third = npm("left", "3.0.0", place="package-lock.json#node_modules/b/node_modules/left")
    assert said(several_versions, [*before, more], [*before, more, third]) == []
    assert said(several_versions, [npm("a")], [npm("a"), *before, more]) == []
    assert said(several_versions, [*before, more], before) == []
    assert said(several_versions, before, [*before, npm("left", "1.10.0", place=INNER)]) == []


def test_checksum_lists_keep_every_version() -> None:
    def summed(version: str) -> Package:
        return Package(
            ecosystem="golang",
            name="m",
            version=version,
            place=f"go.sum#m@{version}",
            stated_by="lock",
            at=npm("m", path="go.sum").at,
        )

    assert said(several_versions, [summed("v1.0.0")], [summed("v1.0.0"), summed("v1.1.0")]) == []
