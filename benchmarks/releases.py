"""What it costs to subtract two releases: processor time for each megabyte that is read.

    python benchmarks/releases.py PAIRS [--write]
    python benchmarks/releases.py --compare PAIRS [--log FILE] [--write]
    python benchmarks/releases.py --project REPOSITORY... [--write]

PAIRS is a file with a line for each update: `npm NAME OLD NEW` or `pypi NAME OLD NEW`; those of the
documentation are in benchmarks/pairs.txt. Archives are
obtained first, from caches or the registry that is configured, and that is not measured. Then both sides
are taken with all readers, nothing remembered, and subtracted, in this one process.

With `--compare` each pair is given to `fimci compare pkg:… pkg:…`, and what that says is counted and kept.

Each REPOSITORY is one whose lockfile was updated by its client and not committed: `fimci check --releases`
judges it with nothing kept but what the client keeps, then again with what the first run kept. Megabytes are
those in the files of both releases of each update.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

# As a script it is started with its folder on the path; its modules are those of the project.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks import page  # noqa: E402  (the line above is what finds it)
from benchmarks.measure import machine  # noqa: E402  (the same)
from fimci import sides, verdict  # noqa: E402  (the same)
from fimci.model import File  # noqa: E402  (the same)
from fimci.packages.upgrades import upgrades  # noqa: E402  (the same)
from fimci.policy import Policy  # noqa: E402  (the same)
from fimci.printable import printable  # noqa: E402  (the same)
from fimci.releases import archives, obtain, take  # noqa: E402  (the same)
from fimci.releases.vouched import Judge  # noqa: E402  (the same)
from fimci.snapshot import Recipe, Snapshot  # noqa: E402  (the same)
from fimci.sources.locator import Locator  # noqa: E402  (the same)

_MB = 1_000_000


class Cost(NamedTuple):
    """Seconds of the processor, and bytes in the files of both releases."""

    seconds: float
    size: int


def main(arguments: list[str]) -> int:
    """Measure, print, and write the table into the documentation where that is asked for."""
    if arguments[0] == "--project":
        return _projects([one for one in arguments[1:] if one != "--write"], write="--write" in arguments)
    if arguments[0] == "--compare":
        return _compared(arguments)
    lines = [line.split() for line in Path(arguments[0]).read_text().splitlines() if line.strip()]
    where = obtain.sources(os.environ)
    pairs = []
    for ecosystem, name, old, new in lines:
        left, right = obtain.Wanted(ecosystem, name, old), obtain.Wanted(ecosystem, name, new)
        pairs.append((ecosystem, take.pair(where, left, right)))
    os.environ["FIMCI_CACHE_DIR"] = "off"
    costs: dict[str, list[Cost]] = {}
    for ecosystem, (before, after) in pairs:
        costs.setdefault(ecosystem, []).append(cost(before, after))
    head = "| | updates | MB | seconds | seconds for a MB | median of an update |\n|" + " --- |" * 6 + "\n"
    text = f"{machine()}.\n\n{head}" + "\n".join(_row(name, found) for name, found in costs.items())
    print(text)
    if "--write" in arguments:
        page.put("releases", text)
    return 0


def _compared(arguments: list[str]) -> int:
    """Compare each pair by the command, and tell how it ended and what was said."""
    log = Path(arguments[arguments.index("--log") + 1]) if "--log" in arguments else None
    ends: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "report.json")
        for line in Path(arguments[1]).read_text().splitlines():
            ecosystem, name, old, new = line.split()
            sides_ = [f"pkg:{ecosystem}/{name}@{version}" for version in (old, new)]
            command = [sys.executable, "-m", "fimci", "compare", *sides_, "--format", f"json={file}"]
            file.write_text("{}")
            there = {**os.environ, "PYTHONPATH": sys.path[0]}
            done = subprocess.run(command, env=there, check=False, stderr=subprocess.PIPE, text=True)
            report = json.loads(file.read_text())
            ends.setdefault(ecosystem, []).append((done.returncode, report))
            if log is not None:
                with log.open("a", encoding="utf-8") as opened:
                    opened.writelines(f"{one}\n" for one in _spoken(line, done, report))
    head = "| | pairs | clean | findings at high | crashed | with unread | medium or above |\n"
    table = "\n".join(_ended(ecosystem, rows) for ecosystem, rows in ends.items())
    text = f"{machine()}.\n\n{head}|{' --- |' * 7}\n{table}"
    print(text)
    if "--write" in arguments:
        page.put("releases-compared", text)
    return 0


def _spoken(line: str, done: subprocess.CompletedProcess[str], report: dict[str, Any]) -> Iterator[str]:
    """Yield how a comparison ended, and what it said at medium or above."""
    yield f"{line}: {done.returncode} {done.stderr.strip()[:300]}"
    for unread in report.get("unread", ()):
        yield printable(f"  unread {unread['path']}: {unread['why']}")
    for found in report.get("findings", ()):
        if found["severity"] not in {"low", "info"}:
            yield printable(f"  {found['severity']} {found['rule']} {found['path']}: {found['message']}")


def _ended(ecosystem: str, rows: list[tuple[int, dict[str, Any]]]) -> str:
    codes = [code for code, _ in rows]
    unread = sum(bool(report.get("unread")) for _, report in rows)
    louder = sum(
        any(found["severity"] not in {"low", "info"} for found in report.get("findings", ()))
        for _, report in rows
    )
    crashed = len(codes) - sum(codes.count(code) for code in (0, 1, 3))
    numbers = (len(rows), codes.count(0), codes.count(1), crashed, unread, louder)
    return f"| {ecosystem} | {' | '.join(map(str, numbers))} |"


def _projects(folders: list[str], *, write: bool) -> int:
    """Judge updates of whole lockfiles twice, each time by the command."""
    rows = []
    for folder in folders:
        with tempfile.TemporaryDirectory() as kept:
            runs = [_project(folder, kept) for _ in range(2)]
            size = _read(folder, kept)
        for title, (took, cpu, report) in zip(("nothing kept", "all kept"), runs, strict=True):
            rows.append(_judged(title, size, took, cpu, report))
    head = "| releases | | MB | seconds | of the processor | for a MB | high or above | medium | unread |\n"
    text = f"{machine()}.\n\n{head}|{' --- |' * 9}\n" + "\n".join(rows)
    print(text)
    if write:
        page.put("releases-project", text)
    return 0


def _project(folder: str, kept: str) -> tuple[float, float, dict[str, Any]]:
    """Judge an update with what is kept in a folder: seconds, those of the processor, and the report."""
    there = {**os.environ, "FIMCI_CACHE_DIR": kept, "PYTHONPATH": sys.path[0]}
    file = Path(kept, "report.json")
    command = [*(sys.executable, "-m", "fimci", "check", folder, "--releases", "--no-installed")]
    before, started = os.times(), time.monotonic()
    subprocess.run([*command, "--format", f"json={file}"], env=there, check=False)
    took, after = time.monotonic() - started, os.times()
    return took, sum(after[2:4]) - sum(before[2:4]), json.loads(file.read_text())


def _read(folder: str, kept: str) -> float:
    """Return the megabytes in the files of all releases that an update takes up or replaces."""
    how = sides.recipe((".git/",), directories=False)
    left, right = (
        sides.snapshot(one, how).records
        for one in (Locator("git", folder, "HEAD"), Locator("git", folder, ":worktree"))
    )
    where = obtain.sources({**os.environ, "FIMCI_CACHE_DIR": kept})
    now = dt.datetime.now(dt.timezone.utc)
    found = archives.ready(upgrades(left, right), lambda _: where, archives.Asked(now, 0, Judge()), None)
    every = (side for one in found for side in (one.old, one.new) if side is not None)
    size = 0
    for one in every:
        held = obtain.obtain(where, one.wanted, one.offered)
        plain = Recipe(readers=(), directories=False)
        size += _size(sides.packed(held.data, held.name, held.name, plain, released=True))
    return size / _MB


def _judged(title: str, size: float, took: float, cpu: float, report: dict[str, Any]) -> str:
    grades = [found["severity"] for found in report["findings"] if found["message"].startswith(_told(report))]
    worse = sum(grade in {"high", "critical"} for grade in grades)
    missed = sum(row["verdict"] == "not looked at" for row in report["releases"])
    times = (f"{size:.0f}", f"{took:.0f}", f"{cpu:.0f}", f"{cpu / size:.2f}")
    numbers = (len(report["releases"]), title, *times, worse, grades.count("medium"), missed)
    return f"| {' | '.join(map(str, numbers))} |"


def _told(report: dict[str, Any]) -> tuple[str, ...]:
    """Return how findings about releases begin, and not those about the lockfile alone."""
    starts = []
    for row in report["releases"]:
        new = f"{row['through']} now brings {row['name']} {row['after']}" if row["through"] else row["name"]
        starts.append(f"{row['name']} {row['before']} → {row['after']}: " if row["before"] else new)
    return tuple(starts)


def cost(before: obtain.Obtained, after: obtain.Obtained) -> Cost:
    """Take and subtract two releases; records may come as a stream, and are counted afterwards."""
    how = sides.recipe((".git/",), directories=False, code=True)
    started = time.process_time()
    taken = (take.snapshot(one, one.name, how) for one in (before, after))
    old, new = (msgspec.structs.replace(one, records=list(one.records)) for one in taken)
    verdict.judge(old, new, Policy(), today=dt.date.min, against="release")
    return Cost(time.process_time() - started, _size(old) + _size(new))


def _size(side: Snapshot) -> int:
    return sum(r.size for r in side.records if isinstance(r, File) and isinstance(r.size, int))


def _row(name: str, found: list[Cost]) -> str:
    seconds, size = sum(one.seconds for one in found), sum(one.size for one in found) / _MB
    median = statistics.median(one.seconds for one in found)
    return f"| {name} | {len(found)} | {size:.0f} | {seconds:.0f} | {seconds / size:.2f} | {median:.2f} s |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
