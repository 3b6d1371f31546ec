from __future__ import annotations

import msgspec
import pytest

from fimci.model import Digest, File, Record
from fimci.rules import package_manager_changed as rule
from tests.rules.stated import file, said, settings

JAR = "gradle/wrapper/gradle-wrapper.jar"
PROPERTIES = "gradle/wrapper/gradle-wrapper.properties"


def other(path: str) -> File:
    return msgspec.structs.replace(file(path), digest=Digest("sha256", "11" * 32))


def pinned(value: str | None, name: str = "packageManager") -> list[Record]:
    return settings({} if value is None else {name: value}, "package.json")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("pnpm@9.0.0+sha512.aa", "pnpm@9.0.1"),
        ("pnpm@9.0.0+sha512.aa", "pnpm@9.0.0"),
        ("pnpm@9.0.0+sha512.aa", "pnpm@9.0.0+sha512.bb"),
        ("pnpm@9.0.0", "yarn@9.0.0"),
        ("pnpm@9.0.0", "pnpm@https://files.invalid/pnpm.tgz"),
    ],
)
def test_a_pin_that_is_given_up_or_names_something_else(old: str, new: str) -> None:
    (told,) = said(rule, pinned(old), pinned(new))
    assert told.startswith("package.json:1: high: ")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("pnpm@9.0.0", "pnpm@9.1.0"),
        ("pnpm@9.0.0+sha512.aa", "pnpm@9.1.0+sha512.bb"),
        ("pnpm@9.0.0", "pnpm@9.0.0+sha512.aa"),
        ("pnpm@9.0.0+sha1.aa", "pnpm@9.0.0+sha512.bb"),
        (None, "pnpm@9.0.0"),
        ("pnpm@9.0.0", None),
    ],
)
def test_a_bump_and_a_first_pin_are_silent(old: str | None, new: str | None) -> None:
    assert said(rule, pinned(old), pinned(new)) == []


@pytest.mark.parametrize(
    ("path", "severity"),
    [
        (".yarn/releases/yarn-4.1.0.cjs", "high"),
        ("web/.yarn/releases/yarn-1.22.22.js", "high"),
        (JAR, "high"),
        (f"app/{JAR}", "high"),
        (".mvn/wrapper/maven-wrapper.jar", "high"),
        ("gradlew", "medium"),
        ("mvnw.cmd", "medium"),
        (".yarn/plugins/@yarnpkg/plugin-left.cjs", "medium"),
        (".pnpmfile.cjs", "medium"),
        (".npm-extension.mjs", "medium"),
    ],
)
def test_other_bytes_under_the_same_name(path: str, severity: str) -> None:
    (told,) = said(rule, [file(path)], [other(path)])
    assert told.startswith(f"{path}:1: {severity}: ")
    assert len(said(rule, [], [file(path)])) == 1
    assert said(rule, [file(path)], []) == []
    assert said(rule, [file(path)], [msgspec.structs.replace(file(path), mode=0o755)]) == []


def test_a_link_in_the_place_of_the_client() -> None:
    path = ".yarn/releases/yarn-4.1.0.cjs"
    link = File(path=path, kind="link", target="../../evil.cjs", size=None, mode=None, digest=None)
    assert len(said(rule, [file(path)], [link])) == 1


@pytest.mark.parametrize("path", ["docs/gradlew.md", "node_modules/a/gradlew", "yarn/releases/yarn.cjs"])
def test_other_files(path: str) -> None:
    assert said(rule, [file(path)], [other(path)]) == []


@pytest.mark.parametrize("folder", ["", "app/"])
def test_a_wrapper_that_changes_with_its_release(folder: str) -> None:
    before = [file(folder + JAR), file(folder + "gradlew"), file(folder + PROPERTIES)]
    after = [other(folder + JAR), other(folder + "gradlew"), other(folder + PROPERTIES)]
    (told,) = said(rule, before, after)
    assert ": medium: " in told
    assert told.endswith("(and gradlew)")


def test_a_committed_client_and_the_setting_that_names_it_are_one_finding() -> None:
    old, new = ".yarn/releases/yarn-4.1.0.cjs", ".yarn/releases/yarn-4.2.0.cjs"
    before = [file(old), *settings({"yarnPath": old}, ".yarnrc.yml")]
    after = [file(new), *settings({"yarnPath": new}, ".yarnrc.yml")]
    assert said(rule, before, after) == [f"{new}:1: medium: the committed yarn is another file"]


def test_the_setting_speaks_where_no_file_does() -> None:
    before = settings({"yarnPath": ".yarn/releases/yarn-4.1.0.cjs"}, ".yarnrc.yml")
    after = settings({"yarnPath": "tools/yarn.cjs"}, ".yarnrc.yml")
    (told,) = said(rule, before, after)
    assert "high: a file of the repository runs as the client: yarnPath = tools/yarn.cjs" in told


def test_a_lockfile_of_another_kind() -> None:
    before: list[Record] = [file("package.json"), file("package-lock.json")]
    assert said(rule, before, [file("package.json"), file("pnpm-lock.yaml")]) == [
        "pnpm-lock.yaml:1: medium: pnpm takes the place of npm: everything is locked again"
    ]
    assert said(rule, before, [*before, file("yarn.lock")]) == [
        "yarn.lock:1: low: a second lockfile, of yarn, beside that of npm"
    ]
    assert said(rule, before, [*before, file("web/yarn.lock")]) == []
    assert said(rule, [file("package.json")], before) == []


def test_an_export_beside_the_lockfile_of_the_project() -> None:
    before: list[Record] = [file("pyproject.toml"), file("uv.lock")]
    assert said(rule, before, [*before, file("pylock.toml")]) == []
    assert len(said(rule, before, [*before, file("poetry.lock")])) == 1
    assert len(said(rule, before, [before[0], file("pylock.toml")])) == 1
