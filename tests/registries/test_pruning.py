"""The folder of downloads stays within bounds: the least recently used goes, whoever reads meanwhile."""

from __future__ import annotations

import hashlib
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fimci.model import Digest
from fimci.registries import pruning
from fimci.registries.kept import Kept

HOUR = 3600


def put(folder: Path, name: str, size: int, hours: float) -> Path:
    path = folder / "archives" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    then = time.time() - hours * HOUR
    os.utime(path, (then, then))
    return path


def test_the_least_recently_used_go_until_enough_is_free(tmp_path: Path) -> None:
    old, newer, newest = (
        put(tmp_path, name, 100, hours) for name, hours in (("a", 30), ("b", 20), ("c", 10))
    )
    assert pruning.prune(str(tmp_path), most=300, left=150) == 0
    assert pruning.prune(str(tmp_path), most=250, left=150) == 2
    assert [path.exists() for path in (old, newer, newest)] == [False, False, True]


def test_what_was_used_within_the_hour_stays_whatever_it_takes_up(tmp_path: Path) -> None:
    put(tmp_path, "a", 1000, 0.5)
    put(tmp_path, "b", 1000, 2)
    assert pruning.prune(str(tmp_path), most=100, left=50) == 1
    assert (tmp_path / "archives/a").exists()


def test_use_is_noted(tmp_path: Path) -> None:
    kept, data = Kept(str(tmp_path), b"k" * 32), b"an archive"
    digests = (Digest("sha256", hashlib.sha256(data).hexdigest()),)
    kept.keep(data, digests)
    kept.keep_answer("a", b"said")
    then = time.time() - 5 * HOUR
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    for path in files:
        os.utime(path, (then, then))
    assert kept.archive(digests) == data
    assert kept.answer("a") == b"said"
    assert len(files) == 2
    assert all(time.time() - path.stat().st_mtime < HOUR for path in files)


def test_the_folder_is_looked_at_once_an_hour(tmp_path: Path) -> None:
    assert pruning.due(str(tmp_path / "new"))
    assert not pruning.due(str(tmp_path / "new"))
    then = time.time() - 2 * HOUR
    os.utime(tmp_path / "new.pruned", (then, then))
    assert pruning.due(str(tmp_path / "new"))


def test_keeping_prunes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning.prune, "__defaults__", (50, 10))
    old = put(tmp_path, "a", 100, 30)
    data = b"new"
    Kept(str(tmp_path), b"k" * 32).keep(data, (Digest("sha256", hashlib.sha256(data).hexdigest()),))
    assert not old.exists()


def test_links_are_not_followed_and_nothing_else_is_touched(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"y" * 500)
    folder = tmp_path / "kept"
    put(folder, "a", 100, 30)
    (folder / "archives/link").symlink_to(outside)
    pruning.prune(str(folder), most=10, left=0)
    assert outside.exists()


def test_many_prune_and_read_at_once(tmp_path: Path) -> None:
    kept = Kept(str(tmp_path), b"k" * 32)
    contents = [str(number).encode() * 50 for number in range(200)]
    digests = [(Digest("sha256", hashlib.sha256(data).hexdigest()),) for data in contents]
    for data, digest in zip(contents, digests, strict=True):
        kept.keep(data, digest)
    then = time.time() - 5 * HOUR
    for path in (tmp_path / "archives").rglob("*"):
        if path.is_file():
            os.utime(path, (then, then))

    def work(number: int) -> bool:
        if number % 20 == 0:
            pruning.prune(str(tmp_path), most=1000, left=500)
        found = kept.archive(digests[number])
        if found is None:
            kept.keep(contents[number], digests[number])
        return found in {None, contents[number]}

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(200)))
