"""The entries of the lockfiles of yarn 2 and later: releases, folders of the project, and their wishes.

    path#.                              the project, and each of its workspaces by folder
    path#requires/dependencies/left     what the project asks for, in the words of its manifest
    path#left@patch:1.0.0               a release with a patch, yarn's own ones included

All other places are those of `yarn_names`. Part of the reader `yarn_berry`, and no reader itself.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from fimci.excerpts import EXCERPT, without_credentials
from fimci.marked.document import Marked
from fimci.model import UNSTATED, Digest, Package, Place, Record, Setting, Unstated
from fimci.names import UNCHECKED
from fimci.readers.locks import node, pnpm_keys, yarn_names, yarn_sources
from fimci.readers.locks.yarn_names import Asked
from fimci.readers.locks.yarn_sources import Source

_CHECKSUM = re.compile(r"(?:([0-9a-z]{1,16})/)?([0-9a-f]{128})")
_CACHE_KEY = re.compile(r"[0-9a-z]{1,16}")
_EXACT = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+(?:-[0-9A-Za-z.-]+)?")
_SPLIT = re.compile(r" *, *")
#: The version of what is no release.
_LOCAL = "0.0.0-use.local"
_METADATA = "__metadata"
#: The keys of an entry that state a fact.
_PARTS = (
    ("version", "version"),
    ("origin", "resolution"),
    ("integrity", "checksum"),
    ("bins", "bin"),
    ("dependencies", "dependencies"),
)
_SECTIONS = ("dependencies", "peerDependencies")
#: A requirement that yarn itself adds to what is built at install.
_BUILT = ("node-gyp", "latest")
#: What comes in an archive, which yarn unpacks and never links.
_FETCHED = frozenset({"git", "patch", "registry", "tarball"})
#: Longer than any name that a system takes, and than any list of them.
_LONGEST, _LONGEST_KEY = 4096, 1_000_000


class _Entry(NamedTuple):
    """One entry: its key, all that asks for it, what it says and resolves to, and its lines."""

    key: str
    patterns: list[str]
    facts: Mapping[str, Any]
    name: str
    version: str
    source: Source
    line: int
    lines: Mapping[str | int, int]


def read(path: str, document: Marked, faults: dict[str, list[int]]) -> Iterator[Record]:
    """Yield what the entries state; `faults` takes the lines of what no client writes."""
    key = node.text(document.table(_METADATA), "cacheKey")
    cache = key if _CACHE_KEY.fullmatch(key) else ""
    wanted = _wanted(document)
    got: dict[str, tuple[str, str]] = {}
    projects = []
    rows: list[str] = []
    places = yarn_names.Places()
    for entry in _entries(document, faults):
        if entry.source.kind == "registry":
            rows.extend(f"{pattern} {entry.version}" for pattern in entry.patterns if "@npm:" in pattern)
        for asked in wanted.intersection(map(_descriptor, entry.patterns)):
            got[asked] = entry.name, entry.version
        if entry.source.kind in ("virtual", "workspace"):
            projects.append(entry)
            continue
        integrity = _integrity(entry, cache, faults)
        for one in yarn_names.by_name(entry.patterns):
            yield _package(path, entry, one, places, integrity)
        yield from _contradictions(path, entry)
    for entry in projects:
        yield from _project(path, document, entry, got)
    if rows:
        at = Place(path, 1, f"{len(rows)} descriptors")
        yield Setting(path=path, name="locked.descriptors", value="\n".join(sorted(rows)), at=at)


def _wanted(document: Marked) -> frozenset[str]:
    """Return what the project and its workspaces ask for."""
    tables = (facts for facts in document.table().values() if isinstance(facts, dict))
    projects = (facts for facts in tables if "@workspace:" in node.text(facts, "resolution"))
    return frozenset(
        _descriptor(f"{name}@{text}")
        for facts in projects
        for name, text in node.ranges(facts, _SECTIONS[0]).items()
    )


def _entries(document: Marked, faults: dict[str, list[int]]) -> Iterator[_Entry]:
    top = document.table()
    lines = document.lines(top)
    for key, facts in top.items():
        if key == _METADATA:
            continue
        line = lines.get(key, 1)
        if not isinstance(facts, dict) or len(key) > _LONGEST_KEY:
            faults.setdefault("not a table, or too long a name", []).append(line)
            continue
        resolution, version = node.text(facts, "resolution"), node.text(facts, "version")
        at = resolution.find("@", 1)
        if at < 0 or len(resolution) > _LONGEST:
            faults.setdefault("without a resolution", []).append(line)
            continue
        name = resolution[:at]
        source = yarn_sources.source(name, version, resolution[at + 1 :])
        patterns = _SPLIT.split(key)
        requested = (yarn_names.asked(pattern).requested for pattern in patterns)
        if any(map(pnpm_keys.harmful, {name, *requested})):
            faults.setdefault("called by what is no name of a package", []).append(line)
        if source.kind == "patch" and not any("@patch:" in pattern for pattern in patterns):
            faults.setdefault("resolved to a patch that nobody asks for", []).append(line)
        if not version or pnpm_keys.climbs(version):
            faults.setdefault("without a version", []).append(line)
        if source.fault:
            faults.setdefault(source.fault, []).append(line)
        if source.kind in _FETCHED and node.text(facts, "linkType") == "soft":
            faults.setdefault("linked as folders of the project are, though fetched", []).append(line)
        yield _Entry(key, patterns, facts, name, version, source, line, document.lines(facts))


def _package(
    path: str, entry: _Entry, one: Asked, places: yarn_names.Places, integrity: tuple[Digest, ...] | Unstated
) -> Package:
    one = one._replace(name=entry.name)
    kind, release = entry.source.kind, entry.version if entry.version != _LOCAL else ""
    edges = _edges(entry.facts)
    builds = entry.source.builds or "@".join(_BUILT) in edges
    stated = f"patch:{release}" if kind == "patch" else release
    return Package(
        ecosystem="npm",
        name=one.name,
        place=f"{path}#{places.take(yarn_names.place(one, stated, kind))}",
        stated_by="lock",
        version=release or None,
        origin_kind=kind,
        origin=entry.source.origin,
        integrity=integrity,
        install_scripts=True if builds else UNSTATED,
        alias=one.requested if one.requested != one.name else None,
        flags=("optional",) if "conditions" in entry.facts else (),
        bins=tuple(sorted(node.ranges(entry.facts, "bin"))),
        dependencies=edges,
        at=_at(path, entry),
    )


def _at(path: str, entry: _Entry) -> Place:
    parts = {part: entry.lines[key] for part, key in _PARTS if key in entry.lines}
    return Place(path, entry.line, without_credentials(entry.key)[:EXCERPT], tuple(parts.items()))


def _integrity(entry: _Entry, cache_key: str, faults: dict[str, list[int]]) -> tuple[Digest, ...] | Unstated:
    """Return the checksum by the cache that it is of; what is for another platform need not have one.

    One of another cache is not checked: measured, yarn 4 installs whatever comes and writes the lockfile
    anew, even where that is forbidden (`--immutable`). It goes by a name that says so. It is left where the
    platform is another one, of which the client that changed the cache had no archive.
    """
    stated, elsewhere = node.text(entry.facts, "checksum"), "conditions" in entry.facts
    if not stated:
        return UNSTATED if elsewhere else ()
    found = _CHECKSUM.fullmatch(stated)
    if found is None:
        line = entry.lines.get("checksum", entry.line)
        faults.setdefault("with a checksum that is none", []).append(line)
        return ()
    cache = found[1] or cache_key
    unchecked = UNCHECKED if cache != cache_key and not elsewhere else ""
    # One text for all of them: there are thousands.
    return (Digest(sys.intern(f"{unchecked}sha512-zip-{cache}"), found[2]),)


def _edges(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a release asks for; yarn 4 writes the `npm:` that earlier versions leave out."""
    wanted = node.ranges(facts, "dependencies")
    return tuple(sorted(f"{name}@{_range(name, text)}" for name, text in wanted.items()))


def _range(name: str, text: str) -> str:
    found = yarn_names.asked(f"{name}@{text}")
    return without_credentials(found.range if found.name == name else text)


def _descriptor(pattern: str) -> str:
    """Return what asks for an entry in one spelling: without `npm:`, and without who asks."""
    found = yarn_names.asked(pattern.partition("::")[0])
    return f"{found.requested}@{found.range if found.name == found.requested else pattern}"


def _project(
    path: str, document: Marked, entry: _Entry, got: Mapping[str, tuple[str, str]]
) -> Iterator[Package]:
    """Yield the project or one of its workspaces, and the copies of what its manifest asks for."""
    folder = node.text(entry.facts, "resolution").partition("@workspace:")[2].partition("::")[0]
    prefix = f"{path}#requires" if folder == "." else f"{path}#{folder}#requires"
    edges = []
    for section in _SECTIONS:
        lines = document.lines(entry.facts.get(section))
        for name, text in node.ranges(entry.facts, section).items():
            wanted = _range(name, text)
            if section == _SECTIONS[0]:
                edges.append(_edge(name, text, got))
            yield Package(
                ecosystem="npm",
                name=name,
                place=f"{prefix}/{section}/{name}",
                stated_by="manifest",
                version=wanted,
                at=Place(path, lines.get(name, entry.line), f"{name}: {wanted}"[:EXCERPT]),
            )
    yield Package(
        ecosystem="npm",
        name=entry.name,
        place=f"{path}#{folder}",
        stated_by="lock",
        version=None,
        origin_kind=entry.source.kind,
        origin=folder,
        integrity=(),
        dependencies=tuple(sorted(edges)),
        at=_at(path, entry),
    )


def _edge(name: str, wanted: str, got: Mapping[str, tuple[str, str]]) -> str:
    """Return what a requirement resolved to: a version, or another package; the name alone if neither."""
    real, version = got.get(_descriptor(f"{name}@{wanted}"), (name, ""))
    if version in ("", _LOCAL):
        return name
    return f"{name}@{version}" if real == name else f"{name}@npm:{real}@{version}"


def _contradictions(path: str, entry: _Entry) -> Iterator[Setting]:
    """Yield where name or version of an entry are not those of what it resolves to, or asked for exactly."""
    if entry.source.kind in ("link", "directory", "patch"):
        return
    resolution = node.text(entry.facts, "resolution")
    _, npm, released = resolution.partition("@npm:")
    released = released.partition("::")[0]
    odd = []
    if npm and entry.version != released:
        odd.append(("version", f"{entry.name}@{entry.version}"))
    for pattern in entry.patterns:
        one = yarn_names.asked(pattern)
        other = _EXACT.fullmatch(one.range) and one.range != entry.version.partition("+")[0]
        if one.name != entry.name or (npm and other):
            odd.append(("alias", pattern))
    for part, what in odd[:1]:
        line = entry.lines.get("resolution" if part == "alias" else part, entry.line)
        told = without_credentials(resolution)
        at = Place(path, line, told[:EXCERPT])
        yield Setting(path=path, name=f"file-name.{without_credentials(what)[:EXCERPT]}", value=told, at=at)
