"""What file integrity monitors are known to get wrong, case by case, through the command line.

Each test is a row of the table in docs/features.md about behaviour in faults and edge cases. The
one row that a monitor cannot win alone is not here: whoever may rewrite the baseline *and* its root
digest is stopped only by a baseline that is kept, or signed, where they cannot write.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from fimci.cli import main

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="FIFOs, permission bits, non-UTF-8 names")
NOBODY = 65534
#: The trusted side could not be looked at, so nothing was compared.
REFUSED = 3


class Run(NamedTuple):
    """How a run ended: exit code, findings, what is unread, and everything that was printed."""

    code: int
    findings: list[dict[str, Any]]
    unread: list[dict[str, Any]]
    printed: str


class Case(NamedTuple):
    """A tree, a baseline beside it, and fimci run on both in this process."""

    tree: Path
    baseline: Path
    capsys: pytest.CaptureFixture[str]

    def seal(self) -> int:
        return main(["baseline", str(self.tree), "--output", str(self.baseline)])

    def check(self, form: str = "json") -> Run:
        self.capsys.readouterr()
        code = main(["check", str(self.tree), "--baseline", str(self.baseline), "--format", form])
        printed = self.capsys.readouterr()
        assert "Traceback" not in printed.err
        report = json.loads(printed.out) if form == "json" and printed.out else {"findings": [], "unread": []}
        return Run(code, report["findings"], report["unread"], printed.out + printed.err)


@pytest.fixture
def case(capsys: pytest.CaptureFixture[str]) -> Iterator[Case]:
    """Return a tree of three files that other users may enter."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        place.chmod(0o755)
        tree = place / "tree"
        (tree / "inside").mkdir(parents=True)
        for name in ("a.txt", "b.txt", "inside/c.txt"):
            (tree / name).write_text(f"this is {name}\n")
        yield Case(tree, place / "good", capsys)


@contextlib.contextmanager
def unprivileged() -> Iterator[None]:
    """Be nobody for a while, where the tests run as root, who may read everything."""
    root = os.geteuid() == 0
    if root:
        os.setegid(NOBODY)
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
            os.setegid(0)


def odd_objects(tree: Path) -> None:
    """Fill a tree with what has hung, crashed or fooled a monitor."""
    os.mkfifo(tree / "fifo")
    here = os.getcwd()
    os.chdir(tree)  # the name of a socket must be short
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket")
    os.chdir(here)
    (tree / "loop").symlink_to("loop")
    (tree / "round").symlink_to(".")
    (tree / "dangling").symlink_to("nowhere")
    (tree / "hard").hardlink_to(tree / "a.txt")
    with (tree / "sparse").open("wb") as file:
        file.truncate(64 << 20)
    for name in (b"caf\xe9", b"line\nbreak", b"\x1b[31m", "a\u202eb".encode(), b" lead", b"%41", b"x" * 255):
        Path(os.fsdecode(os.fsencode(tree) + b"/" + name)).touch()
    deep = tree.joinpath(*["folder-with-a-long-name" for _ in range(30)])
    deep.mkdir(parents=True)
    (deep / "leaf").touch()
    for year, stamp in (("1969", -1), ("1970", 0), ("2109", 4_400_000_000)):
        (tree / year).touch()
        os.utime(tree / year, (stamp, stamp))


def test_odd_objects_neither_hang_nor_differ_from_themselves(case: Case) -> None:
    """FIFO, socket, loops, hard link, sparse file, odd times and names: hashdeep hangs here."""
    odd_objects(case.tree)
    start = "import sys; from fimci.cli import main; sys.exit(main(sys.argv[1:]))"
    for words in (
        ("baseline", str(case.tree), "--output", str(case.baseline)),
        ("check", str(case.tree), "--baseline", str(case.baseline)),
    ):
        done = subprocess.run([sys.executable, "-c", start, *words], timeout=60, check=False)
        assert done.returncode == 0
    run = case.check()
    assert (run.code, run.findings, run.unread) == (0, [], [])


def test_a_changed_odd_object_is_told(case: Case) -> None:
    odd_objects(case.tree)
    case.seal()
    (case.tree / "fifo").unlink()
    (case.tree / "fifo").write_text("a file now")
    (case.tree / "dangling").unlink()
    (case.tree / "dangling").symlink_to("elsewhere")
    with (case.tree / "sparse").open("r+b") as file:
        file.seek(50 << 20)
        file.write(b"x")
    run = case.check()
    assert run.code == 1
    assert {f["path"] for f in run.findings} == {"fifo", "dangling", "sparse"}


def test_a_hash_edited_in_the_baseline_is_refused(case: Case) -> None:
    """AIDE says that there are no differences."""
    case.seal()
    before = (case.tree / "a.txt").read_bytes()
    (case.tree / "a.txt").write_bytes(before.replace(b"this", b"that"))
    text = case.baseline.read_text()
    other = case.tree.parent / "other"
    main(["baseline", str(case.tree), "--output", str(other)])
    old, new = (re.search(r'^\["a\.txt".*$', t, re.MULTILINE) for t in (text, other.read_text()))
    assert old is not None
    assert new is not None
    case.baseline.write_text(text.replace(old[0], new[0]))
    run = case.check()
    assert run.code == REFUSED
    assert "edited or damaged" in run.printed


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_baseline_is_refused(case: Case, share: float) -> None:
    """AIDE 0.18 and Samhain show what is missing as added; mtree exits with 0."""
    case.seal()
    whole = case.baseline.read_bytes()
    case.baseline.write_bytes(whole[: int(len(whole) * share)])
    run = case.check()
    assert (run.code, run.findings) == (REFUSED, [])
    assert "good" in run.printed


def test_every_flipped_byte_of_a_baseline_is_refused(case: Case) -> None:
    """Samhain notices nothing; integrit and AIDE compare with the damaged record."""
    case.seal()
    whole = case.baseline.read_bytes()
    for at in range(0, len(whole), 7):
        case.baseline.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :])
        assert case.check().code == REFUSED, at


def test_lines_of_a_baseline_in_another_order_or_twice_are_refused(case: Case) -> None:
    case.seal()
    lines = case.baseline.read_bytes().splitlines(keepends=True)
    for body in ([lines[2], lines[1]], [lines[1], lines[1], lines[2]]):
        altered = b"".join([lines[0], *body, *lines[3:-1]])
        case.baseline.write_bytes(altered + trailer(altered))
        assert case.check().code == REFUSED


def trailer(body: bytes) -> bytes:
    """Return the last line of a baseline as an attacker would write it: it fits."""
    root = f"sha256:{hashlib.sha256(body).hexdigest()}"
    return json.dumps({"records": body.count(b"\n") - 1, "root": root}).encode() + b"\n"


def test_a_baseline_of_a_newer_format_is_refused_with_advice(case: Case) -> None:
    """AIDE 0.18 reads one of 0.19 and shows its times as changed."""
    case.seal()
    body = case.baseline.read_bytes().replace(b"fimci-baseline/1", b"fimci-baseline/99", 1)
    body = body[: body.rindex(b'{"records"')]
    case.baseline.write_bytes(body + trailer(body))
    run = case.check()
    assert run.code == REFUSED
    assert "newer" in run.printed


def test_a_full_disk_leaves_the_old_baseline(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """AIDE 0.18, mtree and hashdeep exit with 0 and leave half a baseline; Tripwire crashes."""
    case.seal()
    before = case.baseline.read_bytes()
    (case.tree / "new.txt").touch()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    code = case.seal()
    assert code not in {0, 1}
    assert "no space left" in case.capsys.readouterr().err.lower()
    assert case.baseline.read_bytes() == before
    assert {path.name for path in case.baseline.parent.iterdir()} == {"tree", "good"}


@pytest.mark.parametrize("name", ["a.txt", "inside"])
def test_what_cannot_be_read_is_told_with_exit_code_3(case: Case, name: str) -> None:
    """AIDE warns and exits with 0."""
    case.seal()  # also imports all that nobody may not be allowed to
    case.check()
    # As root's own these are closed to others, and their portable modes are what they were.
    (case.tree / name).chmod((0o700 if name == "inside" else 0o600) if os.geteuid() == 0 else 0)
    with unprivileged():
        run = case.check()
    assert [unread["path"] for unread in run.unread] == [name]
    assert "permission denied" in run.printed
    assert run.code == (3 if os.geteuid() == 0 or name != "inside" else 1)
    assert not [f for f in run.findings if "gone" in f["message"]], "nobody knows that"
    (case.tree / name).chmod(0o755)


def test_a_baseline_of_what_cannot_be_read_says_so(case: Case) -> None:
    case.seal()
    case.baseline.unlink()
    case.baseline.parent.chmod(0o777)
    (case.tree / "a.txt").chmod(0)
    with unprivileged():
        code = case.seal()
    assert code == 3
    assert "unread: a.txt: permission denied" in case.capsys.readouterr().out
    (case.tree / "a.txt").chmod(0o644)


def test_a_file_that_grows_while_it_is_hashed_is_told(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """AIDE drops the hash, keeps the entry without one, and exits with 0."""
    case.seal()
    growing, real = case.tree / "b.txt", os.read

    def read(handle: int, size: int, /) -> bytes:
        data = real(handle, size)
        if os.fstat(handle).st_ino == growing.stat().st_ino:
            with growing.open("ab") as file:
                file.write(b"more\n")
        return data

    # It grows at each of the reads, of which there is one for every attempt.
    monkeypatch.setattr(os, "read", bounded(read, 20))
    run = case.check()
    assert run.code in {1, 3}
    assert {"b.txt"} == {u["path"] for u in run.unread}
    assert "changed while it was read" in run.printed


def bounded(read: Any, times: int) -> Any:
    """Let a file grow so many times only: a reader that never gives up must not read for ever."""
    left = iter(range(times))
    real = os.read
    return lambda handle, size, /: (read if next(left, None) is not None else real)(handle, size)


def test_an_edit_of_the_same_size_with_the_time_restored_is_told(case: Case) -> None:
    case.seal()
    path = case.tree / "a.txt"
    state = path.stat()
    path.write_bytes(path.read_bytes().replace(b"this", b"that"))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    run = case.check()
    assert (run.code, [f["path"] for f in run.findings]) == (1, ["a.txt"])


def test_a_time_that_moved_is_no_change_of_content(case: Case) -> None:
    """By default times are not recorded: each clone has its own."""
    case.seal()
    path = case.tree / "a.txt"
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + 300_000_000))
    assert case.check().code == 0


@pytest.mark.parametrize("what", ["added", "removed", "content", "mode", "link", "nothing"])
def test_exit_codes(case: Case, what: str) -> None:
    """Samhain exits with 0 always, mtree where files were only added."""
    case.seal()
    path = case.tree / "a.txt"
    if what == "added":
        (case.tree / "new.txt").touch()
    elif what == "content":
        path.write_text("other\n")
    elif what == "mode":
        path.chmod(0o755)
    elif what != "nothing":
        path.unlink()
    if what == "link":
        path.symlink_to("b.txt")
    assert case.check().code == (0 if what == "nothing" else 1)


def test_a_renamed_folder_is_told_in_one_line(case: Case) -> None:
    """AIDE lists 101 entries as added and 101 as removed."""
    (case.tree / "old").mkdir()
    for number in range(100):
        (case.tree / f"old/{number}").write_text(f"file {number}\n")
    case.seal()
    (case.tree / "old").rename(case.tree / "new")
    run = case.check()
    assert run.code == 1
    assert len(run.findings) == 1
    assert "100 files moved here from old" in run.findings[0]["message"]


def test_a_tree_that_moved_or_was_copied_has_not_changed(case: Case) -> None:
    """AIDE, Tripwire, Samhain and integrit store absolute paths: everything is gone."""
    case.seal()
    moved = case.tree.rename(case.tree.parent / "moved")
    assert case._replace(tree=moved).check().code == 0
    copied = Path(shutil.copytree(moved, case.tree.parent / "copied", copy_function=shutil.copyfile))
    assert case._replace(tree=copied).check().code == 0


@pytest.mark.parametrize("form", ["text", "github"])
def test_a_name_cannot_claim_that_all_is_well(case: Case, form: str) -> None:
    """CVE-2025-54389: a line break and an escape in a name wrote AIDE's verdict."""
    case.seal()
    (case.tree / "x\n0 findings\x1b[2J\n::stop-commands::t\n\u202eclean").touch()
    run = case.check(form)
    assert run.code == 1
    assert not {"\x1b", "\u202e"} & set(run.printed)
    lines = run.printed.splitlines()
    assert not [line for line in lines if line.startswith(("0 findings", "::stop-commands"))]
