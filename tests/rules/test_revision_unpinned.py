from __future__ import annotations

from typing import Any

import pytest

from fimci.model import Package, Place
from fimci.rules import revision_unpinned as rule
from tests.rules.stated import npm, pypi, said, wanted

ONE, TWO = "1" * 40, "2" * 40


def git(revision: str, **facts: Any) -> Package:
    return npm("left", origin_kind="git", origin=f"git+ssh://git@github.com/us/left.git{revision}", **facts)


@pytest.mark.parametrize(
    "revision", ["", "#main", "#v1.0.0", f"#{ONE[:12]}", "#--upload-pack=x", "#semver:^1"]
)
def test_an_entry_without_a_whole_commit(revision: str) -> None:
    assert len(said(rule, [git(f"#{ONE}")], [git(revision)])) == 1
    assert len(said(rule, [npm("other")], [npm("other"), git(revision)])) == 1
    assert said(rule, [git("#develop")], [git(revision)]) == []


@pytest.mark.parametrize(
    "origin",
    [
        f"git+ssh://git@github.com/us/left.git#{TWO}",
        f"https://github.com/us/left.git#commit={TWO}",
        f"https://github.com/us/left.git#workspace=x&commit={TWO}",
        f"git+https://github.com/us/left?rev=main#{TWO}",
        f"https://codeload.github.com/us/left/tar.gz/{TWO}",
        f"https://bitbucket.org/us/left/get/{TWO}.tar.gz",
        f"https://gitlab.com/us/left/-/archive/{TWO}/left-{TWO}.tar.gz",
        f"https://gitlab.com/us/left/repository/archive.tar.gz?ref={TWO}",
        f"git+https://github.com/us/left#{'2' * 64}",
    ],
)
def test_the_forms_in_which_lockfiles_name_a_commit(origin: str) -> None:
    assert said(rule, [git(f"#{ONE}")], [npm("left", origin_kind="git", origin=origin)]) == []


@pytest.mark.parametrize(
    ("origin", "revision"),
    [
        ("https://codeload.github.com/us/left/tar.gz/main", "main"),
        ("https://codeload.github.com/us/left/tar.gz/refs/heads/x/y", "x/y"),
        ("https://bitbucket.org/us/left/get/main.tar.gz", "main"),
        ("https://gitlab.com/us/left/-/archive/v1.0/left-v1.0.tar.gz", "v1.0"),
        ("https://github.com/us/left.git#head=main", "main"),
        ("https://github.com/us/left.git#tag=v1.0&workspace=x", "v1.0"),
        ("https://github.com/us/left.git#workspace=x", "whatever its default branch has"),
    ],
)
def test_the_forms_in_which_they_name_something_else(origin: str, revision: str) -> None:
    (told,) = said(rule, [git(f"#{ONE}")], [npm("left", origin_kind="git", origin=origin)])
    assert told.endswith(f"left: commit {ONE[:12]} → {revision}")


def test_bun_writes_commits_of_archives_in_short() -> None:
    def entry(revision: str) -> Package:
        return npm("left", path="bun.lock", origin_kind="git", origin=f"github:us/left#{revision}")

    other = npm("other", path="bun.lock")
    assert said(rule, [other], [other, entry(ONE[:7])]) == []
    assert said(rule, [entry(ONE[:7])], [entry(TWO[:7])]) == []
    assert len(said(rule, [entry(ONE[:7])], [entry("main")])) == 1
    assert len(said(rule, [other], [other, entry("main")])) == 1


def asking(origin: str, **facts: Any) -> Package:
    return wanted("left", origin, origin_kind="git", origin=origin, **facts)


@pytest.mark.parametrize(
    ("old", "new", "speaks"),
    [
        (f"us/left#{ONE}", "us/left#main", True),
        (f"us/left#{ONE}", "us/left", True),
        (f"us/left#{ONE[:10]}", "us/left#v1.0.0", True),
        (f"git+https://github.com/us/left@{ONE}", "git+https://github.com/us/left@v1", True),
        (f"git+https://github.com/us/left@{ONE}#egg=left", "git+https://github.com/us/left#egg=left", True),
        (f"https://github.com/us/left.git@{ONE}", "https://github.com/us/left.git@main", True),
        (f"us/left#{ONE}", f"us/left#{TWO}", False),
        ("us/left#main", "us/left#develop", False),
        ("us/left#main", f"us/left#{ONE}", False),
    ],
)
def test_manifests(old: str, new: str, speaks: bool) -> None:  # noqa: FBT001  (a column of the table)
    assert len(said(rule, [asking(old)], [asking(new)])) == speaks


def test_what_is_new_in_a_manifest_is_for_another_rule() -> None:
    assert said(rule, [wanted("left")], [wanted("left"), asking("us/right", path="b/package.json")]) == []


def test_the_lockfile_speaks_before_the_manifest() -> None:
    (told,) = said(rule, [asking(f"us/left#{ONE}"), git(f"#{ONE}")], [asking("us/left#main"), git("#main")])
    assert told.startswith("package-lock.json:3: high: left: commit 111111111111 → main")


def test_a_list_of_requirements_is_its_own_manifest() -> None:
    def line(revision: str) -> Package:
        origin = f"git+https://github.com/us/left.git@{revision}"
        return pypi("left", path="requirements.txt", origin_kind="git", origin=origin, integrity=())

    assert len(said(rule, [line(ONE)], [line("v1")])) == 1
    assert said(rule, [pypi("a", path="requirements.txt")], [line("v1")]) == []
    assert said(rule, [line("v1")], [line("v2")]) == []


def of(ecosystem: str, revision: str | None) -> Package:
    path = ".pre-commit-config.yaml" if ecosystem == "pre-commit" else ".gitmodules"
    return Package(
        ecosystem=ecosystem,
        name="left",
        place=f"{path}#left",
        stated_by="manifest",
        version=revision,
        origin_kind="git",
        origin="https://github.com/us/left",
        at=Place(path, 3, "", (("version", 4),)),
    )


def test_hooks_and_submodules() -> None:
    assert said(rule, [of("pre-commit", ONE)], [of("pre-commit", "v1.0")]) == [
        ".pre-commit-config.yaml:4: high: left: commit 111111111111 → v1.0"
    ]
    assert said(rule, [of("pre-commit", "v1.0")], [of("pre-commit", "v1.1")]) == []
    assert said(rule, [of("git", None)], [of("git", "main")]) == [
        ".gitmodules:4: low: left follows the branch main when it is updated"
    ]
    assert said(rule, [of("git", "main")], [of("git", "develop")]) == []
    assert said(rule, [], [of("git", "main")]) == []
