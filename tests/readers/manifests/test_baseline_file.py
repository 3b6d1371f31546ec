from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci import packing, store
from fimci.model import Digest, File, Setting, Unread
from fimci.readers.manifests import baseline_file
from fimci.snapshot import Recipe


def test_a_baseline_that_fimci_wrote_states_its_recipe_and_its_root() -> None:
    recipe = Recipe(ignore=("dist/", "a.b"), readers=("npmrc/2", "package-json/1"), modes="exact")
    file = File(path="a", size=0, mode=0o644, digest=Digest("sha256", "00" * 32))
    lines = list(store.dump(recipe, [file]))
    found = {
        record.name: (record.value, record.at.line)
        for record in baseline_file.read("fimci.baseline", b"".join(lines))
        if isinstance(record, Setting)
    }
    root = found.pop("baseline.root")
    assert root[0].startswith("sha256:")
    assert root[1] == 3
    assert found == {
        "baseline.format": ("fimci-baseline/1", 1),
        "baseline.records": ("1", 3),
        "recipe.algorithm": ("sha256", 1),
        "recipe.directories": ("true", 1),
        "recipe.ignore.a.b": ("true", 1),
        "recipe.ignore.dist/": ("true", 1),
        "recipe.inspect_limit": ("33554432", 1),
        "recipe.modes": ("exact", 1),
        "recipe.readers.npmrc": ("2", 1),
        "recipe.readers.package-json": ("1", 1),
    }


def test_a_packed_baseline_states_the_same() -> None:
    recipe = Recipe(ignore=("dist/",))
    files = [
        File(path=f"{i:06}", size=0, mode=0o644, digest=Digest("sha256", "00" * 32)) for i in range(9999)
    ]
    text = b"".join(store.dump(recipe, files))
    packed = b"".join(packing.pack([text]))
    assert baseline_file.wants("kept.zst", packed[:4096])
    assert baseline_file.wants("fimci.baseline", packed[:4096])
    assert not baseline_file.wants("kept.tar", packed[:4096])
    assert [(r.name, r.value) for r in baseline_file.read("kept.zst", packed) if isinstance(r, Setting)] == [
        (r.name, r.value) for r in baseline_file.read("kept.zst", text) if isinstance(r, Setting)
    ]
    (cut,) = baseline_file.read("kept.zst", packed[:-9])
    assert isinstance(cut, Unread)


def test_what_else_is_packed_says_nothing() -> None:
    assert not list(baseline_file.read("log.zst", b"".join(packing.pack([b"something else"]))))


def test_a_baseline_is_known_by_its_first_bytes() -> None:
    assert baseline_file.wants("any/name", b'{"format":"fimci-baseline/2","recipe":{}}')
    assert not baseline_file.wants("fimci.baseline", b'{"format":"other/1"}')


@pytest.mark.parametrize(
    "rest",
    [b"", b'1"', b'1","recipe":{}}\n', b'1"}\n{"records":', b'1","recipe":' + b"[" * 500, b'1"}\n[1]\n'],
)
def test_a_damaged_one_does_not_raise(rest: bytes) -> None:
    records = list(baseline_file.read("x", b'{"format":"fimci-baseline/' + rest))
    assert records
    assert all(record.key for record in records)


def test_what_is_no_json_is_unread() -> None:
    assert [type(r) for r in baseline_file.read("x", b'{"format":"fimci-baseline/1",}\n{}\n')] == [Unread]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_nothing_makes_the_reader_raise(rest: bytes) -> None:
    assert all(record.key for record in baseline_file.read("x", b'{"format":"fimci-baseline/' + rest))
