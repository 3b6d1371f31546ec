"""The cost of a file in trees from ten thousand files to a million: it should not grow."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.integrity import chart, contenders, trees
from benchmarks.integrity.rounds import Limits, compete, loop_of
from benchmarks.measure import ROOT, median

SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
PLOT = ROOT / "docs" / "integrity-scale.svg"
#: Bytes of disk that a file takes at most, with room to spare.
_ROOM = 20_000


class Point(NamedTuple):
    """What one size of tree took: microseconds a file, by what was done, and memory."""

    files: int
    costs: dict[str, float]
    peak: int
    stored: int


def measured(place: Path, sizes: Sequence[int], limits: Limits) -> Iterator[Point]:
    """Grow one tree; measure fimci and the loop at each size. Stop where the disk ends."""
    root, state, before = place / "tree", place / "state", 0
    state.mkdir()
    for size in sorted(sizes):
        if shutil.disk_usage(place).free < (size - before) * _ROOM * 2:
            print(f"not measured: {size:,} files (too little room on the disk)", file=sys.stderr)
            return
        tree = trees.small(root, size, before)
        before = size
        found = [one for one in contenders.all_of(root, state) if one.name in {"fimci", contenders.LOOP}]
        results = compete(found, limits, lambda: None, contenders.PHASES[:2])
        (own,) = [result for result in results if result.name == "fimci"]
        if own.fault:
            print(f"not measured: {size:,} files ({own.fault})", file=sys.stderr)
            return
        loop = loop_of(results)
        costs = {phase: median(times) for phase, times in own.seconds.items()}
        costs["loop"] = median(loop.seconds[contenders.PHASES[1]])
        yield Point(
            tree.files, {name: cost / size * 1e6 for name, cost in costs.items()}, own.peak, own.stored
        )


def table(points: Sequence[Point], machine: str) -> str:
    """Return the Markdown table of all sizes."""
    lines = [
        f"{machine}; warm cache; medians; microseconds of wall time a file.",
        "",
        "| files | baseline | check | two-process loop | check ÷ loop | peak MB | store MB |",
        "| --: | --: | --: | --: | --: | --: | --: |",
    ]
    for point in points:
        costs = point.costs
        lines.append(
            f"| {point.files:,} | {costs['baseline']:.0f} | {costs['check']:.0f} | {costs['loop']:.0f} "
            f"| {costs['check'] / costs['loop']:.2f} | {point.peak / 1e6:.0f} | {point.stored / 1e6:.1f} |"
        )
    picture = (
        f"![The cost of a file in trees of {points[0].files:,} to {points[-1].files:,} files]({PLOT.name})"
    )
    return "\n".join([*lines, "", picture])


def plot(points: Sequence[Point]) -> str:
    """Return the plot of all sizes as SVG."""
    names = ("baseline", "check", "loop")
    lines = {name: [(point.files, point.costs[name]) for point in points] for name in names}
    return chart.svg(lines, "files in the tree", "µs a file")
