"""bun's lockfiles: real ones of bun 1.2 and 1.4, what was tampered with, and what is no lockfile."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.model import UNSTATED, Package, Record, Setting, Unread
from fimci.readers.locks import bun, bun_binary
from tests import growth, hostile
from tests.readers import seen

FOLDER = Path(__file__).parents[3] / "fixtures" / "locks"
REAL = ("bun12-text", "bun14", "bun14-text")
SRI = "sha512-" + base64.b64encode(b"\1" * 64).decode()


def real(name: str) -> bytes:
    return (FOLDER / name / "bun.lock").read_bytes()


def records(data: bytes | dict[str, Any]) -> list[Record]:
    if isinstance(data, dict):
        data = json.dumps(data, indent=1).encode()
    return list(bun.read("bun.lock", data))


def lock(*entries: Any, version: int = 2, key: str = "left") -> dict[str, Any]:
    """Return a lock with one entry."""
    return {"lockfileVersion": version, "workspaces": {"": {}}, "packages": {key: list(entries)}}


def left(*entries: Any, version: int = 2, key: str = "left") -> Package:
    found = seen.packages(records(lock(*entries, version=version, key=key)))
    assert list(found) == [key]
    return found[key]


def unread(data: bytes | dict[str, Any]) -> list[tuple[str, int]]:
    return seen.unread(records(data))


def test_every_kind_of_entry_of_a_real_lock() -> None:
    found = seen.packages(records(real("bun14")))
    expected = {
        "@fix/ws-a": ("workspace", "packages/ws-a", None, ()),
        "core-js": ("registry", None, "3.51.0", ()),
        "gitdep": (
            "git",
            "git+git://127.0.0.1/gitdep.git#d9c008b9be6420c2812109bff8438dc41e2902f9",
            UNSTATED,
            (),
        ),
        "is-odd": ("tarball", "https://registry.example/is-odd/-/is-odd-3.0.1.tgz", UNSTATED, ()),
        "localtar": ("file", "vendor/localtar-1.0.0.tgz", UNSTATED, ()),
        "localtar/is-number": ("bundled", None, "7.0.0", ("bundled",)),
        "pathdep": ("directory", "pathdep", None, ()),
    }
    for key, (kind, origin, version, flags) in expected.items():
        one = found[key]
        assert (one.origin_kind, one.origin, one.flags) == (kind, origin, flags)
        assert one.version is version if version is UNSTATED else one.version == version
    assert (found["lodash3"].name, found["lodash3"].alias, found["lodash3"].version) == (
        "lodash",
        "lodash3",
        "3.10.1",
    )
    assert found["localtar/is-number"].integrity == ()
    assert found["@fix/ws-b/ms"].alias is None
    assert found["core-js"].install_scripts is True
    assert found["react"].install_scripts is UNSTATED
    assert found["typescript"].bins == ("tsc", "tsserver")
    assert found["react"].dependencies == ("loose-envify@^1.1.0",)
    assert found["pathdep"].integrity == ()
    assert found["requires/devDependencies/typescript"].version == "~5.4.0"
    assert found["packages/ws-b#requires/peerDependencies/react"].version == ">=16"


@pytest.mark.parametrize("name", REAL)
def test_a_real_lock_is_read_without_doubt_and_every_line_is_right(name: str) -> None:
    data = real(name)
    lines = data.decode().split("\n")
    for record in records(data):
        assert isinstance(record, (Package, Setting))
        text = lines[record.at.line - 1]
        if isinstance(record, Setting):
            assert record.name.rpartition(".")[2] in text
            continue
        key = record.place.rpartition("#")[2].partition("requires/")[2].partition("/")[2]
        assert f'"{key or record.place.partition("#")[2]}"' in text
        assert record.at.parts == ()


def test_what_the_lock_copies_of_the_manifest_are_settings() -> None:
    assert seen.switches(records(real("bun14-text"))) == {
        "lockfileVersion": ("2", 2),
        "locked.catalog.react": ("^18.2.0", 53),
        "locked.overrides.is-number": ("7.0.0", 50),
        "locked.trustedDependencies.esbuild": ("true", 47),
    }


def test_the_newer_version_adds_only_what_the_older_cannot_state() -> None:
    before, after = (
        sorted(records(real(name)), key=lambda record: record.key) for name in ("bun12-text", "bun14-text")
    )
    differs = [(change.record.key[-1], change.differs) for change in seen.changes(before, after)]
    assert differs == [("lockfileVersion", ("value",))]


def test_parts_on_lines_of_their_own_have_them() -> None:
    at = left("left@1.0.0", "", {"hasInstallScript": True, "bin": "x"}, SRI).at
    assert at.line == 7
    assert dict(at.parts) == {"version": 8, "origin": 8, "integrity": 14, "install_scripts": 11, "bins": 12}


@pytest.mark.parametrize(
    ("entries", "kind", "origin"),
    [
        (("left@1.0.0", "https://registry.example/left/-/left-1.0.0.tgz", {}, SRI), "registry", ...),
        (("left@github:owner/left#1a2b3c4", {}, "owner-left-1a2b3c4"), "git", "github:owner/left#1a2b3c4"),
        (("left@link:left", {}), "link", "left"),
        (("left@root:", {}), "virtual", None),
        (("@root:", {}), "virtual", None),
        (("left@workspace:a", {"dependencies": {"x": "1"}}), "workspace", "a"),
        (("left@../left.tar.gz", {}, SRI), "file", "../left.tar.gz"),
        (
            ("left@https://user:secret@files.example/left.tgz", {}, SRI),
            "tarball",
            "https://***@files.example/left.tgz",
        ),
    ],
)
def test_kinds_of_entries(entries: tuple[Any, ...], kind: str, origin: Any) -> None:
    one = left(*entries)
    assert one.origin_kind == kind
    assert one.origin == (entries[1] if origin is ... else origin)
    assert (one.name, one.alias) == ("left", None)


def test_archives_have_hashes_from_version_2_on() -> None:
    entry: tuple[Any, ...] = ("left@https://files.example/left.tgz", {})
    assert left(*entry, version=1).integrity is UNSTATED
    assert left(*entry, version=2).integrity == ()
    assert left(*entry, SRI, version=1).integrity == left(*entry, SRI, version=2).integrity != ()
    assert left("left@1.0.0", "", {}, "", version=1).integrity == ()


@pytest.mark.parametrize(
    "entries",
    [
        (),
        (1,),
        ("left",),
        ("@scope/left",),
        ("left@latest", "", {}, SRI),
        ("left@1.0.0",),
        ("left@1.0.0", "", {}),
        ("left@1.0.0", 1, {}, SRI),
        ("left@1.0.0", "", [], SRI),
        ("left@1.0.0", "", {}, 1),
        ("left@git+https://git.example/left.git#1a2b3c4", {}),
        ("left@file:left",),
    ],
)
def test_what_bun_would_not_read_is_told(entries: tuple[Any, ...]) -> None:
    assert unread(lock(*entries)) == [("entries", 7)]
    assert seen.packages(records(lock(*entries))) == {}


def test_hashes_that_are_none_and_commits_that_disagree_are_told() -> None:
    assert unread(lock("left@1.0.0", "", {}, "sha512-nonsense")) == [("integrity", 7)]
    commit, other = "1" * 40, "2" * 40
    assert unread(lock(f"left@git+https://git.example/left.git#{commit}", {}, other)) == [("commits", 7)]
    assert unread(lock(f"left@git+https://git.example/left.git#{commit}", {}, commit)) == []


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", [("", 1)]),
        (b"[]", [("", 1)]),
        (b"{,}", [("", 1)]),
        (b'{\n"lockfileVersion": 3}', [("", 2)]),
        (b'{\n"lockfileVersion": true}', [("", 2)]),
        (b'{\n"lockfileVersion": "1"}', [("", 2)]),
        (b'{"lockfileVersion": 1,\n<<<<<<< HEAD\n}', [("", 2)]),
        (b'{"lockfileVersion": 1, "workspaces": {},\n"packages": [],}', [("packages", 2)]),
        (b'{"lockfileVersion": 1}', [("workspaces", 1)]),
        (b'{"lockfileVersion": 1, "workspaces": {"a": 1,}}', [("workspaces.a", 1)]),
        (
            b'{"lockfileVersion": 1, "workspaces": {},\n"packages": {"a": ["a@link:a", {}],\n"a": 1}}',
            [("packages.a", 3), ("entries", 3)],
        ),
        (b'{"lockfileVersion": 1, "workspaces": {}} x', [("", 1)]),
        (b"[" * 100_000, [("", 1)]),
        (b'{"lockfileVersion": 1, /*', [("", 1)]),
    ],
)
def test_what_is_no_lockfile_or_only_in_part_is_unread(data: bytes, expected: list[tuple[str, int]]) -> None:
    assert unread(data) == expected


def test_comments_and_commas_are_read_as_bun_does() -> None:
    text = b"""// first
{
  "lockfileVersion": 1, /* of
  two lines */ "workspaces": {"": {"dependencies": {"a//b": "https://x.example/,]",},},},
  "packages": {
    "left": ["left@1.0.0", "", {}, "",], // end
  },
}"""
    found = seen.packages(records(text))
    assert found["requires/dependencies/a//b"].version == "https://x.example/,]"
    assert found["left"].at.line == 6
    assert unread(text) == []


@pytest.mark.parametrize("piece", [b'"', b"/*", b"//", b"\\", b",", b", ", b'"\\', b"[", b"/**"])
def test_much_of_anything_takes_linear_time(piece: bytes) -> None:
    growth.is_linear(records, lambda size: piece * size, 20_000)


@given(st.data())
@hostile.LAW
def test_a_mutated_lock_is_borne(data: st.DataObject) -> None:
    genuine = real(data.draw(st.sampled_from(REAL)))
    start = data.draw(st.integers(0, len(genuine)))
    length = data.draw(st.integers(0, 80))
    piece = data.draw(
        st.sampled_from([b"", b"\0", b"}", b"]", b'"', b"/*", b"//", b"\xff", b"<<<<<<< HEAD\n", b"[[[["])
        | hostile.TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass"))
    )
    for record in records(genuine[:start] + piece + genuine[start + length :]):
        assert record.key


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["left@1.0.0", "left@git+x", "", SRI]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(["", "a", "bin"]), inner),
    max_leaves=12,
)


@given(JSONS, JSONS, JSONS)
@hostile.LAW
def test_any_shape_is_borne(packages: Any, workspaces: Any, others: Any) -> None:
    table = {"lockfileVersion": 2, "packages": {"a": packages}, "workspaces": {"": workspaces}}
    for document in (table, {**table, "overrides": others, "catalogs": others, "packages": others}):
        assert all(record.key for record in records(document))


def test_wants_bun_locks_but_not_those_of_packages() -> None:
    assert bun.wants("a/bun.lock", b"")
    assert not bun.wants("node_modules/a/bun.lock", b"")
    assert bun_binary.wants("bun.lockb", b"")
    assert not bun_binary.wants("node_modules/a/bun.lockb", b"")


MAGIC = b"#!/usr/bin/env bun\nbun-lockfile-format-v0\n"


def test_a_binary_lock_is_never_read_and_another_reason_when_it_is_another() -> None:
    one, other = (list(bun_binary.read("bun.lockb", MAGIC + tail)) for tail in (b"\0", b"\1"))
    assert isinstance(one[0], Unread)
    assert isinstance(other[0], Unread)
    assert one[0].why.startswith("a binary lockfile (sha256 ")
    assert "bun install --save-text-lockfile" in one[0].why
    assert one[0].why != other[0].why
    assert one == list(bun_binary.read("bun.lockb", MAGIC + b"\0"))
    (wrong,) = bun_binary.read("bun.lockb", b"")
    assert isinstance(wrong, Unread)
    assert wrong.why.startswith("not even a lockfile of bun")
