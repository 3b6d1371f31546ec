"""`package.json` against `yarn.lock`: real ones agree, and each way of disagreeing is told once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fimci.drift import derive
from fimci.model import File, Record
from fimci.readers.locks import yarn_berry, yarn_classic
from fimci.readers.manifests import package_json

FIXTURES = Path(__file__).parent.parent / "fixtures"
FOLDERS = sorted(
    path.parent
    for pattern in ("locks/yarn*/yarn.lock", "updates/yarn*/*/yarn.lock")
    for path in FIXTURES.glob(pattern)
)
Told = list[tuple[str, str | None, str | None, str]]
FIRST = '# yarn lockfile v1\n\nleft@^1.0.0:\n  version "1.0.1"\n\n"old@npm:left@^1.0.0":\n  version "1.0.1"\n'
LATER = """__metadata:
  version: 8
  cacheKey: 10c0

"left@npm:^1.0.0, old@npm:left@^1.0.0":
  version: 1.0.1
  resolution: "left@npm:1.0.1"

"shop@workspace:.":
  version: 0.0.0-use.local
  resolution: "shop@workspace:."
  dependencies:
    left: "npm:^1.0.0"
    old: "npm:left@^1.0.0"
  peerDependencies:
    up: "*"
"""
SAME = {"dependencies": {"left": "^1.0.0", "old": "npm:left@^1.0.0"}}
PEER = {**SAME, "peerDependencies": {"up": "*"}}


def told(manifests: dict[str, bytes], lock: bytes) -> Told:
    found: list[Record] = [File(path="yarn.lock")]
    found += [*yarn_classic.read("yarn.lock", lock), *yarn_berry.read("yarn.lock", lock)]
    for path, data in manifests.items():
        found += [File(path=path), *package_json.read(path, data)]
    return [(one.name, one.wanted, one.locked, f"{one.at.path}:{one.at.line}") for one in derive(found)]


def against(lock: str, more: dict[str, Any] | None = None, **manifest: Any) -> Told:
    manifests = {"package.json": manifest, **(more or {})}
    return told({path: json.dumps(one, indent=1).encode() for path, one in manifests.items()}, lock.encode())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: "-".join(path.parts[-2:]))
def test_real_locks_agree_with_their_manifests(folder: Path) -> None:
    manifests = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("package.json")}
    assert manifests
    assert told(manifests, (folder / "yarn.lock").read_bytes()) == []


@pytest.mark.parametrize(("lock", "manifest"), [(FIRST, SAME), (LATER, PEER)])
def test_what_both_say_alike_is_silent(lock: str, manifest: dict[str, Any]) -> None:
    assert against(lock, **manifest) == []
    assert against(lock, **manifest, optionalDependencies={}) == []


def test_each_way_of_disagreeing_with_the_first_lock() -> None:
    other = {"dependencies": {"left": "^2.0.0", "new": "^1.0.0", "old": "npm:left@^1.0.0"}}
    assert against(FIRST, **other) == [
        ("left", "^2.0.0", None, "package.json:3"),
        ("new", "^1.0.0", None, "package.json:4"),
    ]
    edited = FIRST.replace('version "1.0.1"', 'version "2.0.0"', 1)
    assert against(edited, **SAME) == [("left", "^1.0.0", "2.0.0", "package.json:3")]


def test_each_way_of_disagreeing_with_a_later_lock() -> None:
    other = {"dependencies": {"left": "^2.0.0", "new": "1"}, "peerDependencies": {"up": "*"}}
    assert against(LATER, **other) == [
        ("left", "^2.0.0", "^1.0.0", "package.json:3"),
        ("new", "1", None, "package.json:4"),
        ("old", None, "npm:left@^1.0.0", "yarn.lock:14"),
    ]
    edited = LATER.replace("version: 1.0.1", "version: 2.0.0")
    assert against(edited, **PEER) == [("left", "^1.0.0", "2.0.0", "yarn.lock:13")]
    swapped = LATER.replace('"left@npm:1.0.1"', '"evil@npm:1.0.1"')
    assert against(swapped, **PEER)[0] == ("left", "^1.0.0", "evil@1.0.1", "yarn.lock:13")


@pytest.mark.parametrize(
    "manifest",
    [
        {"dependencies": {"left": "^2.0.0"}, "resolutions": {"left": "1.0.1"}},
        {"dependencies": {"left": "^2.0.0"}, "resolutions": {"**/left": "1.0.1"}},
        {"dependencies": {"left": "^2.0.0"}, "resolutions": {"a/left@npm:^2.0.0": "1.0.1"}},
        {"dependencies": {"@a/b": "^2.0.0"}, "resolutions": {"c/@a/b": "1.0.1"}},
        {"dependencies": {"inner": "1.0.0"}, "workspaces": ["packages/*"]},
        {"dependencies": {"inner": "link:./inner"}},
        {"optionalDependencies": {"new": "1.0.0"}},
        {"peerDependencies": {"new": "1.0.0"}},
        {"dependencies": {"left": ""}},
    ],
)
def test_what_the_first_lock_need_not_have_is_silent(manifest: dict[str, Any]) -> None:
    assert against(FIRST, **manifest) == []


@pytest.mark.parametrize(
    ("workspaces", "heard"),
    [
        (["packages/*"], True),
        (["./packages/*/"], True),
        (["packages/a"], True),
        (["**"], True),
        ({"packages": ["packages/a*"]}, True),
        (["other/*"], False),
        (["*/*/*/*"], False),
        (["**/**/**/**"], False),
    ],
)
def test_workspaces_of_the_first_lock(workspaces: Any, heard: bool) -> None:  # noqa: FBT001  (a column)
    inner = {"packages/a/package.json": {"dependencies": {"left": "^3.0.0"}}}
    found = against(FIRST, inner, workspaces=workspaces)
    assert found == ([("left (packages/a)", "^3.0.0", None, "packages/a/package.json:3")] if heard else [])


def test_a_workspace_of_a_later_lock() -> None:
    lock = (
        LATER
        + '\n"a@workspace:packages/a":\n  version: 0.0.0-use.local\n  resolution: "a@workspace:packages/a"\n'
    )
    inner = {"packages/a/package.json": {"dependencies": {"left": "^3.0.0"}}}
    expected = [("left (packages/a)", "^3.0.0", None, "packages/a/package.json:3")]
    assert against(lock, inner, **PEER) == expected


def test_without_a_manifest_there_is_nothing_to_hold_against() -> None:
    assert told({}, LATER.encode()) == []
    assert told({"web/package.json": b'{"dependencies": {"left": "9"}}'}, LATER.encode()) == []
