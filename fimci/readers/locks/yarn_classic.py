"""yarn's first lockfile: `yarn.lock` as yarn 0 and 1 write it.

    "@scope/left@^1.0.0", left@~1.0.0:
      version "1.0.1"
      resolved "https://registry.example/left/-/left-1.0.1.tgz#<sha1>"
      integrity sha512-…

A row names what asks for an entry, and the entry says what everybody gets. Archives outside a registry
have the sha1 alone, repositories a commit, folders neither. There are no workspaces and no flags; what
the manifests ask for stands among all other names, so that those are one setting: `locked.patterns`,
with the version that each of them gets. The other one is `lockfileVersion`. What yarn 2 and later write is
another format (`yarn_berry`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from sys import intern
from typing import Any, NamedTuple

from fimci.excerpts import EXCERPT, without_credentials
from fimci.marked import yarn_v1
from fimci.marked.document import Malformed, Marked
from fimci.model import UNSTATED, Digest, OriginKind, Package, Place, Record, Setting, Unread, Unstated
from fimci.printable import plural
from fimci.readers.documents import repeated, unparsed
from fimci.readers.locks import node, pnpm_keys, yarn_names
from fimci.readers.locks.yarn_names import Asked

_BERRY = re.compile(rb"^[\"']?__metadata[\"']?\s*:", re.MULTILINE)
_CONFLICT = re.compile(rb"^(?:<{7}|={7}\r?$|>{7}|\|{7})", re.MULTILINE)
_SHA1 = re.compile(r"[0-9a-f]{40}")
#: Archives that code hosts make of a commit, and name after it.
_OF_COMMIT = re.compile(
    r"https://(?:codeload\.github\.com/[^/]+/[^/]+/tar\.gz/|bitbucket\.org/[^/]+/[^/]+/get/"
    r"|gitlab\.com/.+/(?:-/archive/|repository/archive\.tar\.gz\?))"
)
#: The keys of an entry that state a fact.
_PARTS = (
    ("version", "version"),
    ("origin", "resolved"),
    ("integrity", "resolved"),
    ("integrity", "integrity"),
    ("alias", "name"),
    ("dependencies", "optionalDependencies"),
    ("dependencies", "dependencies"),
)
_EDGES = ("dependencies", "optionalDependencies")
#: Longer than any name that a system takes.
_LONGEST = 4096


class _Entry(NamedTuple):
    """An entry, the row that names it, and its own rows."""

    patterns: list[str]
    facts: Mapping[str, Any]
    line: int


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the whole content decides)
    """Want every `yarn.lock` but those that a package brought along."""
    parts = path.split("/")
    return parts[-1] == "yarn.lock" and "node_modules" not in parts


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield a package per entry and name, and what is doubtful; nothing where yarn 2 or later wrote it."""
    if _BERRY.search(data):
        return
    try:
        conflict = _CONFLICT.search(data)
        if conflict is not None:
            line = data.count(b"\n", 0, conflict.start()) + 1
            raise Malformed("has markers of a merge conflict", line)  # noqa: TRY301  (as the parser would)
        document = yarn_v1.load(data)
    except Malformed as error:
        yield unparsed(path, error)
        return
    yield from repeated(path, document)
    faults: dict[str, list[int]] = {}
    entries = list(_entries(document, faults))
    yield from _patterns(path, entries)
    document.table().clear()
    entries.reverse()
    places = yarn_names.Places()
    # Each is let go as soon as it is told.
    while entries:
        entry = entries.pop()
        for one in yarn_names.by_name(entry.patterns):
            yield _package(path, document, entry, one, places)
            _doubt(document, entry, one, faults)
        document.forget(entry.facts)
    for fault, found in faults.items():
        why = f"{plural(len(found), 'entry', 'entries')} {fault}"
        yield Unread(path=path, why=why, part=f"entries {fault}", line=min(found))


def _entries(document: Marked, faults: dict[str, list[int]]) -> Iterator[_Entry]:
    """Yield the entries; several names in one row share theirs."""
    top = document.table()
    lines = document.lines(top)
    found: dict[int, _Entry] = {}
    for pattern, facts in top.items():
        line = lines.get(pattern, 1)
        if not isinstance(facts, dict) or len(pattern) > _LONGEST:
            faults.setdefault("not a block, or too long a name", []).append(line)
            continue
        entry = _Entry([], facts, line)
        found.setdefault(id(facts), entry).patterns.append(pattern)
    yield from found.values()


def _package(path: str, document: Marked, entry: _Entry, one: Asked, places: yarn_names.Places) -> Package:
    name = node.text(entry.facts, "name") if one.name == one.requested else ""
    one = one._replace(name=name or one.name)
    version = node.text(entry.facts, "version")
    kind, origin = _origin(entry.facts, one, version)
    lines = document.lines(entry.facts)
    return Package(
        ecosystem="npm",
        name=one.name,
        place=f"{path}#{places.take(yarn_names.place(one, version, kind))}",
        stated_by="lock",
        version=version or None,
        origin_kind=kind,
        origin=origin,
        integrity=_digests(entry.facts, kind),
        install_scripts=UNSTATED,
        alias=one.requested if one.requested != one.name else None,
        dependencies=_edges(entry.facts),
        at=Place(
            path,
            entry.line,
            without_credentials(", ".join(entry.patterns))[:EXCERPT],
            tuple({part: lines[key] for part, key in _PARTS if key in lines}.items()),
        ),
    )


def _origin(
    facts: Mapping[str, Any], one: Asked, version: str
) -> tuple[OriginKind | Unstated, str | Unstated | None]:
    """Return kind and URL, commit or path; the sha1 in a URL is a hash and no part of where it is."""
    resolved = node.text(facts, "resolved")
    url = resolved.partition("#")[0]
    if not resolved:
        local = yarn_names.is_local(one.range)
        return ("directory", one.range.removeprefix("file:")) if local else ("registry", UNSTATED)
    if _OF_COMMIT.match(url):
        return "git", without_credentials(url)
    if url.startswith(("http:", "https:")) and one.range.startswith(("http:", "https:")):
        return (
            ("git", without_credentials(resolved))
            if url.endswith(".git")
            else ("tarball", without_credentials(url))
        )
    if "://" not in url and not url.startswith("file:"):
        # The name of a file in a mirror of one's own.
        return "registry", UNSTATED
    kind = node.kind_of(url, one.name, version, hashed=True) or UNSTATED
    return kind, without_credentials(resolved if kind == "git" else url)


def _digests(facts: Mapping[str, Any], kind: OriginKind | Unstated) -> tuple[Digest, ...]:
    found = set(node.digests(node.text(facts, "integrity")))
    fragment = node.text(facts, "resolved").partition("#")[2]
    if kind != "git" and _SHA1.fullmatch(fragment):
        found.add(Digest("sha1", fragment))
    return tuple(sorted(found))


def _edges(facts: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        sorted(
            intern(f"{name}@{without_credentials(wanted)}")  # many ask for the same
            for section in _EDGES
            for name, wanted in node.ranges(facts, section).items()
        )
    )


def _doubt(document: Marked, entry: _Entry, one: Asked, faults: dict[str, list[int]]) -> None:
    """Note what no client writes of an entry, with the row."""
    stated = node.text(entry.facts, "integrity")
    if pnpm_keys.harmful(one.requested) or pnpm_keys.harmful(one.name):
        faults.setdefault("called by what is no name of a package", []).append(entry.line)
    if stated and not node.digests(stated):
        line = document.lines(entry.facts).get("integrity", entry.line)
        faults.setdefault("with a hash not in the form of Subresource Integrity", []).append(line)
    if not node.text(entry.facts, "version") or pnpm_keys.climbs(node.text(entry.facts, "version")):
        faults.setdefault("without a version", []).append(entry.line)


def _patterns(path: str, entries: list[_Entry]) -> Iterator[Setting]:
    """Yield what is asked for and what it gets, a row each, for whoever holds a manifest against it."""
    rows = sorted(
        f"{without_credentials(pattern)} {node.text(entry.facts, 'version')}"
        for entry in entries
        for pattern in entry.patterns
    )
    if rows:
        at = Place(path, 1, f"{plural(len(rows), 'pattern')}")
        yield Setting(path=path, name="locked.patterns", value="\n".join(rows), at=at)
        yield Setting(path=path, name="lockfileVersion", value="1", at=Place(path, 1, "yarn lockfile v1"))
