"""Packages came in that this side of the change never had.

Context for whoever reviews: most updates bring none (a new name in 3.7 % of 1,962 adjacent
releases of 33 popular npm packages), and an attack often brings one (event-stream 2018, axios
2026). One line for each file: direct dependencies at the manifest, what they bring along at the
lockfile.

Silent: names that any lockfile or manifest of the same ecosystem mentioned before, and files that
are new themselves. Of 103 real updates of npm and Python lockfiles, a year apart, 45 brought new
names, told in one line each.

Fix: look at each name: is it the one that was meant, who publishes it, does it need to be there?
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, Package, Record
from fimci.packages.releases import Name, altered, copied, known, named, stated
from fimci.printable import listed, plural

SEVERITY = Severity.INFO

#: The project itself and its parts are no dependencies.
_OWN = frozenset({"directory", "link", "virtual", "workspace"})


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Name the newcomers of each file once."""
    left = known(before)
    news: dict[str, dict[Name, Change]] = {}
    direct: set[Name] = set()
    for change in altered(changes):
        package = change.after
        if not stated(package) or left.mentions(named(package)) or package.origin_kind in _OWN:
            continue
        if package.stated_by == "manifest":
            direct.add(named(package))
        if package.at.path in left.paths and not copied(package):
            news.setdefault(package.at.path, {}).setdefault(named(package), change)
    told = {name for added in news.values() for name, change in added.items() if _wanted(change)}
    for path in sorted(news):
        added = {name: change for name, change in news[path].items() if _wanted(change) or name not in told}
        if added:
            yield _finding(added, direct)


def _finding(added: dict[Name, Change], direct: set[Name]) -> Finding:
    names = sorted(added, key=lambda name: (name not in direct, name))
    wanted = all(name in direct for name in names)
    noun = plural(len(names), "new direct dependency" if wanted else "new package", _many(wanted=wanted))
    message = f"{noun}: {listed([name for _, name in names])}"
    changes = [added[name] for name in names]
    return grouped(changes, rule="dependency-added", severity=SEVERITY, message=message, part="version")


def _many(*, wanted: bool) -> str:
    return "new direct dependencies" if wanted else "new packages"


def _wanted(change: Change) -> bool:
    return isinstance(change.after, Package) and change.after.stated_by == "manifest"
