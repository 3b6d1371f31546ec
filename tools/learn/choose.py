"""Which releases of a package are looked at: neighbours in the order of versions, of every kind of step.

Stable releases alone: numbers and dots. The order is that of the numbers, so that a patch of an old line
follows that line's last release and not what was published the day before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import cycle, islice, pairwise
from typing import Literal, TypeAlias

Step: TypeAlias = Literal["patch", "minor", "major"]
STEPS: tuple[Step, ...] = ("patch", "minor", "major")

_STABLE = re.compile(r"\d{1,9}(\.\d{1,9}){0,3}", re.ASCII)
#: The kinds in the order in which they are taken: most updates are patches.
_TURNS: tuple[Step, ...] = ("patch", "minor", "patch", "major")


def stable(versions: Iterable[str]) -> list[str]:
    """Return the stable versions, the oldest first; of two spellings of one (`1.0`, `1.0.0`) the longer."""
    spelt = {_numbers(one): one for one in sorted(versions) if _STABLE.fullmatch(one)}
    return [spelt[numbers] for numbers in sorted(spelt)]


def step(old: str, new: str) -> Step:
    """Tell which kind of step leads from one version to the next, by the first number that differs."""
    alike = [one == other for one, other in zip(_numbers(old), _numbers(new), strict=True)]
    return "major" if not alike[0] else "minor" if not alike[1] else "patch"


def chosen(versions: Iterable[str], limit: int) -> dict[str, str]:
    """Return up to `limit` releases, each with the one right before it (which may not be among them).

    Steps are taken in turns, the newest of each kind first.
    """
    line = stable(versions)
    before = dict(zip(line[1:], line, strict=False))
    taken: set[str] = set()
    left = {kind: [(old, new) for old, new in pairwise(line) if step(old, new) == kind] for kind in STEPS}
    for kind in islice(cycle(_TURNS), 4 * len(line)):
        fitting = [pair for pair in left[kind] if len(taken.union(pair)) <= limit]
        if fitting:
            taken.update(fitting[-1])
            left[kind].remove(fitting[-1])
    return {version: before.get(version, "") for version in line if version in taken}


def newest(versions: Iterable[str]) -> Mapping[str, str]:
    """Return the newest release alone."""
    return dict.fromkeys(stable(versions)[-1:], "")


def _numbers(version: str) -> tuple[int, ...]:
    numbers = [int(number) for number in version.split(".")]
    return (*numbers, *([0] * (4 - len(numbers))))
