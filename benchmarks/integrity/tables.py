"""Markdown tables of what was measured."""

from __future__ import annotations

import math
from collections.abc import Sequence

from benchmarks.integrity.contenders import PHASES
from benchmarks.integrity.rounds import Result, loop_of
from benchmarks.integrity.trees import Tree

_MEGA = 1_000_000


def table(results: Sequence[Result], tree: Tree, rounds: int, machine: str) -> str:
    """Return the table of one tree: times as multiples of the floor's, memory and store in MB."""
    loop = loop_of(results)
    times = ", ".join(f"{_seconds(loop, phase)} ({phase})" for phase in PHASES if loop.seconds.get(phase))
    lines = [
        f"{tree.files:,} files, {tree.size / _MEGA:,.0f} MB, {tree.folders:,} folders; {machine};",
        f"warm cache; medians of {rounds} rounds in turn. Times are multiples of the two-process loop,",
        f"which took {times}.",
        "",
        f"| | {' | '.join(PHASES)} | peak MB | store MB |",
        "| --- | --: | --: | --: | --: | --: |",
    ]
    for result in sorted(results, key=lambda result: (not result.floor, result.name != "fimci")):
        if not result.seconds:
            continue
        cells = [_number(result.ratio(phase, loop)) for phase in PHASES]
        cells += [f"{result.peak / _MEGA:.0f}", f"{result.stored / _MEGA:.1f}" if result.stored else ""]
        lines.append(f"| {_name(result)} | {' | '.join(cells)} |")
    faults = [f"- {result.name}: {result.fault}" for result in results if result.fault]
    return "\n".join([*lines, *(["", "Not measured, or not in every phase:", "", *faults] if faults else [])])


def _name(result: Result) -> str:
    return f"**{result.name}**" if result.name == "fimci" else result.name


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.2f}"


def _seconds(loop: Result, phase: str) -> str:
    ordered = sorted(loop.seconds[phase])
    return f"{ordered[len(ordered) // 2]:.2f} s"
