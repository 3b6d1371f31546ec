"""The evidence of a period: for each requirement, which runs there were, what they found, and who answered.

A report of evidence passes no judgement on whether an organisation complies. It tells what is missing as
loudly as what is there.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from fimci.compliance.mapping import Mapping, Requirement
from fimci.findings import Severity
from fimci.history.figures import Period
from fimci.history.schema import SWEPT, WATCHING
from fimci.past import span
from fimci.printable import plural, raw
from fimci.rules import unexpected_change

#: Findings and gaps that are told one by one.
SHOWN = 25
_DAY = 86_400.0
#: Verbs that judge, so that their runs are in the history.
JUDGING = frozenset({"check", "compare", "inspect", "verify"})
#: The rule that speaks of every change of a file, where none that is as grave does.
_CHANGED, _GRADE = "unexpected-change", unexpected_change.SEVERITY
#: What a watch does that is a check: its first look at everything, and those on its schedule.
_CHECKS = ("watch", SWEPT)


class Gap(NamedTuple):
    """A time without a run that is longer than the requirement allows."""

    begin: dt.datetime
    end: dt.datetime

    @property
    def told(self) -> str:
        """Return it in words."""
        length = span((self.end - self.begin).total_seconds())
        return f"{length} without a run: {self.begin:%Y-%m-%d %H:%M} to {self.end:%Y-%m-%d %H:%M} UTC"


class Found(NamedTuple):
    """One finding of the period: first and last seen, whether the last run still has it, who accepted it."""

    fingerprint: str
    rule: str
    severity: str
    path: str
    message: str
    first: dt.datetime
    last: dt.datetime
    open: bool
    accepted: str


class Evidence(NamedTuple):
    """What there is for one requirement. `verdict` says it in a few words; it is never that all is well."""

    requirement: Requirement
    runs: int
    failed: int
    incomplete: int
    hosts: tuple[str, ...]
    first: dt.datetime | None
    last: dt.datetime | None
    gaps: tuple[Gap, ...]
    findings: int
    open: int
    shown: tuple[Found, ...]
    verdict: str


class Dossier(NamedTuple):
    """All evidence for one standard in a period, and what this fimci is."""

    mapping: Mapping
    begin: dt.datetime
    end: dt.datetime
    made: dt.datetime
    version: str
    evidence: tuple[Evidence, ...]


def dossier(
    database: sqlite3.Connection, mapping: Mapping, period: Period, made: dt.datetime, version: str
) -> Dossier:
    """Gather the evidence. Without bounds the period is from the first run until now."""
    first, last = _bounds(database, period, made)
    found = tuple(_evidence(database, one, first, last) for one in mapping.requirement)
    return Dossier(mapping, _moment(first), _moment(last), made, version, found)


def _bounds(database: sqlite3.Connection, period: Period, made: dt.datetime) -> tuple[float, float]:
    begin, end = period.bounds
    now = made.timestamp()
    if period.since is None:
        known = database.execute("SELECT min(moment) FROM runs WHERE moment < ?", (end,)).fetchone()[0]
        begin = now if known is None else float(known)
    return begin, max(begin, min(end, now))


def _evidence(database: sqlite3.Connection, one: Requirement, begin: float, end: float) -> Evidence:
    verbs = _verbs(one)
    rows = database.execute(
        "SELECT moment, exit_code, unread, host FROM runs WHERE moment >= ? AND moment <= ?"  # noqa: S608  (marks)
        f" AND verb IN ({_marks(verbs)}) AND before GLOB ? ORDER BY moment, number",
        (begin, end, *verbs, _left(one)),
    ).fetchall()
    moments = [float(row[0]) for row in rows]
    found = list(_findings(database, one, verbs, begin, end))
    gaps = tuple(_gaps(moments, one.every, begin, end))
    unread = sum(row[2] > 0 for row in rows)
    still = sum(item.open for item in found)
    return Evidence(
        requirement=one,
        runs=len(rows),
        failed=sum(row[1] == 1 for row in rows),
        incomplete=unread,
        hosts=tuple(sorted({raw(row[3]) for row in rows if row[3]})),
        first=_moment(moments[0]) if moments else None,
        last=_moment(moments[-1]) if moments else None,
        gaps=gaps,
        findings=len(found),
        open=still,
        shown=tuple(found[:SHOWN]),
        verdict=_verdict(one, len(rows), len(gaps), unread, still),
    )


def _verbs(one: Requirement) -> list[str]:
    """Return the verbs whose runs count: each looks at everything that it is asked for."""
    found = sorted(JUDGING & set(one.verbs))
    return [*found, *_CHECKS] if "check" in found else found


def _left(one: Requirement) -> str:
    """Return what the left side of a run must be like: `baseline:FILE`, `baselines` of hosts, or any."""
    return "baseline*" if one.baseline else "*"


def _verdict(one: Requirement, runs: int, gaps: int, incomplete: int, still: int) -> str:
    if not runs:
        what = "nothing was compared with a baseline" if one.baseline else "nothing ran"
        return f"no evidence: {what} in this period"
    told = [plural(gaps, "gap") + " in the schedule"] if gaps else []
    told += [f"{plural(incomplete, 'run')} could not look at everything"] if incomplete else []
    told += [f"{plural(still, 'finding')} open that nobody answers for"] if still else []
    said = "; ".join(told) or "evidence, without a gap"
    return f"a part of what is asked: {said}" if one.partly else said


def _gaps(moments: Sequence[float], every: int, begin: float, end: float) -> Iterator[Gap]:
    """Yield the times without a run, the ends of the period included."""
    if not every:
        return
    for before, after in pairwise((begin, *moments, end)):
        if after - before > every * _DAY:
            yield Gap(_moment(before), _moment(after))


def _findings(
    database: sqlite3.Connection, one: Requirement, verbs: Sequence[str], begin: float, end: float
) -> Iterator[Found]:
    """Yield the findings of the requirement's rules, those that are open first, then by grade.

    Open is what the last run has that looked at everything, and what a watch has told since. Where changes
    of files count, so does whatever is told in their place: against a baseline a finding that is as grave
    says that a file is not as it was, and takes the place of the rule that says no more than that.
    """
    told = [*verbs, WATCHING] if SWEPT in verbs else verbs
    verbs = [verb for verb in verbs if verb != SWEPT]
    rows = database.execute(
        "WITH seen AS (SELECT f.*, r.moment AS moment FROM findings f JOIN runs r ON f.run = r.number"  # noqa: S608
        f" WHERE r.moment >= ? AND r.moment <= ? AND r.verb IN ({_marks(told)}) AND r.before GLOB ?"
        f" AND (f.rule IN ({_marks(one.rules)})"
        " OR (? AND r.before GLOB 'baseline*' AND f.severity >= ?))),"
        " ended AS (SELECT max(number) AS number FROM runs WHERE moment = (SELECT max(moment) FROM runs"
        f" WHERE moment >= ? AND moment <= ? AND verb IN ({_marks(verbs)}) AND before GLOB ?)"
        " AND before GLOB ?)"
        " SELECT fingerprint, rule, max(severity), path, message, min(moment), max(moment),"
        " max(run >= (SELECT number FROM ended) AND accepted = 0) AS open,"
        " (SELECT by || ': ' || reason || ' (until ' || expires || ')' FROM acceptances a"
        "  WHERE a.fingerprint = seen.fingerprint ORDER BY a.run DESC LIMIT 1)"
        " FROM seen GROUP BY fingerprint, rule ORDER BY open DESC, 3 DESC, 6, fingerprint",
        (
            *(begin, end, *told, _left(one), *one.rules, _CHANGED in one.rules, _GRADE),
            *(begin, end, *verbs, _left(one), _left(one)),
        ),
    )
    for fingerprint, rule, severity, path, message, first, last, still, said in rows:
        yield Found(
            raw(fingerprint), raw(rule), str(Severity(severity)), raw(path), raw(message), _moment(first),
            _moment(last), bool(still), raw(said or "").removeprefix(": "),
        )  # fmt: skip


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


def _moment(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.timezone.utc)
