"""Which names come from a place of their own: read from what a project says, never from a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fimci.model import UNSTATED, Place, Record, Setting
from fimci.packages.private import DEFAULT, leaked, private
from fimci.packages.releases import known
from tests.rules.stated import npm, pypi

OURS = "https://npm.corp.example/ours/-/ours-1.0.0.tgz"
MANY = [npm(f"p{number}") for number in range(3)]


def setting(name: str, value: str, path: str = ".npmrc") -> Setting:
    return Setting(path=path, name=name, value=value, at=Place(path))


def gone(before: Sequence[Record], name: str = "ours", **facts: Any) -> tuple[str, str] | None:
    return leaked(npm(name, "9.0.0", **facts), private(before), known(before))


def test_a_name_from_a_host_that_few_come_from_is_private() -> None:
    before = [*MANY, npm("ours", origin=OURS)]
    assert private(before).names == {("npm", "ours"): "npm.corp.example"}
    assert gone(before) == ("npm.corp.example", "registry.example")
    assert gone(before, origin=OURS) is None
    assert gone(before, origin="https://third.example/ours/-/ours-9.0.0.tgz") is None
    assert gone(before, origin=UNSTATED) is None
    assert gone(before, name="p1") is None


def test_where_configuration_names_the_usual_host_numbers_do_not_count() -> None:
    before: list[Record] = [
        npm("ours", origin=OURS),
        npm("p0"),
        setting("registry", "https://npm.corp.example/"),
    ]
    assert gone(before) is None
    assert private(before).usual == {"npm": "npm.corp.example"}


def test_two_hosts_of_one_size_are_no_exception_to_each_other() -> None:
    assert private([npm("ours", origin=OURS), npm("p0")]).names == {}


def test_a_scope_is_private_in_the_words_of_each_client() -> None:
    for name in (
        "@corp:registry",
        "npmScopes.corp.npmRegistryServer",
        "registries.@corp",
        "install.scopes.corp",
        "install.scopes.@corp.url",
    ):
        found = private([*MANY, setting(name, "https://npm.corp.example/")])
        assert found.host(("npm", "@corp/new")) == "npm.corp.example", name
        assert found.host(("npm", "@other/new")) == ""
        assert found.host(("pypi", "@corp/new")) == ""


def test_a_scope_that_is_sent_to_the_usual_host_is_not() -> None:
    assert private([*MANY, setting("@corp:registry", "https://registry.example/")]).scopes == {}


def test_an_entry_that_no_longer_says_its_place_is_at_the_default() -> None:
    before = [npm("ours", origin=OURS), *(npm(f"p{number}", origin=None) for number in range(3))]
    assert gone(before, origin=None) == ("npm.corp.example", DEFAULT)
    assert gone(before, origin=None, path="other/package-lock.json") is None


def test_ecosystems_do_not_mix() -> None:
    before = [*MANY, pypi("ours"), npm("ours", origin=OURS)]
    assert private(before).names == {("npm", "ours"): "npm.corp.example"}
