"""Run a command and measure it: wall seconds, and the memory of all its processes.

Times are taken without anything beside the command. Memory takes a run of its own, for which
`/proc` is asked every few milliseconds: that costs time, and a maximum over processes, which is
what the system keeps, says nothing of a command that works in several.
"""

from __future__ import annotations

import contextlib
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
#: Seconds between two looks at the memory of a command.
_PAUSE = 0.01
_PROC = os.path.exists("/proc/self/smaps_rollup")


class Command(NamedTuple):
    """What to run: the words, where, what its output goes to, and how it may end."""

    words: tuple[str, ...]
    folder: Path = ROOT
    output: Path = Path(os.devnull)
    codes: tuple[int, ...] = (0,)


class Cost(NamedTuple):
    """What a run took: wall seconds, peak bytes of memory, and why it does not count, if so.

    `processor`: seconds of processor time, of the command and of all that it started and waited for.
    """

    seconds: float
    peak: int
    fault: str = ""
    processor: float = 0.0


def fimci(*arguments: str) -> tuple[str, ...]:
    """Return the command line of this copy of fimci, as an installation would start it."""
    script = Path(sys.executable).with_name("fimci")
    if script.exists():
        return (str(script), *arguments)
    start = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from fimci.cli import main; sys.exit(main())"
    return (sys.executable, "-c", start, *arguments)


def run(command: Command, limit: float, *, memory: bool = False) -> Cost:
    """Run a command for at most `limit` seconds; with `memory`, watch its processes as well."""
    with command.output.open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command.words,
            cwd=command.folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.PIPE,
            env=environment(),
            start_new_session=True,
        )
    late = threading.Timer(limit, _end, (process.pid,))
    watch = _Watch(process.pid)
    late.start()
    if memory and _PROC:
        watch.start()
    try:
        with process.stderr or contextlib.nullcontext() as errors:
            told = errors.read() if errors is not None else b""
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
    finally:
        late.cancel()
        watch.ended.set()
        if memory and _PROC:
            watch.join()
    process.returncode = code = os.waitstatus_to_exitcode(status)
    # What the system keeps counts this process as well, of which the command was a copy at first.
    peak = watch.peak if _PROC else usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    fault = _fault(code, command, told, late=seconds >= limit)
    return Cost(seconds, peak, fault, usage.ru_utime + usage.ru_stime)


def environment() -> Mapping[str, str]:
    """Return what a command sees of the machine: no CI, no git configuration, one language."""
    # What is installed is compiled once, and not at every start.
    unlike = ("GIT", "CI", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unlike)}
    return {**kept, "LC_ALL": "C.UTF-8", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


@contextlib.contextmanager
def own_cache() -> Iterator[None]:
    """Let this process remember readings in a folder of its own, empty at first, and forget them at the end.

    What a machine remembers from other runs would make these faster than they are.
    """
    before = os.environ.get("FIMCI_CACHE_DIR")
    with tempfile.TemporaryDirectory(prefix="fimci-bench-") as folder:
        os.environ["FIMCI_CACHE_DIR"] = folder
        try:
            yield
        finally:
            del os.environ["FIMCI_CACHE_DIR"]
            if before is not None:
                os.environ["FIMCI_CACHE_DIR"] = before


def machine() -> str:
    """Describe this machine as far as figures depend on it."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    kernel = ".".join(platform.release().split(".")[:2])
    return f"{cores} cores, {platform.system()} {kernel}, Python {platform.python_version()}"


def median(values: Sequence[float]) -> float:
    """Return the median, or not-a-number for none."""
    return statistics.median(values) if values else float("nan")


def _fault(code: int, command: Command, told: bytes, *, late: bool) -> str:
    if late:
        return "over time"
    if code in command.codes:
        return ""
    lines = told.decode(errors="replace").strip().splitlines()
    return f"exit {code}" + (f": {lines[-1][:100]}" if lines else "")


def _end(session: int) -> None:
    try:
        os.killpg(session, signal.SIGKILL)
    except ProcessLookupError:
        return


class _Watch(threading.Thread):
    """Keep the highest sum of what the processes of a session hold: shared pages count once."""

    def __init__(self, session: int) -> None:
        super().__init__(daemon=True)
        self.session = session
        self.ended = threading.Event()
        self.peak = 0

    def run(self) -> None:
        while not self.ended.is_set():
            self.peak = max(self.peak, sum(map(_held, self._processes())))
            self.ended.wait(_PAUSE)

    def _processes(self) -> list[int]:
        numbers = [int(name) for name in os.listdir("/proc") if name.isdecimal()]
        return [number for number in numbers if number >= self.session and _session(number) == self.session]


def _session(process: int) -> int:
    try:
        return os.getsid(process)
    except OSError:
        return -1


def _held(process: int) -> int:
    """Return the bytes of a process, its share of what it shares."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    for line in text.splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
