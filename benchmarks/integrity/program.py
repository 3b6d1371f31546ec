"""`python benchmarks/integrity`: measure fimci, its peers and the floors on the same trees."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from benchmarks import page
from benchmarks.integrity import contenders, peers, scale, tables, trees
from benchmarks.integrity.rounds import Limits, compete
from benchmarks.measure import machine


def main(arguments: list[str]) -> int:
    """Build the trees, measure, print, and take everything away again."""
    given = _parser().parse_args(arguments)
    place = Path(tempfile.mkdtemp(prefix="fimci-bench-", dir=given.folder)).resolve()
    try:
        if given.scale:
            _scale(given, place)
            return 0
        if given.install_peers:
            peers.install(contenders.environment(place / "state"))
        if given.files:
            _measure(given, place, trees.small(place / "small", given.files), "integrity-small")
        if given.big_files:
            tree = trees.big(place / "big", given.big_files, given.big_size * 1_000_000)
            _measure(given, place, tree, "integrity-big")
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return 0


def _measure(given: argparse.Namespace, place: Path, tree: trees.Tree, name: str) -> None:
    """Let everybody compete on one tree; print its table, and write it where that is asked for."""
    state = place / "state"
    state.mkdir()
    found = list(contenders.all_of(tree.root, state, tuple(given.aide)))
    if given.only:
        wanted = [word.lower() for word in (*given.only, contenders.LOOP)]
        found = [one for one in found if any(word in one.name.lower() for word in wanted)]
    share = max(0.01, 1 / tree.files)
    results = compete(found, Limits(given.rounds, given.limit), lambda: trees.touch(tree, share))
    text = tables.table(results, tree, given.rounds, machine())
    print(f"\n{text}\n", flush=True)
    if given.write:
        page.put(name, text)
    shutil.rmtree(tree.root)
    shutil.rmtree(state)


def _scale(given: argparse.Namespace, place: Path) -> None:
    points = list(scale.measured(place, given.sizes, Limits(given.rounds, given.limit)))
    if not points:
        return
    text = scale.table(points, machine())
    print(f"\n{text}\n")
    if given.write:
        page.put("integrity-scale", text)
        scale.PLOT.write_text(scale.plot(points), encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks/integrity", description=__doc__)
    add = parser.add_argument
    add("--files", default=100_000, help="of the small tree; 0: none", type=int, metavar="N")
    add("--big-files", default=4, help="of the big tree; 0: none", type=int, metavar="N")
    add("--big-size", default=1_000, help="of each, in MB", type=int, metavar="N")
    add("--rounds", default=3, help="timed runs of each in each phase", type=int, metavar="N")
    add("--limit", default=120, help="seconds that one run may take", type=int, metavar="N")
    add("--only", action="append", default=[], metavar="NAME", help="and the loop; repeatable")
    add("--aide", action="append", default=[], help="one more AIDE, beside the system's", metavar="PATH")
    add("--folder", help="where trees are built (default: the system's for such)", metavar="PATH")
    add("--install-peers", action="store_true", help="what apt-get and pip can give")
    add("--scale", action="store_true", help="the cost of a file in small and large trees")
    add("--sizes", type=int, nargs="+", default=scale.SIZES, metavar="N", help="for --scale")
    add("--write", action="store_true", help="into docs/benchmarks.md")
    return parser
