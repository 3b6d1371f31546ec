"""A change adds packages that were never used before.

This is context for the reviewer: most updates add none (3.7 % of 1,962 adjacent releases of 33 popular npm
packages added a new name), and an attack often does (event-stream 2018, axios 2026). There is one finding per
file: direct dependencies at the manifest, with what they pull in (how many more packages, which of them run
code at install time, from which hosts not used before); at the lockfile, whatever no new direct dependency
explains, with the package that requires it.

For a wheel or sdist, its own metadata is read as well (`Requires-Dist`) and compared with that of the
previous release; requirements of extras are left out.

Not reported: names that any lockfile or manifest of the same ecosystem mentioned before, and new files. Of
182 real updates of npm and Python lockfiles, 101 added new names, reported in one finding each; of 213
updates of published archives, 15 did.

Fix: check each name: is it the intended package, who publishes it, and is it needed?
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeGuard

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, Package, Record
from fimci.packages.graph import reached, requested, wanted
from fimci.packages.origins import address
from fimci.packages.releases import (
    Hosts,
    Known,
    Name,
    altered,
    copied,
    hosts,
    known,
    leads_away,
    named,
    present,
    stated,
)
from fimci.packages.required import required
from fimci.printable import listed, plural

SEVERITY = Severity.INFO

#: The project itself and its parts are no dependencies.
_OWN = frozenset({"directory", "link", "virtual", "workspace"})
_SHOWN = 3
#: Names the packages, with their versions, that projects ask for without one.
_CENTRAL = "Directory.Packages.props"


class _Newcomers(NamedTuple):
    """The changes by which new names came, in lockfiles and manifests, by file and name."""

    locked: dict[str, dict[Name, Change]]
    asked: dict[str, dict[Name, Change]]
    #: The new entries of lockfiles, under the names by which others ask for them.
    entries: dict[Name, list[Package]]
    #: Names that a manifest asks for, be it only in a lockfile's copy.
    direct: frozenset[Name]


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Name the newcomers of each file once."""
    changes = list(altered(changes))
    left = known(before)
    yield from _of_releases(changes, before)
    news = _newcomers(changes, left)
    if not news.locked and not news.asked:
        return
    in_use = hosts(before)
    asks = {name: {a for one in found for a in wanted(one)} for name, found in news.entries.items()}
    explained: set[Name] = set()
    told = []
    for path, added in news.asked.items():
        start = {requested(change.after) for change in added.values() if isinstance(change.after, Package)}
        found = reached(start, asks)
        explained |= found | set(added)
        told.append((path, _direct(added, _entries(news, found), in_use)))
    for path, added in news.locked.items():
        left_over = {
            name: change
            for name, change in added.items()
            if isinstance(change.after, Package) and not {name, requested(change.after)} & explained
        }
        if left_over:
            told.append((path, _brought(left_over, news, in_use, _askers(changes, before, left_over))))
    yield from (finding for _, finding in sorted(told, key=lambda one: one[0]))


def _of_releases(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Name what releases of Python ask for in their own metadata alone."""
    files: dict[str, dict[Name, Change]] = {}
    for change in required(changes, before):
        if isinstance(change.after, Package):
            files.setdefault(change.after.at.path, {})[named(change.after)] = change
    yield from (_direct(added, (), hosts(())) for _, added in sorted(files.items()))


def _newcomers(changes: Iterable[Change], left: Known) -> _Newcomers:
    found = _Newcomers({}, {}, {}, frozenset())
    direct: set[Name] = set()
    changes = list(changes)
    central = {named(one.after) for one in changes if _central(one.after)}
    for change in changes:
        package = change.after
        if stated(package) and package.version is None and named(package) in central:
            continue
        if not stated(package) or left.mentions(named(package)) or package.origin_kind in _OWN:
            continue
        if package.stated_by == "manifest":
            direct.add(named(package))
        else:
            found.entries.setdefault(requested(package), []).append(package)
        if package.at.path in left.paths and not copied(package):
            side = found.locked if package.stated_by == "lock" else found.asked
            side.setdefault(package.at.path, {}).setdefault(named(package), change)
    return found._replace(direct=frozenset(direct))


def _central(record: Record | None) -> TypeGuard[Package]:
    """Tell whether this says, for all projects of .NET below, which version of a package they take."""
    return stated(record) and record.at.path.endswith(_CENTRAL)


def _entries(news: _Newcomers, names: Iterable[Name]) -> list[Package]:
    return [package for name in names for package in news.entries.get(name, ())]


def _direct(added: dict[Name, Change], entries: Sequence[Package], in_use: Hosts) -> Finding:
    names = sorted(added)
    noun = plural(len(names), "new direct dependency", "new direct dependencies")
    more = len({named(entry) for entry in entries} - set(added))
    brings = [f"with {plural(more, 'more new package')}"] if more else []
    clauses = ", ".join([*brings, *_facts(entries, in_use)])
    message = f"{noun}: {listed([name for _, name in names])}" + (f", {clauses}" if clauses else "")
    return _about([added[name] for name in names], message)


def _brought(added: dict[Name, Change], news: _Newcomers, in_use: Hosts, askers: Sequence[str]) -> Finding:
    names = sorted(added, key=lambda name: (name not in news.direct, name))
    wanted_all = all(name in news.direct for name in names)
    noun = plural(len(names), "new direct dependency", "new direct dependencies") if wanted_all else ""
    noun = noun or plural(len(names), "new package")
    asked = [f"required by {listed(askers, _SHOWN)}"] if askers else []
    entries = [change.after for change in added.values() if isinstance(change.after, Package)]
    clauses = ", ".join([*asked, *_facts(entries, in_use)])
    message = f"{noun}: {listed([name for _, name in names])}" + (f", {clauses}" if clauses else "")
    return _about([added[name] for name in names], message)


def _about(changes: Sequence[Change], message: str) -> Finding:
    return grouped(changes, rule="dependency-added", severity=SEVERITY, message=message, part="version")


def _facts(entries: Sequence[Package], in_use: Hosts) -> Iterator[str]:
    """Say what matters of new entries: code that runs at install, and hosts that nobody used."""
    scripts = sorted({one.name for one in entries if one.install_scripts is True})
    if scripts:
        yield f"{len(scripts):,} running code at install ({listed(scripts, _SHOWN)})"
    new = sorted(
        {
            address(one.origin).host
            for one in entries
            if not leads_away(one) and in_use.used.get(one.ecosystem)
            if not in_use.trusted(address(one.origin).host, one.ecosystem)
        }
        - {""}
    )
    if new:
        yield f"from {plural(len(new), 'new host')} ({listed(new, _SHOWN)})"


def _askers(changes: Sequence[Change], before: Sequence[Record], added: dict[Name, Change]) -> list[str]:
    """Return who, of all that is locked and is no newcomer itself, asks for any of these."""
    names = {requested(change.after) for change in added.values() if isinstance(change.after, Package)}
    found = {
        package.name
        for package in present(changes, before)
        if named(package) not in added and package.dependencies and wanted(package) & names
    }
    return sorted(found)
