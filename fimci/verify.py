"""The release gate: is an artifact what its name, its own list of files and its source say?

Each artifact is read once, under limits; nothing in it is unpacked or run. What it claims is one side of
a subtraction, what is in it the other, and the report is that of every other check.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import msgspec

from fimci import verdict
from fimci.artifacts import claims, hooks, listed, members, names
from fimci.artifacts.members import Members
from fimci.artifacts.names import Named
from fimci.findings import Report
from fimci.look import Progress
from fimci.model import Package, Place, Record
from fimci.policy import Policy
from fimci.rules import Against
from fimci.snapshot import Recipe, Snapshot, collected
from fimci.trees import joined

_PLAIN = Recipe(readers=(), directories=False)
_ECOSYSTEMS = {"wheel": "pypi", "sdist": "pypi", "npm": "npm"}


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What to verify: paths of artifacts, and by which policy."""

    artifacts: tuple[str, ...]
    policy: Policy = Policy()
    today: dt.date
    listed: bool = False


def verify(request: Request, progress: Progress | None = None) -> Report:
    """Judge artifacts, one after the other; raises `SourceError` for what is no archive."""
    reports = [report for path in request.artifacts for report in _verified(path, request, progress)]
    return joined(reports[0], reports[1:])


def _verified(path: str, request: Request, progress: Progress | None) -> Iterator[Report]:
    found = members.taken(path, progress)
    named = names.named(found.file, found.files)
    yield _judged(found, request, "name", *_by_name(named, found))
    if named.kind == "wheel":
        left, right = listed.sides(path, found, claims.info(named, found.files))
        yield _uncounted(_judged(found, request, "list", left, right))


def _by_name(named: Named, found: Members) -> tuple[list[Record], list[Record]]:
    """Return what the name of the file states, and everything that is inside."""
    stated, inside = claims.sides(named, found)
    release = Package(
        ecosystem=_ECOSYSTEMS.get(named.kind, "generic"),
        name=named.name or named.file,
        place=f"{named.file}#name",
        stated_by="artifact",
        version=named.version or None,
        origin_kind="file",
        origin=None,
        integrity=(),
        install_scripts=False,
        flags=(named.kind, "pure") if named.pure else (named.kind,),
        at=Place(named.file),
    )
    there: list[Record] = [*inside, *found.facts, *hooks.hooks(found)]
    files = [msgspec.structs.replace(f, digest=None) for f in found.files.values() if f.kind != "directory"]
    return [release, *stated], [release, *there, *files, *found.unread]


def _judged(
    found: Members, request: Request, against: Against, left: list[Record], right: list[Record]
) -> Report:
    report = verdict.judge(
        Snapshot(locator=f"{against}:{found.file}", recipe=_PLAIN, records=collected(left)),
        Snapshot(locator=f"archive:{found.file}", recipe=_PLAIN, records=collected(right)),
        request.policy,
        today=request.today,
        against=against,
        listed=request.listed and against == "source",
    )
    return _located(msgspec.structs.replace(report, summary=(), packages=()), found.file)


def _located(report: Report, file: str) -> Report:
    """Return a report whose paths begin with the artifact that they are in."""
    findings = tuple(
        msgspec.structs.replace(
            finding,
            path=_inside(file, finding.path),
            evidence=tuple(msgspec.structs.replace(p, path=_inside(file, p.path)) for p in finding.evidence),
        )
        for finding in report.findings
    )
    unread = tuple(msgspec.structs.replace(one, path=_inside(file, one.path)) for one in report.unread)
    return msgspec.structs.replace(report, findings=findings, unread=unread)


def _inside(file: str, path: str) -> str:
    return file if path in {file, ""} else f"{file}!/{path}"


def _uncounted(report: Report) -> Report:
    """Return a report of files that are counted already."""
    return msgspec.structs.replace(report, counts=report.counts._replace(files=0, packages=0))
