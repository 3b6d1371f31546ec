"""Which releases a change takes up: what each replaces, and who brought it."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from fimci.model import Digest, Package, Place
from fimci.packages.upgrades import upgrades


def entry(title: str, *needs: str, digest: str = "", stated: str = "lock", kind: str = "registry") -> Package:
    name, _, version = title.partition("@")
    return Package(
        ecosystem="npm",
        name=name,
        version=version,
        place=f"package-lock.json#{title}{stated}",
        stated_by="lock" if stated == "lock" else "manifest",
        origin_kind=kind,  # type: ignore[arg-type]
        integrity=(Digest("sha512", digest),) if digest else (),
        dependencies=tuple(f"{need}@*" for need in needs),
        at=Place("package-lock.json", 7),
    )


def told(before: Iterable[Package], after: Iterable[Package]) -> list[tuple[str, str, str]]:
    return [
        (f"{one.after.name}@{one.after.version}", str(one.before.version) if one.before else "", one.through)
        for one in upgrades(before, after)
    ]


def test_an_update() -> None:
    assert told([entry("left@1.0.0")], [entry("left@1.0.1")]) == [("left@1.0.1", "1.0.0", "")]
    assert told([entry("left@1.0.0")], [entry("left@1.0.0")]) == []
    assert told([entry("left@1.0.0")], []) == []


@pytest.mark.parametrize(
    ("olds", "new", "replaced"),
    [
        (["1.9.0", "2.0.0"], "2.0.1", "2.0.0"),
        (["1.9.0", "1.10.0"], "2.0.0", "1.10.0"),
        (["2.0.0", "3.0.0"], "1.0.0", "2.0.0"),
        (["1.0.0-rc.1", "0.9.0"], "1.0.0", "1.0.0-rc.1"),
        (["1.0.0", "1.1.0-beta.1"], "1.0.1", "1.0.0"),
        (["1.0", "2.0rc1"], "2.0", "2.0rc1"),
    ],
)
def test_the_nearest_below_is_replaced(olds: list[str], new: str, replaced: str) -> None:
    assert told([entry(f"left@{old}") for old in olds], [entry(f"left@{new}")]) == [
        (f"left@{new}", replaced, "")
    ]


def test_what_stays_is_replaced_only_where_nothing_went() -> None:
    before = [entry("left@1.0.0"), entry("left@2.0.0")]
    assert told(before, [entry("left@2.0.0"), entry("left@2.1.0")]) == [("left@2.1.0", "1.0.0", "")]
    assert told(before, [*before, entry("left@2.1.0")]) == [("left@2.1.0", "2.0.0", "")]


def test_the_same_version_with_other_bytes() -> None:
    assert told([entry("left@1.0.0", digest="aa")], [entry("left@1.0.0", digest="bb")]) == [
        ("left@1.0.0", "1.0.0", "")
    ]
    assert told([entry("left@1.0.0", digest="aa")], [entry("left@1.0.0")]) == []


def test_who_brought_it() -> None:
    asked = entry("axios@^1", stated="manifest")
    before = [asked, entry("axios@1.0.0")]
    after = [asked, entry("axios@1.0.1", "middle"), entry("middle@1.0.0", "plain"), entry("plain@4.2.1")]
    assert told(before, after) == [
        ("axios@1.0.1", "1.0.0", ""),
        ("middle@1.0.0", "", "axios"),
        ("plain@4.2.1", "", "axios"),
    ]


def test_circles_end() -> None:
    after = [entry("a@1.0.0", "b"), entry("b@1.0.0", "a")]
    assert {name for name, _, _ in told([], after)} == {"a@1.0.0", "b@1.0.0"}


@pytest.mark.parametrize("kind", ["directory", "link", "workspace", "virtual", "bundled"])
def test_what_is_of_the_repository_itself(kind: str) -> None:
    assert told([], [entry("left@1.0.0", kind=kind)]) == []
