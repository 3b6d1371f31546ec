"""What fimci says: severities, findings, acceptances, and the report that carries them.

Rules make `Finding` values, policy judges them (severity, acceptance), reports write them down.
"""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, NamedTuple, TypeAlias

import msgspec

from fimci.destinations import Destination
from fimci.model import Change, Package, Place, Record, Unread
from fimci.past import Past


class Severity(enum.IntEnum):
    """How bad, from worth knowing to drop everything. `str()` gives the word."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    def __str__(self) -> str:
        return self.name.lower()


#: `severity("high")`: the words of configuration, command line and reports.
SEVERITIES: Mapping[str, Severity] = {str(severity): severity for severity in Severity}


#: Rules that speak of changes to the check itself. Who may edit the workflow may edit what it passes to
#: fimci, so `--fail-on` there cannot let these through where the policy on the trusted side does not.
GUARDS = frozenset({"baseline-weakened", "checker-disabled", "policy-changed"})

#: Places in the evidence of a finding that stands for many changes.
EVIDENCE_LIMIT = 20


class Acceptance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody's word that a finding is fine: why, who, and until when (ISO date)."""

    fingerprint: str
    reason: str
    by: str = ""
    expires: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One objection of one rule, at one place.

    `content` is what was judged (facts, not places): the fingerprint binds to it, so that an
    acceptance ends when the content changes. `package` is a package URL. A rule leaves
    `fingerprint`, `fix` and `accepted` to the composer.
    """

    rule: str
    severity: Severity
    message: str
    path: str
    line: int = 1
    package: str | None = None
    evidence: tuple[Place, ...] = ()
    content: str = ""
    fix: str = ""
    fingerprint: str = ""
    accepted: Acceptance | None = None


class Page(NamedTuple):
    """What `fimci explain` prints of a rule: its documentation, cut into its parts."""

    rule: str
    severity: Severity
    summary: str
    text: str
    fix: str


class Counts(NamedTuple):
    """What was looked at."""

    files: int
    packages: int
    changes: int


#: What became of a package; `changed` is in anything but its version.
Verb: TypeAlias = Literal["added", "removed", "updated", "changed"]


class FileChange(NamedTuple):
    """A file that came, went or changed: what differs, and the digest that it has now (`sha256:…`)."""

    path: str
    verb: Literal["added", "removed", "changed"]
    facts: tuple[str, ...] = ()
    digest: str = ""


class PackageChange(NamedTuple):
    """What became of one package in one file, all its entries together.

    `file` is empty for what is installed. `before` and `after` are the versions there, the wanted
    ranges where only a manifest speaks (`wanted`); empty texts stand for versions that nobody states.
    `facts` are the fields that differ. `direct`: a manifest of either side asks for it.
    """

    file: str
    ecosystem: str
    name: str
    verb: Verb
    before: tuple[str, ...]
    after: tuple[str, ...]
    facts: tuple[str, ...]
    wanted: bool
    direct: bool


class ReleaseChange(NamedTuple):
    """What one release that a lockfile takes up brings beyond the one before.

    `before` is empty for a package that is new; `through` names the package that brought it. `bump` is the
    first number of the version that moved, or `new`. `gained` are capabilities with their phases. `verdict`
    is `ok`, the grade of the worst finding, or `not looked at` (and `why`). `provenance`: the registry has a
    statement of where it was built (`stated`), has none (`none`), or had one of the release before (`lost`);
    empty where that is not known.
    """

    file: str
    line: int
    ecosystem: str
    name: str
    before: str
    after: str
    bump: str
    through: str
    age: int | None
    gained: tuple[str, ...]
    source: str
    verdict: str
    why: str
    provenance: str = ""


#: The links of a chain of custody, in order. `locked`: a lockfile has a strong hash of the release.
#: `artifact`: the archive has it. `installed`: what is on the disk is what is in the archive. `source`: the
#: archive has what its source has. `signer` and `builder`: who signed it, and what built it.
LINKS = ("locked", "artifact", "installed", "source", "signer", "builder")


class Cell(NamedTuple):
    """One of three states, and why; of what is verified, by what or whom, where there is more to say."""

    state: Literal["verified", "failed", "not verified"]
    why: str = ""

    def __str__(self) -> str:
        return f"{self.state} ({self.why})" if self.why else self.state


class Chain(NamedTuple):
    """What was verified of one installed or locked package: a cell for each of `LINKS`.

    `place` is where it is: the folder of an installed package, else the lockfile.
    """

    package: str
    place: str
    cells: tuple[Cell, ...]


Claim: TypeAlias = Literal["contents", "list", "source", "signer", "manifest", "previous"]
#: What is verified of an artifact, in order: what is in it, its own list of files, its source, who signed it,
#: the manifest of what was built, and what it can do beside the release before.
CLAIMS: tuple[Claim, ...] = ("contents", "list", "source", "signer", "manifest", "previous")


class Verified(NamedTuple):
    """What was verified of one artifact: its file, its sha256, and a cell for each of `CLAIMS`."""

    artifact: str
    sha256: str
    cells: tuple[Cell, ...]


class Run(NamedTuple):
    """What tells one run from others: 32 hexadecimal digits drawn at random, when, and on which machine."""

    id: str
    moment: dt.datetime
    host: str


class Keep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where policy has runs kept, and for how many days (0: for ever).

    The name is bound to its ending: nothing else of the machine is to be made by what a policy says.
    """

    file: Annotated[str, msgspec.Meta(pattern=r"[^/]\.history\Z")]
    days: Annotated[int, msgspec.Meta(ge=0, le=36_500)] = 0


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of one run, ready to be written in any format.

    `findings` are worst first. `unread` is what could not be looked at: the run is complete
    only without it. `pages` has the documentation of every rule (reports never import rules).
    `notes` are sentences about the run itself (what was held against what, what to try next);
    `summary` are sentences about the change as a whole; `packages` is the whole list behind those
    about packages, by file and name; `releases` is what was found in the releases behind them, where asked,
    `chains` the custody of packages, `artifacts` what was verified of each. `run` and `past` are known where
    a history is kept.
    """

    left: str
    right: str
    counts: Counts
    findings: tuple[Finding, ...]
    unread: tuple[Unread, ...]
    fail_on: Severity
    pages: Mapping[str, Page]
    summary: tuple[str, ...] = ()
    packages: tuple[PackageChange, ...] = ()
    #: Every file that changed, where that was asked for.
    files: tuple[FileChange, ...] = ()
    releases: tuple[ReleaseChange, ...] = ()
    chains: tuple[Chain, ...] = ()
    artifacts: tuple[Verified, ...] = ()
    notes: tuple[str, ...] = ()
    #: Where policy has its events delivered.
    deliver: tuple[Destination, ...] = ()
    #: Where policy has its runs kept.
    keep: Keep | None = None
    run: Run | None = None
    #: A full check on schedule came to its end: there is nothing to tell that was not told.
    swept: bool = False
    past: Past | None = None
    #: What policy says of `fail_on`, where the command line says otherwise.
    trusted: Severity | None = None

    @property
    def complete(self) -> bool:
        """Tell whether everything that was asked for could be looked at."""
        return not self.unread

    @property
    def failing(self) -> tuple[Finding, ...]:
        """Return the findings that make the run fail: at or above `fail_on`, not accepted.

        For those about the check itself the policy's own `fail_on` counts too.
        """
        guarded = self.fail_on if self.trusted is None else min(self.fail_on, self.trusted)
        return tuple(
            f
            for f in self.findings
            if f.accepted is None and f.severity >= (guarded if f.rule in GUARDS else self.fail_on)
        )

    @property
    def exit_code(self) -> int:
        """Return 1 for failing findings, else 3 for something unread, else 0."""
        if self.failing:
            return 1
        return 0 if self.complete else 3


def finding(change: Change, *, rule: str, severity: Severity, message: str) -> Finding:
    """Object to a change: place, package and judged content are taken from its records."""
    return grouped([change], rule=rule, severity=severity, message=message)


def grouped(  # noqa: PLR0913  (each is one field of the finding)
    changes: Sequence[Change],
    *,
    rule: str,
    severity: Severity,
    message: str,
    path: str = "",
    line: int = 0,
    part: str = "",
) -> Finding:
    """Object once to several changes, at the place of the first or where it states `part`.

    The judged content is that of all of them, in whatever order they come, so that an acceptance
    covers no later addition and outlives a mere move.
    """
    record = changes[0].record
    place = seen_at(record)
    records = [change.record for change in changes[:EVIDENCE_LIMIT]]
    seen = (place for one in records for place in (seen_at(one), *getattr(one, "seen", ())))
    return Finding(
        rule=rule,
        severity=severity,
        message=message,
        path=path or place.path,
        line=line or place.part(part),
        package=package_url(record) if isinstance(record, Package) else getattr(record, "package", None),
        evidence=tuple(one for one in seen if one.text)[:EVIDENCE_LIMIT],
        content="\n".join(sorted(facts(change.before) + facts(change.after) for change in changes)),
    )


def fingerprint(finding: Finding) -> str:
    """Return what identifies a finding across runs: 80 bits over its rule, subject and content.

    Lines and words take no part: a finding that only moved keeps its fingerprint, one whose
    content changed by a byte gets another one, so that acceptances never outlive what they saw.
    """
    parts = (finding.rule, finding.path, finding.package or "", finding.content)
    data = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()[:20]


def seen_at(record: Record) -> Place:
    """Return the place of a record; a file is its own place."""
    place = getattr(record, "at", None)
    return place if isinstance(place, Place) else Place(record.path, getattr(record, "line", 1))  # type: ignore[union-attr]


def facts(record: Record | None) -> str:
    """Return what a record states, without where it was seen, as canonical JSON."""
    if record is None:
        return "-"
    import json  # noqa: PLC0415  (a run that finds nothing needs none)

    stated = msgspec.to_builtins(record)
    for moving in ("at", "line", "seen", "age"):  # an hour later a release is what it was
        stated.pop(moving, None)
    return json.dumps(stated, sort_keys=True, separators=(",", ":"))


def package_url(package: Package) -> str:
    """Return the package URL (purl) of a package: `pkg:npm/%40scope/left@1.0.1`."""
    from packageurl import PackageURL  # noqa: PLC0415  (only where a package is spoken of)

    namespace, _, name = package.name.rpartition("/")
    version = package.version if isinstance(package.version, str) else None
    return PackageURL(package.ecosystem, namespace or None, name or package.name, version).to_string()
