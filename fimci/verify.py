"""The release gate: is an artifact what its name, its own list of files and its source say?

Each artifact is read once, under limits; nothing in it is unpacked or run. What it claims is one side of
a subtraction, what is in it the other, and the report is that of every other check.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator
from typing import TypeAlias

import msgspec

from fimci import policy as policies
from fimci import rules, sides, verdict
from fimci.artifacts import claims, generated, hooks, listed, members, names, sources
from fimci.artifacts.members import Members
from fimci.artifacts.names import Named
from fimci.artifacts.sources import Held, Source
from fimci.attest.identity import Signer
from fimci.contents import contents
from fimci.errors import UsageError
from fimci.findings import Report
from fimci.look import Progress
from fimci.model import File, Package, Place, Record
from fimci.policy import Policy, matcher
from fimci.printable import cut, plural
from fimci.printable import listed as told
from fimci.rules import Against
from fimci.snapshot import Entry, Recipe, Snapshot, collected
from fimci.sources.locator import Locator
from fimci.trees import joined

#: What gives the report on who vouches for an artifact.
Vouching: TypeAlias = Callable[[str, Members, Named], Report]

_PLAIN = Recipe(readers=(), directories=False)
#: Of a file of which the first line that differs is shown.
_SMALL = 4 << 20
_SOURCES = ("archive", "dir", "git")
_TEXT = 200
_SHOWN = 5
_ECOSYSTEMS = {"wheel": "pypi", "sdist": "pypi", "npm": "npm"}


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What to verify: paths of artifacts, against which source, and by which policy.

    `generated` are patterns of members that the build is known to make (gitignore syntax). Without a
    policy it is that of the source, else the built-in one.
    """

    artifacts: tuple[str, ...]
    source: Locator | None = None
    generated: tuple[str, ...] = ()
    policy: Policy | None = None
    #: Files of evidence, who is expected to have signed, and other means than the shipped roots.
    bundles: tuple[str, ...] = ()
    signer: Signer | None = None
    root: str | None = None
    key: str | None = None
    allowed: str | None = None
    #: A manifest in which every artifact must be as it is, and the last number of it that was seen.
    expected: str | None = None
    least: int = 0
    today: dt.date
    listed: bool = False


def verify(request: Request, progress: Progress | None = None) -> Report:
    """Judge artifacts, one after the other; raises `SourceError` for what is no archive."""
    origin = _source(request.source, progress) if request.source is not None else None
    if request.policy is None and request.source is not None:
        request = msgspec.structs.replace(request, policy=_policy(request.source))
    vouching = _vouching(request) if request.bundles or _signer(request) is not None else None
    reports = [r for path in request.artifacts for r in _verified(path, request, origin, vouching, progress)]
    if request.expected is not None:
        reports.append(_against_manifest(request.expected, request))
    return joined(reports[0], reports[1:])


def _against_manifest(file: str, request: Request) -> Report:
    """Hold the artifacts as files against a manifest, which must be signed where keys are named."""
    vouched, notes = None, []
    if request.allowed is not None:
        from fimci import signed  # noqa: PLC0415  (few manifests are signed)

        wanted = signed.demand(request.allowed, request.least, os.path.dirname(file) or ".")
        if wanted is not None:
            state, who = signed.verified(file, wanted, dt.datetime.now(dt.timezone.utc))
            vouched = state.sha256
            notes.append(f"the manifest is number {state.sequence}, signed by {who} at {state.created}")
    stated = {
        one.path.rpartition("/")[2]: one
        for one in sides.baseline(file, vouched).records
        if isinstance(one, File) and one.kind == "file"
    }
    given = [members.stated(path) for path in request.artifacts]
    left: list[Record] = [
        msgspec.structs.replace(stated[one.path], path=one.path, mode=None)
        for one in given
        if one.path in stated
    ]
    absent = sorted(stated.keys() - {one.path for one in given})
    notes += [f"in the manifest and not given: {told(absent, _SHOWN)}"] if absent else []
    report = verdict.judge(
        Snapshot(locator=f"manifest:{file}", recipe=_PLAIN, records=collected(left)),
        Snapshot(locator="artifacts", recipe=_PLAIN, records=collected(given)),
        request.policy or Policy(),
        today=request.today,
        against="manifest",
        notes=notes,
    )
    return _uncounted(msgspec.structs.replace(report, summary=()))


def _verified(
    path: str,
    request: Request,
    origin: Source | None,
    vouching: Vouching | None,
    progress: Progress | None,
) -> Iterator[Report]:
    found = members.taken(path, progress)
    named = names.named(found.file, found.files)
    yield _judged(found, request, "name", *_by_name(named, found))
    if named.kind == "wheel":
        left, right = listed.sides(path, found, claims.info(named, found.files))
        yield _uncounted(_judged(found, request, "list", left, right))
    if origin is not None and request.source is not None:
        yield _against_source(path, named, found, request, origin)
    if vouching is not None:
        yield _uncounted(vouching(path, found, named))


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


def _source(locator: Locator, progress: Progress | None) -> Source:
    """Read a source whole, by hashes; nothing of it is judged."""
    if locator.scheme not in _SOURCES:
        raise UsageError(f"{locator} is no source of an artifact", f"name one of {', '.join(_SOURCES)}")
    snapshot = sides.snapshot(locator, Recipe(directories=False, readers=(), ignore=(".git/",)), progress)
    return sources.source(str(locator), snapshot.records)


def _signer(request: Request) -> Signer | None:
    return request.signer or (request.policy.signer if request.policy is not None else None)


def _vouching(request: Request) -> Vouching:
    """Read the evidence once; return what judges an artifact by it. Raises `UsageError`."""
    from fimci import vouch  # noqa: PLC0415  (nothing of signatures is imported where none is asked for)

    judge = vouch.prepared(
        request.bundles,
        _signer(request),
        root=request.root,
        key=request.key,
        allowed=request.allowed,
        alone=len(request.artifacts) == 1,
    )

    def report(path: str, found: Members, named: Named) -> Report:
        left, right, notes = judge(path, found, named)
        told = _judged(found, request, "signer", left, right)
        return msgspec.structs.replace(told, notes=(*told.notes, *notes))

    return report


def _policy(locator: Locator) -> Policy:
    """Read the policy that a source has at its root."""
    data = _contents(locator, frozenset(policies.FILES))
    for name in policies.FILES:
        found = policies.parse(data[name], name, rules.pages()) if name in data else None
        if found is not None:
            return found
    return Policy()


def _against_source(path: str, named: Named, found: Members, request: Request, origin: Source) -> Report:
    """Hold the members against the source, and explain what the build made."""
    assert request.source is not None  # noqa: S101  (for the type checker: the caller has looked)
    kept = sources.held(found, named, origin)
    ours = members.contents(path, (*kept.unknown, *kept.other), _SMALL)
    theirs = _contents(request.source, frozenset(kept.other.values()))
    explained = generated.explained(named, kept.unknown, kept.other, ours.get, theirs.get)
    declared = matcher((*(request.policy or Policy()).generated, *request.generated))
    for member in (*kept.unknown, *kept.other, *kept.moved):
        if member not in explained and declared(member):
            explained[member] = "declared to be generated"
    lines = {
        member: _line(member, ours[member], theirs[place])
        for member, place in kept.other.items()
        if member in ours and place in theirs
    }
    left, right = sources.sides(found, origin, kept, explained, lines)
    report = _uncounted(_judged(found, request, "source", left, right))
    return msgspec.structs.replace(report, notes=(*report.notes, *_story(found, origin, kept, explained)))


def _contents(locator: Locator, wanted: frozenset[str]) -> dict[str, bytes]:
    """Return the content of files of a source, the small ones among them."""
    if locator.scheme == "dir":
        return contents(locator.path, sorted(wanted), _SMALL)[0]
    found: dict[str, bytes] = {}
    for entry in sides.entries(locator) if wanted else ():
        if isinstance(entry, Entry) and entry.path in wanted and entry.read is not None:
            data = members.small(entry.read, _SMALL)
            if data is not None:
                found[entry.path] = data
    return found


def _line(path: str, ours: bytes, theirs: bytes) -> Place:
    """Return the first line that differs, as the artifact has it."""
    rows, originals = ours.split(b"\n"), theirs.split(b"\n")
    number = next(
        (n for n, (one, other) in enumerate(zip(rows, originals, strict=False)) if one != other), None
    )
    at = min(len(rows), len(originals)) if number is None else number
    text = rows[min(at, len(rows) - 1)].decode("utf-8", "surrogateescape")
    return Place(path, at + 1, cut(text, _TEXT))


def _story(found: Members, origin: Source, kept: Held, explained: dict[str, str]) -> Iterator[str]:
    """Say how many members were borne out, and why others need not be."""
    borne = len(kept.same) + sum(path not in explained for path in kept.moved)
    total = len(kept.same) + len(kept.other) + len(kept.unknown) + len(kept.moved)
    yield f"{found.file}: {borne:,} of {plural(total, 'file')} are as {origin.name} has them"
    reasons: dict[str, list[str]] = {}
    for path, why in explained.items():
        reasons.setdefault(why, []).append(path.rpartition("/")[2])
    for why, paths in reasons.items():
        yield f"{found.file}: {why}: {told(sorted(set(paths)), _SHOWN)}"


def _judged(
    found: Members, request: Request, against: Against, left: list[Record], right: list[Record]
) -> Report:
    report = verdict.judge(
        Snapshot(locator=f"{against}:{found.file}", recipe=_PLAIN, records=collected(left)),
        Snapshot(locator=f"archive:{found.file}", recipe=_PLAIN, records=collected(right)),
        request.policy or Policy(),
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
