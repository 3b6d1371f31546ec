"""What a lockfile says of each installed package.

npm's lockfiles state where each package stands. All others state releases, and the client finds the
places: there, a package is held against the releases of its name.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from fimci.installed.node.locations import name_of, parent
from fimci.installed.node.manifest import Manifest
from fimci.model import Package

_NOBODY = Manifest("", "", 1, {}, {}, "", {}, {}, bundled=False, gyp=False)
_LOCAL = frozenset({"directory", "link", "workspace", "virtual"})
#: Kinds of which the lockfile need not know name and version: whoever made the archive says.
_MADE = frozenset({"directory", "git", "tarball", "file", "link", "workspace", "remote"})


class Lock(NamedTuple):
    """A lockfile, read. `placed`: it states places (npm's). `project` is the folder that it is in."""

    path: str
    project: str
    placed: bool
    packages: tuple[Package, ...]


class Match(NamedTuple):
    """What each package on the disk is locked as, by folder.

    `owned` are those that are as the lock has them, `other` those of which it has another release,
    `bundled` came in the archive of another one (by its folder), and `unlocked` are in no lock.
    """

    owned: Mapping[str, Package]
    other: Mapping[str, Package]
    bundled: Mapping[str, str]
    unlocked: tuple[str, ...]


class Claims(NamedTuple):
    """The entries of a lockfile by the folder that they name or, where it names none, by their names."""

    placed: bool
    entries: Mapping[str, list[Package]]

    def of(self, folder: str) -> list[Package]:
        """Return the entries that the package in a folder may be of."""
        return self.entries.get(folder if self.placed else name_of(folder), [])


#: Where nobody locked anything.
NOBODYS = Claims(placed=True, entries={})


def claims(lock: Lock) -> Claims:
    """Sort the entries of a lockfile."""
    if lock.placed:
        return Claims(placed=True, entries={folder: [entry] for folder, entry in by_place(lock).items()})
    return Claims(placed=False, entries=_by_name(lock))


def best(entries: Iterable[Package], found: Manifest) -> Package | None:
    """Return the entry that an installed package is of."""
    fitting = (entry for entry in entries if fits(entry, found))
    return max(fitting, key=lambda entry: (entry.origin_kind == "patch", entry.place), default=None)


def match(lock: Lock, folders: Iterable[str], manifests: Mapping[str, Manifest]) -> Match:
    """Find the entry of each package."""
    known = claims(lock)
    owned: dict[str, Package] = {}
    other: dict[str, Package] = {}
    bundled: dict[str, str] = {}
    unlocked = []
    for folder in sorted(folders):
        found = manifests.get(folder, _NOBODY)
        entries = known.of(folder)
        fitting = best(entries, found)
        outer = parent(folder)
        if entries and "bundled" in entries[0].flags:
            bundled[folder] = bundled.get(outer, outer)
        elif fitting is not None:
            owned[folder] = fitting
        elif not lock.placed and outer and (outer in bundled or manifests.get(outer, _NOBODY).bundled):
            bundled[folder] = bundled.get(outer, outer)
        elif entries:
            other[folder] = entries[0]
        else:
            unlocked.append(folder)
    return Match(owned, other, bundled, tuple(unlocked))


def by_place(lock: Lock) -> dict[str, Package]:
    """Return the entries by the folders that they name."""
    return {within(lock.project, entry.place.partition("#")[2]): entry for entry in lock.packages}


def names(package: Package) -> frozenset[str]:
    """Return the names by which a package can be required."""
    return frozenset({package.name, package.alias or package.name})


def fits(entry: Package, found: Manifest) -> bool:
    """Tell whether an installed package is the one of an entry, as far as that says which it is."""
    if entry.origin_kind in _LOCAL:
        return True
    if entry.name != found.name and entry.origin_kind not in _MADE:
        return False
    return not isinstance(entry.version, str) or release(entry.version) == release(found.version)


def release(version: str) -> str:
    """Return a version as clients compare it: without `v` or `=` in front, and what was built behind."""
    return version.strip().lstrip("v= ").partition("+")[0]


def local_folders(lock: Lock) -> set[str]:
    """Return the folders of the project that a lock installs from: workspaces, links, paths."""
    found = set()
    for entry in lock.packages:
        if entry.origin_kind in _LOCAL:
            place = entry.place.partition("#")[2]
            found.update({entry.origin} if isinstance(entry.origin, str) else {place})
    paths = {posixpath.normpath(path) for path in found} - {"."}
    return {posixpath.normpath(within(lock.project, path)) for path in paths}


def is_local(entry: Package) -> bool:
    """Tell whether a package is a folder on this machine."""
    return entry.origin_kind in _LOCAL


def within(project: str, path: str) -> str:
    """Return a path in the project as one in the tree."""
    return f"{project}/{path}" if project and path else project or path


def _by_name(lock: Lock) -> dict[str, list[Package]]:
    found: dict[str, list[Package]] = defaultdict(list)
    for entry in lock.packages:
        for name in names(entry):
            found[name].append(entry)
    return found
