"""Releases that got what they do not accept: a locked version outside the range of who asks for it.

Lockfiles of npm, yarn, bun, poetry, pdm, Bundler, Composer, NuGet, Mix and CocoaPods copy what each
release asks for. Who gets which entry is found as the client finds it: by the nearest `node_modules`, by the
words of the requirement (yarn), or by the name, where a client takes one version of each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from fimci.model import Change, Package, Record, Setting
from fimci.packages.graph import edge
from fimci.packages.ranges import fits, is_usual
from fimci.packages.releases import copied, known, locked, stated, title

#: Lockfiles whose entries have a place of which the clients make who gets what.
_NPM = frozenset({"package-lock.json", "npm-shrinkwrap.json"})
_BUN = "bun.lock"
_YARN = "yarn.lock"
_BY_NAME = frozenset((
    *("Gemfile.lock", "Podfile.lock", "composer.lock", "gems.locked", "mix.lock", "packages.lock.json"),
    *("pdm.lock", "poetry.lock"),
))  # fmt: skip
#: What words the names of settings have that put one package, or one version, in the place of another.
_REPLACING = ("override", "resolution", "extension", "replaced.")
_WORD = re.compile(r"(?:@[\w.~-]+/)?[\w.~-]+(?:/[\w.~-]+)*")
_PATTERNS = ("locked.patterns", "locked.descriptors")
#: Edges of one lockfile that are judged, and of these the ranges that take half a millisecond each.
_MOST, _HARD = 200_000, 5000
#: No genuine place is longer, nor that deep.
_LONGEST, _DEEPEST = 1000, 50


class Unmet(NamedTuple):
    """One entry that is not what another one asks for, or (yarn) what its own words say."""

    change: Change
    path: str
    #: `b@1.0.0`, and who wants what: `a@2.0.0 asks for ^2.0.0`.
    got: str
    wanted: str


class Skipped(NamedTuple):
    """What of a lockfile was not judged, as it is more than any project has."""

    change: Change
    path: str
    what: str


class _Lock(NamedTuple):
    """The entries of one side of a lockfile: by place, and by the name that others ask for."""

    path: str
    entries: Mapping[str, Package]
    named: Mapping[str, Sequence[Package]]
    direct: frozenset[str]
    #: Versions and ranges that took their time.
    hard: set[tuple[str, str]]
    #: What was left out.
    skipped: set[str]


def unmet(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Unmet | Skipped]:
    """Yield what newly does not fit, and what was not judged; what some override explains is left out."""
    left = known(before)
    touched: dict[str, list[Change]] = {}
    for change in changes:
        if locked(change.record) and change.record.at.path in left.paths and change.real:
            touched.setdefault(change.record.at.path, []).append(change)
    replaced = _replaced([*before, *(change.after for change in changes)]) if touched else frozenset()
    for path, moved in sorted(touched.items()):
        name = path.rpartition("/")[2]
        if name == _YARN:
            yield from _patterns(path, changes, moved, replaced)
        elif name in _NPM or name == _BUN or name in _BY_NAME:
            yield from _entries(path, moved, before, replaced)


def _replaced(records: Iterable[Record | None]) -> frozenset[str]:
    """Return the names that overrides speak of: `left` of `overrides.left`, `**/left` and `a>left@1`."""
    words: set[str] = set()
    for one in records:
        if isinstance(one, Setting) and any(word in one.name.lower() for word in _REPLACING):
            words.update(_WORD.findall(f"{one.name} {one.value}"[:_LONGEST]))
    parts = ((word, at) for word in words for at, letter in enumerate(word) if letter in "./")
    return frozenset((*words, *(word[at + 1 :] for word, at in parts)))


def _entries(
    path: str, moved: Sequence[Change], before: Sequence[Record], replaced: frozenset[str]
) -> Iterator[Unmet | Skipped]:
    old = [one for one in before if stated(one) and one.at.path == path]
    keys = {change.record.key for change in moved}
    new = [one for one in old if one.key not in keys]
    new += [change.after for change in moved if stated(change.after)]
    names = {_asked_as(side) for change in moved for side in (change.before, change.after) if locked(side)}
    by_key = {change.record.key: change for change in moved}
    right = _lock(path, new)
    found = []
    for asker, target, wanted in _outside(right, names, keys):
        if target.name not in replaced:
            change = by_key.get(target.key) or by_key.get(asker.key) or moved[0]
            found.append((asker, target, wanted, change))
    yield from (Skipped(moved[0], path, what) for what in sorted(right.skipped))
    if not found:
        return
    askers = {one[0].name for one in found}
    left = {
        (asker.name, _asked_as(target))
        for asker, target, _ in _outside(_lock(path, old), None, frozenset(), askers)
    }
    for asker, target, wanted, change in found:
        if (asker.name, _asked_as(target)) not in left:
            yield Unmet(change, path, title(target), f"{title(asker)} requires {wanted}")


def _lock(path: str, packages: Iterable[Package]) -> _Lock:
    entries: dict[str, Package] = {}
    named: dict[str, list[Package]] = {}
    direct = set()
    for package in packages:
        if package.stated_by == "lock":
            entries[package.place[len(path) + 1 :]] = package
            named.setdefault(_asked_as(package), []).append(package)
        elif copied(package):
            direct.add(package.name)
    return _Lock(path, entries, named, frozenset(direct), set(), set())


def _asked_as(package: Package) -> str:
    return package.alias or package.name


def _outside(
    lock: _Lock,
    names: set[str] | None,
    keys: Iterable[tuple[str, ...]],
    askers: set[str] | None = None,
) -> Iterator[tuple[Package, Package, str]]:
    """Yield who gets what it does not accept; of edges, those of entries in `keys` and to `names`."""
    count = 0
    for location, asker in lock.entries.items():
        if (askers is not None and asker.name not in askers) or not _is_release(asker):
            continue
        changed = names is None or asker.key in keys
        for text in asker.dependencies:
            name, wanted = edge(text)
            if not wanted or not (changed or name in (names or ())):
                continue
            count += 1
            if count > _MOST:
                lock.skipped.add(f"more than {_MOST:,} requirements")
                return
            target = _served(lock, location, asker, name, wanted)
            if target is not None:
                yield asker, target, wanted


def _is_release(package: Package) -> bool:
    return package.origin_kind not in {"directory", "link", "virtual", "workspace"}


def _served(lock: _Lock, location: str, asker: Package, name: str, wanted: str) -> Package | None:
    """Return the entry that somebody gets for a requirement, if that is surely not within it."""
    file = lock.path.rpartition("/")[2]
    if file in _BY_NAME:
        found = [one for one in lock.named.get(name, ()) if _beside(asker, one)]
        if not found or (asker.ecosystem == "nuget" and name in lock.direct):
            return None
        return found[0] if all(_misses(lock, one, wanted) for one in found) else None
    target = _nearest(lock, location, name, "/" if file == _BUN else "/node_modules/")
    return target if target is not None and _misses(lock, target, wanted) else None


def _beside(asker: Package, other: Package) -> bool:
    """Tell whether two entries are of one ecosystem and, for NuGet, of one framework."""
    if asker.ecosystem != other.ecosystem:
        return False
    return asker.ecosystem != "nuget" or asker.place.rpartition("/")[0] == other.place.rpartition("/")[0]


def _misses(lock: _Lock, package: Package, wanted: str) -> bool:
    if package.origin_kind != "registry" or not isinstance(package.version, str):
        return False
    if wanted.startswith("npm:"):
        name, wanted = edge(wanted.removeprefix("npm:"))
        if name != package.name:
            return False  # another matter: `lock-edited`
    elif package.alias:
        return False
    return (
        _judged(lock.hard, lock.skipped, package.version, wanted)
        and fits(package.ecosystem, package.version, wanted) is False
    )


def _judged(hard: set[tuple[str, str]], skipped: set[str], version: str, wanted: str) -> bool:
    """Tell whether there is time to judge a range, and write down that it was taken or is up."""
    if not is_usual(wanted) and (version, wanted) not in hard:
        if len(hard) >= _HARD:
            skipped.add(f"more than {_HARD:,} unusual ranges")
            return False
        hard.add((version, wanted))
    return True


def _nearest(lock: _Lock, location: str, name: str, joint: str) -> Package | None:
    """Return what a place finds under a name: its own, or that of the next folder above."""
    if len(location) > _LONGEST or location.count(joint) > _DEEPEST:
        lock.skipped.add(f"places longer than {_LONGEST:,} characters, or more than {_DEEPEST} packages deep")
        return None
    here = location
    while here:
        found = lock.entries.get(f"{here}{joint}{name}")
        if found is not None:
            return found
        above, slash, last = here.rpartition(joint)
        if not slash and joint != "/" and not here.startswith("node_modules/"):
            above = here.rpartition("/")[0]  # a folder of the project
        elif joint == "/" and above.rpartition("/")[2].startswith("@"):
            above = above.rpartition("/")[0]
        here = above if last else ""
    return lock.entries.get(name if joint == "/" else f"node_modules/{name}")


def _patterns(
    path: str, changes: Sequence[Change], moved: Sequence[Change], replaced: frozenset[str]
) -> Iterator[Unmet | Skipped]:
    """Hold the words of yarn's entries against their versions, where either is new."""
    for change in changes:
        old, new = change.before, change.after
        if not isinstance(new, Setting) or new.path != path or new.name not in _PATTERNS:
            continue
        rows = set(old.value.split("\n")) if isinstance(old, Setting) else set()
        hard: set[tuple[str, str]] = set()
        skipped: set[str] = set()
        known_ = {row.rpartition(" ")[0]: row.rpartition(" ")[2] for row in rows}
        for row in new.value.split("\n"):
            pattern, _, version = row.rpartition(" ")
            name, wanted = edge(pattern)
            wanted = (
                edge(wanted.removeprefix("npm:"))[1] if "@" in wanted[1:] else wanted.removeprefix("npm:")
            )
            if row in rows or not wanted or not _judged(hard, skipped, version, wanted):
                continue
            if fits("npm", version, wanted) is not False:
                continue
            before = known_.get(pattern)
            if name in replaced or (before and fits("npm", before, wanted) is False):
                continue
            yield Unmet(
                _change_of(moved, name, version) or change,
                path,
                f"{name}@{version}",
                f"the entry is for {pattern}",
            )
        yield from (Skipped(change, path, what) for what in sorted(skipped))


def _change_of(moved: Iterable[Change], name: str, version: str) -> Change | None:
    for change in moved:
        new = change.after
        if locked(new) and _asked_as(new) == name and new.version == version:
            return change
    return None
