from __future__ import annotations

from typing import Any

import msgspec
import pytest

from fimci.model import Package
from fimci.rules import bundled_dependency_added as rule
from tests.rules.stated import npm, said, settings


def inside(parent: str, name: str = "left", **facts: Any) -> Package:
    stated = {"origin_kind": "bundled", "origin": None, "integrity": (), "flags": ("bundled",)}
    place = f"package-lock.json#node_modules/{parent}/node_modules/{name}"
    return npm(name, place=place, **{**stated, **facts})


def test_a_release_that_stands_cannot_have_changed() -> None:
    (told,) = said(rule, [npm("a")], [npm("a"), inside("a")])
    assert "high: left@1.0.0 is now bundled in a, without a hash, although its version is unchanged" in told


@pytest.mark.parametrize("before", [[npm("a", "0.9.0")], [npm("b")]])
def test_a_release_that_came_or_was_updated(before: list[Package]) -> None:
    found = said(rule, before, [npm("a"), inside("a"), inside("a", "right")])
    assert found == ["package-lock.json:1: low: left@1.0.0, right@1.0.0 are now bundled in a, without a hash"]


def test_an_entry_that_gives_up_its_hash() -> None:
    own = inside("a", origin_kind="registry", flags=(), integrity=npm("left").integrity)
    (told,) = said(rule, [npm("a", "0.9.0"), own], [npm("a"), inside("a")])
    assert "high: left@1.0.0 is now bundled in a, without a hash where it had one" in told


def test_a_release_that_stands_with_other_requirements() -> None:
    (told,) = said(rule, [npm("a", dependencies=("left@^1.0.0",))], [npm("a"), inside("a")])
    assert told.endswith(", although its version is unchanged")


@pytest.mark.parametrize(
    ("path", "parent", "within"),
    [
        ("bun.lock", "a", "a/left"),
        ("bun.lock", "@us/a", "@us/a/left"),
        ("pnpm-lock.yaml", "a@1.0.0", "a@1.0.0/node_modules/left"),
    ],
)
def test_the_places_of_other_clients(path: str, parent: str, within: str) -> None:
    above = npm("a", path=path, place=f"{path}#{parent}")
    packed = msgspec.structs.replace(inside("a"), place=f"{path}#{within}")
    (told,) = said(rule, [above], [above, packed])
    assert "is now bundled in a, without a hash, although its version is unchanged" in told


def test_what_is_packed_deeper_belongs_to_the_same_parent() -> None:
    deep = inside("a/node_modules/left", "right")
    before = [npm("a", "0.9.0"), inside("a")]
    (told,) = said(rule, before, [npm("a"), inside("a"), deep])
    assert "low: right@1.0.0 is now bundled in a" in told


def test_what_was_packed_before_and_what_keeps_its_hash() -> None:
    assert said(rule, [npm("a", "0.9.0"), inside("a")], [npm("a"), inside("a", version="2.0.0")]) == []
    hashed = inside("a", integrity=npm("left").integrity)
    assert said(rule, [npm("a"), hashed], [npm("a"), inside("a")]) == []
    assert said(rule, [npm("a")], [npm("a"), hashed]) == []
    assert said(rule, [npm("a"), inside("a")], [npm("a")]) == []


def test_a_manifest_that_packs_along() -> None:
    after = settings({"bundleDependencies.left": "true", "bundledDependencies.right": "true"}, "package.json")
    assert said(rule, [], after) == ["package.json:1: medium: bundles: left, right"]
    assert said(rule, after, after) == []
    assert said(rule, after, []) == []
    everything = settings({"bundleDependencies": "true"}, "package.json")
    assert said(rule, [], everything) == ["package.json:1: medium: bundles: all its dependencies"]
