"""Runs as a test wants them in a history."""

from __future__ import annotations

import datetime as dt

import msgspec

from fimci.findings import Acceptance, Counts, Finding, Report, Run, Severity
from fimci.model import Unread
from tests.reports import sample

START = dt.datetime(2026, 9, 1, 3, 0, tzinfo=dt.timezone.utc)
HOUR, DAY = 3_600.0, 86_400.0


def finding(mark: int, rule: str = "origin-changed", severity: Severity = Severity.HIGH) -> Finding:
    return Finding(
        rule=rule,
        severity=severity,
        message=f"finding {mark}",
        path=f"src/{mark}.py",
        fingerprint=f"{mark:020}",
    )


def accepted(one: Finding, reason: str = "read", by: str = "Ada") -> Finding:
    said = Acceptance(fingerprint=one.fingerprint, reason=reason, by=by, expires="2027-01-31")
    return msgspec.structs.replace(one, accepted=said)


def run(
    at: float,
    *findings: Finding,
    changes: int = 0,
    unread: int = 0,
    left: str = "baseline:fimci.baseline",
) -> Report:
    """Return a run so many seconds after `START`."""
    moment = START + dt.timedelta(seconds=at)
    return msgspec.structs.replace(
        sample.CLEAN,
        left=left,
        findings=findings,
        counts=Counts(files=10, packages=2, changes=changes),
        unread=tuple(Unread(path=f"{n}.lock", why="is binary") for n in range(unread)),
        run=Run(f"{moment.timestamp():032.6f}", moment, "build-1"),
    )
