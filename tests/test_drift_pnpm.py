"""`package.json` against `pnpm-lock.yaml`: real ones agree, and each way of disagreeing is told once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fimci.drift import copies, derive
from fimci.model import File, Record
from fimci.readers.locks import pnpm
from fimci.readers.manifests import npmrc, package_json, pnpmfile

FIXTURES = Path(__file__).parent.parent / "fixtures"
FOLDERS = sorted(
    path.parent
    for pattern in ("locks/pnpm*/pnpm-lock.yaml", "updates/pnpm*/*/pnpm-lock.yaml")
    for path in FIXTURES.glob(pattern)
)
Told = list[tuple[str, str | None, str | None, str]]


def told(manifests: dict[str, bytes], lock: bytes) -> Told:
    found: list[Record] = [File(path="pnpm-lock.yaml"), *pnpm.read("pnpm-lock.yaml", lock)]
    for path, data in manifests.items():
        reader = {".yaml": npmrc, ".cjs": pnpmfile}.get(Path(path).suffix, package_json)
        found += [File(path=path), *reader.read(path, data)]
    return [(one.name, one.wanted, one.locked, f"{one.at.path}:{one.at.line}") for one in derive(found)]


def against(lock: str, path: str = "package.json", **manifest: Any) -> Told:
    """Return what is told of requirements; what the lock copies beside them has cases of its own."""
    manifests = {"package.json": b"{}", path: json.dumps(manifest, indent=1).encode()}
    found = told(manifests, lock.encode())
    return [one for one in found if not (copies.is_copy(one[0]) or one[0] == "the checksum")]


def project(*rows: str, more: str = "", folder: str = ".") -> str:
    """Return a lock of one project; each row is `name wanted got`."""
    found = f"lockfileVersion: '9.0'\n{more}importers:\n  {folder}:\n    dependencies:\n"
    for row in rows:
        name, wanted, got = row.split()
        found += f"      {name}:\n        specifier: '{wanted}'\n        version: '{got}'\n"
    return found


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: "-".join(path.parts[-2:]))
def test_real_locks_agree_with_their_manifests(folder: Path) -> None:
    manifests = {
        str(path.relative_to(folder)): path.read_bytes()
        for name in ("package.json", "pnpm-workspace.yaml", ".pnpmfile.cjs")
        for path in folder.rglob(name)
    }
    assert manifests
    assert told(manifests, (folder / "pnpm-lock.yaml").read_bytes()) == []


def test_each_way_of_disagreeing() -> None:
    lock = project("left ^1.0.0 1.0.1", "right ^2.0.0 2.0.0")
    wanted = {"left": "^1.0.0", "right": "^2.0.0"}
    assert against(lock, dependencies=wanted) == []
    assert against(lock, devDependencies=wanted) == []
    assert against(lock, dependencies={**wanted, "left": "^3.0.0"}) == [
        ("left", "^3.0.0", "^1.0.0", "package.json:3")
    ]
    assert against(lock, dependencies={"left": "^1.0.0"}) == [("right", None, "^2.0.0", "pnpm-lock.yaml:8")]
    assert against(lock, dependencies={**wanted, "more": "1"}) == [("more", "1", None, "package.json:5")]
    assert against(lock, dependencies=wanted, optionalDependencies={"more": "1"}) == []
    assert against(lock, dependencies=wanted, peerDependencies={"more": "1"}) == []


@pytest.mark.parametrize(
    ("wanted", "got", "locked"),
    [
        ("^1.0.0", "2.0.0", "2.0.0"),
        ("^1.0.0", "2.0.0(react@18.0.0)", "2.0.0"),
        ("^1.0.0", "right@1.0.0", "right@1.0.0"),
        ("^1.0.0", "1.9.9(react@18.0.0)", None),
        ("npm:right@^1.0.0", "right@1.0.0", None),
        ("latest", "2.0.0", None),
        ("workspace:*", "link:../left", None),
        ("^1.0.0", "link:../left", None),
        ("^1.0.0", "work:2.0.0", "2.0.0"),
        ("https://files.example/left.tgz", "right@https://files.example/left.tgz", None),
        (">" * 200, "2.0.0", None),
    ],
)
def test_what_is_locked_is_held_against_the_range(wanted: str, got: str, locked: str | None) -> None:
    found = against(project(f"left {wanted} {got}"), dependencies={"left": wanted})
    assert [drift[2] for drift in found] == ([locked] if locked else [])


def test_workspaces_are_held_against_their_own_manifests() -> None:
    lock = project("left ^1.0.0 1.0.0", folder="packages/a")
    path = "packages/a/package.json"
    assert against(lock, path, dependencies={"left": "^1.0.0"}) == []
    assert against(lock, path, dependencies={"left": "^2.0.0"}) == [
        ("left (packages/a)", "^2.0.0", "^1.0.0", f"{path}:3")
    ]


def test_catalogs_give_ranges() -> None:
    catalogs = "catalogs:\n  default:\n    left: {specifier: ^1.0.0, version: 1.0.0}\n"
    catalogs += "  old:\n    left: {specifier: ^0.9.0, version: 0.9.0}\n"
    for wanted, got, fits in [
        ("catalog:", "1.0.0", True),
        ("catalog:", "0.9.0", False),
        ("catalog:old", "0.9.0", True),
        ("catalog:old", "1.0.0", False),
        ("catalog:gone", "1.0.0", True),
    ]:
        lock = project(f"left {wanted} {got}", more=catalogs)
        assert (against(lock, dependencies={"left": wanted}) == []) is fits


def test_what_may_be_rewritten_is_not_judged() -> None:
    overrides = "overrides: {left: 2.0.0, 'right@1': 3.0.0, 'parent>more': 4.0.0}\n"
    lock = project("left 2.0.0 2.0.0", "right 3.0.0 3.0.0", "more 4.0.0 4.0.0", more=overrides)
    assert against(lock, dependencies={"left": "^1.0.0", "right": "^1.0.0", "more": "^1.0.0"}) == []
    hooked = project("left 2.0.0 2.0.0", more="pnpmfileChecksum: sha256-aa\n")
    assert against(hooked, dependencies={"left": "^1.0.0"}) == []
    assert against(hooked.replace("2.0.0'\n        v", "^1.0.0'\n        v")) != []


def test_the_older_formats_are_held_against_their_manifests_as_well() -> None:
    lock = "lockfileVersion: 5.4\nspecifiers:\n  left: ^1.0.0\n  gone: '1'\n"
    lock += "dependencies:\n  left: 2.0.0_react@18.0.0\n"
    assert against(lock, dependencies={"left": "^1.0.0"}) == [("left", "^1.0.0", "2.0.0", "pnpm-lock.yaml:6")]


def test_what_is_not_there_or_unreadable_is_not_judged() -> None:
    lock = project("left ^1.0.0 1.0.0").encode()
    assert told({}, lock) == []
    assert told({"package.json": b"{}"}, lock + b"<<<<<<< HEAD\n") == []
    assert told({"web/package.json": b"{}"}, lock) == []
