"""An installed tree: what inspecting it takes, beside hashing every file of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Command, fimci, machine, run

_LIMIT = 1800


def table(tree: Path, scratch: Path) -> Iterator[str]:
    """Yield the lines of a table; the tree is read and nothing else."""
    files = [path for path in tree.rglob("*") if path.is_file() and not path.is_symlink()]
    size = sum(path.stat().st_size for path in files) / 1e6
    inspect = ("env", f"FIMCI_CACHE_DIR={scratch / 'tree'}", *fimci("inspect", "--format", "json", str(tree)))
    commands = {
        "`sha256sum` of every file": ("find", str(tree), "-type", "f", "-exec", "sha256sum", "{}", "+"),
        "`fimci baseline`": fimci("baseline", str(tree), "--output", str(scratch / "tree.baseline")),
        "`fimci inspect`, cold": inspect,
        "`fimci inspect`, warm": inspect,
    }
    yield f"{machine()}; {len(files):,} files, {size:,.0f} MB; all cores are used."
    yield ""
    yield "| | processor time, seconds | times hashing | seconds |"
    yield "| --- | --: | --: | --: |"
    first = 0.0
    for name, words in commands.items():
        cost = run(Command(words, output=Path(os.devnull), codes=(0, 3)), _LIMIT)
        first = first or cost.processor
        told = f" ({cost.fault})" if cost.fault else ""
        yield f"| {name}{told} | {cost.processor:.1f} | {cost.processor / first:.1f} | {cost.seconds:.1f} |"
