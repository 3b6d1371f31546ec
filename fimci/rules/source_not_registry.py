"""A new package comes from outside the registries in use.

A registry keeps what it published; a git repository, an archive on some host or in the tree, or a registry
that nobody here used before gives no such guarantee, and no advisory, signature or age check covers it. In
1,962 adjacent releases of 33 popular npm packages none added such a dependency; npm 12 and pnpm refuse them
unless configured otherwise.

Medium for an archive that the tree itself contains. Not reported: folders of the tree, workspaces, packages
that were locked before (`origin-changed`), names that a manifest requested from there already, more modules
by URL from a host (on a code host: an owner) that served some, the hosts of a new lockfile, and submodules
and hooks, which have no registry. In 103 real updates of npm and Python lockfiles, a year apart, there were
no findings.

Fix: take the package from your registry; if its source is intended, accept it with `fimci accept`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, Package, Record
from fimci.packages.origins import address
from fimci.packages.releases import (
    Hosts,
    Known,
    Name,
    altered,
    copied,
    from_repositories,
    hosts,
    known,
    leads_away,
    named,
    renamed,
    source,
    stated,
    title,
)
from fimci.printable import listed

SEVERITY = Severity.HIGH


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to every source of newcomers once; the lockfile speaks before the manifest."""
    left, in_use = known(before), hosts(before)
    spoken: set[Name] = set()
    sources: dict[str, list[Change]] = {}
    modules = _homes(before)
    for change in sorted(altered(changes), key=_by_manifest):
        package = change.after
        if not stated(package) or copied(package) or named(package) in spoken or _known(package, left):
            continue
        where = _source(package, in_use, new_file=package.at.path not in left.paths)
        if where and where not in modules:
            spoken.add(named(package))
            sources.setdefault(where, []).append(change)
    for where, alike in sources.items():
        yield _finding(where, alike)


def _homes(before: Sequence[Record]) -> frozenset[str]:
    """Return where modules come from that are fetched by URL: an update of one may bring more of them."""
    return frozenset(source(old) for old in before if stated(old) and old.origin_kind == "remote")


def _finding(where: str, alike: Sequence[Change]) -> Finding:
    packages = [change.after for change in alike if isinstance(change.after, Package)]
    names = listed([title(package) for package in packages])
    return grouped(
        alike,
        rule="source-not-registry",
        severity=Severity.MEDIUM if all(p.origin_kind == "file" for p in packages) else SEVERITY,
        message=f"new {names} from {where}",
        part="origin",
    )


def _source(package: Package, in_use: Hosts, *, new_file: bool) -> str:
    """Say where a newcomer comes from, if that is no place that the left side used."""
    if from_repositories(package):
        return ""
    if leads_away(package):
        return "" if renamed(package, in_use) else source(package)
    host = address(package.origin).host
    if not host or new_file or package.stated_by != "lock":
        return ""
    if not in_use.used.get(package.ecosystem) or in_use.trusted(host, package.ecosystem):
        return ""
    return f"{host}, a host not used before"


def _known(package: Package, left: Known) -> bool:
    """Tell whether the left side knows the name: if only from manifests, from a source like this."""
    asked = left.asked.get(named(package), [])
    if package.stated_by == "lock" and not any(leads_away(old) for old in asked):
        asked = []
    return bool(asked) or named(package) in left.locked


def _by_manifest(change: Change) -> bool:
    return isinstance(change.record, Package) and change.record.stated_by == "manifest"
