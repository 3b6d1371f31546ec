from __future__ import annotations

from typing import Any

import msgspec
import pytest

from fimci.model import UNSTATED, Place, Record, Setting
from fimci.rules import name_mismatch as rule
from tests.rules.stated import TWO, npm, pypi, said, settings

OTHER = "https://registry.example/right/-/right-1.0.0.tgz"


@pytest.mark.parametrize("named", ["right-1.0.0", "left-0.9.0", "left-1.0.0.1"])
def test_a_url_that_names_another_release(named: str) -> None:
    name, _, version = named.partition("-")
    after = npm("left", origin=f"https://registry.example/{name}/-/{named}.tgz")
    told = [f"package-lock.json:3: high: left@1.0.0: its URL names {name}@{version}"]
    assert said(rule, [npm("left")], [after]) == told
    assert said(rule, [npm("other")], [npm("other"), after]) == told
    assert said(rule, [after, npm("other")], [after, npm("other")]) == []


@pytest.mark.parametrize("facts", [{"integrity": (TWO,)}, {"integrity": ()}])
def test_nothing_vouches_for_the_bytes(facts: dict[str, Any]) -> None:
    after = npm("left", origin=OTHER, **facts)
    assert ": critical: " in said(rule, [npm("left")], [after])[0]


@pytest.mark.parametrize(
    "origin",
    [
        "https://registry.example/@us%2fleft/-/@us/left-1.0.0.tgz",
        "https://registry.example/@us/left/-/left-1.0.0.tgz",
        "https://npm.example/download/@us/left/1.0.0/abc",
        "https://registry.example/@us/left/-/left-1.0.0.tgz?x=/right/-/right-1.0.0.tgz",
    ],
)
def test_the_styles_of_registries(origin: str) -> None:
    assert said(rule, [npm("other")], [npm("other"), npm("@us/left", origin=origin)]) == []


def test_a_registry_that_spells_nothing_is_not_judged_by_spelling() -> None:
    before = npm("left", origin="https://npm.example/download/left/1.0.0/abc")
    after = npm("left", "1.0.1", origin="https://npm.example/right/-/right-1.0.1.tgz")
    assert said(rule, [before], [after]) == []


def test_a_registry_that_is_configured_and_never_spelt_anything() -> None:
    before = [*settings({"registry": "https://registry.example/npm/"}), npm("left", origin=None)]
    after = [before[0], npm("left", origin=OTHER)]
    assert said(rule, before, after) == ["package-lock.json:3: high: left@1.0.0: its URL names right@1.0.0"]
    assert said(rule, before[1:], after[1:]) == []
    assert said(rule, before, [before[0], npm("left")]) == []


def test_an_entry_that_states_no_version() -> None:
    unstated = msgspec.structs.replace(npm("left", origin=OTHER), version=UNSTATED)
    assert said(rule, [npm("other")], [npm("other"), unstated]) == []


def test_many_at_once() -> None:
    before = [npm(f"left-{n}") for n in range(9)]
    after = [*(msgspec.structs.replace(one, origin=OTHER) for one in before), npm("other")]
    (told,) = said(rule, [*before, npm("other")], after)
    assert "URLs of 9 packages name others: left-0@1.0.0 (right@1.0.0), " in told


def odd(release: str, file: str, path: str = "uv.lock") -> Setting:
    return Setting(path=path, name=f"file-name.{release}", value=file, at=Place(path, 9))


def test_files_of_a_python_release() -> None:
    before: list[Record] = [pypi("left")]
    told = ["uv.lock:9: high: left@1.0: one of its files is named right-1.0.tar.gz"]
    assert said(rule, before, [*before, odd("left@1.0", "right-1.0.tar.gz")]) == told
    twice = [odd("left@1.0", "right-1.0.tar.gz"), odd("left@1.0", "right-1.0.tar.gz", "pylock.toml")]
    assert len(said(rule, before, [*before, *twice])) == 1


def test_a_project_that_names_its_files_so() -> None:
    before = [odd("left@1.0", "right-1.0.tar.gz")]
    assert said(rule, before, [odd("left@1.1", "right-1.1.tar.gz")]) == []
    assert said(rule, before, [odd("left@1.0", "evil-1.0.tar.gz")]) != []
    assert said(rule, before, [odd("other@1.0", "right-1.1.tar.gz")]) != []


@pytest.mark.parametrize(
    ("url", "speaks"),
    [
        ("https://files.example/right-1.0-py3-none-any.whl", True),
        ("https://files.example/left-2.0-py3-none-any.whl", True),
        ("https://files.example/Left-1.0-py3-none-any.whl?x=right-1.0-py3-none-any.whl", False),
        ("https://github.com/us/right/archive/v1.tar.gz", False),
    ],
)
def test_a_direct_url_of_python(url: str, speaks: bool) -> None:  # noqa: FBT001  (a column of the table)
    after = pypi("left", path="requirements.txt", origin_kind="tarball", origin=url)
    assert len(said(rule, [pypi("a", path="requirements.txt")], [after])) == speaks
