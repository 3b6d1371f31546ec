"""The release gate: is an artifact what its name, its own list of files and its source say, and by whom?

Each artifact is read under limits; nothing in it is unpacked or run. What it claims is one side of a
subtraction, what is in it the other, and the report is that of every other check.
"""

from __future__ import annotations

import datetime as dt
import functools
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from fimci import between, built, compiled, custody, expected, verdict
from fimci.artifacts import claims, hooks, listed, members, names
from fimci.artifacts.members import Members
from fimci.artifacts.names import Named
from fimci.artifacts.sources import Source
from fimci.attest.identity import Signer
from fimci.attest.state import Demand
from fimci.custody import Column
from fimci.errors import OvertakenError, UsageError
from fimci.findings import Cell, Report, Verified
from fimci.look import Progress
from fimci.model import Digest, File, Package, Place, Record
from fimci.policy import Policy
from fimci.printable import listed as enumerated
from fimci.rules import Against
from fimci.snapshot import Recipe, Snapshot, collected
from fimci.sources.locator import Locator
from fimci.trees import joined

if TYPE_CHECKING:
    from fimci.releases.obtain import Sources

#: What gives the report on who vouches for an artifact.
Vouching: TypeAlias = Callable[[Members, Named], Report]

_SHOWN = 3
_PLAIN = Recipe(readers=(), directories=False)
#: Ends of names of artifacts; the long ones come first.
_FORMS = (".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst", ".whl", ".tgz", ".zip", ".tar")
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
    #: A manifest in which every artifact must be as it is, the last number of it that was seen, and the file
    #: of the statement that was.
    expected: str | None = None
    #: The artifacts are all that a registry serves of a release: what the manifest has beside them is missed.
    whole: bool = False
    least: int = 0
    last: str | None = None
    #: An identity that must have signed the manifest.
    state_signer: Signer | None = None
    #: Releases before these, of which the first that is of an artifact's kind is held against it; and where
    #: such a release (`pkg:`) comes from, by a policy.
    previous: tuple[Locator, ...] = ()
    where: Callable[[Policy], Sources] | None = None
    today: dt.date


class Outcome(msgspec.Struct, frozen=True):
    """The report on all artifacts, the cells of each of them by the name of its file, and the policy."""

    report: Report
    cells: dict[str, dict[Column, Cell]]
    files: tuple[File, ...]
    policy: Policy


def verify(request: Request, progress: Progress | None = None) -> Report:
    """Judge artifacts, one after the other; raises `SourceError` for what is no archive."""
    return verified(request, progress).report


def verified(request: Request, progress: Progress | None = None) -> Outcome:
    """Judge artifacts, and say of each what was verified."""
    request = msgspec.structs.replace(request, artifacts=_apart(request.artifacts))
    origin = built.source(request.source, progress) if request.source is not None else None
    if request.policy is None and request.source is not None:
        request = msgspec.structs.replace(request, policy=built.policy(request.source))
    vouching = _vouching(request) if request.bundles or _signer(request) is not None else None
    files = tuple(members.stated(path) for path in request.artifacts)
    judged = [_verified(path, request, origin, vouching, progress) for path in request.artifacts]
    manifest = _against_manifest(request.expected, files, request) if request.expected is not None else None
    for path, file in zip(request.artifacts, files, strict=True):
        if members.stated(path) != file:
            raise OvertakenError(f"{path} changed while it was verified", "verify it again")
    cells = {
        file.path: {
            column: _cell(
                request, manifest if column == "manifest" else reports.get(column), column, file.path
            )
            for column in custody.COLUMNS
        }
        for file, reports in zip(files, judged, strict=True)
    }
    every = [report for reports in judged for report in reports.values()]
    whole = joined(every[0], [*every[1:], *([manifest] if manifest is not None else [])])
    used = msgspec.structs.replace(request.policy or Policy(), signer=_signer(request))
    names = enumerated([file.path for file in files], _SHOWN)
    whole = msgspec.structs.replace(
        whole, left=f"name:{names}", right=f"archive:{names}", artifacts=tuple(_rows(files, cells))
    )
    return Outcome(whole, cells, files, used)


def _cell(request: Request, report: Report | None, column: Column, path: str) -> Cell:
    if report is None and column == "previous" and request.previous:
        return Cell("not verified", "no release that --previous names is of this form")
    return custody.cell(report, column, path)


def _apart(paths: Iterable[str]) -> tuple[str, ...]:
    """Return each file once. Raises `UsageError` for two of one name, which none could tell apart."""
    found: dict[str, str] = {}
    for path in paths:
        found.setdefault(os.path.abspath(path), path)
    names = Counter(os.path.basename(path) for path in found)
    name = next((name for name, number in names.items() if number > 1), None)
    if name is not None:
        raise UsageError(f"several artifacts are named {name}", "verify them one after the other")
    return tuple(found.values())


def _rows(files: Iterable[File], cells: Mapping[str, Mapping[Column, Cell]]) -> Iterator[Verified]:
    for file in files:
        sha256 = file.digest.hex if isinstance(file.digest, Digest) else ""
        yield Verified(file.path, sha256, tuple(cells[file.path][column] for column in custody.COLUMNS))


def _verified(
    path: str,
    request: Request,
    origin: Source | None,
    vouching: Vouching | None,
    progress: Progress | None,
) -> dict[Column, Report]:
    """Judge one artifact by each of its claims that can be held against something."""
    found = members.taken(path, progress)
    named = names.named(found.file, found.files)
    found.facts[:] = compiled.told(found)
    reports: dict[Column, Report] = {"contents": _judged(found, request, "name", *_by_name(named, found))}
    if named.kind == "wheel":
        left, right = listed.sides(found, claims.info(named, found.files))
        reports["list"] = _uncounted(_judged(found, request, "list", left, right))
    if origin is not None and request.source is not None:
        patterns = (*(request.policy or Policy()).generated, *request.generated)
        both = built.against(named, found, request.source, origin, patterns, compiled.own(found))
        reports["source"] = _uncounted(_judged(found, request, "source", *both))
    if vouching is not None:
        reports["signer"] = _uncounted(vouching(found, named))
    before = next((one for one in request.previous if _is_before(one, path, named)), None)
    if before is not None:
        reports["previous"] = _uncounted(_gained(path, found.file, before, request, progress))
    return reports


def _is_before(one: Locator, path: str, named: Named) -> bool:
    """Tell whether a locator can name the release before an artifact: the same ecosystem, the same form."""
    if one.scheme == "pkg":
        return one.path.partition("/")[0] == _ECOSYSTEMS.get(named.kind)
    return one.path.endswith(next((end for end in _FORMS if path.endswith(end)), path))


def _gained(path: str, file: str, before: Locator, request: Request, progress: Progress | None) -> Report:
    """Say what the artifact can do that the release before it could not."""
    policy = request.policy or Policy()
    report = between.between(
        before,
        Locator("archive", path),
        policy,
        today=request.today,
        progress=progress,
        where=functools.partial(request.where, policy) if request.where is not None else None,
    )
    return _located(msgspec.structs.replace(report, summary=(), packages=()), file)


def _demand(file: str, request: Request) -> Demand | None:
    from fimci import signed  # noqa: PLC0415  (few manifests are signed)

    asked = signed.Asked(
        allowed=request.allowed,
        signer=request.state_signer,
        root=request.root,
        least=request.least,
        last=request.last,
    )
    folder = os.path.dirname(file) or os.curdir
    if asked.names_nobody and request.policy is not None and request.policy.state is not None:
        return signed.by_policy(request.policy.state, asked, folder)
    return signed.demand(asked, folder)


def _against_manifest(file: str, given: Iterable[File], request: Request) -> Report:
    """Hold the artifacts as files against a manifest, which must be signed where keys are named."""
    both = expected.against(file, given, _demand(file, request), request.source, whole=request.whole)
    report = verdict.judge(
        Snapshot(locator=f"manifest:{file}", recipe=_PLAIN, records=collected(both.left)),
        Snapshot(locator="artifacts", recipe=_PLAIN, records=collected(both.right)),
        request.policy or Policy(),
        today=request.today,
        against="manifest",
        notes=both.notes,
    )
    return _uncounted(msgspec.structs.replace(report, summary=()))


def _by_name(named: Named, found: Members) -> tuple[list[Record], list[Record]]:
    """Return what the name of the file states, and everything that is inside."""
    stated, inside = claims.sides(named, found)
    manifest = claims.npm_manifest(found) if named.kind == "npm" else None
    release = Package(
        ecosystem=_ECOSYSTEMS.get(named.kind, "generic"),
        name=manifest.name if manifest is not None else named.name or named.file,
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

    def report(found: Members, named: Named) -> Report:
        return _judged(found, request, "signer", *judge(found, named))

    return report


def _judged(  # noqa: PLR0913, PLR0917  (both sides and their notes come together)
    found: Members,
    request: Request,
    against: Against,
    left: list[Record],
    right: list[Record],
    notes: Iterable[str] = (),
) -> Report:
    report = verdict.judge(
        Snapshot(locator=f"{against}:{found.file}", recipe=_PLAIN, records=collected(left)),
        Snapshot(locator=f"archive:{found.file}", recipe=_PLAIN, records=collected(right)),
        request.policy or Policy(),
        today=request.today,
        against=against,
        notes=notes,
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
