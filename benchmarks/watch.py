"""Real time: how soon a change is told, whether any is lost, and what watching costs.

    python -m benchmarks.watch [FILES] [CHANGES] [--source NAME] [--again TIMES]

Makes a tree, takes its baseline, starts `fimci watch` and changes files in bursts of 1,000 a second. Prints
how long it took from each write to the report that tells it, how many changes were told beside how many a
full check finds, CPU time when idle, and memory at the beginning and at the end; `--again`: also after so
many more storms over the same files, which must not cost more. Beside it, where it is
installed, `inotifywait` with `sha256sum` in a loop: the same notice, without rules and baseline.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, NamedTuple

BURST = 1_000
#: Seconds that the watcher is looked at while nothing happens, and that it has to tell the rest.
IDLE, SETTLE = 20.0, 10.0
_TICKS = os.sysconf("SC_CLK_TCK")


class Told(NamedTuple):
    """When a path was told, and the line that did."""

    time: float
    paths: tuple[str, ...]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="?", type=int, default=50_000)
    parser.add_argument("changes", nargs="?", type=int, default=20_000)
    parser.add_argument("--source", default="")
    parser.add_argument("--rate", type=int, default=BURST)
    parser.add_argument("--again", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fimci-watch-") as folder:
        root = Path(folder, "tree")
        paths = made(root, given.files)
        fimci("baseline", str(root))
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores before")
        print(f"{given.files:,} files, {given.changes:,} changes in bursts of {given.rate:,} a second")
        ours(root, paths, given)
        if shutil.which("inotifywait"):
            peer(root, paths, min(given.changes, 5 * given.rate), given.rate)


def ours(root: Path, paths: list[str], given: argparse.Namespace) -> None:
    """Measure `fimci watch`, and hold what it told against a full check."""
    changes, rate = given.changes, given.rate
    options = ["--source", given.source] if given.source else []
    command = [*_FIMCI, "watch", str(root), "--list", "--format", "jsonl", "--every", "0", *options]
    begun = time.perf_counter()
    state = {"XDG_STATE_HOME": str(root.parent / "state")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | state) as process:
        assert process.stdout is not None  # noqa: S101  (for the type checker)
        told: list[Told] = []
        reports = iter(process.stdout.readline, "")
        first = json.loads(next(reports))
        through = next(note for note in first["notes"] if note.startswith("watching")).rpartition(" ")[2]
        print(f"first check: {time.perf_counter() - begun:.2f} s; through {through}")
        thread = threading.Thread(target=_collect, args=(process.stdout, told))
        thread.start()
        print(f"idle before: {idle(process.pid):.2f}% of a core, {memory(process.pid):.0f} MB")
        before = cpu(process.pid)
        written, spent = storm(root, paths, changes, rate, process.pid)
        print(f"while changing: {spent:.0f}% of a core")
        time.sleep(SETTLE)
        took = cpu(process.pid) - before
        print(f"CPU time: {1000 * took / changes:.2f} s for 1,000 changes")
        print(f"idle after:  {idle(process.pid):.2f}% of a core, {memory(process.pid):.0f} MB")
        for number in range(given.again):
            storm(root, paths, changes, rate, process.pid)
            time.sleep(SETTLE)
            print(f"after the same {changes:,} again ({number + 1}): {memory(process.pid):.0f} MB")
        process.terminate()
        thread.join()
    if not given.again:
        latencies(written, told)
    judged = {path for one in told for path in one.paths}
    words = ("check", str(root), "--baseline", str(root / "fimci.baseline"), "--list", "--format", "json")
    full = set(_paths(json.loads(fimci(*words))))
    missed = len(full - judged)
    print(f"told: {len(judged & full):,} of the {len(full):,} that a full check finds; missed: {missed:,}")


def storm(root: Path, paths: list[str], changes: int, rate: int, pid: int) -> tuple[dict[str, float], float]:
    """Change files; return when each was changed last, and the CPU that the watcher took meanwhile."""
    chance = random.Random(1)
    chosen = chance.sample(paths, min(changes, len(paths)))
    written: dict[str, float] = {}
    before, begun = cpu(pid), time.time()
    for at in range(0, len(chosen), rate):
        second = time.time()
        for number, path in enumerate(chosen[at : at + rate]):
            _change(root, path, (at + number) % 10)
            written[path] = time.time()
        time.sleep(max(0.0, second + 1 - time.time()))
    return written, 100 * (cpu(pid) - before) / (time.time() - begun)


def _change(root: Path, path: str, kind: int) -> None:
    """Change a file in one of several ways: most are writes, some are other changes."""
    file = root / path
    match kind:
        case 0:
            file.unlink(missing_ok=True)
        case 1 if file.exists():
            file.chmod(0o755)
        case 2:
            beside = file.with_suffix(".new")
            beside.write_text(f"replaced {time.time_ns()}\n")
            beside.rename(file)
        case _:
            with file.open("a") as opened:
                opened.write(f"{time.time_ns()}\n")


def latencies(written: dict[str, float], told: list[Told]) -> None:
    """Print how long it took from the last write of a path to the first report after it."""
    seen: dict[str, float] = {}
    for one in told:
        for path in one.paths:
            if path in written and one.time >= written[path]:
                seen.setdefault(path, one.time - written[path])
    found = sorted(seen.values())
    if found:
        p99 = found[int(len(found) * 0.99)]
        middle = statistics.median(found)
        print(f"from write to report: median {middle:.3f} s, 99% {p99:.3f} s, most {found[-1]:.3f} s")


def _collect(lines: IO[str], told: list[Told]) -> None:
    told.extend(Told(time.time(), tuple(_paths(json.loads(line)))) for line in lines)


def _paths(report: dict[str, list[str]]) -> list[str]:
    return [
        line[2:].rpartition(" (")[0] or line[2:]
        for line in report["summary"]
        if line[:2] in {"+ ", "- ", "~ "}
    ]


def peer(root: Path, paths: list[str], changes: int, rate: int) -> None:
    """Measure a loop of `inotifywait` and `sha256sum`."""
    script = (
        'inotifywait -q -m -r -e close_write,moved_to,attrib,delete --format %w%f "$0" |'
        ' while IFS= read -r file; do sha256sum "$file" 2>&1; done'
    )
    words = ["sh", "-c", script, str(root)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None  # noqa: S101  (for the type checker)
        told: list[Told] = []
        time.sleep(5)
        thread = threading.Thread(target=_collect_sums, args=(process.stdout, root, told))
        thread.start()
        written, _ = storm(
            root, [path for path in paths if (root / path).exists()], changes, rate, process.pid
        )
        time.sleep(10)
        os.killpg(process.pid, 15)
        thread.join()
    print(f"inotifywait and sha256sum, {changes:,} changes:")
    latencies(written, told)
    seen = {path for one in told for path in one.paths}
    print(f"told: {len(written.keys() & seen):,} of {len(written):,}, 10 s later")


def _collect_sums(lines: IO[str], root: Path, told: list[Told]) -> None:
    for line in lines:
        at = line.find(str(root))
        if at >= 0:
            name = (
                line[at + len(str(root)) + 1 :]
                .rstrip("\n")
                .removesuffix(": No such file or directory")
                .rstrip("'")
            )
            told.append(Told(time.time(), (name,)))


def made(root: Path, files: int) -> list[str]:
    """Make a tree of small files, fifty in a folder."""
    paths = []
    for number in range(files):
        path = f"d{number // 2500:03}/e{number // 50:05}/f{number:06}.txt"
        if number % 50 == 0:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(b"%d\n" % number * (1 + number % 200))
        paths.append(path)
    return paths


def idle(pid: int) -> float:
    """Return the share of a core, in percent, that a process takes while nothing happens."""
    before = cpu(pid)
    time.sleep(IDLE)
    return 100 * (cpu(pid) - before) / IDLE


def cpu(pid: int) -> float:
    """Return the CPU time of a process, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory(pid: int) -> float:
    """Return the resident memory of a process, in MB."""
    line = next(
        line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")
    )
    return int(line.split()[1]) / 1024


_FIMCI = [sys.executable, "-m", "fimci"]


def fimci(*words: str) -> str:
    """Run fimci; return what it prints."""
    return subprocess.run([*_FIMCI, *words], check=False, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
