"""The packages of pnpm's lockfiles, one for each release however many peer contexts it stands in.

    path#name@1.0.0                   a release; `name@work:1.0.0` from a registry of that name
    path#name@file:folder, name@git   what has no version of its own
    path#name@1.0.0 (2)               the same release again, from elsewhere or with another hash
    path#name@1.0.0/node_modules/x    what it brings along in its archive
    path#config:name@1.0.0            of the first document: what runs before anything is installed

Part of the reader `pnpm`, and no reader itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from fimci.excerpts import EXCERPT
from fimci.marked.document import Marked
from fimci.model import UNSTATED, OriginKind, Package, Place, Unread, Unstated
from fimci.printable import plural
from fimci.readers.locks import node, pnpm_keys, pnpm_sources
from fimci.readers.locks.pnpm_keys import Key
from fimci.readers.locks.pnpm_sources import Fault, Source

#: The version whose entries say what a release is, and its snapshots what it depends on.
_SPLIT = 9
#: A reference to the release of that name, as nearly all are.
_PLAIN = re.compile(r"[0-9][^@(]*(?:[(]|$)")
_EDGES = ("dependencies", "optionalDependencies")
#: The keys of an entry that state a fact.
_PARTS = (
    ("origin", "resolution"),
    ("integrity", "resolution"),
    ("integrity", "integrity"),
    ("version", "version"),
    ("alias", "name"),
    ("install_scripts", "prepare"),
    ("install_scripts", "requiresBuild"),
)


_SHAPELESS = Fault("entries of packages", "skipped: not a table, or too long a name")
_MISCALLED = Fault("names", "called by what is no name or version of a package")
_ORPHANED = Fault("snapshots", "among the snapshots without a package")
#: Longer than any name that a system takes.
_LONGEST = 4096
#: The same of a resolution.
_RESOLUTION = (
    ("integrity", "integrity"),
    ("origin", "directory"),
    ("origin", "commit"),
    ("origin", "tarball"),
)


class Lock(NamedTuple):
    """One document of a lockfile: where it is, what it says, and how its keys are written."""

    path: str
    document: Marked
    major: int
    #: `config:` in front of what the first document of two states.
    prefix: str = ""


class _Entry(NamedTuple):
    """One release: its entry and the line of it, where it comes from, and the contexts it stands in."""

    text: str
    key: Key
    facts: Mapping[str, Any]
    source: Source
    line: int
    contexts: list[Mapping[str, Any]]


def read(lock: Lock, aliases: Mapping[Key, str]) -> Iterator[Package | Unread]:
    """Yield a package per release, and what is odd; `aliases` are the other names it is asked for by."""
    faults: dict[Fault, list[int]] = {}
    taken: dict[str, int] = {}
    entries = _entries(lock, faults)
    entries.sort(key=lambda entry: entry.source.kind != "registry")
    entries.reverse()
    harmful = _harmful(lock)
    for table in ("packages", "snapshots"):
        lock.document.table(table).clear()
    # Each is let go as soon as it is told.
    while entries:
        entry = entries.pop()
        place = _place(entry.key, entry.source.kind)
        taken[place] = taken.get(place, 0) + 1
        place = f"{lock.prefix}{place}" + (f" ({taken[place]})" if taken[place] > 1 else "")
        yield _package(lock, entry, place, aliases.get(entry.key))
        yield from _bundled(lock, entry, place)
        for value in (entry.facts, *entry.contexts):
            lock.document.forget(value)
    if harmful:
        faults.setdefault(_MISCALLED, []).extend(harmful)
    for fault, lines in faults.items():
        why = f"{plural(len(lines), 'entry', 'entries')} {fault.why}"
        yield Unread(path=lock.path, why=why, part=f"{lock.prefix}{fault.part}", line=min(lines))


def aliases(lock: Lock) -> dict[Key, str]:
    """Return the names other than their own by which entries ask for packages."""
    found: dict[Key, str] = {}
    for edges in _asking(lock):
        for name, reference in edges.items():
            if isinstance(reference, str) and not _PLAIN.match(reference):
                key = pnpm_keys.target(name, reference, lock.major)
                if key.name not in ("", name):
                    found.setdefault(key, name)
    return found


def _harmful(lock: Lock) -> list[int]:
    """Return the lines on which entries ask for packages by what is no name of one."""
    names = {name for edges in _asking(lock) for name in edges}
    harmful = {name for name in names if pnpm_keys.harmful(name)}
    return [
        lock.document.line((table, text, section, name))
        for table in ((_depending(lock),) if harmful else ())
        for text, context in lock.document.table(table).items()
        for section in (_EDGES if isinstance(context, dict) else ())
        for name in node.table(context, section)
        if name in harmful
    ]


def _asking(lock: Lock) -> Iterator[Mapping[str, Any]]:
    """Yield every table of what an entry depends on."""
    for context in lock.document.table(_depending(lock)).values():
        for section in _EDGES if isinstance(context, dict) else ():
            yield node.table(context, section)


def _depending(lock: Lock) -> str:
    """Return the table in which entries say what they depend on."""
    return "snapshots" if lock.major == _SPLIT else "packages"


def _entries(lock: Lock, faults: dict[Fault, list[int]]) -> list[_Entry]:
    """Collect the releases; what cannot be one is a fault, with its lines."""
    table = lock.document.table("packages")
    lines = lock.document.lines(table)
    contexts = _contexts(lock, faults, table)
    found: dict[tuple[Any, ...], _Entry] = {}
    for text, facts in table.items():
        line = lines.get(text, 1)
        if not isinstance(facts, dict) or len(text) > _LONGEST:
            faults.setdefault(_SHAPELESS, []).append(line)
            continue
        key = _named(pnpm_keys.parse(text, lock.major), facts)
        source = pnpm_sources.source(key, facts)
        if pnpm_keys.harmful(key.name) or pnpm_keys.climbs(key.version) or pnpm_keys.climbs(key.source):
            faults.setdefault(_MISCALLED, []).append(line)
        if source.fault:
            faults.setdefault(source.fault, []).append(line)
        identity = (key, source.origin, source.integrity)
        entry = found.setdefault(identity, _Entry(text, key, facts, source, line, []))
        entry.contexts.extend(contexts.get(text, ()) if lock.major == _SPLIT else [facts])
    return list(found.values())


def _contexts(
    lock: Lock, faults: dict[Fault, list[int]], table: Mapping[str, Any]
) -> dict[str, list[Mapping[str, Any]]]:
    """Collect the snapshots of each entry: 9.0 keeps apart what a release is and what it depends on."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    snapshots = lock.document.table("snapshots")
    lines = lock.document.lines(snapshots)
    for text, context in snapshots.items():
        key = pnpm_keys.bare(text, lock.major)
        if key not in table:
            faults.setdefault(_ORPHANED, []).append(lines.get(text, 1))
        elif isinstance(context, dict):
            found.setdefault(key, []).append(context)
    return found


def _named(key: Key, facts: Mapping[str, Any]) -> Key:
    """Return the key with what the entry itself says: that is what pnpm goes by."""
    name, version = node.text(facts, "name"), node.text(facts, "version")
    if name:
        return key._replace(name=name, version=version or key.version)
    if not key.name:
        resolution = facts.get("resolution")
        repository = node.text(resolution, "repo") if isinstance(resolution, dict) else ""
        name = (repository or key.source).rstrip("/").rpartition("/")[2].removesuffix(".git")
    return key._replace(name=name or key.name, version=key.version or version)


def _place(key: Key, kind: OriginKind | Unstated) -> str:
    if key.source.startswith("runtime:") or kind in ("directory", "link"):
        return f"{key.name}@{key.source or kind}"
    if not key.version:
        return f"{key.name}@{key.source if key.source.startswith('file:') else kind}"
    return f"{key.name}@{key.registry if key.registry.endswith(':') else ''}{key.version}"


def _package(lock: Lock, entry: _Entry, place: str, alias: str | None) -> Package:
    builds = _yes(entry.facts.get("requiresBuild")) or _yes(entry.facts.get("prepare"))
    return Package(
        ecosystem="npm",
        name=entry.key.name,
        place=f"{lock.path}#{place}",
        stated_by="lock",
        version=entry.key.version or None,
        origin_kind=entry.source.kind,
        origin=entry.source.origin,
        integrity=entry.source.integrity,
        install_scripts=True if builds else UNSTATED,
        alias=alias,
        flags=tuple(flag for flag in ("dev", "optional") if _all(entry.contexts, flag)),
        dependencies=_edges(lock, entry),
        at=_at(lock, entry),
    )


def _bundled(lock: Lock, entry: _Entry, place: str) -> Iterator[Package]:
    """Yield what a package brings along in its archive, where no hash of its own covers it."""
    names = entry.facts.get("bundledDependencies")
    lines = lock.document.lines(entry.facts)
    line = lines.get("bundledDependencies", entry.line)
    for index, name in enumerate(names if isinstance(names, list) else []):
        if isinstance(name, str):
            yield Package(
                ecosystem="npm",
                name=name,
                place=f"{lock.path}#{place}/node_modules/{name}",
                stated_by="lock",
                version=UNSTATED,
                origin_kind="bundled",
                origin=None,
                integrity=(),
                flags=("bundled",),
                at=Place(lock.path, lock.document.lines(names).get(index, line), name[:EXCERPT]),
            )


def _edges(lock: Lock, entry: _Entry) -> tuple[str, ...]:
    """Return the names of what a release depends on, the peers that it finds in its places aside.

    Versions are left out: those that are locked say nothing about the release, and change with
    every update of what it depends on.
    """
    peers = entry.facts.get("peerDependencies")
    found = set()
    for context in entry.contexts:
        for section in _EDGES:
            for name, reference in node.ranges(context, section).items():
                real = "" if _PLAIN.match(reference) else pnpm_keys.target(name, reference, lock.major).name
                if not (isinstance(peers, dict) and name in peers):
                    found.add(f"{name}@npm:{real}" if real not in ("", name) else name)
    return tuple(sorted(found))


def _all(contexts: list[Mapping[str, Any]], flag: str) -> bool:
    return bool(contexts) and all(_yes(context.get(flag)) for context in contexts)


def _yes(value: Any) -> bool:
    return value in ("true", True)


def _at(lock: Lock, entry: _Entry) -> Place:
    lines = lock.document.lines(entry.facts)
    parts = {part: lines[key] for part, key in _PARTS if key in lines}
    # Old versions write a resolution over several lines.
    lines = lock.document.lines(entry.facts.get("resolution"))
    parts.update({part: lines[key] for part, key in _RESOLUTION if key in lines})
    for context in entry.contexts[:1]:
        lines = lock.document.lines(context)
        parts.update({key: lines[key] for key in _EDGES[:1] if key in lines})
    return Place(lock.path, entry.line, entry.text[:EXCERPT], tuple(parts.items()))
