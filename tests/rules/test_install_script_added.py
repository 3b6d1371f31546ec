from __future__ import annotations

import pytest

from fimci.rules import install_script_added as rule
from tests.rules.stated import file, npm, pypi, said, script


def test_a_manifest_gains_a_script() -> None:
    assert said(rule, [file("package.json")], [file("package.json"), script("node x.js")]) == [
        "package.json:3: high: new postinstall script: node x.js"
    ]


@pytest.mark.parametrize(
    ("command", "subject", "path", "severity"),
    [
        ("node x.js", "postinstall", "package.json", "high"),
        ("node x.js", "prepare", "package.json", "medium"),
        ("husky", "prepare", "package.json", "low"),
        ("husky install || true", "prepare", "package.json", "low"),
        ("husky; node x.js", "prepare", "package.json", "medium"),
        ("node x.js", "postinstall", "node_modules/left/package.json", "medium"),
    ],
)
def test_a_new_manifest_with_a_script(command: str, subject: str, path: str, severity: str) -> None:
    found = said(rule, [], [file(path), script(command, subject, path)])
    assert found == [f"{path}:3: {severity}: new {subject} script: {command}"]


def test_a_known_manifest_gains_a_script_for_developers() -> None:
    before = [file("package.json")]
    assert ": high: " in said(rule, before, [*before, script("node x.js", "prepare")])[0]
    assert ": low: " in said(rule, before, [*before, script("husky", "prepare")])[0]


def test_a_long_command_is_cut() -> None:
    found = said(rule, [], [script("x" * 10_000)])
    assert len(found[0]) < 250
    assert found[0].endswith("x…")


def test_a_known_package_gains_the_flag() -> None:
    assert said(rule, [npm("left")], [npm("left", "1.0.1", install_scripts=True)]) == [
        "package-lock.json:5: high: left@1.0.1: runs a script at install now"
    ]


def test_the_flag_on_a_release_whose_hash_stands_says_more_about_the_lockfile() -> None:
    told = "left@1.0.0: gained the install-script flag at the same version"
    other = npm("other", install_scripts=True)
    found = said(rule, [npm("left"), other], [npm("left", install_scripts=True), other])
    assert found == [f"package-lock.json:5: medium: {told}"]
    first = said(rule, [npm("left")], [npm("left", install_scripts=True)])
    assert first == [f"package-lock.json:5: low: {told}"]


def test_a_new_dependency_with_the_flag() -> None:
    before = [npm("left")]
    assert said(rule, before, [*before, npm("right", install_scripts=True)]) == [
        "package-lock.json:5: medium: right@1.0.0: new dependency runs code at install"
    ]


@pytest.mark.parametrize(
    ("version", "severity", "told"),
    [
        ("1.0.1", "high", "runs code at install, new since a patch: required by left@1.0.1"),
        ("1.1.0", "medium", "new dependency runs code at install"),
        ("2.0.0", "medium", "new dependency runs code at install"),
        ("1.0.1-rc.1", "medium", "new dependency runs code at install"),
    ],
)
def test_a_patch_of_a_known_package_asks_for_one_with_the_flag(
    version: str, severity: str, told: str
) -> None:
    asks = npm("left", version, dependencies=("right@^1.0.0",))
    assert said(rule, [npm("left")], [asks, npm("right", install_scripts=True)]) == [
        f"package-lock.json:5: {severity}: right@1.0.0: {told}"
    ]


def test_what_a_package_asked_for_before_its_patch_is_no_news() -> None:
    before = [npm("left", dependencies=("right@^1.0.0",))]
    after = [npm("left", "1.0.1", dependencies=("right@^1.0.0",)), npm("right", install_scripts=True)]
    assert ": medium: " in said(rule, before, after)[0]


def test_a_package_that_always_had_it() -> None:
    before = [npm("left", install_scripts=True)]
    nested = npm(
        "left", "2.0.0", install_scripts=True, place="package-lock.json#node_modules/a/node_modules/left"
    )
    assert said(rule, before, [npm("left", "1.0.1", install_scripts=True), nested]) == []


def test_a_new_lockfile_is_no_news() -> None:
    assert (
        said(
            rule, [npm("left")], [npm("left"), npm("right", install_scripts=True, path="b/package-lock.json")]
        )
        == []
    )


def test_the_flag_vanishes_while_the_version_stands() -> None:
    other = npm("other", install_scripts=True)
    assert said(rule, [npm("left", install_scripts=True), other], [npm("left"), other]) == [
        "package-lock.json:5: high: left@1.0.0: its install-script flag was removed at the same version"
    ]


def test_a_mirror_may_trim_all_flags() -> None:
    names = [f"left-{n}" for n in range(9)]
    found = said(rule, [npm(name, install_scripts=True) for name in names], [npm(name) for name in names])
    assert len(found) == 1
    told = "low: 9 packages: its install-script flag was removed at the same version: left-0@1.0.0, "
    assert told in found[0]


def test_the_flag_may_go_with_another_version() -> None:
    assert said(rule, [npm("left", install_scripts=True)], [npm("left", "1.0.1")]) == []


def test_a_python_release_without_a_wheel() -> None:
    before = [pypi("left"), pypi("right", install_scripts=True)]
    after = [pypi("left", "1.1", install_scripts=True), pypi("right"), pypi("new", install_scripts=True)]
    assert said(rule, before, after) == [
        "uv.lock:5: medium: left@1.1: no longer has a wheel, so its build runs",
        "uv.lock:5: medium: new@1.0: new, without a wheel: its build runs",
    ]


def test_python_sources_from_elsewhere_are_always_built() -> None:
    before = [pypi("left")]
    after = pypi("right", install_scripts=True, origin_kind="git", origin="https://github.com/a/right")
    assert said(rule, before, [*before, after]) == []
