"""The way down into a tree by handles: folders that are moved meanwhile, and handles that run out."""

from __future__ import annotations

import errno
import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fimci.model import File, Unread
from fimci.sources import directory, handles
from fimci.sources.handles import Folders
from tests.both import held, taken

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the handles themselves are looked at")
MOVED = "its folder was moved while it was walked"


@pytest.fixture
def deep(tmp_path: Path) -> Path:
    """Return a tree that is deeper than handles are kept, with a file before and after each folder."""
    root = tmp_path / "tree"
    place = root
    for _ in range(handles.MOST + 10):
        place.mkdir()
        for name in ("a", "z"):
            (place / name).write_text(name)
        place /= "down"
    place.mkdir()
    return root


def at(walk: Iterator[str | Unread], path: str) -> None:
    """Go on with a walk to a path."""
    assert any(met == path for met in walk), path


def down(levels: int) -> str:
    return "/".join(["down"] * levels)


LEVELS = handles.MOST + 10


def test_a_folder_that_is_moved_with_what_is_above_it_is_walked_to_the_end(deep: Path) -> None:
    """Its handle leads up again, for it still is where it was in its own folder."""
    whole = list(directory.paths(str(deep)))
    walk = directory.paths(str(deep))
    at(walk, down(LEVELS) + "/")
    (deep / "down").rename(deep.parent / "elsewhere")
    assert [path for path in walk if isinstance(path, Unread)] == []
    assert len(whole) == 3 * LEVELS


def test_a_folder_that_is_moved_away_from_what_is_above_it_costs_no_more_than_that(deep: Path) -> None:
    """The way back up leads elsewhere by now, so it is taken from the root."""
    walk = directory.paths(str(deep))
    at(walk, down(LEVELS) + "/")
    (deep / down(5)).rename(deep.parent / "elsewhere")
    rest = list(walk)
    assert rest[-1] == "z"
    assert [path for path in rest if isinstance(path, Unread)] == []
    with_content = directory.entries(str(deep), rest)
    kinds = {e.path: isinstance(e, Unread) for e in with_content if not isinstance(e, str)}
    assert not kinds["z"]
    assert not kinds[down(4) + "/z"]
    assert kinds[down(5) + "/z"], "it was listed, and is not there any more"


def test_another_folder_in_the_place_of_one_above_is_not_taken_for_it(deep: Path) -> None:
    folders = Folders(str(deep))
    folders.to(down(LEVELS))
    (deep / down(3)).rename(deep.parent / "elsewhere")
    (deep / down(3)).mkdir()
    moved = deep.parent / "elsewhere" / down(2)
    moved.rename(deep.parent / "moved")
    for _ in range(LEVELS - 4):
        folders.leave()
    with pytest.raises(OSError, match=MOVED):
        folders.list()
    with pytest.raises(OSError, match=MOVED):
        folders.open("a", os.O_RDONLY)
    with pytest.raises(OSError, match=MOVED):
        folders.to(down(4))
    assert folders.to("") is not None
    assert set(folders.list()) == {"a", "down", "z"}
    folders.close()


def opened() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc there")
def test_no_handle_is_left_open(deep: Path) -> None:
    gc.collect()  # what earlier tests have left
    before = opened()
    taken(deep)
    walk = directory.paths(str(deep))
    at(walk, down(LEVELS) + "/")
    walk.close()  # type: ignore[attr-defined]
    folders = Folders(str(deep))
    with pytest.raises(FileNotFoundError):
        folders.to(down(7) + "/nowhere")
    with pytest.raises(NotADirectoryError):
        folders.to(down(7) + "/a")
    folders.close()
    assert opened() == before


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc there")
@pytest.mark.parametrize("call", ["open", "scandir"])
def test_where_handles_run_out_those_above_are_given_up(
    call: str, deep: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = taken(deep)
    real, most, refused = getattr(os, call), opened() + 6, 0

    def scarce(*given: Any, **named: Any) -> Any:
        nonlocal refused
        if opened() > most:
            refused += 1
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return real(*given, **named)

    with monkeypatch.context() as patched:
        patched.setattr(os, call, scarce)
        assert taken(deep) == expected
    assert refused


def test_a_handle_that_cannot_be_identified_is_not_kept(deep: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    folders = Folders(str(deep))
    folders.start()
    with monkeypatch.context() as patched:
        patched.setattr(os, "fstat", failing)
        with pytest.raises(OSError, match="Input/output"):
            folders.enter("down")
    assert set(folders.list()) == {"a", "down", "z"}
    folders.close()


def test_without_such_handles_plain_paths_see_the_same(deep: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows."""
    (deep / "link").symlink_to("a")
    os.mkfifo(deep / "fifo")
    (deep / "empty").touch()
    (deep / "large").write_bytes(bytes(directory.CHUNK + 1))
    expected = taken(deep)
    monkeypatch.setattr(handles, "RELATIVE", False)
    assert taken(deep) == expected
    assert held(deep, expected) == expected
    (deep / down(3) / "z").write_text("changed")
    changed = set(held(deep, expected)) - set(expected)
    assert {record.path for record in changed if isinstance(record, File)} == {down(3) + "/z"}
    folders = Folders(str(deep))
    assert folders.to(down(2)) is None
    assert folders.named("x") == f"{deep}/{down(2)}/x"
    folders.close()
