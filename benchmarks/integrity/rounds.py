"""Let everybody do the same work in turn, several times, and hold each round against its floor."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.integrity.contenders import LOOP, PHASES, Contender
from benchmarks.measure import median, run


class Result(NamedTuple):
    """What one contender took: by phase the seconds of its rounds, its memory, what it stored.

    `fault` says why it is out, or why it never took part.
    """

    name: str
    floor: bool
    seconds: dict[str, list[float]]
    peak: int
    stored: int
    fault: str

    def ratio(self, phase: str, loop: Result) -> float:
        """Return the median of this one's times over those of the floor in the same rounds."""
        mine, floor = self.seconds.get(phase, []), loop.seconds.get(phase, [])
        return median([one / other for one, other in zip(mine, floor, strict=False)])


class Limits(NamedTuple):
    """How many rounds, and the seconds that one run may take."""

    rounds: int
    seconds: float


def compete(
    contenders: Sequence[Contender],
    limits: Limits,
    change: Callable[[], object],
    phases: Sequence[str] = PHASES,
) -> list[Result]:
    """Run the phases; `change` alters the tree before the last one.

    The first run of each phase warms what there is to warm and shows the memory; it is not timed.
    """
    faults = {one.name: one.missing for one in contenders}
    peaks: dict[str, int] = defaultdict(int)
    stored: dict[str, int] = {}
    seconds: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for one in contenders:
        faults[one.name] = faults[one.name] or _prepared(one, limits.seconds)
    for phase in phases:
        if phase == PHASES[2]:
            change()
        for number in range(limits.rounds + 1):
            for one in contenders:
                command = one.command(phase)
                if command is None or faults[one.name]:
                    continue
                _settled(one, phase)
                cost = run(command, limits.seconds, memory=number == 0)
                if cost.fault:
                    faults[one.name] = f"{phase}: {cost.fault}"
                    print(f"{phase}: {one.name} is out: {cost.fault}", flush=True)
                elif number == 0:
                    peaks[one.name] = max(peaks[one.name], cost.peak)
                    stored[one.name] = _size(one.store)
                else:
                    seconds[one.name][phase].append(cost.seconds)
            told = f"round {number}" if number else "warm"
            print(f"{phase}: {told} done", flush=True)
    return [
        Result(
            one.name, one.floor, seconds[one.name], peaks[one.name], stored.get(one.name, 0), faults[one.name]
        )
        for one in contenders
    ]


def _settled(one: Contender, phase: str) -> None:
    """Let a baseline be the first one of its tree, and let nobody wait for what others wrote to the disk."""
    if phase == PHASES[0] and one.store is not None:
        one.store.unlink(missing_ok=True)
    if hasattr(os, "sync"):
        os.sync()


def loop_of(results: Sequence[Result]) -> Result:
    """Return the floor that all others are held against."""
    return next(result for result in results if result.name == LOOP)


def _prepared(one: Contender, limit: float) -> str:
    """Run what must be there beforehand; return what went wrong. It may take longer than a check."""
    costs = (run(command, limit * 3) for command in one.prepare)
    return next((f"setting up: {cost.fault}" for cost in costs if cost.fault), "")


def _size(store: Path | None) -> int:
    return store.stat().st_size if store is not None and store.exists() else 0
