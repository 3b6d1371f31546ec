"""What it costs to subtract two releases: processor time for each megabyte that is read.

    python benchmarks/releases.py PAIRS [--write]
    python benchmarks/releases.py --project REPOSITORY [--write]

PAIRS is a file with a line for each update: `npm NAME OLD NEW` or `pypi NAME OLD NEW`. Archives are
obtained first, from caches or the registry that is configured, and that is not measured. Then both sides
are taken with all readers, nothing remembered, and subtracted, in this one process.

REPOSITORY is one whose lockfile was updated by its client and not committed: `fimci check --releases` judges
it with nothing kept but what the client keeps, then again with what the first run kept.
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
from pathlib import Path
from typing import Any, NamedTuple

# As a script it is started with its folder on the path; its modules are those of the project.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks import page  # noqa: E402  (the line above is what finds it)
from benchmarks.measure import machine  # noqa: E402  (the same)
from fimci import sides, verdict  # noqa: E402  (the same)
from fimci.model import File  # noqa: E402  (the same)
from fimci.policy import Policy  # noqa: E402  (the same)
from fimci.releases import obtain, take  # noqa: E402  (the same)
from fimci.snapshot import Snapshot  # noqa: E402  (the same)

_MB = 1_000_000


class Cost(NamedTuple):
    """Seconds of the processor, and bytes in the files of both releases."""

    seconds: float
    size: int


def main(arguments: list[str]) -> int:
    """Measure, print, and write the table into the documentation where that is asked for."""
    if arguments[0] == "--project":
        return _project(arguments[1], write="--write" in arguments)
    lines = [line.split() for line in Path(arguments[0]).read_text().splitlines() if line.strip()]
    where = obtain.sources(os.environ)
    pairs = []
    for ecosystem, name, old, new in lines:
        left, right = obtain.Wanted(ecosystem, name, old), obtain.Wanted(ecosystem, name, new)
        pairs.append((ecosystem, take.pair(where, left, right)))
    os.environ["FIMCI_CACHE_DIR"] = "off"
    costs: dict[str, list[Cost]] = {}
    for ecosystem, (before, after) in pairs:
        costs.setdefault(ecosystem, []).append(_cost(before, after))
    head = "| | updates | MB | seconds | seconds for a MB | median of an update |\n|" + " --- |" * 6 + "\n"
    text = f"{machine()}.\n\n{head}" + "\n".join(_row(name, found) for name, found in costs.items())
    print(text)
    if "--write" in arguments:
        page.put("releases", text)
    return 0


def _project(folder: str, *, write: bool) -> int:
    """Judge an update of a whole lockfile twice, each time by the command."""
    rows = []
    with tempfile.TemporaryDirectory() as kept:
        for title in ("nothing kept", "all kept"):
            there = {**os.environ, "FIMCI_CACHE_DIR": kept, "PYTHONPATH": sys.path[0]}
            file = Path(kept, "report.json")
            command = [*(sys.executable, "-m", "fimci", "check", folder, "--releases", "--no-installed")]
            before, started = os.times(), time.monotonic()
            subprocess.run([*command, "--format", f"json={file}"], env=there, check=False)
            took, after = time.monotonic() - started, os.times()
            cpu = sum(after[2:4]) - sum(before[2:4])
            rows.append((title, took, cpu, json.loads(file.read_text())))
    head = "| | releases | seconds | of the processor | high or above | medium | not looked at |\n"
    table = "".join(_judged(*row) for row in rows)
    text = f"{machine()}.\n\n{head}|{' --- |' * 7}\n{table}".rstrip()
    print(text)
    if write:
        page.put("releases-project", text)
    return 0


def _judged(title: str, took: float, cpu: float, report: dict[str, Any]) -> str:
    grades = [found["severity"] for found in report["findings"] if found["message"].startswith(_told(report))]
    worse = sum(grade in {"high", "critical"} for grade in grades)
    missed = sum(row["verdict"] == "not looked at" for row in report["releases"])
    numbers = (len(report["releases"]), f"{took:.0f}", f"{cpu:.0f}", worse, grades.count("medium"), missed)
    return f"| {title} | {' | '.join(map(str, numbers))} |\n"


def _told(report: dict[str, Any]) -> tuple[str, ...]:
    """Return how findings about releases begin, and not those about the lockfile alone."""
    starts = []
    for row in report["releases"]:
        new = f"{row['through']} now brings {row['name']} {row['after']}" if row["through"] else row["name"]
        starts.append(f"{row['name']} {row['before']} → {row['after']}: " if row["before"] else new)
    return tuple(starts)


def _cost(before: obtain.Obtained, after: obtain.Obtained) -> Cost:
    how = sides.recipe((".git/",), directories=False, code=True)
    started = time.process_time()
    old, new = (take.snapshot(one, one.name, how) for one in (before, after))
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
