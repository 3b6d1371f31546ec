"""`Gemfile.lock` (and `gems.locked`): sections by indentation, as Bundler 1 to 4 write them.

    GEM, GIT, PATH, PLUGIN SOURCE      where gems come from, then the gems under `specs:`
    DEPENDENCIES                       the lock's copy of the `Gemfile`
    CHECKSUMS                          from Bundler 2.6 on: `name (version) sha256=hex`
    RUBY VERSION, BUNDLED WITH         Setting `ruby`, `bundled-with`

A gem for another platform is another file: its version is `1.16.0-x86_64-linux`, as the file spells
it, and it has a place of its own. A `GEM` section of several remotes does not say which of them
serves what (CVE-2020-36327): its gems have no stated origin, and each remote is a setting.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from sys import intern
from typing import NamedTuple

from fimci.excerpts import EXCERPT, excerpt, without_credentials
from fimci.marked.document import Malformed, rows
from fimci.model import UNSTATED, Digest, OriginKind, Package, Place, Record, Setting, Unread, Unstated
from fimci.readers.documents import odd_lines, unparsed

ECOSYSTEM = "gem"

_KINDS: dict[str, OriginKind] = {
    "GEM": "registry",
    "GIT": "git",
    "PATH": "directory",
    "PLUGIN SOURCE": "remote",
}
_OTHERS = frozenset({"PLATFORMS", "DEPENDENCIES", "CHECKSUMS", "RUBY VERSION", "BUNDLED WITH"})
_OPTION = re.compile(r"  ([a-z_]+): ?(.*)")
#: `name (version)`, in DEPENDENCIES also with `!` (from a source of its own), in CHECKSUMS with hashes.
_ITEM = re.compile(r"( {2}| {4}| {6})(\S+)(?: \(([^()]*)\))?(!)?(?: (\S+))?")
_DIGEST = re.compile(r"([a-z0-9]{2,20})=([0-9a-fA-F]{32,128})")
_SPEC, _EDGE = 4, 6


class _Source(NamedTuple):
    """A section that gems come from: its kind, and its options with their lines."""

    kind: OriginKind
    options: list[tuple[str, str, int]]

    def option(self, name: str) -> str:
        return next((value for key, value, _ in self.options if key == name), "")

    def line(self, name: str) -> int:
        return next((line for key, _, line in self.options if key == name), 0)


class _Gem(NamedTuple):
    source: _Source
    name: str
    version: str
    line: int
    edges: list[str]


class _Common(NamedTuple):
    """What all gems of a section have in common: where they come from, and the lines that say so."""

    origin: str | Unstated | None
    parts: tuple[tuple[str, int], ...]


class _Lock(NamedTuple):
    """What was found in one reading."""

    sources: list[_Source]
    wanted: list[tuple[str, str, int]]
    #: Hashes by `name (version)`, with their line; `None` where there is no such section.
    checksums: dict[tuple[str, str], tuple[str, int]]
    settings: list[tuple[str, str, int]]
    sections: set[str]
    faults: list[tuple[int, str]]


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want the locks of Bundler."""
    return path.rpartition("/")[2] in {"Gemfile.lock", "gems.locked"}


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` per locked gem and platform, and the lock's copy of the requirements."""
    data = data.replace(b"\r\n", b"\n")
    lock = _Lock([], [], {}, [], set(), [])
    try:
        _scan(data, lock)
    except Malformed as error:
        yield unparsed(path, error)
        return
    if not lock.sections & {*_KINDS, *_OTHERS}:
        yield Unread(path=path, why="it has no section that Bundler writes")
        return
    yield from odd_lines(path, lock.faults)
    yield from _packages(path, data, lock)
    for name, version, line in lock.wanted:
        yield _requirement(path, name, version, line)
    for name, value, line in lock.settings:
        yield _setting(path, name, value, line)
    yield from _remotes(path, lock)


def _sections(data: bytes) -> Iterator[tuple[str, str, int]]:
    """Yield each row that says something, with its section and line; one that begins a section is empty."""
    section = ""
    for number, row in enumerate(rows(data), 1):
        if row.startswith(" "):
            if row.strip():
                yield section, row, number
        elif row.strip():
            section = row.rstrip()
            yield section, "", number


def _scan(data: bytes, lock: _Lock) -> None:
    """Read all but the gems into `lock`; what is in no known form is a fault, and the rest is read on.

    Raises `Malformed`.
    """
    gems = False
    for section, row, number in _sections(data):
        if not row:
            lock.sections.add(section)
            gems = False
            if section in _KINDS:
                lock.sources.append(_Source(_KINDS[section], []))
            elif section not in _OTHERS:
                conflict = section.startswith(("<<<<<<<", "=======", ">>>>>>>"))
                why = "a marker of a merge conflict" if conflict else f"an unknown section: {section[:80]}"
                lock.faults.append((number, why))
        elif section in _KINDS:
            option = _OPTION.fullmatch(row)
            if option is None:
                spec, edge = _gem(row)
                gems = gems or spec is not None
                if spec is None and not (edge and gems):
                    lock.faults.append((number, "neither an option nor a gem"))
            elif option[1] != "specs":
                lock.sources[-1].options.append((option[1], option[2].strip(), number))
        elif section in _OTHERS:
            _in_list(section, row, number, lock)


def _gem(row: str) -> tuple[tuple[str, str] | None, str]:
    """Return name and version of a gem in a row, or what one above it depends on, or neither."""
    item = _ITEM.fullmatch(row)
    if item is not None and len(item[1]) == _SPEC and item[3]:
        # Interned, as edges are: of all versions in a large lock, few are new.
        return (item[2], intern(item[3])), ""
    if item is not None and len(item[1]) == _EDGE:
        return None, intern(f"{item[2]}@{item[3]}" if item[3] else item[2])
    return None, ""


def _gems(data: bytes, lock: _Lock) -> Iterator[_Gem]:
    """Read the gems, in a second reading: all of them at once take more room than the file."""
    sources = iter(lock.sources)
    source: _Source | None = None
    gem: _Gem | None = None
    for section, row, number in _sections(data):
        if section not in _KINDS:
            continue
        spec, edge = _gem(row) if row else (None, "")
        if gem is not None and not (row and spec is None):
            yield gem
            gem = None
        if not row:
            source = next(sources)
        elif spec is not None and source is not None:
            gem = _Gem(source, *spec, number, [])
        elif gem is not None and edge:
            gem.edges.append(edge)
    if gem is not None:
        yield gem


def _in_list(section: str, line: str, number: int, lock: _Lock) -> None:
    item = _ITEM.fullmatch(line)
    if section in {"RUBY VERSION", "BUNDLED WITH"}:
        lock.settings.append(
            (section.lower().replace(" ", "-").removesuffix("-version"), line.strip(), number)
        )
    elif section == "DEPENDENCIES" and item is not None:
        lock.wanted.append((item[2].removesuffix("!"), item[3] or "", number))
    elif section == "CHECKSUMS" and item is not None and item[3]:
        if (item[2], item[3]) in lock.checksums:
            lock.faults.append((number, f"a second hash of {item[2][:80]}"))
        lock.checksums[item[2], item[3]] = (item[5] or "", number)
    elif section != "PLATFORMS":
        lock.faults.append((number, f"no entry of {section}"))


def _packages(path: str, data: bytes, lock: _Lock) -> Iterator[Package | Unread]:
    taken: set[str] = set()
    common = {id(source): _common(source) for source in lock.sources}
    for gem in _gems(data, lock):
        number, dash, platform = gem.version.partition("-")
        place = f"{path}#{gem.name}{dash and '/'}{platform}"
        if place in taken:
            why = f"{gem.name[:80]} is locked twice"
            yield Unread(path=path, part=f"line {gem.line}", why=why, line=gem.line)
            place = f"{place}@{number}[{gem.line}]"
        taken.add(place)
        yield _package(path, lock, gem, place, common[id(gem.source)])


def _common(source: _Source) -> _Common:
    lines = {
        "origin": source.line("remote"),
        "revision": source.line("revision") or source.line("branch"),
    }
    return _Common(_origin(source), tuple((name, line) for name, line in lines.items() if line))


def _package(path: str, lock: _Lock, gem: _Gem, place: str, common: _Common) -> Package:
    stated, line = lock.checksums.get((gem.name, gem.version), ("", 0))
    return Package(
        ecosystem=ECOSYSTEM,
        name=gem.name,
        place=place,
        stated_by="lock",
        version=gem.version,
        origin_kind=gem.source.kind,
        origin=common.origin,
        integrity=_digests(stated) if "CHECKSUMS" in lock.sections else UNSTATED,
        dependencies=tuple(sorted(set(gem.edges))),
        at=Place(
            path,
            gem.line,
            excerpt(f"{gem.name} ({gem.version}) {common.origin or ''}".rstrip()),
            (("integrity", line), *common.parts) if line else common.parts,
        ),
    )


def _origin(source: _Source) -> str | Unstated | None:
    """Return the one remote of a section; of a git repository with what was asked for, and the commit."""
    remotes = [value for name, value, _ in source.options if name == "remote"]
    if len(remotes) != 1:
        return UNSTATED if remotes else None
    if source.kind != "git":
        return without_credentials(remotes[0])
    asked = "&".join(f"{key}={source.option(key)}" for key in ("branch", "ref", "tag") if source.option(key))
    url = remotes[0] + (("&" if "?" in remotes[0] else "?") + asked if asked else "")
    revision = source.option("revision")
    return without_credentials(f"{url}#{revision}" if revision else url)


def _digests(stated: str) -> tuple[Digest, ...]:
    found = (_DIGEST.fullmatch(one) for one in stated.split(","))
    return tuple(sorted({Digest(one[1], one[2].lower()) for one in found if one is not None}))


def _requirement(path: str, name: str, version: str, line: int) -> Package:
    return Package(
        ecosystem=ECOSYSTEM,
        name=name,
        place=f"{path}#requires/gems/{name}",
        stated_by="manifest",
        version=version,
        at=Place(path, line, f"{name} {version}".rstrip()[:EXCERPT]),
    )


def _remotes(path: str, lock: _Lock) -> Iterator[Setting]:
    """Yield the remotes of sections that have several, and of plug-ins, each of which is code that runs."""
    told = set()
    for source in lock.sources:
        remotes = [(value, line) for name, value, line in source.options if name == "remote"]
        listed = remotes if len(remotes) > 1 or source.kind == "remote" else []
        for remote, line in listed:
            name = f"{'plugins' if source.kind == 'remote' else 'sources'}.{without_credentials(remote)}"
            if name not in told:
                yield _setting(path, name, source.option("type") or "true", line)
            told.add(name)


def _setting(path: str, name: str, value: str, line: int) -> Setting:
    return Setting(path=path, name=name, value=value, at=Place(path, line, excerpt(f"{name} = {value}")))
