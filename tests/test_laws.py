"""Laws of subtraction, on random records and on random trees."""

from __future__ import annotations

import os
import pickle
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fimci import store
from fimci.compare import compare
from fimci.errors import BaselineError
from fimci.look import take
from fimci.model import UNSTATED, Capability, Change, Digest, File, Package, Place, Record, Unread
from fimci.snapshot import Recipe
from fimci.sources import directory

NAMES = st.text(
    st.characters(blacklist_characters="/\0", blacklist_categories=["Cs"]), min_size=1, max_size=8
)
BYTES = (
    st.binary(min_size=1, max_size=6)
    .map(os.fsdecode)
    .filter(lambda name: "/" not in name and "\0" not in name)
)
PATHS = st.lists(NAMES | BYTES, min_size=1, max_size=3).map("/".join)
DIGESTS = st.builds(Digest, st.sampled_from(["sha256", "sha512"]), st.sampled_from(["aa" * 32, "bb" * 32]))
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["acl", "inode", "mtime", "owner"]), st.integers(0, 2**63 - 1) | NAMES, max_size=3
).map(lambda table: tuple(sorted(table.items())))
PLACES = st.builds(Place, PATHS, st.integers(1, 9), st.text(max_size=3))
FILES = st.builds(
    File,
    path=PATHS,
    kind=st.sampled_from(["file", "link", "other", "directory"]),
    size=st.none() | st.integers(0, 9) | st.just(UNSTATED),
    mode=st.sampled_from([0o644, 0o755, UNSTATED, None]),
    digest=st.none() | DIGESTS | st.just(UNSTATED),
    target=st.none() | NAMES,
    attributes=ATTRIBUTES,
)
PACKAGES = st.builds(
    Package,
    ecosystem=st.sampled_from(["npm", "pypi"]),
    name=NAMES,
    place=PATHS,
    stated_by=st.sampled_from(["lock", "disk"]),
    version=st.sampled_from(["1", "2", UNSTATED]),
    integrity=st.just(UNSTATED) | st.lists(DIGESTS, max_size=2).map(tuple),
    at=PLACES,
)
CAPABILITIES = st.builds(Capability, path=PATHS, name=st.just("network"), subject=NAMES, at=PLACES)
RECORDS = FILES | PACKAGES | CAPABILITIES | st.builds(Unread, path=PATHS, why=NAMES)
SIDES = st.lists(RECORDS, max_size=8).map(
    lambda records: [pair[1] for pair in sorted({r.key: r for r in records}.items())]
)


def changes(left: list[Record], right: list[Record]) -> list[Change]:
    return list(compare(left, right))


@given(SIDES)
def test_nothing_differs_from_itself(side: list[Record]) -> None:
    assert not [change for change in changes(side, side) if change.real]


@given(SIDES)
def test_what_is_unstated_never_counts_as_equal(side: list[Record]) -> None:
    unstated = {r.key for r in side if UNSTATED in msgspec.structs.astuple(r)}
    assert {change.record.key for change in changes(side, side)} == unstated


@given(SIDES, SIDES)
def test_swapping_the_sides_swaps_the_signs(left: list[Record], right: list[Record]) -> None:
    forth, back = changes(left, right), changes(right, left)
    assert [(c.before, c.after, c.differs, c.unstated) for c in forth] == [
        (c.after, c.before, c.differs, c.unstated) for c in back
    ]


@given(SIDES, SIDES)
def test_applying_the_changes_to_the_left_gives_the_right(left: list[Record], right: list[Record]) -> None:
    side = {record.key: record for record in left}
    for change in changes(left, right):
        if change.after is None:
            del side[change.record.key]
        else:
            side[change.after.key] = change.after
    assert [side[key] for key in sorted(side)] == right


@given(SIDES)
def test_a_baseline_gives_back_what_it_was_given(side: list[Record]) -> None:
    data = b"".join(store.dump(Recipe(), side))
    assert data == b"".join(store.dump(Recipe(), side))
    loaded = store.load(data, "b")
    records = list(loaded.records)
    assert records == side
    assert loaded.recipe == Recipe()
    assert [line(record) for record in records] == [line(record) for record in side]


def line(record: Record) -> int:
    place: Place = getattr(record, "at", Place(""))
    return place.line


@given(SIDES, st.data())
def test_an_edited_or_cut_baseline_is_refused(side: list[Record], data: st.DataObject) -> None:
    whole = b"".join(store.dump(Recipe(), side))
    at = data.draw(st.integers(0, len(whole) - 1))
    flipped = whole[:at] + bytes([whole[at] ^ 1 << data.draw(st.integers(0, 7))]) + whole[at + 1 :]
    for damaged in (flipped, whole[:at]):
        with pytest.raises(BaselineError):
            list(store.load(damaged, "b").records)


def snapshot(root: Path) -> list[Record]:
    return take(directory.walk(str(root)), Recipe())


def files(root: Path) -> Iterator[Path]:
    return (path for path in sorted(root.rglob("*")) if path.is_file() and not path.is_symlink())


Tree: TypeAlias = dict[tuple[str, ...], bytes]
TREES = st.dictionaries(
    st.lists(st.sampled_from(["a", "b", "c.d", "e f", "é", "x\n", "\x1b[0m"]), min_size=1, max_size=3).map(
        tuple
    ),
    st.binary(max_size=40),
    min_size=1,
    max_size=6,
)


def build(root: Path, tree: Tree) -> None:
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    for parts, data in tree.items():
        path = root.joinpath(*parts)
        if any(p.is_file() for p in [path, *path.parents] if p != root) or path.is_dir():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(tree=TREES, data=st.data())
def test_every_mutation_of_a_tree_is_found(
    tmp_path: Path, tree: dict[tuple[str, ...], bytes], data: st.DataObject
) -> None:
    root = tmp_path / "tree"
    build(root, tree)
    before = snapshot(root)
    path = data.draw(st.sampled_from(list(files(root))))
    expected = mutate(path, data)
    found = changes(before, snapshot(root))
    told = {(c.record.path, c.differs) for c in found if isinstance(c.record, File)}
    assert (str(path.relative_to(root)), expected) in told
    assert len([c for c in found if isinstance(c.record, File) and c.record.kind != "directory"]) <= 2


def mutate(path: Path, data: st.DataObject) -> tuple[str, ...]:
    """Change one thing about a file; return the facts that must be told to differ."""
    content, state = path.read_bytes(), path.stat()
    kind = data.draw(st.sampled_from(["flip", "append", "mode", "remove", "link", "rename"]))
    if kind == "flip" and content:
        at = data.draw(st.integers(0, len(content) - 1))
        path.write_bytes(
            content[:at] + bytes([content[at] ^ 1 << data.draw(st.integers(0, 7))]) + content[at + 1 :]
        )
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
        return ("digest",)
    if kind == "mode":
        path.chmod(state.st_mode ^ 0o100)
        return ("mode",)
    if kind == "remove":
        path.unlink()
        return ()
    if kind == "link":
        path.unlink()
        path.symlink_to("elsewhere")
        return ("kind", "size", "mode", "digest", "target")
    if kind == "rename":
        path.rename(path.with_name("renamed"))
        return ()
    path.write_bytes(content + b"+")
    return ("size", "digest")


@given(SIDES)
def test_what_came_from_another_process_is_written_alike(side: list[Record]) -> None:
    sent: list[Record] = pickle.loads(pickle.dumps(side))  # noqa: S301  (pickled here)
    assert [*store.dump(Recipe(), sent)] == [*store.dump(Recipe(), side)]
