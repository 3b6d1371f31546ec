"""What the releases that a change takes up can do that those before could not, told at the lockfile's lines.

Each update is a subtraction of two archives, judged by the rules that know how to judge releases. A finding
is about the package, stands at the line of the lockfile that names the release, and shows what was seen in
the archive. Of a package that is new, only what hardly any honest package does is objected to, as in
`fimci inspect --rules`.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, get_args

import msgspec

from fimci import policy as policies
from fimci import sides, verdict, workers
from fimci.capabilities.gains import PHASES, bump, gains
from fimci.compare import compare
from fimci.errors import SourceError
from fimci.findings import Finding, ReleaseChange, Report, Severity, package_url
from fimci.look import Progress
from fimci.model import (
    UNSTATED,
    Capability,
    CapabilityName,
    Package,
    Record,
    Release,
    Unread,
    Unstated,
)
from fimci.packages.upgrades import Upgrade, upgrades
from fimci.policy import Policy
from fimci.printable import plural
from fimci.registries import facts, npm_clients
from fimci.registries.facts import Facts
from fimci.registries.registry import UnobtainableError
from fimci.releases import alike, metadata, siblings, tagged, take, told
from fimci.releases.alike import Said
from fimci.releases.archives import Archive, Asked, Ready, ready
from fimci.releases.obtain import Obtained, Sources, comparable, obtain, sources
from fimci.releases.tagged import Own
from fimci.releases.vouched import Judge
from fimci.snapshot import Recipe, Snapshot
from fimci.sources.locator import Locator

#: Releases of one change that are looked at.
MOST = 2_000
#: What can be said of a package that is new: there is no release before of which it could be a gain.
_NEW = frozenset(
    (
        *("bytecode-without-source", "capability-gained", "download-and-run", "encoded-payload"),
        *("exfiltration", "hidden-text", "implicit-execution-added", "install-script-added"),
        *("obfuscation-jump", "payload-file-added", "self-propagation", "release-confused"),
        *("release-dormant", "release-leap", "release-not-as-locked", "release-withdrawn", "release-young"),
    )
)
_NAMES: frozenset[CapabilityName] = frozenset(get_args(CapabilityName)) - {"unanalyzed"}
#: Files that say which registry a project uses.
_CONFIGURATION = (
    *(".npmrc", *npm_clients.FILES),
    *("pyproject.toml", "uv.toml", "Pipfile", "pip.conf", "requirements.txt"),
)


class How(NamedTuple):
    """What decides: files of the trusted side, its policy, the environment, whether to ask, and today.

    `named` are clones of packages, by name, `root` a root of trust in the place of the one that is shipped.
    `folder` is in the repository that is checked: releases of its own packages have tags there.
    """

    trusted: Callable[[str], bytes | None]
    policy: Policy
    environment: Mapping[str, str]
    offline: bool
    today: dt.date
    named: Mapping[str, Locator] = {}
    root: str | None = None
    folder: str | None = None


class Judged(NamedTuple):
    """What was found in an update."""

    findings: tuple[Finding, ...]
    unread: tuple[Unread, ...]
    gained: tuple[str, ...]


def joined(
    report: Report,
    before: Iterable[Record],
    after: Iterable[Record],
    how: How,
    progress: Progress | None = None,
) -> Report:
    """Return the report with what is said of the releases that lockfiles take up. Raises `FimciError`."""
    tags = {name: tagged.tags(locator) for name, locator in how.named.items()}
    found = list(upgrades(before, after))
    chosen, left = found[:MOST], found[MOST:]
    if not chosen:
        return report
    configured = functools.cache(functools.partial(_sources, how))
    asked = Asked(dt.datetime.now(dt.timezone.utc), how.policy.siblings, Judge(how.root), how.policy.cooldown)
    prepared = ready(chosen, lambda entry: configured(entry.at.path.rpartition("/")[0]), asked, progress)
    own = tagged.own(how.folder) if how.folder is not None else tagged.Own("", frozenset())
    work = functools.partial(_judged, kept=configured("")._replace(client=None), tags=tags, own=own)
    judged = list(workers.spread(work, prepared, alone=2))
    said = (
        Said(found, one.upgrade.after.name, found.message.removeprefix(told.story(one, found.rule)))
        for one, judgement in zip(prepared, judged, strict=True)
        for found in judgement.findings
    )
    findings, within = alike.together(said)
    graded = policies.judge(findings, how.policy, how.today)
    rows = tuple(
        _row(one, judgement, within, graded, report.findings)
        for one, judgement in zip(prepared, judged, strict=True)
    )
    more = [*_unwaited(prepared)]
    more += [
        told.unread(one.after.at, "releases", f"more than {MOST:,} are not looked at") for one in left[:1]
    ]
    together = sorted(
        (*report.findings, *graded), key=lambda f: (-f.severity, f.path, f.line, f.rule, f.message)
    )
    return msgspec.structs.replace(
        report,
        findings=tuple(together),
        unread=(*report.unread, *(unread for one in judged for unread in one.unread), *more),
        releases=rows,
        notes=(
            *report.notes,
            f"looked into {plural(len(rows), 'release')}: {_from_where(prepared)}",
            *_vouched(prepared),
            *_held_against(prepared),
            *_ageless(prepared),
        ),
    )


def _sources(how: How, folder: str) -> Sources:
    """Read the configuration of a folder of the trusted side, and of those above it."""
    project: dict[str, bytes] = {}
    while True:
        for name in _CONFIGURATION:
            data = how.trusted(f"{folder}/{name}" if folder else name)
            if data is not None:
                project.setdefault(name, data)
        if not folder:
            return sources(how.environment, project, offline=how.offline, allowed=how.policy.hosts)
        folder = folder.rpartition("/")[0]


def _from_where(prepared: Sequence[Ready]) -> str:
    new = [one.new.source if one.new is not None else "not at hand" for one in prepared]
    return ", ".join(f"{new.count(name):,} {name}" for name in sorted(set(new)))


def _vouched(prepared: Sequence[Ready]) -> Iterator[str]:
    """Say how many archives no lockfile vouches for: it has no hash, or one of an archive of its own."""
    alone = sum(one.new is not None and not comparable(one.new.wanted) for one in prepared)
    if alone:
        those = f"{alone:,} of {plural(len(prepared), 'release')}"
        yield f"of {those} the lockfile has no hash of what is published: the registry alone vouches for it"


def _held_against(prepared: Sequence[Ready]) -> Iterator[str]:
    """Say how many files of releases were held against each other, and how many were not."""
    those = [one for one in prepared if one.beside or one.left]
    if those:
        held, left = sum(len(one.beside) for one in those), sum(one.left for one in those)
        files = plural(held, "other file")
        one = plural(len(those), "release")
        yield f"compared the files of {one} with {files}, and not with {left:,} more"


def _ageless(prepared: Sequence[Ready]) -> Iterator[str]:
    """Say of how many releases nobody knows the age: rules about time are silent there."""
    known = [one for one in prepared if one.new is not None]
    ageless = sum(not isinstance(one.facts[1].age, int) for one in known)
    if ageless:
        those = f"{ageless:,} of {plural(len(known), 'release')}"
        yield f"the age of {those} is unstated: their registry has no times, or those of a mirror"


def _unwaited(prepared: Sequence[Ready]) -> Iterator[Unread]:
    """Say for each lockfile of how many releases nobody can tell whether they are as old as policy asks."""
    files: dict[str, list[Ready]] = {}
    for one in prepared:
        if one.waits and one.new is not None and not isinstance(one.facts[1].age, int):
            files.setdefault(one.upgrade.after.at.path, []).append(one)
    for those in files.values():
        why = f"policy waits for {plural(those[0].waits // 24, 'day')}, and nobody says how old {{}} is"
        yield told.unread(those[0].upgrade.after.at, "cooldown", why.format(plural(len(those), "release")))


def _judged(one: Ready, kept: Sources, tags: Mapping[str, frozenset[str]], own: Own) -> Judged:
    """Subtract the two releases of an update, in whatever process."""
    upgrade = one.upgrade
    place = upgrade.after.at
    missed: list[Unread] = []
    title = f"{upgrade.after.name}@{upgrade.after.version}"
    if one.missing and upgrade.before is not None:
        before = f"{upgrade.before.name}@{upgrade.before.version}"
        missed.append(told.unread(place, before, one.missing))
    if one.new is None and one.proven:
        missed.append(told.unread(place, title, one.why))
        if not one.facts[1].removed or isinstance(one.facts[1].removed, Unstated):
            return Judged((), tuple(missed), ())
        one = one._replace(old=None)  # of the archives nothing is known that could be subtracted
    how = sides.recipe((".git/",), directories=False, code=True)
    try:
        left, right = _side(one, 0, kept, how), _side(one, 1, kept, how)
    except (UnobtainableError, OSError) as error:
        return Judged((), (*missed, told.unread(place, title, str(error))), ())
    left, right = _tagged(upgrade, tags, own, left, right)
    if not one.proven:
        right = [msgspec.structs.replace(r, proven=False) if isinstance(r, Release) else r for r in right]
    old, new = (
        Snapshot(locator=name, recipe=how, records=records)
        for name, records in (("before", left), ("after", right))
    )
    report = verdict.judge(old, new, Policy(), today=dt.date.min, against="release")
    is_new = one.old is None
    said = [f for f in report.findings if not is_new or f.rule in _NEW]
    findings = {f.fingerprint: f for f in (told.told(f, one) for f in said)}
    for found in _beside(one, right, kept, how, missed):
        findings.setdefault(found.fingerprint, found)
    missed += told.missed(place, title, report.unread)
    return Judged(tuple(findings.values()), tuple(missed), tuple(_gained(left, right)))


def _tagged(
    upgrade: Upgrade, tags: Mapping[str, frozenset[str]], own: Own, *sides: list[Record]
) -> Iterator[list[Record]]:
    """Yield both sides with what the clone of a package says of its tags, or this very repository."""
    known, before, after = tags.get(upgrade.after.name), upgrade.before, upgrade.after
    if known is None and all(own.name in _repositories(side) for side in sides):
        known = own.tags
    pair: Iterable[str | Unstated] = (UNSTATED, UNSTATED)
    if known is not None and before is not None:
        pair = tagged.pair(known, after.name, str(before.version), str(after.version))
    for records, tag in zip(sides, pair, strict=True):
        yield [msgspec.structs.replace(r, tag=tag) if isinstance(r, Release) else r for r in records]


def _repositories(records: Iterable[Record]) -> tuple[str, ...]:
    """Return the repositories that the archive of a release names, without a regard to letters."""
    found = (r.repositories for r in records if isinstance(r, Release))
    return tuple(one.lower() for names in found if isinstance(names, tuple) for one in names)


def _beside(
    one: Ready, records: Sequence[Record], kept: Sources, how: Recipe, missed: list[Unread]
) -> Iterator[Finding]:
    """Hold the file that is installed against others of its release; what cannot be read is missed."""
    if one.new is None or not one.beside:
        return
    try:
        mine = _held(one.new, kept)
        those = (_held(found, kept) for found in one.beside)
        for name, beside, found in siblings.differences(mine, records, those, how):
            yield told.told(found, one, f", {siblings.short(name)} beside {siblings.short(beside)}")
    except (UnobtainableError, SourceError, OSError) as error:
        title = f"{one.upgrade.after.name}@{one.upgrade.after.version}"
        missed.append(told.unread(one.upgrade.after.at, title, f"not compared with its other files: {error}"))


def _held(found: Archive, kept: Sources) -> Obtained:
    if found.data:
        return Obtained(found.wanted, found.offered.name, found.data, found.source)
    return obtain(kept, found.wanted, found.offered)


def _side(one: Ready, at: int, kept: Sources, how: Recipe) -> list[Record]:
    """Return the records of the old release (0) or the new one (1): its archive, and its registry's word."""
    entry, found = (one.upgrade.before, one.upgrade.after)[at], (one.old, one.new)[at]
    said, built = one.facts[at], one.built[at]
    if entry is None:
        return []
    release = Release(
        ecosystem=entry.ecosystem,
        name=entry.name,
        version=str(entry.version),
        proven=True if found is not None and comparable(found.wanted) else UNSTATED,
        age=said.age,
        publisher=said.publisher,
        maintainers=said.maintainers,
        provenance=said.provenance,
        yanked=said.yanked,
        deprecated=said.deprecated,
        quiet=said.quiet,
        leap=said.leap,
        lines=said.lines,
        removed=said.removed,
        waits=one.waits,
        built=built if isinstance(built, tuple) else UNSTATED,
        refused=built if isinstance(built, str) else "" if built else UNSTATED,
        at=entry.at,
    )
    if found is None:
        return [release]
    held = _held(found, kept)
    named = tuple(sorted(metadata.repositories(held, how)))
    release = msgspec.structs.replace(release, repositories=named)
    if said.manifest is not None:
        confused = facts.confused(said.manifest, metadata.manifest(held, how))
        release = msgspec.structs.replace(release, confused=confused)
    records = [*take.snapshot(held, held.name, how).records, release]
    return sorted(records, key=lambda record: record.key)


def _gained(left: Sequence[Record], right: Sequence[Record]) -> Iterator[str]:
    """Yield what a release can do in a phase in which the one before could not, what weighs most first."""
    changes = [c for c in compare(left, right) if isinstance(c.record, Capability | Package)]
    found = {(PHASES.index(gain.phase), gain.now.name) for gain in gains(changes, left, _NAMES) if gain.first}
    yield from (f"{name} ({PHASES[phase]})" for phase, name in sorted(found))


def _row(
    one: Ready, said: Judged, within: Mapping[str, str], graded: Iterable[Finding], others: Iterable[Finding]
) -> ReleaseChange:
    """Return the row of an update; `within` says in which finding each is told.

    `others` were found without its archive: where one of them is at medium or above, an update is not ok.
    Without the release before, nothing that the new one can do is a gain.
    """
    after, before = one.upgrade.after, one.upgrade.before
    mine = {within.get(finding.fingerprint, finding.fingerprint) for finding in said.findings}
    found = [finding for finding in graded if finding.fingerprint in mine]
    seen = one.new is not None and not said.unread
    if seen:
        name, path = package_url(after), after.at.path
        found += [f for f in others if (f.package, f.path) == (name, path) and f.severity >= Severity.MEDIUM]
    worst = max((finding.severity for finding in found if finding.accepted is None), default=None)
    age = one.facts[1].age
    return ReleaseChange(
        file=after.at.path,
        line=after.at.part("version"),
        ecosystem=after.ecosystem,
        name=after.name,
        before=str(before.version) if before is not None else "",
        after=str(after.version),
        bump=bump(str(before.version), str(after.version)) if before is not None else "new",
        through=one.upgrade.through,
        age=age if isinstance(age, int) else None,
        gained=said.gained if before is None or one.old is not None else (),
        source=one.new.source if one.new is not None else "",
        verdict=str(worst) if worst is not None else "ok" if seen else "not looked at",
        why=one.why or (f"{said.unread[0].part}: {said.unread[0].why}" if said.unread else ""),
        provenance=_provenance(*one.facts),
    )


def _provenance(old: Facts, new: Facts) -> str:
    if not isinstance(new.provenance, bool):
        return ""
    return "stated" if new.provenance else "lost" if old.provenance is True else "none"
