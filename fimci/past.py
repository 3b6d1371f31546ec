"""What a history says of a period: days, rules, how long findings wait until somebody answers for them."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple


class Day(NamedTuple):
    """One day (UTC): runs, those that failed, the changes that they saw.

    `open` are the findings of its last run that nobody answers for, by severity.
    """

    day: dt.date
    runs: int
    failed: int
    incomplete: int
    changes: int
    open: tuple[tuple[str, int], ...]


class RulePast(NamedTuple):
    """One rule: different findings, runs in which it spoke, and how many findings were accepted."""

    rule: str
    findings: int
    runs: int
    accepted: int


class OpenFinding(NamedTuple):
    """A finding that the last run has, that nobody answers for, and since when it is known."""

    fingerprint: str
    rule: str
    severity: str
    path: str
    message: str
    since: dt.datetime


class Past(NamedTuple):
    """A period of a history.

    `first` and `last` are the moments of the first and the last run; `None` where there is none. `mean` and
    `median` are the seconds until a finding was accepted, of the `accepted` ones. `gap` is the longest time
    without a run, in seconds, and when it began.
    """

    runs: int
    first: dt.datetime | None
    last: dt.datetime | None
    days: tuple[Day, ...]
    rules: tuple[RulePast, ...]
    accepted: int
    mean: float
    median: float
    oldest: tuple[OpenFinding, ...]
    gap: tuple[float, dt.datetime] | None


def span(seconds: float) -> str:
    """Return a time in the unit that fits: `40 seconds`, `5 hours`, `12 days`."""
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}s"
    number = round(seconds)
    return f"{number} second{'' if number == 1 else 's'}"
