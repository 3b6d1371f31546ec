"""What a history says of a period."""

from __future__ import annotations

import datetime as dt
import itertools
import sqlite3
import statistics
from collections.abc import Iterator
from typing import NamedTuple

from fimci.findings import Severity
from fimci.history.schema import SWEPT, WATCHING
from fimci.past import Day, OpenFinding, Past, RulePast
from fimci.printable import raw

#: Rules and open findings that are told one by one, and days.
RULES, OLDEST, DAYS = 12, 12, 3_700

#: The runs that say what is open at a moment: the last one that looked at everything, and what a watch has
#: told since (of what happened alone, see `WATCHING`).
_OPEN = """
WITH last AS (SELECT number, moment FROM runs WHERE moment <= :last AND verb NOT IN (:watching, :swept)
  ORDER BY moment DESC, number DESC LIMIT 1),
open AS (SELECT number FROM last UNION SELECT number FROM runs
  WHERE verb = :watching AND moment <= :last AND moment >= coalesce((SELECT moment FROM last), 0))
"""


class Period(NamedTuple):
    """From the beginning of one day to the end of another (UTC); `None`: without a bound."""

    since: dt.date | None = None
    until: dt.date | None = None

    @property
    def bounds(self) -> tuple[float, float]:
        """Return the first second, and the first one after."""
        first = _second(self.since) if self.since is not None else float("-inf")
        last = _second(self.until) + 86_400 if self.until is not None else float("inf")
        return first, last


def past(database: sqlite3.Connection, period: Period) -> Past:
    """Return the figures of a period."""
    runs = _moments(database, period)
    waits = list(_waits(database, period))
    return Past(
        runs=len(runs),
        first=_moment(runs[0]) if runs else None,
        last=_moment(runs[-1]) if runs else None,
        days=tuple(_days(database, period))[-DAYS:],
        rules=tuple(_rules(database, period)),
        accepted=len(waits),
        mean=statistics.fmean(waits) if waits else 0.0,
        median=statistics.median(waits) if waits else 0.0,
        oldest=tuple(_oldest(database, runs[-1])) if runs else (),
        gap=longest(runs),
    )


def longest(moments: list[float]) -> tuple[float, dt.datetime] | None:
    """Return the longest time between two runs, and when it began."""
    gaps = [(after - before, before) for before, after in itertools.pairwise(moments)]
    if not gaps:
        return None
    length, began = max(gaps)
    return length, _moment(began)


def _moments(database: sqlite3.Connection, period: Period) -> list[float]:
    rows = database.execute(
        "SELECT moment FROM runs WHERE moment >= ? AND moment < ? ORDER BY moment", period.bounds
    )
    return [float(row[0]) for row in rows]


def _days(database: sqlite3.Connection, period: Period) -> Iterator[Day]:
    rows = database.execute(
        "SELECT CAST(moment / 86400 AS INTEGER) AS day, count(*), sum(exit_code = 1),"
        " sum(unread > 0), sum(changes), max(moment) FROM runs WHERE moment >= ? AND moment < ?"
        " GROUP BY day ORDER BY day",
        period.bounds,
    ).fetchall()
    for day, runs, failed, incomplete, changes, last in rows:
        found = database.execute(
            f"{_OPEN} SELECT severity, count(DISTINCT fingerprint)"  # noqa: S608  (a constant)
            " FROM findings JOIN open ON run = number WHERE findings.accepted = 0"
            " GROUP BY severity ORDER BY severity DESC",
            {"last": last, "watching": WATCHING, "swept": SWEPT},
        ).fetchall()
        graded = tuple((str(Severity(severity)), number) for severity, number in found)
        yield Day(_moment(day * 86_400).date(), runs, failed, incomplete, changes, graded)


def _rules(database: sqlite3.Connection, period: Period) -> Iterator[RulePast]:
    rows = database.execute(
        "SELECT rule, count(DISTINCT fingerprint), count(DISTINCT run),"
        " count(DISTINCT CASE findings.accepted WHEN 1 THEN fingerprint END)"
        " FROM findings JOIN runs ON run = number WHERE moment >= ? AND moment < ?"
        " GROUP BY rule ORDER BY 2 DESC, 3 DESC, rule LIMIT ?",
        (*period.bounds, RULES),
    )
    yield from (RulePast(raw(rule), *numbers) for rule, *numbers in rows)


def _waits(database: sqlite3.Connection, period: Period) -> Iterator[float]:
    """Yield the seconds from when a finding was first seen until it was accepted, within the period.

    One that nobody has ever seen open waited for nobody.
    """
    rows = database.execute(
        "SELECT min(CASE findings.accepted WHEN 0 THEN moment END) AS seen,"
        " min(CASE findings.accepted WHEN 1 THEN moment END) AS said"
        " FROM findings JOIN runs ON run = number GROUP BY fingerprint"
        " HAVING seen IS NOT NULL AND said > seen AND said >= ? AND said < ?",
        period.bounds,
    )
    yield from (said - seen for seen, said in rows)


def _oldest(database: sqlite3.Connection, last: float) -> Iterator[OpenFinding]:
    rows = database.execute(
        f"{_OPEN} SELECT f.fingerprint, f.rule, f.severity, f.path, f.message,"  # noqa: S608  (the same)
        " (SELECT min(moment) FROM findings g JOIN runs ON g.run = number"
        " WHERE g.fingerprint = f.fingerprint)"
        " AS since FROM findings f JOIN open ON f.run = open.number WHERE f.accepted = 0"
        " GROUP BY f.fingerprint ORDER BY since, f.severity DESC, f.fingerprint LIMIT :most",
        {"last": last, "watching": WATCHING, "swept": SWEPT, "most": OLDEST},
    )
    for fingerprint, rule, severity, path, message, since in rows:
        yield OpenFinding(
            raw(fingerprint), raw(rule), str(Severity(severity)), raw(path), raw(message), _moment(since)
        )


def _second(day: dt.date) -> float:
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.timezone.utc).timestamp()


def _moment(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.timezone.utc)
