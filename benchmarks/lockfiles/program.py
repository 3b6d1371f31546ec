"""`python benchmarks/lockfiles`: read a lockfile of 5 MB of each format, and have its client read it.

    python benchmarks/lockfiles [--clients FOLDER] [--limit SECONDS] [--only NAME] [--write]

`--clients` is a folder with programs (`npm`, `yarn1`, `yarn4`, `pnpm`, `uv`, `poetry`, ...) that are not on
the path. What is compared is the processor time of our reading with that of the client's whole command:
none of the clients has one that does nothing but read. Nothing passes or fails here.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import page
from benchmarks.lockfiles.clients import FORMATS, Format
from benchmarks.lockfiles.grown import grown
from benchmarks.measure import ROOT, environment, machine

_SIZE = 5_000_000
_READ = "import sys; from benchmarks.lockfiles.reading import main; main(sys.argv[1])"


def main(arguments: list[str]) -> int:
    """Measure, print, and write the table into the documentation where that is asked for."""
    parser = argparse.ArgumentParser(prog="benchmarks/lockfiles", description=__doc__)
    parser.add_argument("--clients", default="", metavar="FOLDER", help="programs that are not on the path")
    parser.add_argument("--limit", default=60, type=int, metavar="N", help="seconds that a client may take")
    parser.add_argument("--only", default="", metavar="NAME", help="one format")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    given = parser.parse_args(arguments)
    rows = [
        "| | file MB | packages | seconds | memory, times the file | the client, seconds |",
        "| --- | --: | --: | --: | --: | --: |",
    ]
    for name, form in FORMATS.items():
        if given.only in {"", name}:
            rows.append(_row(name, form, given.clients, given.limit))
            print(rows[-1], flush=True)
    text = f"{machine()}; processor time.\n\n" + "\n".join(rows)
    print(f"\n{text}")
    if given.write:
        page.put("lockfiles", text)
    return 0


def _row(name: str, form: Format, clients: str, limit: int) -> str:
    with tempfile.TemporaryDirectory(prefix="fimci-bench-") as place:
        folder = Path(place)
        file = folder / form.file
        file.write_bytes(grown(form.make(), _SIZE))
        size = file.stat().st_size
        read = subprocess.run(
            [sys.executable, "-c", _READ, str(file)],
            cwd=ROOT,
            capture_output=True,
            check=True,
            env=environment(),
        )
        seconds, memory, packages = json.loads(read.stdout)
        form.beside(folder)
        theirs = _client(form, folder, clients, limit)
    return f"| {name} | {size / 1e6:.1f} | {packages:,} | {seconds:.2f} | {memory / size:.1f} | {theirs} |"


def _client(form: Format, folder: Path, clients: str, limit: int) -> str:
    """Return the processor seconds of the client's command, or why there are none."""
    if not form.words:
        return "no such command"
    program = shutil.which(form.words[0], path=os.pathsep.join((clients, os.environ["PATH"])))
    if program is None:
        return "not there"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        done = subprocess.run(
            [program, *form.words[1:]],
            cwd=folder,
            capture_output=True,
            check=False,
            timeout=limit,
            env=environment(),
        )
    except subprocess.TimeoutExpired:
        return f"over {limit}"
    if done.returncode not in form.codes:
        return "it fails"
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return f"{after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime:.2f}"
