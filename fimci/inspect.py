"""What can it do? One side alone: every package of a source with the capabilities of its code.

There is nothing to subtract, so that a table is all that can honestly be said; `risks` holds what a package
without a predecessor can do against the bar of what hardly any honest package does.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from fimci import sides, verdict
from fimci.capabilities.foreign_code import is_foreign
from fimci.capabilities.gains import PHASES, url
from fimci.capabilities.grading import weight
from fimci.findings import Finding, Report, Severity
from fimci.inspection import Inspected, Inspection, Row
from fimci.look import Progress
from fimci.model import Advisory, Capability, File, Package, Record, Unread
from fimci.policy import Policy
from fimci.reach import Belonging
from fimci.snapshot import Snapshot
from fimci.sources.locator import Locator

if TYPE_CHECKING:
    from fimci.releases.obtain import Sources

#: Rules that can judge what stands alone. The others speak of change, of which everything would be one.
_ALONE = frozenset(
    (
        *("bytecode-without-source", "download-and-run", "encoded-payload", "exfiltration", "hidden-text"),
        *("known-malicious", "known-vulnerable"),
        *("look-alike-name", "obfuscation-jump", "payload-file-added", "self-propagation"),
    )
)

#: Of what a package can do without a chain, and of what it does to others, only what is grave is told.
_GRAVE = frozenset(("capability-gained", "module-tampering"))


def taken(target: Locator, progress: Progress | None, where: Callable[[], Sources] | None = None) -> Snapshot:
    """Take a snapshot of a target with all readers; `where` says where releases (`pkg:`) come from."""
    directories = target.scheme not in {"git", "archive", "pkg"}
    how = sides.recipe((".git/",), directories=directories, code=True)
    if target.scheme == "pkg" and where is not None:
        from fimci.releases import take  # noqa: PLC0415  (one kind of source)

        (found,) = take.named(where(), [target])
        return take.snapshot(found, str(target), how, progress)
    if target.scheme == "python":
        from fimci import environment  # noqa: PLC0415  (one kind of source)

        # Metadata tell what a package needs; in a change they would tell each package twice.
        installed = environment.snapshot(target.path, how, progress, metadata=True)
        return sides.settled(installed, project=False)
    return sides.snapshot(target, how, progress)


def inspect(snapshot: Snapshot) -> Inspection:
    """Return what the code of a snapshot can do, package by package."""
    records = list(snapshot.records)
    belonging = Belonging(records, project=False)
    files = Counter(belonging.of(r.path) or "" for r in records if isinstance(r, File) and r.kind == "file")
    found: dict[str, list[Capability]] = {}
    for record in records:
        if isinstance(record, Capability) and "__pycache__/" not in record.path:
            found.setdefault(record.package or "", []).append(record)
    versions = {url(r): str(r.version) for r in records if isinstance(r, Package) and _is_there(r)}
    needs = _needs(records)
    packages = [
        Inspected(
            name,
            versions.get(name, ""),
            files[name],
            tuple(_rows(found.get(name, ()))),
            tuple(sorted(needs.get(name, set()) & files.keys())),
        )
        for name in files
    ]
    packages.sort(key=_rank)
    return Inspection(
        subject=snapshot.locator,
        files=sum(files.values()),
        packages=tuple(packages),
        unread=tuple(_unread(records)),
    )


def _rank(one: Inspected) -> tuple[int, int, str]:
    return -max((row.weight for row in one.rows), default=-1), -len(one.rows), one.url


def risks(
    snapshot: Snapshot,
    policy: Policy,
    today: dt.date,
    known: Callable[[Iterable[Record]], list[Advisory]] | None = None,
) -> Report:
    """Judge what stands alone: packages without a predecessor; `known` says what is known of them."""
    nothing = Snapshot(locator="(nothing)", recipe=snapshot.recipe, records=())
    report = verdict.judge(nothing, snapshot, policy, today=today, known=known)
    return msgspec.structs.replace(report, findings=tuple(_told(report.findings)), packages=(), summary=())


def with_trees(
    report: Report, target: Locator, policy: Policy, today: dt.date, progress: Progress | None
) -> Report:
    """Add what is said of the trees that are installed in an image, held against their lists and locks."""
    if target.scheme != "oci":
        return report
    from fimci import images, trees  # noqa: PLC0415  (one kind of source)

    return trees.joined(report, images.judged(target, policy, today=today, progress=progress))


def _told(findings: Iterable[Finding]) -> Iterator[Finding]:
    for finding in findings:
        grave = finding.rule in _GRAVE and finding.severity >= Severity.HIGH
        if finding.rule in _ALONE or grave:
            yield finding


def _rows(capabilities: Iterable[Capability]) -> list[Row]:
    groups: dict[tuple[str, str], list[Capability]] = {}
    for one in capabilities:
        groups.setdefault((one.phase, one.name), []).append(one)
    rows = []
    for alike in groups.values():
        alike.sort(key=lambda one: (-weight(one), one.path, one.at.line))
        first = alike[0]
        subjects = tuple(dict.fromkeys(one.subject for one in alike))
        rows.append(Row(first.name, first.phase, weight(first), subjects, tuple(alike)))
    return sorted(rows, key=lambda row: (-row.weight, PHASES.index(row.phase), row.name))


def _is_there(package: Package) -> bool:
    return package.stated_by in {"artifact", "disk"} and isinstance(package.version, str)


def _needs(records: Iterable[Record]) -> Mapping[str, set[str]]:
    """Return what each package depends on, by package URL, from the manifests of what is there."""
    needs: dict[str, set[str]] = {}
    owner: dict[str, str] = {}
    manifests: list[Package] = []
    for record in records:
        if not isinstance(record, Package):
            continue
        if record.stated_by in {"artifact", "disk"}:
            owner[record.place.partition("#")[0]] = url(record)
            wanted = (one.partition("@")[0] for one in record.dependencies)
            needs.setdefault(url(record), set()).update(f"pkg:{record.ecosystem}/{name}" for name in wanted)
        elif record.stated_by == "manifest" and record.ecosystem == "npm" and "dev" not in record.flags:
            manifests.append(record)
    for record in manifests:
        folder = record.at.path.rpartition("/")[0]
        if folder in owner:
            needs.setdefault(owner[folder], set()).add(url(record))
    return needs


def _unread(records: Iterable[Record]) -> Iterator[Unread]:
    for record in records:
        if isinstance(record, Unread):
            yield record
        elif isinstance(record, Capability) and record.name == "unanalyzed" and not is_foreign(record):
            yield Unread(path=record.path, why=record.at.text, part=record.subject)
