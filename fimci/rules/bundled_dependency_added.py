"""A package now comes bundled inside another one, where no hash of the lockfile covers it individually.

`bundleDependencies` puts copies of other packages into a tarball. They are installed as they are: the
registry never saw them, advisories are not matched against their actual content, and the name and version in
the lockfile are only what the bundle claims. In a lockfile, the flag (`inBundle` of npm, `bundled` of bun,
`bundledDependencies` of pnpm) makes clients ignore URL and hash: measured, bun 1.4 ignores the hash that it
writes next to the flag.

High where the version of the package that supposedly contains it is unchanged, because its tarball cannot
have changed, and where an entry loses its own hash and URL this way. Low where the parent is new or was
updated: its author now bundles it, and the hash of the parent covers it. Medium where a manifest of this
repository starts to bundle.

Not reported: packages that were bundled before, and the project's own bundled dependencies that keep hash and
URL. In 62 real updates of npm lockfiles there were no findings.

Fix: find out why it is bundled; if only the lockfile changed, regenerate it from a clean state.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, Package, Record, Setting
from fimci.packages.releases import Known, altered, hashes, known, locked, named, present, title
from fimci.printable import listed

SEVERITY = Severity.HIGH
_RULE = "bundled-dependency-added"

#: Why an entry cannot have become a bundled one in the ordinary way.
_STANDS = ", although its version is unchanged"
_LOST = " where it had one"
_MANIFEST = ("bundleDependencies", "bundledDependencies")


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once per parent to what it brings along, and once per manifest to what it packs."""
    changes = list(altered(changes))
    left = known(before)
    right = {package.place: package for package in present(changes, before)}
    touched = {c.record.place for c in changes if isinstance(c.record, Package) and _another_archive(c)}
    groups: dict[tuple[str, str, str], list[Change]] = {}
    for change in changes:
        package = change.after
        if locked(package) and _bundled(package) and not _was_bundled(change, package, left):
            parent = _parent(package, right)
            stands = parent in right and parent not in touched
            odd = _LOST if _had_a_hash(change) else _STANDS if stands else ""
            name = right[parent].name if parent in right else "another package"
            groups.setdefault((package.at.path, name, odd), []).append(change)
    for (_, parent, odd), alike in groups.items():
        yield _in_lock(alike, parent, odd)
    yield from _in_manifests(changes)


def _in_lock(alike: Sequence[Change], parent: str, odd: str) -> Finding:
    names = listed([title(change.after) for change in alike if isinstance(change.after, Package)])
    verb = "is" if len(alike) == 1 else "are"
    message = f"{names} {verb} now bundled in {parent}, without a hash{odd}"
    severity = SEVERITY if odd else Severity.LOW
    return grouped(alike, rule=_RULE, severity=severity, message=message, part="flags")


def _another_archive(change: Change) -> bool:
    """Tell whether the archive of an entry may have other contents than before."""
    old, new = change.before, change.after
    if not isinstance(old, Package) or not isinstance(new, Package):
        return True
    return (old.name, old.version, old.integrity) != (new.name, new.version, new.integrity)


def _had_a_hash(change: Change) -> bool:
    return locked(change.before) and bool(hashes(change.before))


def _bundled(package: Package) -> bool:
    return _packed(package) and not hashes(package)


def _packed(package: Package) -> bool:
    return package.origin_kind == "bundled" or "bundled" in package.flags


def _was_bundled(change: Change, package: Package, left: Known) -> bool:
    if locked(change.before) and change.before.name == package.name:
        return _packed(change.before)
    olds = left.locked.get(named(package), ())
    return any(_packed(old) and old.at.path == package.at.path for old in olds)


def _parent(package: Package, right: dict[str, Package]) -> str:
    """Return the place of the package whose tarball has this one: the nearest that is not packed itself."""
    place = _above(package)
    while place in right and _packed(right[place]):
        place = _above(right[place])
    return place


def _above(package: Package) -> str:
    """Return the place that the one of a package begins with; but for bun, `node_modules` stands between."""
    place = package.place.removesuffix(f"/{package.alias or package.name}")
    return place.removesuffix("/node_modules") if place != package.place else ""


def _in_manifests(changes: Sequence[Change]) -> Iterator[Finding]:
    packed: dict[str, list[Change]] = {}
    for change in changes:
        new = change.after
        added = isinstance(new, Setting) and (change.added or new.value == "true")
        if added and isinstance(new, Setting) and new.name.partition(".")[0] in _MANIFEST:
            packed.setdefault(new.path, []).append(change)
    for alike in packed.values():
        names = [change.after.name.partition(".")[2] for change in alike if isinstance(change.after, Setting)]
        message = f"bundles: {listed([name or 'all its dependencies' for name in names])}"
        yield grouped(alike, rule=_RULE, severity=Severity.MEDIUM, message=message)
