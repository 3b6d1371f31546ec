from __future__ import annotations

from typing import Any

import pytest

from fimci.model import Record
from fimci.rules import lock_edited as rule
from tests.rules.stated import TWO, file, npm, said, settings, wanted

MANIFEST: list[Record] = [file("package.json"), wanted("a"), wanted("b")]
BEFORE: list[Record] = [*MANIFEST, npm("a", dependencies=("c@^1.0.0",)), npm("b"), npm("c")]


def after(*changed: Record, drop: str = "") -> list[Record]:
    keys = {record.key for record in changed}
    kept = [one for one in BEFORE if one.key not in keys and getattr(one, "name", None) != drop]
    return [*kept, *changed]


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"dependencies": ("d@^1.0.0",)}, "b@1.0.0 now requires d@^1.0.0 at the same version"),
        ({"bins": ("node",)}, "b@1.0.0 provides commands at the same version: node"),
    ],
)
def test_a_release_that_is_not_what_it_was(facts: dict[str, Any], told: str) -> None:
    tool = npm("c", bins=("c",))
    assert said(rule, [*BEFORE[:-1], tool], after(tool, npm("b", **facts))) == [
        f"package-lock.json:1: high: {told}"
    ]
    assert [line for line in said(rule, BEFORE, after(npm("b", "1.1.0", **facts))) if "high" in line] == []


def test_commands_of_a_format_that_stated_none() -> None:
    assert said(rule, BEFORE, after(npm("b", bins=("b",)))) == []
    copy = wanted("a", path="package-lock.json", place="package-lock.json#requires/dependencies/a")
    assert len(said(rule, [*BEFORE, copy], [*after(npm("b", bins=("b",))), copy])) == 1


def test_a_release_that_wants_less() -> None:
    (told,) = said(rule, BEFORE, after(npm("a")))
    assert told.endswith("high: a@1.0.0 no longer requires c@^1.0.0 at the same version")


@pytest.mark.parametrize(
    ("path", "facts"),
    [
        ("pnpm-lock.yaml", {}),
        ("uv.lock", {}),
        ("package-lock.json", {"integrity": (TWO,)}),
        ("package-lock.json", {"origin_kind": "git"}),
    ],
)
def test_entries_that_may_say_something_else(path: str, facts: dict[str, Any]) -> None:
    before = [npm("b", path=path, **({} if "integrity" in facts else facts)), npm("c", path=path)]
    changed = [npm("b", path=path, dependencies=("c@1",), **facts), before[1]]
    assert [line for line in said(rule, before, changed) if "high" in line] == []


def test_all_at_once_is_another_client() -> None:
    before = [npm(f"p{n}") for n in range(20)]
    changed = [npm(f"p{n}", dependencies=("c@1",)) for n in range(20)]
    assert said(rule, before, changed) == []
    some = [*changed[:8], *before[8:]]
    (told,) = said(rule, before, some)
    assert (
        "high: 8 releases changed at the same version: p0@1.0.0 now requires c@1 at the same version; "
        in told
    )


def test_an_extension_is_a_reason() -> None:
    extended = settings({"packageExtensions.b.dependencies.d": "^1.0.0"}, "package.json")
    assert said(rule, BEFORE, [*after(npm("b", dependencies=("c@^1.0.0",))), *extended]) == []


def test_an_entry_that_nothing_asks_for() -> None:
    assert said(rule, BEFORE, after(npm("evil"))) == [
        "package-lock.json:1: medium: evil@1.0.0 is locked, but nothing requires it"
    ]
    both = after(npm("evil", dependencies=("more@1",)), npm("more", dependencies=("evil@1",)))
    (told,) = said(rule, BEFORE, both)
    assert "evil@1.0.0, more@1.0.0 are locked, but nothing requires them" in told


SLOT = npm("evil", alias="c", place="package-lock.json#node_modules/b/node_modules/c")


def test_another_package_under_a_name_for_which_nobody_asks_so() -> None:
    assert said(rule, BEFORE, after(SLOT)) == [
        "package-lock.json:1: high: no manifest or release requests this: evil in place of c"
    ]
    override = settings({"overrides.c": "npm:evil@1.0.0"}, "package.json")
    assert not any("high" in line for line in said(rule, BEFORE, after(SLOT, *override)))


@pytest.mark.parametrize(
    "asking",
    [
        [wanted("evil"), npm("evil")],
        [npm("b", "1.1.0", dependencies=("evil@1",)), npm("evil")],
        [npm("b", "1.1.0", dependencies=("more@1",)), npm("more", dependencies=("evil@1",)), npm("evil")],
        [npm("evil", flags=("peer",))],
        [npm("evil", origin_kind="link")],
        [npm("b", "1.1.0", dependencies=("c@npm:evil@1",)), SLOT],
        [npm("c", "2.0.0", place="package-lock.json#node_modules/b/node_modules/c")],
        [npm("evil", path="b/package-lock.json")],
    ],
)
def test_entries_that_are_asked_for(asking: list[Record]) -> None:
    assert [line for line in said(rule, BEFORE, after(*asking)) if "info" not in line] == []


def test_formats_that_do_not_say_who_asks() -> None:
    before: list[Record] = [file("Pipfile"), npm("a", path="Pipfile.lock", place="Pipfile.lock#a")]
    evil = npm("evil", path="Pipfile.lock", place="Pipfile.lock#evil")
    assert [line for line in said(rule, before, [*before, evil]) if "medium" in line] == []


def test_a_refresh_is_one_line() -> None:
    assert said(rule, BEFORE, after(npm("b", "1.1.0"), npm("c", "1.1.0"))) == [
        (
            "package-lock.json:1: info: lockfile updated, although no manifest changed: "
            "2 packages (2 updated): b, c"
        )
    ]
    (told,) = said(rule, BEFORE, after(npm("a", "1.1.0"), drop="c"))
    assert told.endswith("2 packages (1 updated, 1 removed): a, c")


def test_a_lockfile_that_is_gone_is_no_refresh() -> None:
    before = [*BEFORE, file("package-lock.json")]
    assert said(rule, before, MANIFEST) == []


def test_a_manifest_that_changed_is_a_reason() -> None:
    assert said(rule, BEFORE, after(npm("b", "2.0.0"), wanted("b", "^2.0.0"))) == []
    overridden = settings({"overrides.b": "1.1.0"}, "package.json")
    assert said(rule, BEFORE, after(npm("b", "1.1.0"), *overridden)) == []
    assert said(rule, [npm("a"), npm("b")], [npm("a"), npm("b", "1.1.0")]) == []


def test_entries_that_only_moved_are_no_refresh() -> None:
    moved = npm("c", place="package-lock.json#node_modules/a/node_modules/c")
    assert said(rule, BEFORE, [*after(drop="c"), moved]) == []
