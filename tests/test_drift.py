"""Drift: real lockfiles agree with their manifests, and each way of disagreeing is told once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.drift import derive
from fimci.model import UNSTATED, Drift, File, Package, Place, Record, Setting, Unread
from fimci.readers.locks import npm
from tests import growth

FOLDER = Path(__file__).parent.parent / "fixtures" / "locks"
SECTIONS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")

Told = list[tuple[str, str | None, str | None]]


def manifest(path: str, table: dict[str, Any]) -> list[Record]:
    """Return what the reader of package.json says: a package per requirement."""
    found: list[Record] = [File(path=path)]
    for section in SECTIONS:
        for line, (name, wanted) in enumerate(table.get(section, {}).items(), 3):
            found.append(requirement(path, f"{section}/{name}", wanted, line))
    return found


def requirement(path: str, location: str, wanted: Any, line: int = 1) -> Package:
    node = path.endswith(".json")
    return Package(
        ecosystem="npm" if node else "pypi",
        name=location.partition("/")[2] if node else location.rpartition("/")[2],
        place=f"{path}#{location}",
        stated_by="manifest",
        version=wanted,
        at=Place(path, line),
    )


def lock(table: dict[str, Any] | bytes, path: str = "package-lock.json") -> list[Record]:
    data = table if isinstance(table, bytes) else json.dumps(table, indent=1).encode()
    return [File(path=path), *npm.read(path, data)]


def v3(copy: dict[str, Any], versions: dict[str, str], **more: Any) -> dict[str, Any]:
    entries = {f"node_modules/{name}": {"version": version} for name, version in versions.items()}
    return {"lockfileVersion": 3, "packages": {"": copy, **entries, **more}}


def v1(versions: dict[str, str]) -> dict[str, Any]:
    entries = {name: {"version": version} for name, version in versions.items()}
    return {"lockfileVersion": 1, "dependencies": entries}


def told(*sides: list[Record]) -> Told:
    found = list(derive([record for side in sides for record in side]))
    assert len({drift.key for drift in found}) == len(found)
    return [(drift.name, drift.wanted, drift.locked) for drift in found]


def wants(**ranges: str) -> list[Record]:
    return manifest("package.json", {"dependencies": ranges})


@pytest.mark.parametrize(
    "name", ["npm6-v1", "npm7-v2", "npm10-lockv1", "npm11-omit-resolved", "npm11-v3", "npm12-v4"]
)
def test_real_locks_agree_with_their_manifests(name: str) -> None:
    table = json.loads((FOLDER / name / "package.json").read_bytes())
    data = (FOLDER / name / "package-lock.json").read_bytes()
    assert told(manifest("package.json", table), lock(data)) == []


def test_a_stale_copy_is_told_where_the_requirement_stands() -> None:
    found = list(
        derive(
            [
                *wants(right="^1", left="^2"),
                *lock(
                    v3({"dependencies": {"left": "^1", "right": "^1"}}, {"left": "1.0.0", "right": "1.0.0"})
                ),
            ]
        )
    )
    assert found == [Drift(path="package-lock.json", name="left", wanted="^2", locked="^1", at=Place(""))]
    assert (found[0].at.path, found[0].at.line) == ("package.json", 4)


def test_what_the_copy_does_not_have_and_what_only_the_copy_has() -> None:
    table = v3({"dependencies": {"old": "^1", "left": "^1"}}, {"old": "1.0.0", "left": "1.0.0"})
    assert told(wants(left="^1", new="^3"), lock(table)) == [("new", "^3", None), ("old", None, "^1")]
    found = list(derive([*wants(left="^1"), *lock(table)]))
    assert [(drift.name, drift.at.path, drift.at.line) for drift in found] == [
        ("old", "package-lock.json", 6)
    ]


def test_a_manifest_without_any_requirement_is_a_manifest() -> None:
    table = v3({"dependencies": {"left": "^1"}}, {"left": "1.0.0"})
    assert told(wants(), lock(table)) == [("left", None, "^1")]
    assert told(wants(left="^1"), lock({"lockfileVersion": 3, "packages": {"": {}}})) == [
        ("left", "^1", None)
    ]


@pytest.mark.parametrize(
    ("wanted", "version", "drifts"),
    [
        ("^1.0.0", "1.2.3", False),
        ("^1.0.0", "2.0.0", True),
        ("^1.0.0", "2.0.0-rc.1", True),
        ("1.x || >=3", "3.1.0", False),
        ("~1.2", "1.3.0", True),
        ("", "9.9.9", False),
        ("*", "9.9.9", False),
        (" ^1.0.0 ", "1.2.3", False),
        ("latest", "2.0.0", False),
        ("npm:other@^1", "2.0.0", False),
        ("workspace:^1", "2.0.0", False),
        ("file:left", "2.0.0", False),
        ("https://files.example/left.tgz", "2.0.0", False),
        ("github:a/left", "2.0.0", False),
        ("^1.0.0", "nonsense", False),
        ("1 - " * 60, "2.0.0", False),
    ],
)
def test_a_locked_version_outside_the_range(wanted: str, version: str, drifts: bool) -> None:  # noqa: FBT001
    expected = [("left", wanted.strip(), version)] if drifts else []
    assert told(wants(left=wanted), lock(v1({"left": version}))) == expected
    assert (
        told(wants(left=wanted), lock(v3({"dependencies": {"left": wanted}}, {"left": version}))) == expected
    )


def test_an_alias_and_a_link_have_no_range() -> None:
    copy = {"dependencies": {"left": "^1", "near": "^1"}}
    entry = {"name": "other", "version": "5.0.0"}
    link = {"resolved": "near", "link": True}
    table = v3(copy, {}, **{"node_modules/left": entry, "node_modules/near": link})
    assert told(wants(left="^1", near="^1"), lock(table)) == []


def test_missing_from_a_lock_without_a_copy() -> None:
    table = {
        "dependencies": {"left": "^1"},
        "devDependencies": {"dev": "^1"},
        "optionalDependencies": {"opt": "^1"},
        "peerDependencies": {"peer": "^1"},
    }
    assert told(manifest("package.json", table), lock(v1({"left": "1.0.0"}))) == [("dev", "^1", None)]


def test_missing_entries_of_a_lock_whose_copy_agrees() -> None:
    copy = {"dependencies": {"left": "^1"}, "peerDependencies": {"peer": "^1"}}
    assert told(manifest("package.json", copy), lock(v3(copy, {}))) == [("left", "^1", None)]


def test_a_requirement_in_two_sections_is_met_by_either() -> None:
    both = {"dependencies": {"left": "^1"}, "optionalDependencies": {"left": "^2"}}
    copy = {"optionalDependencies": {"left": "^2"}}
    assert told(manifest("package.json", both), lock(v3(copy, {"left": "2.0.0"}))) == []
    assert told(manifest("package.json", both), lock(v3(copy, {"left": "3.0.0"}))) == [
        ("left", "^1", "3.0.0")
    ]


def test_paths_and_credentials_do_not_count_as_text() -> None:
    table = v3(
        {"dependencies": {"a": "file:a", "b": "https://***@b.example/b.tgz"}}, {"a": "1.0.0", "b": "1.0.0"}
    )
    assert told(wants(a="file:./a/", b="https://me:pass@b.example/b.tgz"), lock(table)) == []
    assert told(wants(a="file:c", b="https://b.example/b.tgz"), lock(table)) == [("a", "file:c", "file:a")]


WORKSPACES = {
    "lockfileVersion": 3,
    "packages": {
        "": {"workspaces": ["packages/*"]},
        "node_modules/a": {"resolved": "packages/a", "link": True},
        "node_modules/left": {"version": "1.0.0"},
        "packages/a": {"dependencies": {"left": "^1", "right": "^1"}},
        "packages/a/node_modules/right": {"version": "1.0.0"},
        "node_modules/right": {"version": "5.0.0"},
    },
}


def test_workspaces_are_held_against_their_own_copy_and_their_own_modules() -> None:
    root = manifest("web/package.json", {})
    good = manifest("web/packages/a/package.json", {"dependencies": {"left": "^1", "right": "^1"}})
    table = lock(WORKSPACES, "web/package-lock.json")
    assert told(root, good, table) == []
    assert told(
        root, manifest("web/packages/a/package.json", {"dependencies": {"left": "^2", "right": "^1"}}), table
    ) == [("left (packages/a)", "^2", "^1")]


def test_overrides_bend_the_ranges_of_workspaces_and_not_of_the_root() -> None:
    root = manifest("package.json", {"dependencies": {"left": "^2"}})
    override = Setting(path="package.json", name="overrides.left", value="1.0.0", at=Place("package.json"))
    packages = {
        "": {"dependencies": {"left": "^2"}},
        "node_modules/left": {"version": "1.0.0"},
        "packages/a": {"dependencies": {"left": "^3"}},
    }
    inner = manifest("packages/a/package.json", {"dependencies": {"left": "^3"}})
    table = lock({"lockfileVersion": 3, "packages": packages})
    assert told(root, inner, table) == [("left", "^2", "1.0.0"), ("left (packages/a)", "^3", "1.0.0")]
    assert told(root, inner, table, [override]) == [("left", "^2", "1.0.0")]


@pytest.mark.parametrize(
    "side",
    [
        wants(left="^2"),
        lock(v1({"left": "1.0.0"})),
        [*wants(left="^2"), *lock(v1({"left": "1.0.0"}), "other/package-lock.json")],
        [*wants(left="^2"), *lock(v1({"left": "1.0.0"}), "node_modules/.package-lock.json")],
        [*wants(left="^2"), *lock(b"{")],
        [*wants(left="^2"), *lock(v1({"left": "1.0.0"})), Unread(path="package.json", why="not JSON")],
        [*wants(left="^2"), *(r for r in lock(v1({"left": "1.0.0"})) if not isinstance(r, File))],
    ],
)
def test_silent_without_both_files_in_one_folder(side: list[Record]) -> None:
    assert told(side) == []


def test_each_lockfile_is_judged() -> None:
    table = v1({"left": "1.0.0"})
    found = list(derive([*wants(left="^2"), *lock(table), *lock(table, "npm-shrinkwrap.json")]))
    assert [drift.path for drift in found] == ["npm-shrinkwrap.json", "package-lock.json"]


def python(lockfile: str, versions: dict[str, Any], wanted: dict[str, Any]) -> list[Record]:
    found: list[Record] = [File(path=f"py/{lockfile}"), File(path="py/pyproject.toml")]
    for place, version in versions.items():
        found.append(
            Package(
                ecosystem="pypi",
                name=place.partition("@")[0],
                place=f"py/{lockfile}#{place}",
                stated_by="lock",
                version=version,
                at=Place(f"py/{lockfile}"),
            )
        )
    for location, text in wanted.items():
        found.append(requirement("py/pyproject.toml", location, text, 7))
    return found


@pytest.mark.parametrize(
    ("wanted", "version", "expected"),
    [
        ({"project/six": ">=1,<2"}, "1.16.0", []),
        ({"project/six": ">=2"}, "1.16.0", [("six", ">=2", "1.16.0")]),
        ({"project/six": "[extra]>=2"}, "1.16.0", [("six", "[extra]>=2", "1.16.0")]),
        ({"project/six": "(>=2)"}, "1.16.0", [("six", "(>=2)", "1.16.0")]),
        ({"project/six": ">=2 ; python_version < '3'"}, "1.16.0", []),
        ({"project/six": ""}, "1.16.0", []),
        ({"project/six": ">=1"}, "2.0rc1", []),
        ({"project/six": "==1.16.*"}, "1.17", [("six", "==1.16.*", "1.17")]),
        ({"project/six": "@ https://files.index.example/six.whl"}, "1.0", []),
        ({"project/six": UNSTATED}, "1.0", []),
        ({"project/six": ">=2"}, UNSTATED, []),
        ({"project/six": ">=2"}, "nonsense", []),
        ({"project/six": "nonsense"}, "1.0", []),
        ({"poetry/six": "^2.0"}, "1.0", []),
        ({"poetry/python": ">=3.10"}, "1.0", []),
        ({"build-system/six": ">=2"}, "1.0", []),
        ({"project/idna": ">=3"}, "1.0", [("idna", ">=3", None)]),
        ({"project/idna": ">=3 ; sys_platform == 'win32'"}, "1.0", []),
        ({"project/idna": "[dev]"}, "1.0", []),
        ({"group/dev/idna": ">=3"}, "1.0", [("idna", ">=3", None)]),
        ({"optional/x/idna": ">=3", "group/dev/idna": ">=3"}, "1.0", [("idna", ">=3", None)]),
    ],
)
def test_python(wanted: dict[str, Any], version: Any, expected: Told) -> None:
    assert told(python("poetry.lock", {"six": version}, wanted)) == expected
    if not any(place.startswith("poetry") for place in wanted):
        assert told(python("uv.lock", {"six": version}, wanted)) == expected


def test_one_of_several_locked_versions_is_enough() -> None:
    versions = {"six@1.0": "1.0", "six@2.0": "2.0"}
    assert told(python("uv.lock", versions, {"project/six": ">=2"})) == []
    assert told(python("uv.lock", versions, {"project/six": ">=3"})) == [("six", ">=3", "1.0, 2.0")]


def test_a_pylock_that_has_nothing_of_the_project_is_not_its_lock() -> None:
    wanted = {"project/six": ">=1", "project/idna": ">=3", "group/dev/ruff": ""}
    assert told(python("pylock.toml", {"six": "1.0"}, wanted)) == [("idna", ">=3", None)]
    assert told(python("pylock.toml", {"attrs": "1.0"}, wanted)) == []


def test_python_overrides_bend_ranges() -> None:
    setting = Setting(
        path="py/pyproject.toml", name="tool.uv.override-dependencies[0]", value="six==1", at=Place("")
    )
    assert told(python("uv.lock", {"six": "1.0"}, {"project/six": ">=2"}), [setting]) == []


RANGES = st.text("0123456789.x*^~<>=|- @:/;[]", max_size=20)


@settings(max_examples=100)
@given(st.dictionaries(st.sampled_from("abc"), RANGES), st.dictionaries(st.sampled_from("abc"), RANGES))
def test_any_text_is_a_range_or_none(wanted: dict[str, str], locked: dict[str, str]) -> None:
    told(manifest("package.json", {"dependencies": wanted}), lock(v1(locked)))
    copy = {"dependencies": wanted}
    names = dict.fromkeys(wanted, "1.0.0")
    assert all(
        version == "1.0.0" for _, _, version in told(manifest("package.json", copy), lock(v3(copy, names)))
    )
    told(python("uv.lock", locked, {f"project/{name}": text for name, text in wanted.items()}))


def test_many_requirements_many_links_and_many_forks_take_linear_time() -> None:
    def made(size: int) -> list[Record]:
        ranges = {f"n{i}": f">={i}.0.0 " * 9 for i in range(size)}
        links = {f"node_modules/l{i}": {"resolved": "./" * (i % 90) + "a", "link": True} for i in range(size)}
        forks = {f"six@{i}": f"{i}" for i in range(size)}
        return [
            *manifest("package.json", {}),
            *manifest("a/package.json", {"dependencies": ranges}),
            *lock(v3({}, dict.fromkeys(ranges, "1.0.0"), **links)),
            *python("uv.lock", forks, {f"group/g{i}/six": "<0" for i in range(size)}),
        ]

    growth.is_linear(told, made, 100)
