"""Pipfile.lock: categories, sources, entries of every kind, hostile ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.model import UNSTATED, Change, Package, Record, Unread
from fimci.readers.locks import pipfile_lock
from tests.readers import seen

LOCK = (Path(__file__).parents[3] / "fixtures" / "locks" / "pipenv" / "Pipfile.lock").read_text()
HASHES = ["sha256:" + "a" * 64, "sha256:" + "b" * 64]


def records(text: str | dict[str, Any]) -> list[Record]:
    data = text if isinstance(text, str) else json.dumps(text, indent=4)
    return seen.records(pipfile_lock, "Pipfile.lock", data)


def packages(text: str | dict[str, Any]) -> dict[str, Package]:
    return seen.packages(records(text))


def lock(entry: Any, *, name: str = "left", category: str = "default") -> dict[str, Any]:
    sources = [
        {"name": "main", "url": "https://me:pw@index.example/simple", "verify_ssl": True},
        {"name": "inner", "url": "https://inner.example/simple", "verify_ssl": False},
    ]
    return {
        "_meta": {"hash": {"sha256": "00"}, "pipfile-spec": 6, "requires": {}, "sources": sources},
        category: {name: entry},
    }


def changes(before: Any, after: Any) -> list[Change]:
    return seen.changes(records(lock(before)), records(lock(after)))


def test_is_read_in_full() -> None:
    found = packages(LOCK)
    assert len(found) == 19
    assert not [record for record in records(LOCK) if isinstance(record, Unread)]
    certifi = found["certifi"]
    assert (certifi.version, certifi.origin, certifi.flags) == (
        "2026.10.18",
        "https://index.example/simple",
        (),
    )
    assert found["develop/pytest"].flags == ("dev",)
    assert found["pathpy"].flags == ("editable",)
    lines = LOCK.splitlines()
    for package in found.values():
        assert f'"{package.name}": {{' in lines[package.at.line - 1]
        for digest in package.integrity or () if isinstance(package.integrity, tuple) else ():
            cited = package.at.part(digest.label, "integrity")
            assert any(digest.hex in line for line in lines[cited - 1 : cited + 1])


def test_an_entry_for_another_system_has_nothing_to_check() -> None:
    colorama = packages(LOCK)["colorama"]
    assert (colorama.version, colorama.integrity) == (None, UNSTATED)


def test_settings_say_the_sources_without_their_passwords() -> None:
    found = seen.switches(records(lock({"version": "==1.0", "hashes": HASHES})))
    assert {name: value for name, (value, _) in found.items()} == {
        "content-hash": "00",
        "source.main.url": "https://***@index.example/simple",
        "source.main.verify_ssl": "true",
        "source.inner.url": "https://inner.example/simple",
        "source.inner.verify_ssl": "false",
    }


@pytest.mark.parametrize(
    ("entry", "kind", "origin"),
    [
        ({}, "registry", "https://***@index.example/simple"),
        ({"index": "inner"}, "registry", "https://inner.example/simple"),
        ({"git": "https://git.example/left", "ref": "ab"}, "git", "https://git.example/left#ab"),
        ({"file": "https://evil.example/left.whl"}, "tarball", "https://evil.example/left.whl"),
        ({"file": "./left-1.0.zip"}, "file", "./left-1.0.zip"),
        ({"path": "left"}, "directory", "left"),
        ({"index": "nowhere"}, "registry", UNSTATED),
    ],
)
def test_origins(entry: dict[str, Any], kind: str, origin: object) -> None:
    package = packages(lock({"version": "==1.0", "hashes": HASHES, **entry}))["left"]
    assert package.origin_kind == kind
    assert package.origin is origin or package.origin == origin


def test_attacks_differ_in_just_their_fact() -> None:
    good = {"version": "==1.0", "hashes": HASHES}
    for evil, differs in (
        ({**good, "hashes": [HASHES[0], "sha256:" + "c" * 64]}, {"integrity"}),
        ({**good, "hashes": []}, {"integrity"}),
        ({"version": "==1.0"}, {"integrity"}),
        ({**good, "index": "inner"}, {"origin"}),
        ({**good, "file": "https://evil.example/left.whl"}, {"origin", "origin_kind"}),
    ):
        (change,) = changes(good, evil)
        assert set(change.differs) == differs


def test_categories_of_ones_own_are_read() -> None:
    assert list(packages(lock({"version": "==1"}, category="docs"))) == ["docs/left"]


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{",
        '{"_meta": {"pipfile-spec": 6}, "default": []}',
        '{"_meta": {"pipfile-spec": 7}, "default": {}}',
        '{"default": {}}',
        '{"_meta": {"pipfile-spec": 6}, "default": {"left": "1.0"}}',
        '{"_meta": {"pipfile-spec": 6}, "default": {"left": {"index": "gone"}}}',
        '{"_meta": {"pipfile-spec": 6}, "default": {"left": {}, "left": {}}}',
        '{"_meta": {"pipfile-spec": 6},\n<<<<<<< ours\n "default": {}}',
    ],
)
def test_what_is_not_understood_is_unread(text: str) -> None:
    assert len([record for record in records(text) if isinstance(record, Unread)]) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(["version", "hashes", "index", "git", "ref", "file", "path", "editable", "markers"])


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(KEYS, JSON), JSON, JSON)
def test_values_of_any_type_are_borne(entry: Any, meta: Any, category: Any) -> None:
    found = records({"_meta": meta, "default": {"left": entry}, "develop": category})
    assert "left" in seen.packages(found)
