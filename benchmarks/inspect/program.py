"""`fimci inspect` against GuardDog on the same archives, and on a `node_modules` against hashing it.

    python benchmarks/inspect FOLDER [--each N] [--older N] [--tree FOLDER] [--log FILE] [--rows] [--write]

FOLDER is what `python -m tools.learn fetch FOLDER` filled; the newest releases are taken, N of npm and as
many of PyPI. All figures are processor time, of commands and of all that they start. Each scanner is a
command for each archive; fimci is asked once more of all archives in one command. GuardDog is installed
from the package index. Its second version takes minutes for a package: it is asked of the first `--older`
of each alone. What it was that scanners took and said is kept in the log, if one is given,
and not asked again.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from benchmarks import page
from benchmarks.alone import judge
from benchmarks.inspect import floor, guarddog, tables, tree
from benchmarks.inspect.guarddog import Said
from benchmarks.inspect.tables import Row, Verdict
from benchmarks.measure import Command, fimci, machine, own_cache, run
from fimci.findings import Severity
from tools.learn import releases
from tools.learn.releases import Release

_NEW, _OLD = "3.2.0", "2.10.0"
_LIMIT = 1800


class Asked(msgspec.Struct, frozen=True):
    """What a scanner took for an archive, and what it said; nothing where it failed (`fault`)."""

    scanner: str
    file: str
    seconds: float
    said: Said | None
    fault: str = ""


def main(arguments: list[str]) -> int:
    """Measure, print, and write the tables into the documentation where that is asked for."""
    parser = argparse.ArgumentParser(prog="benchmarks/inspect", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--each", type=int, default=50, metavar="N", help="archives of npm, and of PyPI")
    parser.add_argument("--older", type=int, default=0, metavar="N", help=f"of them for GuardDog {_OLD}")
    parser.add_argument("--tree", type=Path, metavar="FOLDER", help="a node_modules, which is not touched")
    parser.add_argument("--log", type=Path, metavar="FILE", help="keep what scanners took and said")
    parser.add_argument("--rows", action="store_true", help="print a line for each archive")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    given = parser.parse_args(arguments)
    found = [one for one in releases.load(given.folder) if one.use == "newest" and one.file]
    wanted = [r for e in ("npm", "pypi") for r in [one for one in found if one.ecosystem == e][: given.each]]
    with tempfile.TemporaryDirectory(prefix="fimci-bench-") as scratch:
        others = _others(given, wanted, Path(scratch))
        texts = {"inspect": _speeds(given, wanted, others, Path(scratch)), "inspect-flags": ""}
        with own_cache():
            texts["inspect-flags"] = "\n".join(tables.flags(_verdicts(given.folder, wanted, others)))
        if given.tree is not None:
            texts["inspect-tree"] = "\n".join(tree.table(given.tree, Path(scratch)))
    for name, text in texts.items():
        print(text, end="\n\n")
        if given.write:
            page.put(name, text)
    return 0


def _others(given: argparse.Namespace, wanted: Sequence[Release], scratch: Path) -> list[Asked]:
    """Ask each scanner of each archive, unless the log knows."""
    kept: dict[tuple[str, str], Asked] = {}
    if given.log is not None and given.log.exists():
        for line in given.log.read_bytes().splitlines():
            one = msgspec.json.decode(line, type=Asked)
            kept[one.scanner, one.file] = one
    home = given.log.resolve().parent if given.log is not None else scratch
    few = [r for e in ("npm", "pypi") for r in [one for one in wanted if one.ecosystem == e][: given.older]]
    asked = []
    for version, some in ((_NEW, wanted), (_OLD, few)):
        name = f"GuardDog {version}"
        for release in some:
            known = kept.get((name, release.file))
            one = known or _ask(guarddog.installed(home, version), name, release, given.folder, scratch)
            asked.append(one)
            if known is None and given.log is not None:
                with given.log.open("ab") as file:
                    file.write(msgspec.json.encode(one) + b"\n")
    return asked


def _ask(programs: Path, name: str, release: Release, folder: Path, scratch: Path) -> Asked:
    output = scratch / "said.json"
    cost = run(guarddog.scan(programs, release.ecosystem, folder / release.file, output), _LIMIT)
    said = None if cost.fault else guarddog.said(output)
    return Asked(name, release.file, cost.processor, said, cost.fault)


def _speeds(given: argparse.Namespace, wanted: Sequence[Release], others: list[Asked], scratch: Path) -> str:
    took: dict[str, dict[str, float]] = {}
    failed = [f"{one.scanner} failed on {one.file.rpartition('/')[2]}." for one in others if one.fault]
    for one in others:
        if not one.fault:
            took.setdefault(one.file, {})[one.scanner] = one.seconds
    rows = []
    for number, release in enumerate(wanted):
        cache = scratch / f"cache-{number}"
        cold, warm = (seconds([given.folder / release.file], cache) for _ in range(2))
        rows.append(Row(release.ecosystem, release.package, cold, warm, took.get(release.file, {})))
    together = [given.folder / release.file for release in wanted]
    cold, warm = (seconds(together, scratch / "cache") for _ in range(2))
    lines = tables.speeds(rows, cold, warm, each=given.rows)
    parts = (sum(row.cold for row in rows), sum(row.warm for row in rows), cold, warm)
    own = "fimci took {:.1f} s cold and {:.1f} s warm as a command each, {:.1f} s and {:.1f} s as one"
    least = f"To parse those files that may have something to tell takes {floor.parsed(together):.1f} s."
    about = " ".join((f"{machine()}; processor time; {own.format(*parts)}.", least, *failed))
    return f"{about}\n\n" + "\n".join(lines)


def seconds(targets: Iterable[Path], cache: Path) -> float:
    """Return the processor time of one inspection of all targets, with a cache in that folder."""
    words = fimci("inspect", "--format", "json", *map(str, targets))
    cost = run(Command(("env", f"FIMCI_CACHE_DIR={cache}", *words), codes=(0, 3)), _LIMIT)
    if cost.fault:
        raise SystemExit(f"fimci inspect: {cost.fault}")
    return cost.processor


def _verdicts(folder: Path, wanted: Sequence[Release], others: list[Asked]) -> list[Verdict]:
    said: dict[str, dict[str, Said]] = {}
    for one in others:
        if one.said is not None:
            said.setdefault(one.file, {})[one.scanner] = one.said
    verdicts = []
    for release in wanted:
        worst: Severity | None = max(
            (finding.severity for finding in judge(folder / release.file).findings), default=None
        )
        verdicts.append(Verdict(release.ecosystem, worst, said.get(release.file, {})))
    return verdicts
