from __future__ import annotations

import msgspec

from fimci.model import Package, Place, Record
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


def released(name: str, version: str, *wanted: str, path: str = "") -> Package:
    path = path or f"{name}-{version}.dist-info/METADATA"
    parts = tuple((f"requires {one.partition('@')[0]}", 9 + at) for at, one in enumerate(sorted(wanted)))
    return Package(
        ecosystem="pypi",
        name=name,
        place=f"{path.rpartition('/')[0]}#METADATA",
        stated_by="artifact",
        version=version,
        dependencies=tuple(sorted(wanted)),
        at=Place(path, 2, name, parts),
    )


def test_a_release_asks_for_more_than_the_one_before() -> None:
    before = [released("left", "1.0", "idna@>=3")]
    after = [released("left", "1.1", "idna@>=4", "far@https://a.example/far.whl", "tiny@")]
    assert said(rule, before, after) == [
        "left-1.1.dist-info/METADATA:9: info: 2 new direct dependencies: far, tiny"
    ]
    assert said(rule, after, before) == []
    assert said(rule, after, after) == []


def test_a_release_that_was_not_there_asks_for_what_it_likes() -> None:
    before = [released("left", "1.0", "idna@")]
    assert said(rule, before, [*before, released("right", "1.0", "tiny@")]) == []


def test_what_is_there_is_no_news_to_a_release() -> None:
    before: list[Record] = [
        released("left", "1.0"),
        released("tiny", "1.0"),
        released("right", "1.0", "small@"),
        pypi("known"),
    ]
    after = [released("left", "1.1", "tiny@", "small@", "known@"), *before[1:]]
    assert said(rule, before, after) == []


def test_what_a_manifest_of_the_release_says_is_told_once() -> None:
    before: list[Record] = [file("pyproject.toml"), released("left", "1.0", path="PKG-INFO")]
    asked = msgspec.structs.replace(
        wanted("tiny", path="pyproject.toml", place="pyproject.toml#dependencies/tiny"), ecosystem="pypi"
    )
    new = msgspec.structs.replace(asked, at=Place("other.toml", 1), place="other.toml#tiny", name="hidden")
    after = [*before[:1], released("left", "1.1", "tiny@", "hidden@", path="PKG-INFO"), asked, new]
    assert said(rule, before, after) == [
        "PKG-INFO:9: info: 1 new direct dependency: hidden",
        "pyproject.toml:7: info: 1 new direct dependency: tiny",
    ]


def test_of_several_copies_of_metadata_the_nearest_to_the_root_speaks() -> None:
    before = [
        released("left", "1.0", path="PKG-INFO"),
        released("left", "1.0", path="left.egg-info/PKG-INFO"),
    ]
    after = [
        released("left", "1.1", "tiny@", path="PKG-INFO"),
        released("left", "1.1", "tiny@", "odd@", path="left.egg-info/PKG-INFO"),
    ]
    assert said(rule, before, after) == [
        "PKG-INFO:9: info: 1 new direct dependency: tiny",
        "left.egg-info/PKG-INFO:9: info: 1 new direct dependency: odd",
    ]


def nuget(name: str, version: str | None, path: str) -> Package:
    return Package(
        ecosystem="nuget",
        name=name,
        place=f"{path}#packages/{name}",
        stated_by="manifest",
        version=version,
        at=Place(path, 3, name),
    )


def test_a_project_without_a_version_is_explained_by_the_list_of_all_versions() -> None:
    lists = "Directory.Packages.props"
    before: list[Record] = [file(lists), file("a.csproj"), nuget("Left", "1.0", lists)]
    after = [
        *before,
        nuget("New", "1.0", lists),
        nuget("New", None, "a.csproj"),
        nuget("Bare", None, "a.csproj"),
    ]
    assert said(rule, before, after) == [
        f"{lists}:3: info: 1 new direct dependency: New",
        "a.csproj:3: info: 1 new direct dependency: Bare",
    ]
