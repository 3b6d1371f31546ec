from __future__ import annotations

import msgspec

from fimci.model import Package, Place
from fimci.rules import dependency_added as rule
from tests.rules.stated import file, npm, pypi, said, wanted


def test_direct_at_the_manifest_and_the_rest_at_the_lockfile() -> None:
    before = [wanted("left"), npm("left")]
    after = [*before, wanted("right"), npm("right"), npm("b"), npm("a")]
    assert said(rule, before, after) == [
        "package-lock.json:2: info: 2 new packages: a, b",
        "package.json:7: info: 1 new direct dependency: right",
    ]


def test_the_copy_in_the_lockfile_is_not_told_again_but_known_as_direct() -> None:
    copy = wanted("z", path="package-lock.json", place="package-lock.json#requires/dependencies/z")
    before = [npm("left")]
    assert said(rule, before, [*before, copy, npm("z"), npm("a")]) == [
        "package-lock.json:2: info: 2 new packages: z, a"
    ]


def test_many_names_are_cut() -> None:
    before = [npm("left")]
    found = said(rule, before, [*before, *(npm(f"n{n:04}") for n in range(2007))])
    assert found[0].startswith("package-lock.json:2: info: 2,007 new packages: n0000, n0001, ")
    assert found[0].endswith(" and 1,999 more")


def test_the_first_dependency_of_a_file_that_was_there() -> None:
    before = [file("package.json")]
    assert len(said(rule, before, [*before, wanted("left")])) == 1


def test_a_new_file_says_nothing() -> None:
    assert said(rule, [file("README")], [file("README"), npm("left"), wanted("left")]) == []


def test_a_known_name_is_not_new() -> None:
    before = [npm("left"), pypi("left"), wanted("right")]
    nested = npm("left", "2.0.0", place="package-lock.json#node_modules/a/node_modules/left")
    assert said(rule, before, [*before, nested, npm("right"), npm("left", path="b/package-lock.json")]) == []


def test_a_name_of_another_ecosystem_is_new() -> None:
    before = [npm("left"), pypi("other")]
    assert said(rule, before, [*before, pypi("left")]) == ["uv.lock:2: info: 1 new package: left"]


def test_the_parts_of_the_project_and_actions_are_no_dependencies() -> None:
    before = [npm("left"), wanted("left")]
    part = npm("part", origin_kind="workspace", origin="packages/part")
    action = Package(
        ecosystem="githubactions",
        name="a/b",
        place="package.json#a/b",
        stated_by="manifest",
        at=Place("package.json"),
    )
    assert said(rule, before, [*before, part, action]) == []
    assert said(rule, before, [*before, msgspec.structs.replace(part, origin_kind="registry")]) != []
