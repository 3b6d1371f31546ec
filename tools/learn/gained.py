"""What an update gained, from the readings of two releases: as `fimci.capabilities.gains` counts it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fimci.capabilities.gains import PHASES
from tools.learn import read, releases
from tools.learn.reading import Reading, Told
from tools.learn.releases import Pair


def gained(old: Reading, new: Reading) -> list[Told]:
    """Return what the whole old release did not have in that phase or an earlier one, by the first place."""
    had: dict[tuple[str, str], int] = {}
    for one in old.told:
        rank = PHASES.index(one.phase)
        had[one.name, one.subject] = min(had.get((one.name, one.subject), rank), rank)
    found: dict[tuple[str, str], Told] = {}
    for one in sorted(new.told, key=lambda told: PHASES.index(told.phase)):
        if PHASES.index(one.phase) < had.get((one.name, one.subject), len(PHASES)):
            found.setdefault((one.name, one.subject), one)
    return list(found.values())


def updates(folder: Path, use: str) -> Iterator[tuple[Pair, list[Told]]]:
    """Yield the pairs of which both sides were read, with what each gained."""
    readings = {one.file: one for one in read.load(folder) if not one.failed}
    for pair in releases.pairs(releases.load(folder), use):
        old, new = readings.get(pair.old.file), readings.get(pair.new.file)
        if old is not None and new is not None:
            yield pair, gained(old, new)
