"""What became of a name in a lockfile: the versions it had, and those it has.

A package moves within `node_modules` whenever its neighbours change, so that what stands at one
place says little. What counts is the set of versions of a name in one lockfile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from fimci.model import Change, File, Package
from fimci.packages.releases import Known, Name, locked, named


class Bump(NamedTuple):
    """One name in one lockfile: its entries on both sides, and the changes among them."""

    path: str
    name: Name
    before: tuple[Package, ...]
    after: tuple[Package, ...]
    changes: tuple[Change, ...]

    @property
    def gone(self) -> frozenset[str]:
        """Return the versions that only the left side has."""
        return versions(self.before) - versions(self.after)

    @property
    def came(self) -> frozenset[str]:
        """Return the versions that only the right side has."""
        return versions(self.after) - versions(self.before)

    def change_to(self, version: str) -> Change:
        """Return the change that brought a version, to point at its line."""
        wanted = (c for c in self.changes if isinstance(c.after, Package) and c.after.version == version)
        return next(wanted, self.changes[0])


def bumps(changes: Iterable[Change], left: Known) -> Iterator[Bump]:
    """Yield the names of which at least one entry changed, in each lockfile that both sides have."""
    touched: dict[tuple[str, Name], list[Change]] = {}
    gone: set[str] = set()
    for change in changes:
        if change.removed and isinstance(change.record, File):
            gone.add(change.record.path)
        for name in {named(side) for side in (change.before, change.after) if locked(side)}:
            touched.setdefault((_path(change), name), []).append(change)
    for (path, name), found in touched.items():
        if path not in left.paths or path in gone:
            continue
        before = [old for old in left.locked.get(name, ()) if old.at.path == path]
        keys = {change.record.key for change in found}
        after = [old for old in before if old.key not in keys]
        after += [c.after for c in found if locked(c.after) and named(c.after) == name]
        yield Bump(path, name, tuple(before), tuple(after), tuple(found))


def versions(packages: Sequence[Package]) -> frozenset[str]:
    """Return the versions that are stated."""
    return frozenset(one.version for one in packages if isinstance(one.version, str))


def _path(change: Change) -> str:
    record = change.record
    return record.at.path if isinstance(record, Package) else ""
