"""Hold the archive of a package against the source that somebody names for it."""

from __future__ import annotations

import datetime as dt
import os
import tempfile

import msgspec

from fimci import built, verdict
from fimci.artifacts import members, names
from fimci.chains.archives import wanted_of
from fimci.chains.subject import Proof
from fimci.errors import SourceError
from fimci.findings import Cell, Counts, Report, Severity, package_url
from fimci.model import Package
from fimci.policy import Policy
from fimci.registries.registry import UnobtainableError
from fimci.releases.obtain import Sources, obtain, offers
from fimci.snapshot import Recipe, Snapshot, collected
from fimci.sources.locator import Locator

_ABSENT = Cell("not verified", "its archive is not at hand")
_PLAIN = Recipe(readers=(), directories=False)


def sourced(
    where: Sources, entry: Package | None, proof: Proof, locator: Locator | None, policy: Policy
) -> tuple[Cell, Report | None]:
    """Return whether all that an archive holds is in its source, or explained; and the report on that."""
    if locator is None:
        return Cell("not verified", "no source was named (--source NAME=LOCATOR)"), None
    if entry is None or not proof.source:
        return _ABSENT, None
    wanted = wanted_of(entry)
    try:
        offered = next(one for one in offers(where, wanted) if one.name == proof.file)
        data = obtain(where, wanted, offered).data
    except (StopIteration, UnobtainableError):
        return _ABSENT, None
    origin = built.source(locator, None)
    with tempfile.TemporaryDirectory(prefix="fimci-") as folder:
        path = os.path.join(folder, os.path.basename(proof.file))
        with open(path, "wb") as file:
            file.write(data)
        try:
            found = members.taken(path)
        except SourceError as error:
            return Cell("not verified", error.message), None
        named = names.named(found.file, found.files)
        both = built.against(named, found, locator, origin, policy.generated)
    left = Snapshot(locator=str(locator), recipe=_PLAIN, records=collected(both.left))
    right = Snapshot(locator=proof.file, recipe=_PLAIN, records=collected(both.right))
    report = verdict.judge(left, right, policy, today=dt.date.min, against="source", notes=both.notes)
    report = _located(report, entry)
    bad = [one for one in report.findings if one.accepted is None and one.severity >= Severity.MEDIUM]
    if bad:
        return Cell("failed", bad[0].rule), report
    if report.unread:
        return Cell("not verified", report.unread[0].why), report
    return Cell("verified", str(locator)), report


def _located(report: Report, entry: Package) -> Report:
    """Return a report whose paths begin with the release that they are in."""
    url = package_url(entry)
    findings = tuple(
        msgspec.structs.replace(one, path=f"{url}#{one.path}", package=url) for one in report.findings
    )
    unread = tuple(msgspec.structs.replace(one, path=f"{url}#{one.path}") for one in report.unread)
    return msgspec.structs.replace(
        report, findings=findings, unread=unread, counts=Counts(0, 0, report.counts.changes), summary=()
    )
