"""What is odd about the number of a version, or about when it is said to be published, beside all others.

Only numbers of finished releases count (`1.2.3`): what is published for tests has numbers of its own kind.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from fimci.model import UNSTATED, Unstated

#: When each version was published first; `None` where nobody says.
Times: TypeAlias = Mapping[str, "dt.datetime | None"]
#: A release line: major, or what stands for it below 1.0.
_Line: TypeAlias = tuple[int, int]
_FINISHED = re.compile(
    r"v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?(?:\.\d{1,18})*(?:\.post\d{1,9})?(?:\+[\w.-]*)?", re.ASCII
)
#: A number that is a year, a month or a day: 2026, 202611, 20261127.
_DATE = re.compile(r"20\d\d(?:\d\d){0,2}", re.ASCII)
_CENTURY = 100
#: What is published within this time of each other is published together.
_TOGETHER = dt.timedelta(hours=6)
#: More releases than this at once are a mirror's own times, or a history that somebody brought in.
_MOST = 8
#: Patches that follow each other, from how many on it is told whether they came in this order; and the share.
_ENOUGH, _ORDERLY = 5, 0.8


def leap(version: str, times: Times) -> int | Unstated:
    """Return how far the first number is above the next lower one of the package; without one, all of it.

    Numbers that are dates are no leap: 0.
    """
    line = _line(version)
    if line is None:
        return UNSTATED
    then = times.get(version)
    if _DATE.fullmatch(str(line[0])) or (then is not None and abs(then.year % _CENTURY - line[0]) <= 1):
        return 0
    lower = (found[0] for one in times if (found := _line(one)) is not None and found[0] < line[0])
    return line[0] - max(lower, default=0)


def lines(version: str, times: Times) -> int | Unstated:
    """Return how many release lines were published together with a version, itself among them.

    A package that did so before keeps several lines alive: 1.
    """
    mine, then = _line(version), times.get(version)
    if mine is None or then is None:
        return UNSTATED
    every = sorted((when, found) for one, when in times.items() if when is not None and (found := _line(one)))
    near = [found for when, found in every if abs(when - then) <= _TOGETHER]
    earlier = [entry for entry in every if entry[0] < then - _TOGETHER]
    if len(near) > _MOST:
        return UNSTATED
    # The first release of a line is no update of one.
    alive = {found for _, found in earlier} & {*near}
    return 1 if _often(earlier) else max(1, len(alive))


def orderly(times: Times) -> bool:
    """Tell whether patches were published in the order of their numbers.

    Mirrors are known that state when they took a release up themselves, which is in no order.
    """
    numbered: dict[tuple[int, int], list[tuple[int, dt.datetime]]] = {}
    for one, when in times.items():
        found = _FINISHED.fullmatch(one)
        if found is not None and found[3] and when is not None:
            numbered.setdefault((int(found[1]), int(found[2])), []).append((int(found[3]), when))
    pairs = [pair for patches in numbered.values() for pair in itertools.pairwise(sorted(patches))]
    ordered = sum(one[1] <= other[1] for one, other in pairs)
    return len(pairs) < _ENOUGH or ordered >= _ORDERLY * len(pairs)


def _often(published: Sequence[tuple[dt.datetime, _Line]]) -> bool:
    """Tell whether two lines were ever published together."""
    return any(
        one[1] != other[1] and other[0] - one[0] <= _TOGETHER for one, other in itertools.pairwise(published)
    )


def _line(version: str) -> _Line | None:
    found = _FINISHED.fullmatch(version)
    if found is None:
        return None
    major = int(found[1])
    return major, 0 if major else int(found[2] or 0)
