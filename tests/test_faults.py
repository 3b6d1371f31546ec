"""Faults of the machine under a whole run: rights, handles, read-only disks, clocks, kills.

Runs are made through the command line, in a process of their own where the fault belongs to one.
"""

from __future__ import annotations

import ctypes
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from fimci import durable, packing
from fimci.cli import main
from fimci.sources import directory

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="rights, limits and mounts of Linux")
root_only = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may become somebody else, or mount"
)
NOBODY = 65534
ROOT = Path(__file__).parent.parent
START = "import sys; from fimci.cli import main; sys.exit(main(sys.argv[1:]))"


#: What `close` keeps others from reading.
CLOSED = (".npmrc", "closed", "entered", "listed/file", "secret")


class Ended(NamedTuple):
    """How a run ended."""

    code: int
    printed: str

    @property
    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.printed[self.printed.index("{") :])
        return found

    @property
    def unread(self) -> dict[str, str]:
        return {record["path"]: record["why"] for record in self.report["unread"]}


def forked(output: Path, before: Callable[[], object], *words: str) -> Ended:
    """Run in a process that has everything imported, after it has given up what it must not have."""
    child = os.fork()
    if not child:
        code = 99
        try:
            handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(handle, 1)
            os.dup2(handle, 2)
            os.close(handle)
            sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115  (until the end)
            sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115  (the same)
            before()
            code = main(words)
            sys.stdout.flush()
            sys.stderr.flush()
        except BaseException:  # noqa: BLE001  (nothing may run on as a second copy of the tests)
            traceback.print_exc()
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    printed = output.read_text(errors="backslashreplace")
    assert "Traceback" not in printed
    return Ended(os.waitstatus_to_exitcode(status), printed)


def somebody_else() -> None:
    """Become nobody, with no way back."""
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


@pytest.fixture
def place() -> Iterator[Path]:
    """Return a place with a tree that everybody may enter, and its baseline."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield planted(Path(name))


def planted(place: Path) -> Path:
    tree = place / "tree"
    for name in ("open/file", "closed/file", "listed/file", "entered/file", "file", "secret"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(f"this is {name}\n")
    (tree / ".npmrc").write_text("ignore-scripts=true\n")
    (tree / "link").symlink_to("secret")
    assert main(["baseline", str(tree), "--output", str(place / "good")]) == 0
    (place / "good").chmod(0o644)
    return place


def close(tree: Path) -> None:
    """Close some of a tree, without a change that the default profile records."""
    (tree / "closed").chmod(0o700)
    (tree / "listed").chmod(0o744)
    (tree / "entered").chmod(0o711)
    (tree / "secret").chmod(0o600)
    (tree / ".npmrc").chmod(0o600)


@root_only
def test_whoever_may_not_read_it_all_is_told_what_and_why(place: Path) -> None:
    """A folder may be closed, or only listed (its members cannot be looked at), or only entered."""
    close(place / "tree")
    words = ["check", str(place / "tree"), "--baseline", str(place / "good"), "--format", "json"]
    main(words)
    run = forked(place / "out", somebody_else, *words)
    assert run.code == 3
    assert run.unread == dict.fromkeys(CLOSED, "permission denied")
    assert {finding["rule"] for finding in run.report["findings"]} == {"unread"}, "nothing is said to be gone"
    (place / "tree/file").write_text("changed\n")
    run = forked(place / "out", somebody_else, *words)
    assert run.code == 1, "what is unread does not hide what changed"
    assert [f["path"] for f in run.report["findings"] if f["rule"] != "unread"] == ["file"]


@root_only
def test_a_baseline_of_what_may_not_be_read_says_so_and_so_does_the_check(place: Path) -> None:
    close(place / "tree")
    place.chmod(0o777)
    words = ["baseline", str(place / "tree"), "--output", str(place / "partial")]
    main([*words[:-1], str(place / "unused")])
    run = forked(place / "out", somebody_else, *words)
    assert run.code == 3
    for name in CLOSED:
        assert f"unread: {name}: permission denied" in run.printed
    run = forked(
        place / "out", somebody_else, "check", str(place / "tree"), "--baseline", str(place / "partial"),
        "--format", "json",
    )  # fmt: skip
    assert run.code == 3, "what nobody has ever looked at is not clean"
    assert set(run.unread) == set(CLOSED)
    assert run.report["findings"] == []


@root_only
def test_files_of_others_are_read_though_their_access_time_may_not_be_spared(place: Path) -> None:
    words = ["check", str(place / "tree"), "--baseline", str(place / "good"), "--format", "json"]
    main(words)
    run = forked(place / "out", somebody_else, *words)
    assert (run.code, run.unread) == (0, {})


@root_only
def test_access_times_are_spared_where_that_is_allowed(place: Path) -> None:
    path = place / "tree/file"
    os.utime(path, ns=(1, path.stat().st_mtime_ns))
    assert main(["check", str(place / "tree"), "--baseline", str(place / "good")]) == 0
    assert path.stat().st_atime_ns == 1


@pytest.mark.parametrize("handles", [14, 20, 40])
def test_few_file_handles_are_enough_for_deep_trees(place: Path, handles: int) -> None:
    deep = place / "tree"
    for number in range(60):
        deep /= f"level-{number}"
        deep.mkdir()
        (deep / "a").write_text("a")
        (deep / "z").write_text("z")
    main(["baseline", str(place / "tree"), "--output", str(place / "good")])
    words = ["check", str(place / "tree"), "--baseline", str(place / "good"), "--format", "json"]
    main(words)

    def limit() -> None:
        os.closerange(3, 1000)
        resource.setrlimit(resource.RLIMIT_NOFILE, (handles, handles))

    run = forked(place / "out", limit, *words)
    assert (run.code, run.unread, run.report["counts"]["changes"]) == (0, {}, 0)


@pytest.mark.parametrize("handles", range(3, 10))
def test_without_handles_it_is_said_that_nothing_could_be_looked_at(place: Path, handles: int) -> None:
    words = ["check", str(place / "tree"), "--baseline", str(place / "good")]
    main(words)

    def limit() -> None:
        os.closerange(3, 1000)
        resource.setrlimit(resource.RLIMIT_NOFILE, (handles, handles))

    run = forked(place / "out", limit, *words)
    assert run.code in {0, 2, 3}
    assert run.code == 0 or "too many open files" in run.printed


def mount(source: str, target: Path, kind: str, flags: int) -> None:
    system = ctypes.CDLL(None, use_errno=True)
    if system.mount(source.encode(), os.fsencode(target), kind.encode(), flags, b""):
        pytest.skip("mounting is not allowed here")


@root_only
def test_a_tree_on_a_read_only_file_system_is_checked_and_left_alone(place: Path) -> None:
    tree = place / "tree"
    assert main(["baseline", str(tree)]) == 0
    mount(str(tree), tree, "none", 4096)  # MS_BIND
    try:
        mount("none", tree, "none", 4096 | 32 | 1)  # MS_BIND | MS_REMOUNT | MS_RDONLY
        assert main(["check", str(tree)]) == 0
        assert main(["baseline", str(tree)]) == 2
    finally:
        ctypes.CDLL(None).umount2(os.fsencode(tree), 2)
    assert sorted(os.listdir(tree)) == [
        ".npmrc", "closed", "entered", "file", "fimci.baseline", "link", "listed", "open", "secret",
    ]  # fmt: skip


@pytest.mark.parametrize("now", [0.0, 4_000_000_000.0], ids=["back to 1970", "far ahead"])
def test_a_clock_that_was_set_changes_nothing(
    place: Path, now: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.utime(place / "tree/file", (4_200_000_000, 4_200_000_000))
    os.utime(place / "tree/secret", (-100, -100))
    whole = (place / "good").read_bytes()
    monkeypatch.setattr(time, "time", lambda: now)
    assert main(["check", str(place / "tree"), "--baseline", str(place / "good")]) == 0
    assert main(["baseline", str(place / "tree"), "--output", str(place / "good")]) == 0
    assert (place / "good").read_bytes() == whole, "a baseline knows no clock"


def test_a_draft_of_a_writer_at_work_survives_a_clock_that_was_set_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = tmp_path / f".fimci-{os.getppid()}-0123456789abcdef.new"
    used.touch()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    durable.write(str(tmp_path / "b"), [b"x"])
    assert used.exists()


def test_a_run_that_is_killed_at_random_leaves_the_old_or_the_new_baseline(tmp_path: Path) -> None:
    """The whole command, from its start to its end, killed anywhere in between."""
    tree, kept = tmp_path / "tree", tmp_path / "kept"
    tree.mkdir()
    kept.mkdir()
    for number in range(3000):
        (tree / f"{number:05}").write_bytes(b"%d" % number)
    words = ["baseline", str(tree), "--output", str(kept / "good")]
    wholes, took = [], 0.0
    for content in (b"old", b"new"):
        (tree / "00000").write_bytes(content)
        began = time.monotonic()
        run(*words)
        took = time.monotonic() - began
        wholes.append((kept / "good").read_bytes())
    chance = random.Random(11)  # noqa: S311  (when to kill, not whom to trust)
    seen = set()
    for number in range(15):
        (tree / "00000").write_bytes((b"old", b"new")[number % 2])
        process = subprocess.Popen([sys.executable, "-c", START, *words], cwd=ROOT, stdout=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.4, 1.1) * took)
        process.kill()
        process.wait()
        content = (kept / "good").read_bytes()
        assert content in wholes
        assert len(os.listdir(kept)) <= 2
        seen.add(content == wholes[number % 2])
    run(*words)
    assert os.listdir(kept) == ["good"]
    assert (kept / "good").read_bytes() == wholes[0]
    assert seen == {True, False}, "some were killed before they had written, some after"


def run(*words: str) -> None:
    subprocess.run([sys.executable, "-c", START, *words], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)


@pytest.mark.parametrize("number", ["0", "2", "99", "one", "1.0", ""])
@pytest.mark.parametrize("packed", [False, True], ids=["text", "packed"])
def test_a_baseline_of_another_format_is_refused(
    place: Path, number: str, capsys: pytest.CaptureFixture[str], *, packed: bool
) -> None:
    import hashlib  # noqa: PLC0415  (here alone)

    body = (place / "good").read_bytes()
    body = body[: body.rindex(b'{"records"')].replace(b"baseline/1", b"baseline/" + number.encode(), 1)
    root = f"sha256:{hashlib.sha256(body).hexdigest()}"
    altered = body + b'{"records":%d,"root":"%s"}\n' % (body.count(b"\n") - 1, root.encode())
    file = place / ("other.zst" if packed else "other")
    file.write_bytes(b"".join(packing.pack([altered])) if packed else altered)
    assert main(["check", str(place / "tree"), "--baseline", str(file)]) == 3
    assert "this fimci reads fimci-baseline/1" in capsys.readouterr().err


def odd(path: Path, what: str) -> None:
    match what:
        case "fifo":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "link":
            path.symlink_to("/dev/zero")
        case "hole":
            path.touch()
            os.truncate(path, 64 << 30)


@pytest.mark.parametrize("name", ["fimci.toml", "pyproject.toml"])
@pytest.mark.parametrize("what", ["fifo", "folder", "link", "hole"])
def test_what_stands_where_a_policy_is_looked_for_is_not_waited_for(
    place: Path, name: str, what: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    odd(place / "tree" / name, what)
    monkeypatch.setattr(directory, "HOLES", 1 << 30)
    began = time.monotonic()
    main(["check", str(place / "tree"), "--baseline", str(place / "good")])
    assert f"note: {name} is no file that can be read: built-in defaults apply" in capsys.readouterr().out
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("what", ["fifo", "folder", "link"])
def test_what_stands_where_the_baseline_is_looked_for_is_not_waited_for(place: Path, what: str) -> None:
    odd(place / "tree/fimci.baseline", what)
    assert main(["check", str(place / "tree")]) == 2


@root_only
@pytest.mark.parametrize(
    "words",
    [
        ["check", "tree", "--baseline", "good"],
        ["baseline", "tree", "--output", "mine"],
        ["explain", "tree/a"],
    ],
)
def test_a_policy_that_may_not_be_read_is_said_in_words(
    place: Path, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place.chmod(0o777)
    monkeypatch.chdir(place)
    main(words)
    (place / "tree/fimci.toml").write_text('fail-on = "high"\n')
    (place / "tree/fimci.toml").chmod(0o600)
    run = forked(place / "out", somebody_else, *words)
    assert run.code in {1, 2}
    assert "fimci.toml cannot be read" in run.printed or "no file that can be read" in run.printed


def test_ctrl_c_during_a_check_ends_with_130_and_leaves_nothing_behind(place: Path) -> None:
    for number in range(3000):
        (place / "tree" / f"{number:05}").write_bytes(b"%d" % number)
    main(["baseline", str(place / "tree"), "--output", str(place / "good")])
    before = sorted(os.listdir(place)), sorted(os.listdir(place / "tree"))
    slow = (
        "import sys, time\n"
        "from fimci import cli, held, workers\n"
        "real = held.unlike\n"
        "def slow(*given):\n"
        "    print('at work', flush=True)\n"
        "    time.sleep(0.2)\n"
        "    return real(*given)\n"
        "held.unlike, workers.ALONE, workers.cores = slow, 0, lambda: 2\n"
        "sys.exit(cli.main(sys.argv[1:]))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", slow, "check", str(place / "tree"), "--baseline", str(place / "good")],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"at work\n"
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (130, b"fimci: interrupted\n")
    assert (sorted(os.listdir(place)), sorted(os.listdir(place / "tree"))) == before
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
