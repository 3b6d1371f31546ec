"""Every kind of object that a tree may hold, and what is done with it: docs/walking.md, sentence by sentence.

Each is met in both ways: as something new (`taken`), and as what a baseline knows (`held`).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fimci import sides
from fimci.cli import main
from fimci.model import UNSTATED, File, Record, Unread
from fimci.sources import directory, handles
from tests.both import held, taken

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="FIFOs, devices, links, handles of folders")
root_only = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may make that"
)


def kinds(records: list[Record]) -> dict[str, str]:
    return {
        r.path: r.kind if isinstance(r, File) else "unread" for r in records if isinstance(r, File | Unread)
    }


def bind(path: Path) -> None:
    """Make a socket; its whole path may be longer than its address may be."""
    here = os.getcwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(path.name)
    finally:
        os.chdir(here)


def device(path: Path) -> None:
    try:
        os.mknod(path, 0o20600, os.makedev(1, 7))  # /dev/full
    except PermissionError:
        pytest.skip("devices may not be made here")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Note the name of everything that is opened."""
    names: list[str] = []
    real = os.open

    def noting(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        names.append(os.path.basename(os.fsdecode(path)))
        return real(path, flags, mode, dir_fd=dir_fd)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", noting)
        yield names


@root_only
@pytest.mark.parametrize("make", [os.mkfifo, bind, device], ids=["fifo", "socket", "device"])
def test_fifos_sockets_and_devices_are_told_and_never_opened(
    make: Callable[[Path], None], tmp_path: Path, opened: list[str]
) -> None:
    make(tmp_path / "odd")
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to("odd")
    before = taken(tmp_path)
    assert kinds(before) == {"file": "file", "link": "link", "odd": "other"}
    assert held(tmp_path, before) == before
    assert "file" in opened
    assert not {"odd", "link"} & set(opened)


def test_a_writer_that_waits_at_a_fifo_goes_on_waiting(tmp_path: Path) -> None:
    """Opening the other end would let it go on, and write to nobody."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=lambda: os.close(os.open(fifo, os.O_WRONLY)), daemon=True)
    writer.start()
    for _ in range(20):
        held(tmp_path, taken(tmp_path))
        writer.join(0.01)
    assert writer.is_alive()
    os.close(os.open(fifo, os.O_RDONLY))
    writer.join(10)


def test_a_link_is_recorded_by_its_target_and_never_followed(tmp_path: Path, opened: list[str]) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("x")
    root = tmp_path / "tree"
    root.mkdir()
    targets = {
        "away": str(outside),
        "file": "../outside/secret",
        "self": "self",
        "up": "..",
        "none": "\udcff\n",
    }
    for name, target in targets.items():
        (root / name).symlink_to(target)
    before = taken(root)
    assert {r.path: r.target for r in before if isinstance(r, File)} == targets
    assert held(root, before) == before
    assert not {*targets, "secret"} & set(opened)


def test_each_name_of_a_hard_link_is_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("x")
    (tmp_path / "other").hardlink_to(tmp_path / "one")
    before = taken(tmp_path)
    assert len({r.digest for r in before if isinstance(r, File)}) == 1
    (tmp_path / "one").write_text("y")
    after = held(tmp_path, before)
    assert {r.path for r in after if r not in before and isinstance(r, File)} == {"one", "other"}
    (tmp_path / "one").unlink()
    assert kinds(held(tmp_path, after)) == {"other": "file"}


def test_a_sparse_file_is_read_as_what_it_says(tmp_path: Path) -> None:
    with (tmp_path / "hole").open("wb") as file:
        file.truncate(5 << 20)
    (tmp_path / "full").write_bytes(bytes(5 << 20))
    hole, full = sorted(
        (r for r in taken(tmp_path) if isinstance(r, File)), key=lambda r: r.path, reverse=True
    )
    assert (hole.size, hole.digest) == (full.size, full.digest)
    assert held(tmp_path, taken(tmp_path)) == taken(tmp_path)


def test_a_hole_beyond_all_measure_is_unread_and_not_read_for_a_century(tmp_path: Path) -> None:
    with (tmp_path / "hole").open("wb") as file:
        try:
            file.truncate(directory.HOLES + (1 << 30))
        except OSError:
            pytest.skip("the file system has no such files")
    found, unread = taken(tmp_path)
    assert isinstance(unread, Unread)
    assert isinstance(found, File)
    assert "of which the disk holds" in unread.why
    assert found.digest is UNSTATED


@contextlib.contextmanager
def mounted(source: str, target: Path, kind: str = "tmpfs", flags: int = 0) -> Iterator[None]:
    """Mount something for a while, where that is allowed."""
    system = ctypes.CDLL(None, use_errno=True)
    if sys.platform != "linux" or system.mount(
        source.encode(), os.fsencode(target), kind.encode(), flags, b""
    ):
        pytest.skip("mounting is not allowed here")
    try:
        yield
    finally:
        system.umount2(os.fsencode(target), 2)


@root_only
def test_a_mount_point_is_a_folder_and_what_is_mounted_is_walked(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "below").write_text("hidden by the mount")
    before = taken(tmp_path)
    with mounted("none", tmp_path / "disk"):
        (tmp_path / "disk" / "above").write_text("x")
        assert kinds(held(tmp_path, before)) == {"disk": "directory", "disk/above": "file"}
        assert held(tmp_path, before) == taken(tmp_path)
    assert held(tmp_path, before) == before


@root_only
def test_a_folder_that_is_mounted_into_itself_is_a_loop_and_ends(tmp_path: Path) -> None:
    (tmp_path / "a/b/loop").mkdir(parents=True)
    (tmp_path / "a/file").write_text("x")
    before = taken(tmp_path)
    with mounted(str(tmp_path), tmp_path / "a/b/loop", "none", 4096):  # MS_BIND
        after = held(tmp_path, before)
        assert after == taken(tmp_path)
        (unread,) = (r for r in after if isinstance(r, Unread))
    assert (unread.path, unread.why, unread.part) == ("a/b/loop", "a folder that contains itself", "members")


@pytest.mark.skipif(not Path("/proc/self/pagemap").exists(), reason="no /proc there")
def test_a_tree_of_the_kernel_ends_and_tells_what_it_could_not_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`/proc/self` has files that never end, that fail, that go away, and links to everywhere."""
    assert main(["baseline", "/proc/self", "--output", str(tmp_path / "good")]) == 3
    told = capsys.readouterr().out
    for line in (
        "unread: mem: input/output error",
        "unread: pagemap: says that it is empty, and does not end",
    ):
        assert line in told
    found = {r.path: r for r in sides.baseline(str(tmp_path / "good")).records if isinstance(r, File)}
    assert found["root"].kind == found["cwd"].kind == "link"
    assert isinstance(found["status"].size, int)
    assert found["mem"].digest is UNSTATED


def nested(root: Path, name: str, levels: int) -> None:
    """Make folders in folders, and a file in the last one, however long its path is."""
    root.mkdir()
    handle = os.open(root, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir(name, dir_fd=handle)
        below = os.open(name, os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = below
    os.close(os.open("leaf", os.O_CREAT | os.O_WRONLY, dir_fd=handle))
    os.close(handle)


@contextlib.contextmanager
def deep(root: Path, name: str, levels: int) -> Iterator[str]:
    """Have a deep tree for a while, and give the path of its leaf; few other programs can remove it."""
    nested(root, name, levels)
    try:
        yield "/".join([*[name] * levels, "leaf"])
    finally:
        subprocess.run(["rm", "-rf", "--", root], check=True)


def change_leaf(root: Path, leaf: str) -> None:
    *names, last = leaf.split("/")
    handle = os.open(root, os.O_RDONLY)
    for name in names:
        below = os.open(name, os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = below
    os.close(os.open(last, os.O_WRONLY | os.O_APPEND, dir_fd=handle))
    os.unlink(last, dir_fd=handle)
    os.symlink("elsewhere", last, dir_fd=handle)
    os.close(handle)


def test_a_path_over_the_limit_of_the_system_is_a_path(tmp_path: Path) -> None:
    with deep(tmp_path / "tree", "x" * 255, 20) as leaf:
        assert len(leaf) > 4096
        before = taken(tmp_path / "tree")
        assert kinds(before)[leaf] == "file"
        assert not [r for r in before if isinstance(r, Unread)]
        assert held(tmp_path / "tree", before) == before
        change_leaf(tmp_path / "tree", leaf)
        assert kinds(held(tmp_path / "tree", before))[leaf] == "link"


def test_ten_thousand_levels(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with deep(tmp_path / "tree", "d", 10_000) as leaf:
        words = [str(tmp_path / "tree"), str(tmp_path / "good.zst")]
        assert main(["baseline", words[0], "--output", words[1]]) == 0
        assert "10,001 entries" in capsys.readouterr().out
        change_leaf(tmp_path / "tree", leaf)
        assert main(["check", words[0], "--baseline", words[1]]) == 1
        assert "was a file in the baseline, is a link now" in capsys.readouterr().out


def test_more_folders_in_one_another_than_handles_are_kept(tmp_path: Path) -> None:
    """Siblings beside the way down: the way up leads through folders that were shut meanwhile."""
    place = tmp_path / "tree"
    for _ in range(3 * handles.MOST):
        place /= "d"
        place.mkdir(parents=True)
        for name in ("a", "z"):
            (place / name).write_text("x")
        (place / "e").mkdir()
        (place / "e" / "x").touch()
    before = taken(tmp_path / "tree")
    assert not [r for r in before if isinstance(r, Unread)]
    assert len(before) == 3 * handles.MOST * 5
    assert held(tmp_path / "tree", before) == before
