"""What failed in a chain of custody, as findings: no cell fails that nobody is told of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from fimci import verdict
from fimci.chains.subject import Proof, Subject
from fimci.findings import Cell, Finding, Report
from fimci.model import Place, Record, Release, Setting
from fimci.policy import Policy
from fimci.rules import Against
from fimci.snapshot import Recipe, Snapshot, collected

_PLAIN = Recipe(readers=(), directories=False)


def reports(found: Iterable[tuple[Subject, Proof, Cell]], policy: Policy, today: dt.date) -> Iterator[Report]:
    """Yield a report on archives that are others than locked, and one on signatures that do not hold.

    Given are packages with what is known of their archives, and the cells of their signers.
    """
    every = list(found)
    releases = [_release(subject) for subject, proof, _ in every if proof.tampered]
    signatures = [_signature(subject, cell) for subject, _, cell in every if cell.state == "failed"]
    against: tuple[tuple[Against, Sequence[Record]], ...] = (("release", releases), ("signer", signatures))
    for kind, records in against:
        if records:
            unique = {record.key: record for record in records}
            yield _judged(kind, list(unique.values()), policy, today)


def _judged(against: Against, records: list[Record], policy: Policy, today: dt.date) -> Report:
    report = verdict.judge(
        Snapshot(locator="locked", recipe=_PLAIN, records=()),
        Snapshot(locator="published", recipe=_PLAIN, records=collected(records)),
        policy,
        today=today,
        against=against,
    )
    findings = tuple(_named(finding) for finding in report.findings)
    return msgspec.structs.replace(
        report, findings=findings, counts=report.counts._replace(files=0, packages=0, changes=0), summary=()
    )


def _named(finding: Finding) -> Finding:
    """Say of which package a finding is that stands at a line of a lockfile."""
    text = finding.evidence[0].text if finding.evidence else ""
    return msgspec.structs.replace(finding, message=f"{text}: {finding.message}") if text else finding


def _place(subject: Subject) -> Place:
    at = subject.entry.at if subject.entry is not None else Place(subject.place)
    return Place(at.path, at.part("version"), f"{subject.name}@{subject.version}")


def _release(subject: Subject) -> Release:
    return Release(
        ecosystem=subject.ecosystem,
        name=f"{subject.name}@{subject.version}",
        version=subject.version,
        proven=False,
        at=_place(subject),
    )


def _signature(subject: Subject, cell: Cell) -> Setting:
    name = f"signature.failed.{subject.name}@{subject.version}"
    return Setting(path=_place(subject).path, name=name, value=cell.why, at=_place(subject))
