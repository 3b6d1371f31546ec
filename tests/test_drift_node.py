"""Drift of bun and deno, and of what stands beside npm's lockfiles: genuine locks have none."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.drift import derive
from fimci.look import take
from fimci.model import Drift, Record
from fimci.readers import ALL as READERS
from fimci.snapshot import Recipe
from tests import cases, hostile

FOLDER = Path(__file__).parent.parent / "fixtures" / "locks"
SRI = "sha512-" + base64.b64encode(b"\1" * 64).decode()
OTHER = "sha512-" + base64.b64encode(b"\2" * 64).decode()


def side(files: dict[str, Any]) -> list[Record]:
    entries = [
        cases.entry(path, text if isinstance(text, bytes) else json.dumps(text, indent=1).encode())
        for path, text in files.items()
    ]
    return take(entries, Recipe(), READERS)


def told(files: dict[str, Any]) -> list[tuple[str, str | None, str | None]]:
    found = list(derive(side(files)))
    assert all(isinstance(drift, Drift) for drift in found)
    return [(drift.name, drift.wanted, drift.locked) for drift in found]


@pytest.mark.parametrize(
    "folder",
    ["bun12-text", "bun14", "bun14-text", "deno29", "deno29-mod", "npm12-v4", "npm10-shrinkwrap", "npm12-v3"],
)
def test_genuine_locks_agree_with_what_is_beside_them(folder: str) -> None:
    here = FOLDER / folder
    files = {
        path.relative_to(here).as_posix(): path.read_bytes() for path in here.rglob("*") if path.is_file()
    }
    hidden = files.pop("node_modules.package-lock.json", None)
    if hidden is not None:
        files["node_modules/.package-lock.json"] = hidden
    assert told(files) == []


def bun(**packages: Any) -> dict[str, Any]:
    workspaces = {
        "": {"dependencies": {"left": "^1.0.0", "up": "workspace:*"}},
        "packages/up": {"name": "up", "dependencies": {"left": "^2.0.0"}},
    }
    entries = {
        "left": ["left@1.0.0", "", {}, SRI],
        "up": ["up@workspace:packages/up"],
        "up/left": ["left@2.0.0", "", {}, SRI],
    }
    return {"lockfileVersion": 1, "workspaces": workspaces, "packages": {**entries, **packages}}


MANIFESTS = {
    "package.json": {"dependencies": {"left": "^1.0.0", "up": "workspace:*"}},
    "packages/up/package.json": {"name": "up", "dependencies": {"left": "^2.0.0"}},
}


def test_a_lock_of_bun_is_held_against_every_manifest() -> None:
    assert told({**MANIFESTS, "bun.lock": bun()}) == []
    changed = {"package.json": {"dependencies": {"left": "^3.0.0", "new": "1"}}}
    assert told({**MANIFESTS, **changed, "bun.lock": bun()}) == [
        ("left", "^3.0.0", "^1.0.0"),
        ("new", "1", None),
        ("up", None, "workspace:*"),
    ]
    swapped = {"up/left": ["left@1.0.0", "", {}, SRI]}
    assert told({**MANIFESTS, "bun.lock": bun(**swapped)}) == [("left (packages/up)", "^2.0.0", "1.0.0")]


def test_what_bun_is_told_to_override_is_not_judged() -> None:
    manifest = {"dependencies": {"left": "^1.0.0", "up": "workspace:*"}, "overrides": {"left": "2.0.0"}}
    lock = bun(left=["left@2.0.0", "", {}, SRI])
    copied = {**lock, "overrides": {"left": "2.0.0"}}
    assert told({**MANIFESTS, "package.json": manifest, "bun.lock": copied}) == []
    assert told({**MANIFESTS, "bun.lock": lock}) == [("left", "^1.0.0", "2.0.0")]


def deno(wanted: str, version: str) -> dict[str, Any]:
    return {"version": "5", "specifiers": {wanted: version}}


@pytest.mark.parametrize(
    ("wanted", "version", "drifts"),
    [
        ("npm:left@^1.0.0", "1.2.3", False),
        ("npm:left@^1.0.0", "1.2.3_right@2.0.0", False),
        ("npm:left@^1.0.0", "2.0.0", True),
        ("jsr:@std/fs@1", "1.0.1", False),
        ("jsr:@std/fs@1", "0.9.0", True),
        ("npm:left", "2.0.0", False),
        ("npm:left@latest", "2.0.0", False),
        ("npm:left@*", "2.0.0-rc.1", False),
        ("npm:left@" + "1" * 200, "2.0.0", False),
    ],
)
def test_what_deno_resolved_lies_in_its_range(wanted: str, version: str, drifts: bool) -> None:  # noqa: FBT001  (a column)
    assert bool(told({"deno.lock": deno(wanted, version)})) is drifts


def npm(version: int = 3, root: dict[str, str] | None = None, **entries: Any) -> dict[str, Any]:
    packages = {f"node_modules/{name}": entry for name, entry in entries.items()}
    return {"lockfileVersion": version, "packages": {"": root or {}, **packages}}


ONE = {"version": "1.0.0", "integrity": SRI}


@pytest.mark.parametrize("lock", ["package-lock.json", "npm-shrinkwrap.json"])
def test_the_hidden_lock_may_lack_entries_but_not_have_others(lock: str) -> None:
    hidden = "node_modules/.package-lock.json"
    project = npm(left=ONE, right=ONE)
    assert told({lock: project, hidden: npm(left=ONE)}) == []
    tampered = npm(left={**ONE, "integrity": OTHER})
    ((name, wanted, locked),) = told({lock: project, hidden: tampered})
    assert name == "left"
    assert str(wanted).startswith("1.0.0 sha512 0101")
    assert str(locked).startswith("1.0.0 sha512 0202")
    behind = npm(left={**ONE, "version": "0.9.0"})
    assert told({lock: project, hidden: behind}) == [("left", "1.0.0", None)]


def test_two_locks_side_by_side_say_the_same() -> None:
    locks = {"package-lock.json": npm(left=ONE), "npm-shrinkwrap.json": npm(left=ONE)}
    assert told(locks) == []
    locks["package-lock.json"] = npm(left={**ONE, "integrity": OTHER})
    assert len(told(locks)) == 1


@pytest.mark.parametrize("kind", ["mjs", "cjs"])
def test_the_extension_is_the_one_that_the_lock_was_made_with(kind: str) -> None:
    code = b"export default {}\n"
    digest = hashlib.sha512(f"npm-extension:v1:{kind}\n".encode() + code).digest()
    pin = {"npmExtensionHash": f"sha512-{base64.b64encode(digest).decode()}"}
    files: dict[str, Any] = {f".npm-extension.{kind}": code, "package-lock.json": npm(4, pin)}
    assert told(files) == []
    files[f".npm-extension.{kind}"] = code + b"\n"
    assert [name for name, _, _ in told(files)] == [f".npm-extension.{kind}"]


LOCKS = (
    "bun.lock",
    "deno.lock",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "node_modules/.package-lock.json",
)
NAMES = st.sampled_from([*LOCKS, *MANIFESTS, ".npm-extension.mjs"])
SHAPES = st.sampled_from(
    [bun(), npm(left=ONE), deno("npm:left@1", "2.0.0"), *MANIFESTS.values(), {}, [], b"{", b""]
)


@given(st.dictionaries(NAMES, SHAPES, max_size=6))
@hostile.LAW
def test_any_files_side_by_side_are_borne(files: dict[str, Any]) -> None:
    told(files)
