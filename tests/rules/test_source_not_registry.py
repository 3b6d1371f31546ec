from __future__ import annotations

import pytest

from fimci.model import Place, Record, Setting
from fimci.rules import origin_changed
from fimci.rules import source_not_registry as rule
from tests.rules.stated import npm, pypi, said, wanted

BEFORE: list[Record] = [npm("left"), wanted("left"), pypi("left")]
ELSEWHERE = "https://evil.example/new/-/new-1.0.0.tgz"
COMMIT = "git+ssh://git@github.com/someone/new.git#" + "0" * 40


@pytest.mark.parametrize(
    ("kind", "origin", "expected"),
    [
        ("git", COMMIT, "high: new new@1.0.0 from git (github.com/someone/new)"),
        ("tarball", "https://evil.example/n.tgz", "high: new new@1.0.0 from tarball (https://evil.example/n.tgz)"),
        ("file", "file:vendor/n.tgz", "medium: new new@1.0.0 from file (file:vendor/n.tgz)"),
        ("link", "../outside", "high: new new@1.0.0 from link (../outside)"),
        ("registry", ELSEWHERE, "high: new new@1.0.0 from evil.example, a host not used before"),
    ],
)  # fmt: skip
def test_a_newcomer_from_elsewhere(kind: str, origin: str, expected: str) -> None:
    after = [*BEFORE, npm("new", origin_kind=kind, origin=origin)]
    assert said(rule, BEFORE, after) == [f"package-lock.json:3: {expected}"]
    assert said(origin_changed, BEFORE, after) == []


@pytest.mark.parametrize(
    ("kind", "origin"),
    [
        ("registry", "https://registry.example/new/-/new-1.0.0.tgz"),
        ("registry", None),
        ("directory", "file:packages/new"),
        ("workspace", "packages/new"),
        ("link", "packages/new"),
    ],
)
def test_the_registry_and_folders_of_the_tree(kind: str, origin: str | None) -> None:
    assert said(rule, BEFORE, [*BEFORE, npm("new", origin_kind=kind, origin=origin)]) == []


def test_manifest_and_lockfile_speak_once() -> None:
    asked = wanted("new", origin_kind="git", origin="github:someone/new")
    assert said(rule, BEFORE, [*BEFORE, asked]) == [
        "package.json:7: high: new new@^1.0.0 from git (github.com/someone/new)"
    ]
    assert said(rule, BEFORE, [*BEFORE, asked, npm("new", origin_kind="git", origin=COMMIT)]) == [
        "package-lock.json:3: high: new new@1.0.0 from git (github.com/someone/new)"
    ]


def test_what_a_manifest_asked_for_may_be_locked() -> None:
    before = [*BEFORE, wanted("new", origin_kind="git", origin="github:someone/new")]
    assert said(rule, before, [*before, npm("new", origin_kind="git", origin=COMMIT)]) == []


def test_what_a_manifest_asked_of_the_registry_may_not() -> None:
    before = [*BEFORE, wanted("new")]
    after = [*BEFORE, wanted("new", origin_kind="git", origin="github:someone/new")]
    locked = npm("new", origin_kind="git", origin=COMMIT)
    assert said(rule, before, after) == []
    assert len(said(origin_changed, before, after)) == 1
    assert len(said(rule, before, [*before, locked])) == 1
    assert said(origin_changed, before, [*before, locked]) == []


def test_a_registry_that_the_configuration_names_is_in_use() -> None:
    setting = Setting(path=".npmrc", name="@us:registry", value="https://npm.us.example/", at=Place(".npmrc"))
    before: list[Record] = [*BEFORE, setting]
    package = npm("@us/new", origin="https://npm.us.example/@us/new/-/new-1.0.0.tgz")
    assert said(rule, before, [*before, package]) == []
    assert len(said(rule, BEFORE, [*BEFORE, setting, package])) == 1


def test_a_new_lockfile_may_use_its_own_hosts() -> None:
    package = npm("new", path="b/package-lock.json", origin="https://npm.us.example/new/-/new-1.0.0.tgz")
    assert said(rule, BEFORE, [*BEFORE, package]) == []


def test_many_from_one_host_are_told_once() -> None:
    news = [npm(f"n{n:02}", origin=f"https://evil.example/n{n:02}/-/n{n:02}-1.0.0.tgz") for n in range(30)]
    found = said(rule, BEFORE, [*BEFORE, *news])
    assert len(found) == 1
    assert found[0].endswith("and 22 more from evil.example, a host not used before")
