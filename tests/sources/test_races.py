"""A tree that changes while it is walked, and a system that fails: what was seen is told, or that it was not.

Never a mixture of two states, never what stands outside of the tree, never silence. Each fault is
met in both ways: by `taken`, and by `held` against a baseline.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fimci.model import UNSTATED, Digest, File, Record, Unread
from fimci.sources import clock, directory
from fimci.sources.handles import Folders
from tests.both import Look, held, taken

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links, FIFOs, handles of folders")
SECRET = b"outside of the tree\n"


def about(records: list[Record], path: str) -> list[File | Unread]:
    return [r for r in records if isinstance(r, File | Unread) and r.path == path]


def digest(data: bytes) -> Digest:
    return Digest("sha256", hashlib.sha256(data).hexdigest())


@pytest.fixture(params=[taken, held], ids=["taken", "held"])
def look(request: pytest.FixtureRequest) -> Look:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(params=["recent", "quiet"], autouse=True)
def touched(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files of this moment be looked at twice, as is usual, or once, as those that are older."""
    if request.param == "quiet":
        monkeypatch.setattr(clock, "_MARGIN", 0)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a tree with a file that something happens to, and others that nothing happens to."""
    root = tmp_path / "tree"
    (root / "inside").mkdir(parents=True)
    (tmp_path / "secret").write_bytes(SECRET)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "victim").write_bytes(SECRET)
    for name in ("a", "inside/victim", "inside/z", "z"):
        (root / name).write_bytes(b"this is %s\n" % name.encode())
    time.sleep(0.02)  # as below
    return root


def vanish(path: Path) -> None:
    path.unlink()


def replace(path: Path) -> None:
    path.with_name("other").write_bytes(b"replaced by another\n")
    path.with_name("other").rename(path)


def truncate(path: Path) -> None:
    os.truncate(path, 3)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more\n")


def grow_much(path: Path) -> None:
    with path.open("ab") as file:
        file.write(bytes(directory.CHUNK + 5))


def edit(path: Path) -> None:
    state = path.stat()
    path.write_bytes(path.read_bytes().replace(b"this", b"that"))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


def to_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("../../secret")


def to_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "member").touch()


def to_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def to_socket(path: Path) -> None:
    path.unlink()
    here = os.getcwd()
    os.chdir(path.parent)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(path.name)
    os.chdir(here)


def folder_to_link(path: Path) -> None:
    path.parent.rename(path.parent.with_name("moved"))
    path.parent.symlink_to("../outside")


def folder_away(path: Path) -> None:
    path.parent.rename(path.parent.parent.parent / "gone")


HAPPENINGS = (
    vanish, replace, truncate, empty, grow, grow_much, edit, to_link, to_folder, to_fifo, to_socket,
    folder_to_link, folder_away,
)  # fmt: skip


def happening(
    moment: str, what: Callable[[Path], None], victim: Path, patched: pytest.MonkeyPatch
) -> list[str]:
    """Let something happen once: after the folder was listed, before the file is opened, or after a read."""
    inode = victim.stat().st_ino
    done: list[str] = []
    reads: list[int] = []

    def happens(*, now: bool) -> None:
        if now and not done:
            done.append(moment)
            time.sleep(0.02)  # times move in ticks of up to 10 ms on older systems
            what(victim)

    members, opened, read = Folders.list, os.open, os.read

    def listing(folders: Folders) -> dict[str, str]:
        names = members(folders)
        happens(now=moment == "listed" and victim.name in names)
        return names

    def opening(path: str, *given: Any, **named: Any) -> int:
        happens(now=moment == "opened" and path == victim.name)
        return opened(path, *given, **named)

    def reading(handle: int, size: int) -> bytes:
        data = read(handle, size)
        if os.fstat(handle).st_ino == inode:
            reads.append(handle)
            happens(now=moment == f"read {len(reads)}")
        return data

    patched.setattr(Folders, "list", listing)
    patched.setattr(os, "open", opening)
    patched.setattr(os, "read", reading)
    return done


@pytest.mark.parametrize("moment", ["listed", "opened", "read 1", "read 2", "read 3", "read 4"])
@pytest.mark.parametrize("what", HAPPENINGS, ids=lambda what: what.__name__)
def test_what_happens_to_a_file_in_mid_walk_is_told(
    what: Callable[[Path], None], moment: str, look: Look, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if moment in {"read 2", "read 3", "read 4"}:  # the second piece; once more, from the start; in the middle
        (tree / "inside/victim").write_bytes(b"this is large\n" + bytes(directory.CHUNK + directory.PIECE))
        time.sleep(0.02)
    before = taken(tree)
    with monkeypatch.context() as patched:
        done = happening(moment, what, tree / "inside/victim", patched)
        met = look(tree, before)
    assert done == [moment]
    after = taken(tree)
    victim = about(met, "inside/victim")
    told = [record for record in victim if isinstance(record, Unread)]
    # A folder that was listed is read through its handle, wherever it has been moved since.
    states = (after, before) if what in {folder_to_link, folder_away} else (after,)
    assert told or victim, "nothing that was listed is passed over"
    for record in victim:
        whole = isinstance(record, File) and record.digest is not UNSTATED
        assert not whole or [record] in [about(state, "inside/victim") for state in states]
    assert not [r for r in met if isinstance(r, File) and r.digest == digest(SECRET)], "outside of the tree"
    for path in ("a", "z"):
        assert about(met, path) == about(before, path), "nothing else suffers from it"


@pytest.mark.parametrize("call", ["open", "read", "fstat"])
@pytest.mark.parametrize("size", [20, directory.CHUNK + 20])
def test_a_disk_that_fails_is_told_at_the_file(
    call: str, size: int, look: Look, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = tree / "inside/victim"
    victim.write_bytes(bytes(size))
    before = taken(tree)
    inode, real, reads = victim.stat().st_ino, getattr(os, call), 0
    fstat = os.fstat

    def failing(what: Any, *given: Any, **named: Any) -> Any:
        nonlocal reads
        mine = what == "victim" if call == "open" else fstat(what).st_ino == inode
        reads += mine
        if mine and (call != "read" or reads > 1 or size < directory.CHUNK):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(what, *given, **named)

    monkeypatch.setattr(os, call, failing)
    file, unread = about(look(tree, before), "inside/victim")
    assert isinstance(file, File)
    assert isinstance(unread, Unread)
    assert file.digest is UNSTATED
    assert unread.why == "input/output error"


@pytest.mark.parametrize("call", ["stat", "readlink", "scandir", "listing"])
def test_a_disk_that_fails_is_told_where_it_fails(
    call: str, look: Look, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tree / "inside" / "link").symlink_to("z")
    before = taken(tree)
    inside = (tree / "inside").stat().st_ino
    real, name = os.scandir, "scandir" if call == "listing" else call

    class Breaking(contextlib.AbstractContextManager[Any]):
        """A folder of which only the first name can be had."""

        def __init__(self, members: Iterator[Any]) -> None:
            self.members = members

        def __exit__(self, *_: object) -> None:
            self.members.close()  # type: ignore[attr-defined]

        def __iter__(self) -> Iterator[Any]:
            yield next(self.members)
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    def failing(what: Any, *given: Any, **named: Any) -> Any:
        if name == "scandir":
            if os.fstat(what).st_ino != inside:
                return real(what)
            if call == "listing":
                return Breaking(real(what))
        elif what != "link":
            return original(what, *given, **named)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    original = getattr(os, name)
    monkeypatch.setattr(os, name, failing)
    met = look(tree, before)
    (unread,) = (r for r in met if isinstance(r, Unread))
    assert unread.path == ("inside" if name == "scandir" else "inside/link")
    assert unread.why == "input/output error"
    assert about(met, "z") == about(before, "z")


STORM = """\
import os, random, sys, time
chance, root = random.Random(1), sys.argv[1]
os.chdir(root)
print("ready", flush=True)
until = time.monotonic() + 60
while time.monotonic() < until:
    one, other = (f"f{chance.randrange(40)}" for _ in range(2))
    match chance.randrange(4):
        case 0:
            os.rename(one, "new-" + one); os.rename("new-" + one, one)
        case 1:
            os.rename(one, "kept"); os.rename(other, one) if one != other else None; os.rename("kept", other)
        case 2:
            os.rename("folder", "away"); os.symlink("../outside", "folder")
            os.unlink("folder"); os.rename("away", "folder")
        case 3:
            with open("written", "wb") as file:
                file.write(b"n" * 10); file.write(b"n" * 10)
            os.rename("written", one)
            with open(one, "wb") as file:
                file.write(b"%d" % int(one[1:]) * 50)
"""


def test_a_storm_of_renames_breaks_nothing_and_leads_nowhere(tree: Path, look: Look) -> None:
    """Names come, go and swap; a folder is a link to elsewhere every other moment."""
    for number in range(40):
        (tree / f"f{number}").write_bytes(b"%d" % number * 50)
    (tree / "folder").mkdir()
    (tree / "folder" / "victim").write_bytes(b"this is inside\n")
    before = taken(tree)
    # What is at a name at one moment or another; nothing else may ever be told.
    known = {digest(b""), digest(b"n" * 20), *(r.digest for r in before if isinstance(r, File))}
    storm = subprocess.Popen([sys.executable, "-c", STORM, tree], stdout=subprocess.PIPE)
    try:
        assert storm.stdout is not None
        storm.stdout.readline()
        until = time.monotonic() + 2
        rounds = 0
        while time.monotonic() < until:
            rounds += 1
            met = look(tree, before)
            found = [r for r in met if isinstance(r, File)]
            assert [r.key for r in met] == sorted({r.key for r in met})
            assert digest(SECRET) not in {r.digest for r in found}
            for path in ("a", "z", "inside/victim", "inside/z"):
                assert about(met, path) == about(before, path)
            told = {r.path for r in met if isinstance(r, Unread)}
            for record in found:
                if record.kind == "file" and "/" not in record.path:
                    assert record.digest in known or (record.digest is UNSTATED and record.path in told)
    finally:
        storm.kill()
        storm.communicate()
    assert storm.returncode == -9, "it was at work to the end"
    assert rounds > 5
