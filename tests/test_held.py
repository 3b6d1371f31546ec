"""A folder held against its baseline by lines gives what records give, whatever is in it."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci import batches, drift, folder, lines, sides, store, workers
from fimci.compare import compare
from fimci.errors import BaselineError
from fimci.held import ENDINGS, held
from fimci.model import File
from fimci.snapshot import Recipe, collected
from fimci.sources import clock, directory
from fimci.sources.handles import Folders

NAMES = st.sampled_from(
    [
        "a",
        "b",
        "a.py",
        "a-b",
        "é",
        'q"u',
        "back\\slash",
        "new\nline",
        "\udcff",
        "package.json",
        "z" * 200,
        "\u202e",
    ]
)
TREE = st.dictionaries(
    st.lists(NAMES, min_size=1, max_size=3).map(tuple), st.binary(max_size=40), max_size=12
)


@pytest.fixture(autouse=True)
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let batches be so small that their borders matter, and files of this moment count as quiet."""
    monkeypatch.setattr(batches, "MANY", 3)
    monkeypatch.setattr(batches, "_ASKED", 0)
    monkeypatch.setattr(clock, "_MARGIN", -(10**12))


def plant(root: Path, tree: dict[tuple[str, ...], bytes]) -> None:
    for steps, data in tree.items():
        path = root.joinpath(*steps)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            path.chmod(0o755 if data[:1] < b"@" else 0o644)
        except OSError:
            continue  # a file is where a folder would have to be, or the other way round


def sealed(root: Path, how: Recipe) -> bytes:
    return b"".join(store.dump(how, folder.taken(str(root), how).records))


@settings(max_examples=60, deadline=None)
@given(TREE, TREE)
def test_lines_say_what_records_say(
    before: dict[tuple[str, ...], bytes], after: dict[tuple[str, ...], bytes]
) -> None:
    how = sides.recipe((".git/",))
    with tempfile.TemporaryDirectory() as old, tempfile.TemporaryDirectory() as new:
        plant(Path(old), before)
        plant(Path(new), {**before, **after} if len(after) % 2 else after)
        baseline = store.load(sealed(Path(old), how), "b")
        found = held(new, baseline)
        by_lines = list(compare(found.left.records, found.right.records))
        right = folder.taken(new, how)
        files = [record for record in right.records if isinstance(record, File)]
        assert by_lines == list(compare(list(baseline.records), list(folder.taken(new, how).records)))
        assert found.files == len(files)


@settings(max_examples=60, deadline=None)
@given(TREE)
def test_a_baseline_of_lines_is_one_of_records(tree: dict[tuple[str, ...], bytes]) -> None:
    how = sides.recipe((".git/",))
    with tempfile.TemporaryDirectory() as root:
        plant(Path(root), tree)
        found = [lines.written(root, how, batch) for batch in batches.batches(root, folder.walked(root, how))]
        rest = collected(record for part in found for record in part.records)
        text = store.dump_lines(
            how, [*((part.lines, part.files) for part in found), *store.encoded(rest, how.algorithm)]
        )
        assert b"".join(text) == sealed(Path(root), how)


def edited(data: bytes, edit: object) -> bytes:
    """Edit the lines of a baseline, and let its trailer vouch for them."""
    head, *body, last = data.splitlines(keepends=True)
    body = edit(body)  # type: ignore[operator]
    text = head + b"".join(body)
    assert last.startswith(b'{"records":')
    root = hashlib.sha256(text).hexdigest()
    return text + f'{{"records":{len(body)},"root":"sha256:{root}"}}\n'.encode()


@pytest.mark.parametrize(
    "edit",
    [
        lambda body: [body[1], body[0], *body[2:]],
        lambda body: [body[0], *body],
        lambda body: [*body[:-1], b'["zz",5,"short"]\n'],
        lambda body: [*body[:-1], b'{"type":"file","path":"0"}\n', body[-1]],
        lambda body: [*body, body[0]],
    ],
    ids=["swapped", "twice", "no digest", "late", "again"],
)
def test_lines_that_no_fimci_wrote_are_refused(tmp_path: Path, edit: object) -> None:
    how = sides.recipe(())
    plant(tmp_path, {(f"f{n}",): b"x%d" % n for n in range(8)})
    baseline = store.load(edited(sealed(tmp_path, how), edit), "b")
    with pytest.raises(BaselineError, match=r"edited|invalid record"):
        held(str(tmp_path), baseline)


def test_what_is_not_met_is_gone(tmp_path: Path) -> None:
    how = sides.recipe(())
    plant(tmp_path, {("a", "b"): b"1", ("package.json",): b'{"scripts": {"postinstall": "x"}}', ("z",): b"2"})
    baseline = store.load(sealed(tmp_path, how), "b")
    (tmp_path / "package.json").unlink()
    (tmp_path / "z").unlink()
    found = held(str(tmp_path), baseline)
    changes = list(compare(found.left.records, found.right.records))
    assert [(change.record.key[0], change.removed) for change in changes] == [
        ("", True),
        ("", True),
        ("capability", True),
    ]
    assert found.files == 2


def test_a_manifest_is_there_on_both_sides(tmp_path: Path) -> None:
    how = sides.recipe(())
    plant(tmp_path, {("package.json",): b"{}", ("x",): b"1"})
    baseline = store.load(sealed(tmp_path, how), "b")
    found = held(str(tmp_path), baseline)
    assert [r.path for r in found.left.records if isinstance(r, File)] == ["package.json"]
    assert list(found.left.records) == list(found.right.records)


@pytest.mark.parametrize("work", ["written", "unlike", "look_at"])
def test_once_the_clock_is_set_nothing_is_quiet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: str
) -> None:
    plant(tmp_path, {("x",): b"1"})
    how = sides.recipe(())
    asked: list[int] = []
    plains = directory.plains

    def watched(folders: Folders, names: Iterable[str], quiet: int) -> Iterator[tuple[str, int, bytes]]:
        asked.append(quiet)
        return plains(folders, names, quiet)

    monkeypatch.setattr(directory, "plains", watched)
    monkeypatch.setattr(clock, "stepped", lambda begun: begun != clock.NEVER)
    batch: batches.Batch = [directory.Run("", ["x"])]
    if work == "written":
        assert lines.written(str(tmp_path), how, batch).files == 1
    elif work == "unlike":
        assert lines.unlike(str(tmp_path), how, (batch, b"")) is not None
    else:
        assert folder.look_at(str(tmp_path), how, {}, batch)
    assert asked[-1] == clock.NEVER.quiet < asked[0]


def test_the_clock_is_watched() -> None:
    begun = clock.start()
    assert not clock.stepped(begun)
    assert clock.stepped(clock.Start(begun.wall - 2 * 10**9, begun.monotonic))
    assert clock.stepped(clock.Start(begun.wall + 2 * 10**9, begun.monotonic))


def test_a_file_of_this_moment_is_not_taken_to_be_quiet(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"1")
    folders = Folders(str(tmp_path))
    folders.to("")
    when = os.stat(tmp_path / "x").st_ctime_ns
    assert directory.plain(folders, "x", when) == (0, b"")
    assert directory.plain(folders, "x", when + 1) == (os.stat(tmp_path / "x").st_mode, b"1")
    folders.close()


def test_workers_give_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    how = sides.recipe(())
    plant(tmp_path, {(f"d{n % 5}", f"f{n}"): b"%d" % n for n in range(100)})
    baseline = store.load(sealed(tmp_path, how), "b")
    (tmp_path / "d3" / "f3").write_bytes(b"other")
    monkeypatch.setattr(workers, "cores", lambda: 2)
    found = held(str(tmp_path), baseline)
    (change,) = compare(found.left.records, found.right.records)
    assert change.differs == ("size", "digest")
    assert found.files == 105


def test_every_manifest_has_one_of_the_endings() -> None:
    assert [name for name in drift.NAMES if not f'{name}"'.encode().endswith(ENDINGS)] == []
