"""`package.json` against `package-lock.json` or `npm-shrinkwrap.json`, workspaces included.

From version 2 on, a lock holds a copy of every manifest: texts that differ are drift, whatever
they mean. A locked version is held against the wanted range only where that is a plain range of a
registry: not a tag, URL, path, alias or `workspace:`.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from fimci.drift import node_ranges
from fimci.drift.side import Side, beside
from fimci.model import Drift, Package

MANIFEST = "package.json"
LOCKS = ("npm-shrinkwrap.json", "package-lock.json")

#: What may be missing from a lock: nobody else is bound to bring it, or it does not fit the system.
_ABSENT = frozenset({"optionalDependencies", "peerDependencies"})
#: Requirements of one manifest whose ranges are judged: a millisecond each, where somebody tries.
_MOST = 1000
_USER = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*://)[^/?#]*@")

#: Name to the sections in which it stands.
_Wanted = Mapping[str, Mapping[str, Package]]


class Lock(NamedTuple):
    """One lockfile: its copies of manifests by folder, and its entries by location below `node_modules`."""

    path: str
    copies: Mapping[str, _Wanted]
    entries: Mapping[str, Package]


def derive(side: Side) -> Iterator[Drift]:
    """Yield the drift of every lockfile of npm that has its manifest beside it."""
    for path in sorted(side.files):
        if path.rpartition("/")[2] not in LOCKS or beside(path, MANIFEST) not in side.files:
            continue
        lock = lock_of(path, side.packages.get(path, []))
        overridden = any(
            name.startswith("overrides.") for name in side.settings.get(beside(path, MANIFEST), ())
        )
        judged = set()
        for folder in _folders(lock):
            manifest = posixpath.normpath(beside(path, f"{folder}/{MANIFEST}" if folder else MANIFEST))
            if manifest in side.files and manifest not in judged:
                judged.add(manifest)
                wanted = asked(side.packages.get(manifest, []))
                # The root's own requirements cannot be overridden; those of its workspaces can.
                yield from against(lock, folder, wanted, ranges=not (folder and overridden))


def lock_of(path: str, packages: list[Package]) -> Lock:
    """Sort what a lockfile states by what it is about."""
    copies: dict[str, dict[str, dict[str, Package]]] = defaultdict(lambda: defaultdict(dict))
    entries = {}
    for package in packages:
        location = package.place[len(path) + 1 :]
        if package.stated_by == "lock":
            entries[location] = package
            continue
        folder, _, requirement = f"#{location}".rpartition("#requires/")
        copies[folder[1:]][package.name][requirement.partition("/")[0]] = package
    return Lock(path, copies, entries)


def _folders(lock: Lock) -> list[str]:
    """Return the folders of the root (an empty name) and of what the lock links to."""
    found = {location for location in lock.entries if "/node_modules/" not in f"/{location}"}
    links = {entry.origin for entry in lock.entries.values() if entry.origin_kind == "link"}
    return ["", *sorted(found | {target for target in links if isinstance(target, str)})]


def asked(packages: list[Package]) -> _Wanted:
    """Return what a manifest asks for, by the name it has in `node_modules` and by section."""
    wanted: dict[str, dict[str, Package]] = defaultdict(dict)
    for package in packages:
        section = package.place[len(package.at.path) + 1 :].partition("/")[0]
        if package.stated_by == "manifest" and package.ecosystem == "npm" and section.endswith("ependencies"):
            wanted[package.alias or package.name][section] = package
    return wanted


def against(lock: Lock, folder: str, wanted: _Wanted, *, ranges: bool) -> Iterator[Drift]:
    """Hold one manifest against the lock's copy of it, then against what is locked."""
    copy = lock.copies.get(folder, {})
    for number, (name, sections) in enumerate(wanted.items()):
        one = next(iter(sections.values()))
        said = {_text(package) for package in sections.values()}
        copied = {_text(package) for package in copy.get(name, {}).values()}
        entry = lock.entries.get(f"{folder}/node_modules/{name}" if folder else f"node_modules/{name}")
        entry = entry or lock.entries.get(f"node_modules/{name}")
        if lock.copies and not copied:
            yield _told(lock, folder, name, one, None)
        elif not copied <= said:
            yield _told(lock, folder, name, one, ", ".join(sorted(copied - said)))
        elif entry is None:
            # Version 1 does not say what npm 6 left to the folder itself.
            if (lock.copies or not folder) and not _ABSENT & set(sections):
                yield _told(lock, folder, name, one, None)
        elif ranges and number < _MOST and all(_outside(entry, package) for package in sections.values()):
            yield _told(lock, folder, name, one, str(entry.version))
    for name, sections in copy.items():
        if name not in wanted:
            one = next(iter(sections.values()))
            yield Drift(path=lock.path, name=_named(folder, name), wanted=None, locked=_text(one), at=one.at)


def _told(lock: Lock, folder: str, name: str, wanted: Package, locked: str | None) -> Drift:
    return Drift(path=lock.path, name=_named(folder, name), wanted=_text(wanted), locked=locked, at=wanted.at)


def _named(folder: str, name: str) -> str:
    return f"{name} ({folder})" if folder else name


def _text(package: Package) -> str:
    """Return a range as it compares: without credentials and idle parts of a path."""
    text = package.version.strip() if isinstance(package.version, str) else ""
    scheme, colon, path = text.partition(":")
    if colon and scheme in {"file", "link"}:
        return f"{scheme}:{posixpath.normpath(path)}"
    return _USER.sub(r"\1", text)


def _outside(entry: Package, wanted: Package) -> bool:
    """Tell whether a locked version is surely outside a range, as npm itself would judge."""
    text = _text(wanted)
    section = wanted.place[len(wanted.at.path) + 1 :].partition("/")[0]
    if entry.alias or entry.origin_kind != "registry" or section == "peerDependencies":
        return False
    return isinstance(entry.version, str) and node_ranges.outside(entry.version, text)
