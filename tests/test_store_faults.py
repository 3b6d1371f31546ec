"""Faults while a baseline is written: the old one or the new one is there, whole, and nothing else.

Full disks, dying disks, killed writers, two writers at once, links in the way.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import random
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fimci import durable, store
from fimci.cli import main
from fimci.errors import FimciError, OvertakenError
from fimci.model import Digest, File, Record
from fimci.snapshot import Recipe

posix = pytest.mark.skipif(os.name == "nt", reason="signals and modes of POSIX")
STEPS = ("open", "write", "fsync", "replace", "listdir", "lstat")
CODES = (errno.ENOSPC, errno.EIO, errno.EROFS, errno.EDQUOT)


def baseline(seed: int, number: int = 20_000) -> Iterator[bytes]:
    """Yield a baseline of more than 1 MB, so that it takes several writes."""
    records: list[Record] = [
        File(path=f"f{i:06}", size=seed, mode=0o644, digest=Digest("sha256", f"{i * 7919 + seed:064x}"))
        for i in range(number)
    ]
    return store.dump(Recipe(), records)


OLD, NEW = b"".join(baseline(1)), b"".join(baseline(2))


def pieces(data: bytes) -> Iterator[bytes]:
    return (data[at : at + 50_000] for at in range(0, len(data), 50_000))


def only(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


class Failing:
    """A system call that fails from its n-th use on."""

    def __init__(self, real: Callable[..., Any], after: int, code: int) -> None:
        self.real, self.left, self.code = real, after, code
        self.failed = False

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        if self.left == 0:
            self.failed = True
            raise OSError(self.code, os.strerror(self.code))
        self.left -= 1
        return self.real(*arguments, **named)


@pytest.mark.parametrize("code", CODES, ids=errno.errorcode.get)
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("existing", [True, False], ids=["over an old one", "for the first time"])
def test_a_system_call_that_fails_at_any_step_leaves_old_or_new(
    step: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, existing: bool
) -> None:
    path = tmp_path / "fimci.baseline"
    for after in range(20):
        path.unlink(missing_ok=True)
        if existing:
            path.write_bytes(OLD)
        failing = Failing(getattr(os, step), after, code)
        error: FimciError | None = None
        with monkeypatch.context() as patched:
            patched.setattr(os, step, failing)
            try:
                durable.write(str(path), pieces(NEW))
            except FimciError as caught:
                error = caught
        content = path.read_bytes() if path.exists() else None
        assert content in ((OLD, NEW) if existing else (None, NEW))
        assert only(tmp_path) == (["fimci.baseline"] if content is not None else []), "no draft is left"
        if error is None:
            assert content == NEW, "who is told nothing may rely on the new one"
        else:
            assert error.exit_code in (2, 3)
            assert os.strerror(code).lower() in error.message
            assert ("untouched" in error.remedy) == (existing and content != NEW), "what is said is true"
        if not failing.failed:
            return
    pytest.fail("the call was made more often than expected")


def test_a_short_write_is_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: real(handle, data[:70_001]))
    durable.write(str(tmp_path / "b"), pieces(NEW))
    assert (tmp_path / "b").read_bytes() == NEW


def test_what_fails_while_records_are_made_leaves_nothing(tmp_path: Path) -> None:
    def chunks() -> Iterator[bytes]:
        yield NEW[:3_000_000]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        durable.write(str(tmp_path / "b"), chunks())
    assert only(tmp_path) == []


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 1.7 MB, which holds one baseline and not two."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("needs the right to mount")
    point = tmp_path / "disk"
    point.mkdir()
    system = ctypes.CDLL(None, use_errno=True)
    if system.mount(b"none", os.fsencode(point), b"tmpfs", 0, b"size=1700k"):
        pytest.skip("mounting is not allowed here")
    try:
        yield point
    finally:
        system.umount2(os.fsencode(point), 2)


def test_a_disk_that_is_really_full(disk: Path) -> None:
    path = disk / "fimci.baseline"
    durable.write(str(path), pieces(OLD))
    with pytest.raises(FimciError, match="no space left"):
        durable.write(str(path), pieces(NEW))
    assert path.read_bytes() == OLD
    assert only(disk) == ["fimci.baseline"]


def test_a_file_system_that_is_read_only(disk: Path) -> None:
    path = disk / "fimci.baseline"
    durable.write(str(path), pieces(OLD))
    system = ctypes.CDLL(None, use_errno=True)
    assert system.mount(b"none", os.fsencode(disk), b"tmpfs", 1 | 32, b"") == 0  # MS_RDONLY | MS_REMOUNT
    with pytest.raises(FimciError, match="read-only"):
        durable.write(str(path), pieces(NEW))
    assert path.read_bytes() == OLD


def test_the_command_says_that_the_disk_is_full(
    tmp_path: Path, disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a").write_text("a")
    with contextlib.suppress(OSError), (disk / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(4096))
    assert main(["baseline", str(tmp_path / "tree"), "--output", str(disk / "b")]) == 2
    told = capsys.readouterr()
    assert "no space left on device" in told.err
    assert "entries" not in told.out
    assert only(disk) == ["filler"]


WRITER = """\
import sys, itertools
from fimci import durable
old, new = (open(name, "rb").read() for name in sys.argv[2:4])
print("ready", flush=True)
for data in itertools.cycle([new, old]):
    durable.write(sys.argv[1], (data[at : at + 50_000] for at in range(0, len(data), 50_000)))
"""


def start(code: str, *arguments: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parent.parent,
    )


@posix
def test_a_writer_that_is_killed_at_random_leaves_old_or_new(tmp_path: Path) -> None:
    """30 kills and more (a slow machine needs more); what they leave is removed by whoever writes next."""
    (tmp_path / "old").write_bytes(OLD)
    (tmp_path / "new").write_bytes(NEW)
    folder = tmp_path / "kept"
    folder.mkdir()
    path = folder / "fimci.baseline"
    path.write_bytes(OLD)
    chance = random.Random(7)  # noqa: S311  (when to kill, not whom to trust)
    until = time.monotonic() + 3
    kills = left = 0
    seen: set[bool] = set()
    while (
        kills < 30
        or (time.monotonic() < until and kills < 60)
        or ((len(seen) < 2 or not left) and kills < 300)
    ):
        writer = start(WRITER, path, tmp_path / "old", tmp_path / "new")
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(chance.uniform(0, 0.03))
        writer.kill()
        writer.communicate()
        kills += 1
        content = path.read_bytes()
        assert content in (OLD, NEW)
        seen.add(content == NEW)
        drafts = [name for name in only(folder) if name != "fimci.baseline"]
        assert len(drafts) <= 1, "a killed run leaves one draft at most, the next run removes it"
        left += len(drafts)
    durable.write(str(path), pieces(NEW))
    assert only(folder) == ["fimci.baseline"]
    assert seen == {True, False}
    assert left, "no kill met a writer at work"


@posix
def test_ctrl_c_while_writing_leaves_nothing_and_gives_130(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "a").write_text("a")
    path = tmp_path / "kept" / "b"
    path.parent.mkdir()
    path.write_bytes(OLD)
    writer = start(
        "import sys, time\n"
        "from fimci import durable, cli\n"
        "real = durable._write\n"
        "def slow(*given):\n"
        "    real(*given)\n"
        "    print('writing', flush=True)\n"
        "    time.sleep(60)\n"
        "durable._write = slow\n"
        "sys.exit(cli.main(sys.argv[1:]))\n",
        "baseline", tree, "--output", path,
    )  # fmt: skip
    assert writer.stdout is not None
    assert writer.stdout.readline() == b"writing\n"
    assert len(only(path.parent)) == 2
    writer.send_signal(signal.SIGINT)
    _, errors = writer.communicate(timeout=30)
    assert (writer.returncode, errors) == (130, b"fimci: interrupted\n")
    assert only(path.parent) == ["b"]
    assert path.read_bytes() == OLD


@posix
def test_a_draft_that_somebody_writes_is_left_alone_and_others_are_swept(tmp_path: Path) -> None:
    path = tmp_path / "b"
    strangers = [".fimci-1-short.new", ".fimci-1-0123456789abcdef.new.txt", ".other.1.new"]
    for name in strangers:
        (tmp_path / name).touch()
    (tmp_path / ".fimci-999999-0123456789abcdef.new").touch()
    (tmp_path / ".fimci-999999-00000000000000ff.new").symlink_to("b")
    os.mkfifo(tmp_path / ".fimci-999999-00000000000000fe.new")
    writer = start(
        "import sys, time\n"
        "from fimci import durable\n"
        "with durable.draft(sys.argv[1]) as new:\n"
        "    print(new.beside, flush=True)\n"
        "    time.sleep(60)\n",
        tmp_path / "other",
    )
    assert writer.stdout is not None
    used = tmp_path / f".fimci-{os.getppid()}-00000000000000fd.new"
    used.touch()
    held = os.path.basename(writer.stdout.readline().decode().strip())
    durable.write(str(path), [b"x"])
    assert held in only(tmp_path)
    assert used.exists(), "its number may have been given to another process, or not"
    os.utime(used, (0, 0))
    writer.kill()
    writer.communicate()
    durable.write(str(path), [b"y"])
    links = [".fimci-999999-00000000000000fe.new", ".fimci-999999-00000000000000ff.new"]
    assert only(tmp_path) == sorted([*strangers, *links, "b"]), "what is no file of ours stays"


def test_the_slower_of_two_writers_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "b"
    path.write_bytes(OLD)
    with durable.draft(str(path)) as slow:
        durable.fill(slow, pieces(NEW))
        durable.write(str(path), [b"the faster one"])
        with pytest.raises(OvertakenError, match="changed while this run was reading: nothing was written"):
            durable.commit(slow)
    assert path.read_bytes() == b"the faster one"
    assert only(tmp_path) == ["b"]


@pytest.mark.parametrize("before", [None, OLD])
def test_a_baseline_that_appeared_or_vanished_meanwhile_is_not_replaced(
    tmp_path: Path, before: bytes | None
) -> None:
    path = tmp_path / "b"
    if before is not None:
        path.write_bytes(before)
    with durable.draft(str(path)) as slow:
        if before is None:
            path.write_bytes(OLD)
        else:
            path.unlink()
        with pytest.raises(OvertakenError):
            durable.commit(slow)
    assert path.exists() == (before is None)


@posix
def test_many_writers_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    for name, data in {"old": OLD, "new": NEW}.items():
        (tmp_path / name).write_bytes(data)
    code = (
        "import sys\n"
        "from fimci import durable\n"
        "from fimci.errors import OvertakenError\n"
        "data = open(sys.argv[2], 'rb').read()\n"
        "done = 0\n"
        "for _ in range(10):\n"
        "    try:\n"
        "        durable.write(sys.argv[1], (data[at:at + 50_000] for at in range(0, len(data), 50_000)))\n"
        "        done += 1\n"
        "    except OvertakenError: pass\n"
        "print(done)\n"
    )
    writers = [start(code, folder / "b", tmp_path / name) for name in ("old", "new", "old")]
    results = [(*writer.communicate(timeout=60), writer.returncode) for writer in writers]
    assert all(code == 0 and not errors for _, errors, code in results), results
    assert sum(int(out) for out, _, _ in results) >= 1
    assert (folder / "b").read_bytes() in (OLD, NEW)
    assert only(folder) == ["b"]


def test_a_folder_that_somebody_else_has_locked_is_not_waited_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl")
    monkeypatch.setattr(durable, "_PATIENCE", 0.1)
    handle = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(OvertakenError, match="locked"):
        durable.write(str(tmp_path / "b"), [b"x"])
    os.close(handle)
    assert only(tmp_path) == []


@posix
@pytest.mark.parametrize("target", ["victim", "nowhere", "b"])
def test_nothing_is_written_through_a_link(tmp_path: Path, target: str) -> None:
    (tmp_path / "victim").write_bytes(b"precious")
    (tmp_path / "b").symlink_to(target)
    with pytest.raises(FimciError, match="is a link") as caught:
        durable.write(str(tmp_path / "b"), [b"x"])
    assert caught.value.remedy == "name the file itself"
    assert (tmp_path / "victim").read_bytes() == b"precious"
    assert only(tmp_path) == ["b", "victim"]


@posix
def test_a_link_that_is_planted_meanwhile_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"precious")
    with durable.draft(str(tmp_path / "b")) as new:
        (tmp_path / "b").symlink_to("victim")
        with pytest.raises(FimciError, match="is a link"):
            durable.commit(new)
    assert (tmp_path / "victim").read_bytes() == b"precious"


@posix
def test_what_is_no_regular_file_is_neither_opened_nor_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    for name in ("fifo", "folder", "folder/"):
        with pytest.raises(FimciError, match="not a regular file"):
            durable.write(f"{tmp_path}/{name}", [b"x"])
    assert only(tmp_path) == ["fifo", "folder"]


@posix
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o640, 0o400, 0o666, 0o755])
def test_the_rights_of_an_existing_file_are_kept(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "b"
    path.write_bytes(b"")
    path.chmod(mode)
    if os.geteuid() == 0:
        os.chown(path, 12345, 54321)
    before = path.stat()
    durable.write(str(path), [b"x"])
    after = path.stat()
    assert stat.S_IMODE(after.st_mode) == mode
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)


@posix
def test_a_new_file_obeys_the_umask(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        durable.write(str(tmp_path / "b"), [b"x"])
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o640


def test_a_name_of_255_bytes_can_be_written(tmp_path: Path) -> None:
    durable.write(str(tmp_path / ("x" * 255)), [b"x"])
    assert only(tmp_path) == ["x" * 255]


def test_the_folder_is_flushed_after_the_rename(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    flush, rename = os.fsync, os.replace

    def fsync(handle: int) -> None:
        calls.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        flush(handle)

    def replace(one: str, other: str) -> None:
        calls.append("rename")
        rename(one, other)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    durable.write(str(tmp_path / "b"), [b"x"])
    assert calls == (["file", "rename", "folder"] if os.name != "nt" else ["file", "rename"])


@posix
@pytest.mark.parametrize("call", ["flock", "fsync"])
@pytest.mark.parametrize(
    "code", [errno.ENOTSUP, errno.ENOSYS, errno.ENOLCK, errno.EIO], ids=errno.errorcode.get
)
def test_a_file_system_that_locks_or_flushes_no_folders_is_good_enough(
    call: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that fails is not."""
    fcntl = pytest.importorskip("fcntl")
    module = fcntl if call == "flock" else os
    real = getattr(module, call)

    def unable(handle: int, *more: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(code, os.strerror(code))
        real(handle, *more)

    monkeypatch.setattr(module, call, unable)
    if code == errno.EIO:
        with pytest.raises(FimciError):
            durable.write(str(tmp_path / "b"), [b"x"])
    else:
        durable.write(str(tmp_path / "b"), [b"x"])
        assert (tmp_path / "b").read_bytes() == b"x"
    assert set(only(tmp_path)) <= {"b"}


@posix
def test_a_draft_that_cannot_be_given_its_rights_is_discarded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "b").write_bytes(b"old")

    def failing(*_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fchmod", failing)
    with pytest.raises(FimciError, match="input/output error"):
        durable.write(str(tmp_path / "b"), [b"new"])
    assert only(tmp_path) == ["b"]
    assert (tmp_path / "b").read_bytes() == b"old"
