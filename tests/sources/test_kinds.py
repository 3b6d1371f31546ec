"""Every kind of object that a tree may hold, and what is done with it: docs/walking.md, sentence by sentence.

Each is met in both ways: as something new (`taken`), and as what a baseline knows (`held`).
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fimci import folder, sides
from fimci.model import File, Record, Unread
from fimci.snapshot import Snapshot

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="FIFOs, devices, links, handles of folders")
root_only = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may make that"
)


def taken(root: Path) -> list[Record]:
    return list(folder.taken(str(root), sides.recipe()).records)


def held(root: Path, before: list[Record]) -> list[Record]:
    """Hold a tree against what it was."""
    left = Snapshot(locator="baseline:good", recipe=sides.recipe(), records=before)
    return list(folder.held(str(root), left)[1].records)


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
