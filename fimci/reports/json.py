"""The report for programs: `fimci-report/1`, described by `docs/schema/fimci-report-1.json`.

The structs here are the format. They keep their shape when `Finding` grows, and a field, once
written, keeps its name and meaning; new ones may be added, so readers must tolerate them.

All text is printable (`fimci.printable`), so whatever a program prints on is safe. Where a path
is thereby not the path itself, letter for letter, `path_bytes` states it exactly, percent-encoded.
A text is cut at `TEXT_LIMIT`, so that no name of megabytes, told often, makes a report of gigabytes.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

import fimci
from fimci.findings import (
    CLAIMS,
    LINKS,
    Acceptance,
    Chain,
    Finding,
    PackageChange,
    ReleaseChange,
    Report,
    Verified,
)
from fimci.model import Place, Unread
from fimci.printable import printable
from fimci.reports.paths import uri
from fimci.reports.verdict import counted, verdict

SCHEMA = "fimci-report/1"
#: Characters of one text, ellipsis included.
TEXT_LIMIT = 65_536

_Exact = str | msgspec.UnsetType


class Tool(msgspec.Struct, frozen=True):
    """Who wrote the report."""

    name: str
    version: str


class Subject(msgspec.Struct, frozen=True):
    """The two sides of the change, as locators."""

    left: str
    right: str


class Counted(msgspec.Struct, frozen=True):
    """What was looked at, and what was found: by severity where nobody accepted it."""

    files: int
    packages: int
    changes: int
    findings: Mapping[str, int]
    accepted: int


class Accepted(msgspec.Struct, frozen=True):
    """Why a finding does not count: reason, by whom (may be empty), until when (ISO date)."""

    reason: str
    by: str
    expires: str


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What was there: a place and its text."""

    path: str
    path_bytes: _Exact = msgspec.UNSET
    line: int
    text: str


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One finding."""

    rule: str
    severity: str
    fingerprint: str
    message: str
    package: str | None
    path: str
    path_bytes: _Exact = msgspec.UNSET
    line: int
    accepted: Accepted | None
    evidence: tuple[Seen, ...]
    fix: str


class Missed(msgspec.Struct, frozen=True, kw_only=True):
    """What could not be looked at; `part` is empty where that is the whole of it."""

    path: str
    path_bytes: _Exact = msgspec.UNSET
    line: int
    part: str
    why: str


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one package in one file; the file is empty for what is installed."""

    path: str
    path_bytes: _Exact = msgspec.UNSET
    ecosystem: str
    name: str
    change: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    facts: tuple[str, ...]
    wanted: bool
    direct: bool


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What one release brings that a lockfile takes up (`before` is null where the package is new).

    `verdict` is `ok`, a severity, or `not looked at`; `why` says why not. `age` is in hours.
    """

    path: str
    path_bytes: _Exact = msgspec.UNSET
    line: int
    ecosystem: str
    name: str
    before: str | None
    after: str
    bump: str
    through: str | None
    age: int | None
    gained: tuple[str, ...]
    provenance: str | None
    source: str | None
    verdict: str
    why: str


class Link(msgspec.Struct, frozen=True):
    """A cell of a chain of custody: `verified`, `failed` or `not verified`, and why (may be empty)."""

    state: str
    why: str


class Custody(msgspec.Struct, frozen=True, kw_only=True):
    """What was verified of one package, from the lockfile to the builder."""

    package: str
    path: str
    path_bytes: _Exact = msgspec.UNSET
    locked: Link
    artifact: Link
    installed: Link
    source: Link
    signer: Link
    builder: Link


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """What was verified of one artifact."""

    artifact: str
    artifact_bytes: _Exact = msgspec.UNSET
    sha256: str
    contents: Link
    list: Link
    source: Link
    signer: Link
    manifest: Link
    previous: Link


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """The whole report."""

    schema: str = SCHEMA
    tool: Tool
    subject: Subject
    complete: bool
    fail_on: str
    exit_code: int
    verdict: str
    counts: Counted
    summary: tuple[str, ...]
    notes: tuple[str, ...]
    packages: tuple[Moved, ...]
    releases: tuple[Taken, ...]
    custody: tuple[Custody, ...]
    artifacts: tuple[Artifact, ...]
    findings: tuple[Found, ...]
    unread: tuple[Missed, ...]


def render(report: Report) -> str:
    """Write the report as JSON, indented by two, in UTF-8 without escapes beyond the necessary."""
    document = Document(
        tool=Tool("fimci", fimci.__version__),
        subject=Subject(_text(report.left), _text(report.right)),
        complete=report.complete,
        fail_on=str(report.fail_on),
        exit_code=report.exit_code,
        verdict=verdict(report),
        counts=_counts(report),
        summary=tuple(_text(sentence) for sentence in report.summary),
        notes=tuple(_text(sentence) for sentence in report.notes),
        packages=tuple(_moved(change) for change in report.packages),
        releases=tuple(_taken(one) for one in report.releases),
        custody=tuple(_custody(chain) for chain in report.chains),
        artifacts=tuple(_artifact(one) for one in report.artifacts),
        findings=tuple(_found(finding) for finding in report.findings),
        unread=tuple(_missed(unread) for unread in report.unread),
    )
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _counts(report: Report) -> Counted:
    still_open = counted(report)
    return Counted(
        *report.counts,
        findings={str(severity): number for severity, number in still_open.items()},
        accepted=len(report.findings) - sum(still_open.values()),
    )


def _found(finding: Finding) -> Found:
    return Found(
        rule=_text(finding.rule),
        severity=str(finding.severity),
        fingerprint=_text(finding.fingerprint),
        message=_text(finding.message),
        package=None if finding.package is None else _text(finding.package),
        path=_text(finding.path),
        path_bytes=_exact(finding.path),
        line=max(finding.line, 1),
        accepted=None if finding.accepted is None else _accepted(finding.accepted),
        evidence=tuple(_seen(place) for place in finding.evidence),
        fix=_text(finding.fix),
    )


def _accepted(acceptance: Acceptance) -> Accepted:
    return Accepted(_text(acceptance.reason), _text(acceptance.by), _text(acceptance.expires))


def _seen(place: Place) -> Seen:
    return Seen(
        path=_text(place.path),
        path_bytes=_exact(place.path),
        line=max(place.line, 1),
        text=_text(place.text),
    )


def _missed(unread: Unread) -> Missed:
    return Missed(
        path=_text(unread.path),
        path_bytes=_exact(unread.path),
        line=max(unread.line, 1),
        part=_text(unread.part),
        why=_text(unread.why),
    )


def _moved(change: PackageChange) -> Moved:
    return Moved(
        path=_text(change.file),
        path_bytes=_exact(change.file),
        ecosystem=_text(change.ecosystem),
        name=_text(change.name),
        change=change.verb,
        before=tuple(_text(version) for version in change.before),
        after=tuple(_text(version) for version in change.after),
        facts=tuple(_text(fact) for fact in change.facts),
        wanted=change.wanted,
        direct=change.direct,
    )


def _taken(one: ReleaseChange) -> Taken:
    return Taken(
        path=_text(one.file),
        path_bytes=_exact(one.file),
        line=max(one.line, 1),
        ecosystem=_text(one.ecosystem),
        name=_text(one.name),
        before=_text(one.before) or None,
        after=_text(one.after),
        bump=_text(one.bump),
        through=_text(one.through) or None,
        age=one.age,
        gained=tuple(_text(word) for word in one.gained),
        provenance=_text(one.provenance) or None,
        source=_text(one.source) or None,
        verdict=_text(one.verdict),
        why=_text(one.why),
    )


def _custody(chain: Chain) -> Custody:
    links = {name: Link(cell.state, _text(cell.why)) for name, cell in zip(LINKS, chain.cells, strict=True)}
    return Custody(
        package=_text(chain.package), path=_text(chain.place), path_bytes=_exact(chain.place), **links
    )


def _artifact(one: Verified) -> Artifact:
    cells = {name: Link(cell.state, _text(cell.why)) for name, cell in zip(CLAIMS, one.cells, strict=True)}
    exact = _exact(one.artifact)
    return Artifact(artifact=_text(one.artifact), artifact_bytes=exact, sha256=one.sha256, **cells)


def _exact(path: str) -> _Exact:
    return msgspec.UNSET if _text(path) == path else uri(path)


def _text(text: str) -> str:
    return printable(text, TEXT_LIMIT)
