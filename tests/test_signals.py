"""Interruptions of a real process with workers: how it ends, and what it leaves behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc to find the workers")

#: Starts the command line with two workers, whatever the machine has, each slow enough to be met at work.
SLOW = """
import sys, time
from fimci import batches, cli, lines, workers
look = lines.written
def slow(*arguments):
    time.sleep(0.05)
    return look(*arguments)
workers.cores = lambda: 2
workers.ALONE = 0
batches.MANY = 8
lines.written = slow
if {failing!r} == "fork":
    import os
    def fork():
        raise BlockingIOError(11, "resource temporarily unavailable")
    os.fork = fork
sys.exit(cli.main(sys.argv[1:]))
"""
PATIENCE = 20


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    root.mkdir()
    for number in range(4000):
        (root / f"file-{number:04}").write_bytes(b"%d" % number)
    return root


@contextlib.contextmanager
def running(tree: Path, failing: str = "") -> Iterator[subprocess.Popen[str]]:
    """Start `fimci baseline` in a process group of its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW.format(failing=failing), "baseline", str(tree)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def group(leader: int) -> set[int]:
    """Return the processes of a group that still run."""
    found = set()
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            state, _, its_group = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == leader and state != "Z":
                found.add(int(folder.name))
    return found


def wait(condition: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < ends, "nothing happened in time"
        time.sleep(0.02)


def at_work(process: subprocess.Popen[str]) -> set[int]:
    """Wait until the workers are there and in the middle of it; return them."""
    wait(lambda: len(group(process.pid)) == 3 or process.poll() is not None)
    time.sleep(0.2)
    assert process.poll() is None
    return group(process.pid) - {process.pid}


def left_behind(tree: Path) -> list[str]:
    return [path.name for path in tree.iterdir() if not path.name.startswith("file-")]


@pytest.mark.parametrize("whom", ["group", "parent"])
def test_an_interruption_ends_with_130_and_leaves_nothing_behind(tree: Path, whom: str) -> None:
    with running(tree) as process:
        at_work(process)
        (os.killpg if whom == "group" else os.kill)(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, out, err) == (130, "", "fimci: interrupted\n")
        wait(lambda: not group(process.pid))
    assert left_behind(tree) == []


def test_an_interruption_at_any_moment_of_the_start_shows_no_traceback(tree: Path) -> None:
    for delay in (0.25, 0.3, 0.35, 0.4, 0.5):
        with running(tree) as process:
            time.sleep(delay)
            os.killpg(process.pid, signal.SIGINT)
            _, err = process.communicate(timeout=PATIENCE)
            if "site.py" in err or "import" in err:  # the interpreter itself was still starting
                continue
            assert err == "fimci: interrupted\n"
            assert process.returncode == 130
            wait(lambda leader=process.pid: not group(leader))  # type: ignore[misc]


def test_a_killed_worker_is_an_error_and_no_hang(tree: Path) -> None:
    with running(tree) as process:
        os.kill(min(at_work(process)), signal.SIGKILL)
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 3
        assert out == ""
        assert "a worker process was killed" in err
        assert "Traceback" not in err
        wait(lambda: not group(process.pid))
    assert left_behind(tree) == []


def test_workers_end_with_a_parent_that_is_killed(tree: Path) -> None:
    with running(tree) as process:
        at_work(process)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(PATIENCE)
        wait(lambda: not group(process.pid))


def test_without_processes_the_work_is_done_alone(tree: Path) -> None:
    for path in list(tree.iterdir())[200:]:
        path.unlink()
    with running(tree, failing="fork") as process:
        out, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, err) == (0, "")
        assert "200 entries" in out
