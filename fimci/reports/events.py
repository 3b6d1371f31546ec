"""A report as events, one for each thing that a SIEM stores: what the formats for one have in common.

One event for each finding, for each thing that could not be looked at, for each file that changed where all
of them are told (`--list`), and one for the run itself, so that a host from which nothing comes any more is
told from one where nothing is wrong. What was accepted is an event too, marked as such. All text is printable
and cut; each sink has its own escaping on top.
"""

from __future__ import annotations

import datetime as dt
import os
import uuid
from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from fimci.findings import Acceptance, FileChange, Finding, Report, Severity
from fimci.model import Place, Unread
from fimci.printable import printable
from fimci.reports.paths import uri
from fimci.reports.verdict import looked_at, reason, verdict

#: Characters of one text. Elastic indexes no word of more than 32,766 bytes.
TEXT_LIMIT = 4_096
#: The rules of what is no finding, and the grade of what nobody looked at.
UNREAD, CHANGE, RUN = "unread", "change", "run"
_UNREAD_GRADE = Severity.HIGH

Kind: TypeAlias = Literal["finding", "unread", "change", "run"]


class Event(NamedTuple):
    """One thing to store.

    `uid` is the event's own, `fingerprint` that of what it says, the same in every run. `path_bytes` is the
    path percent-encoded, where the printable one is not letter for letter the path itself. A run has no path.
    `verb` and `digest` are what became of a file that changed.
    """

    kind: Kind
    uid: str
    time: dt.datetime
    host: str
    rule: str
    severity: Severity
    message: str
    left: str
    right: str
    fingerprint: str = ""
    path: str = ""
    path_bytes: str = ""
    line: int = 0
    package: str = ""
    fix: str = ""
    summary: str = ""
    accepted: Acceptance | None = None
    evidence: tuple[Place, ...] = ()
    verb: str = ""
    digest: str = ""


def events(report: Report) -> Iterator[Event]:
    """Yield the events of a report: findings, worst first, what is unread, what changed, and the run."""
    time, host = now(), here()
    base = Event(
        kind="run",
        uid="",
        time=time,
        host=host,
        rule=RUN,
        severity=Severity.INFO,
        message=f"fimci: {looked_at(report)}: {verdict(report)}",
        summary="A run of fimci ended.",
        left=_text(report.left),
        right=_text(report.right),
    )
    found = sorted(report.findings, key=lambda finding: -finding.severity)
    told = [
        *(_finding(base, report, finding) for finding in found),
        *(_unread(base, unread) for unread in report.unread),
        *(_change(base, one) for one in report.files),
        base,
    ]
    ours = run()
    for number, event in enumerate(told):
        yield event._replace(uid=str(uuid.uuid5(ours, str(number))))


def run() -> uuid.UUID:
    """Return what tells this run from all others."""
    return uuid.uuid4()


def now() -> dt.datetime:
    """Return the time of the run."""
    return dt.datetime.now(dt.timezone.utc)


def here() -> str:
    """Return the name of this machine; `FIMCI_HOST` names it where the system's name says nothing."""
    import socket  # noqa: PLC0415  (few reports name the machine)

    return printable(os.environ.get("FIMCI_HOST") or socket.gethostname() or "localhost", 255)


def milliseconds(time: dt.datetime) -> int:
    """Return the milliseconds since 1970."""
    return int(time.timestamp() * 1000)


def stamp(time: dt.datetime) -> str:
    """Return a time as RFC 3339 writes it: `2026-01-31T12:00:00.000Z`."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z"


def _finding(base: Event, report: Report, finding: Finding) -> Event:
    page = report.pages.get(finding.rule)
    accepted = finding.accepted
    return base._replace(
        kind="finding",
        rule=_text(finding.rule),
        severity=finding.severity,
        message=_text(finding.message),
        fingerprint=_text(finding.fingerprint) or _text(finding.rule),
        path=_text(finding.path),
        path_bytes=_exact(finding.path),
        line=max(finding.line, 1),
        package=_text(finding.package or ""),
        fix=_text(finding.fix),
        summary=_text(page.summary) if page is not None else "",
        accepted=None if accepted is None else _accepted(accepted),
        evidence=tuple(Place(_text(one.path), max(one.line, 1), _text(one.text)) for one in finding.evidence),
    )


def _unread(base: Event, unread: Unread) -> Event:
    return base._replace(
        kind="unread",
        rule=UNREAD,
        severity=_UNREAD_GRADE,
        message=_text(f"could not be looked at: {reason(unread)}"),
        summary="Something could not be looked at.",
        fingerprint=_text(f"{UNREAD}:{unread.path}:{unread.part}"),
        path=_text(unread.path),
        path_bytes=_exact(unread.path),
        line=max(unread.line, 1),
    )


def _change(base: Event, one: FileChange) -> Event:
    facts = f" ({', '.join(one.facts)})" if one.facts else ""
    return base._replace(
        kind="change",
        rule=CHANGE,
        message=_text(f"{one.verb}: {one.path}{facts}"),
        summary=f"A file was {one.verb}.",
        fingerprint=_text(f"{CHANGE}:{one.verb}:{one.digest}:{one.path}"),
        path=_text(one.path),
        path_bytes=_exact(one.path),
        line=1,
        verb=one.verb,
        digest=one.digest,
    )


def _accepted(acceptance: Acceptance) -> Acceptance:
    return Acceptance(
        fingerprint=_text(acceptance.fingerprint),
        reason=_text(acceptance.reason),
        by=_text(acceptance.by),
        expires=_text(acceptance.expires),
    )


def _exact(path: str) -> str:
    return "" if _text(path) == path else uri(path)[:TEXT_LIMIT]


def _text(text: str) -> str:
    return printable(text, TEXT_LIMIT)
