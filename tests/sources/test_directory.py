"""The folder source: order, hostile names and kinds, and files that do not hold still."""

from __future__ import annotations

import os
import pickle
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fimci.errors import SourceError
from fimci.look import take
from fimci.model import File, Record, Unread
from fimci.snapshot import Changed, Entry, Recipe
from fimci.sources import directory


def look(root: Path) -> dict[str, Record]:
    return {r.path: r for r in take(directory.walk(str(root)), Recipe()) if isinstance(r, File | Unread)}


def test_the_walk_is_in_canonical_order(tmp_path: Path) -> None:
    for name in ["a/z", "a.txt", "a/b/c", "a-b", "ab", "a/b.c", "B"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    walked = [entry.path for entry in directory.walk(str(tmp_path))]
    taken = [
        record.path for record in take(directory.walk(str(tmp_path)), Recipe()) if isinstance(record, File)
    ]
    assert walked == taken == ["B", "a", "a/b", "a/b/c", "a/b.c", "a/z", "a-b", "a.txt", "ab"]


def test_names_of_every_kind_survive(tmp_path: Path) -> None:
    names = [
        b"caf\xe9",
        b"line\nbreak",
        b"\x1b[31m",
        "a\u202eb".encode(),
        b"-rf",
        b" ",
        b"%41",
        b"x" * 255,
        b"\\",
    ]
    for name in names:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).touch()
    assert {os.fsencode(path) for path in look(tmp_path)} == set(names)


def test_nothing_but_regular_files_is_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as bound:
        here = os.getcwd()
        os.chdir(tmp_path)
        bound.bind("socket")
        os.chdir(here)
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "away").symlink_to("/etc")
    found = look(tmp_path)
    assert {path: getattr(record, "kind", None) for path, record in found.items()} == {
        "fifo": "other",
        "socket": "other",
        "loop": "link",
        "dangling": "link",
        "away": "link",
    }
    assert getattr(found["away"], "target", None) == "/etc"


def test_a_folder_that_is_skipped_is_not_entered(tmp_path: Path) -> None:
    (tmp_path / "in/side").mkdir(parents=True)
    (tmp_path / "out").mkdir()
    (tmp_path / "out/x").touch()
    assert [e.path for e in directory.walk(str(tmp_path), lambda path: path == "out/")] == ["in", "in/side"]


def test_a_root_that_cannot_be_listed_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        list(directory.walk(str(tmp_path / "nowhere")))


def test_a_file_that_vanishes_in_mid_walk_is_unread(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    (tmp_path / "b").touch()

    def vanishing() -> Iterator[Entry | Unread]:
        for entry in directory.walk(str(tmp_path)):
            (tmp_path / "b").unlink(missing_ok=True)
            yield entry

    records = take(vanishing(), Recipe())
    assert [(type(r).__name__, getattr(r, "path", "")) for r in records] == [("File", "a"), ("Unread", "b")]


def test_a_file_that_vanishes_before_it_is_opened_is_unread(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    (entry,) = directory.walk(str(tmp_path))
    (tmp_path / "a").unlink()
    file, unread = take([entry], Recipe())
    assert isinstance(file, File)
    assert isinstance(unread, Unread)
    assert unread.why == "no such file or directory"


def test_a_link_in_the_place_of_a_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    (entry,) = directory.walk(str(tmp_path))
    (tmp_path / "a").unlink()
    (tmp_path / "a").symlink_to("/etc/passwd")
    _, unread = take([entry], Recipe())
    assert isinstance(unread, Unread)


@pytest.mark.skipif(sys.platform == "win32", reason="no FIFOs there")
def test_a_fifo_in_the_place_of_a_file_does_not_hang(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    (entry,) = directory.walk(str(tmp_path))
    (tmp_path / "a").unlink()
    os.mkfifo(tmp_path / "a")
    _, unread = take([entry], Recipe())
    assert isinstance(unread, Unread)
    assert unread.why == "changed while it was read"


def test_a_file_that_changes_while_it_is_read_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 10)
    attempts: list[int] = []

    def read() -> Iterator[bytes]:
        for chunk in directory.read(str(path)):
            if not attempts:
                path.write_bytes(b"y" * 20)
            attempts.append(len(chunk))
            yield chunk

    records = take([Entry(path="a", mode=0o644, read=read)], Recipe())
    assert attempts == [10, 20]
    assert [getattr(r, "size", None) for r in records] == [20]


def test_a_file_that_never_holds_still_is_unread(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")

    def read() -> Iterator[bytes]:
        for chunk in directory.read(str(path)):
            with path.open("ab") as file:
                file.write(b"x")
            yield chunk

    _, unread = take([Entry(path="a", mode=0o644, read=read)], Recipe())
    assert isinstance(unread, Unread)
    assert unread.why == "changed while it was read"
    with pytest.raises(Changed):
        list(read())


def test_files_larger_than_a_piece_are_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "CHUNK", 7)
    for size in (0, 1, 6, 7, 8, 13, 14, 15):
        (tmp_path / "a").write_bytes(bytes(range(size)))
        assert b"".join(directory.read(str(tmp_path / "a"))) == bytes(range(size))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc there")
def test_a_file_whose_size_says_nothing_is_read_whole() -> None:
    assert b"Pid:" in b"".join(directory.read("/proc/self/status"))


@pytest.mark.parametrize(
    "names", [[], ["a"], ["a", "b c", "d/"], ["d/"], ["\udcff", "x\0"], ["new\nline", "é/"]]
)
def test_names_come_to_a_worker_as_they_were(names: list[str]) -> None:
    run = directory.Run("a/b/", names)
    assert pickle.loads(pickle.dumps(run)) == run  # noqa: S301  (pickled here)
