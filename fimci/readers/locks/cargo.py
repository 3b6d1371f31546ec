"""`Cargo.lock`, versions 1 to 4.

A version that is not stated is 1 (hashes in `[metadata]`) or 2 (hashes in the entries). A source
names the index of a registry, not the file: what cargo fetches is decided by that index and held
against the hash. Crates of the workspace and of folders have no source. Entries under
`[[patch.unused]]` are written down and never built.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from sys import intern
from typing import Any

import msgspec

from fimci.excerpts import excerpt, without_credentials
from fimci.marked.document import Marked, Pointer
from fimci.model import UNSTATED, Digest, OriginKind, Package, Place, Record, Setting, Unread, Unstated
from fimci.readers.documents import generated_toml_table
from fimci.readers.locks.pypi import Parts, each, entries, placed, seen

ECOSYSTEM = "cargo"

_VERSIONS = (1, 2, 3, 4)
_KINDS: Mapping[str, OriginKind] = {
    "registry": "registry",
    "sparse": "registry",
    "git": "git",
    "path": "directory",
}
_PARTS: Parts = {
    "version": (("version",),),
    "origin": (("source",),),
    "integrity": (("checksum",),),
    "dependencies": (("dependencies",),),
}
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
#: `name`, `name version` or, in version 1 and where that is ambiguous, `name version (source)`.
_EDGE = re.compile(r"(\S+)(?: (\S+))?(?: \((.*)\))?")


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want every `Cargo.lock`."""
    return path.rpartition("/")[2] == "Cargo.lock"


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` per locked crate, and a `Setting` for each that another one replaces."""
    document = generated_toml_table(path, data)
    if isinstance(document, Unread):
        yield document
        return
    version = document.value.get("version", 1)
    if type(version) is not int or version not in _VERSIONS:
        why = f"lock version {str(version)[:40]} is not known"
        yield Unread(path=path, part="lock version", why=why, line=document.line(("version",)))
    found, unread = entries(path, document, "package")
    yield from unread
    yield from _odd(path, document, found)
    versions = _versions(found)
    yield from _replaced(path, document, found)
    yield from placed(
        _package(path, document, ("package", index), entry, versions)
        for index, entry in each(document, "package", found)
    )
    yield from placed(_unused(path, document, versions))


def _odd(path: str, document: Marked, found: list[tuple[int, dict[str, Any]]]) -> Iterator[Unread]:
    """Tell entries that cargo refuses: a source of no known kind, a crate that is there twice."""
    taken = set()
    for index, entry in found:
        identity = (entry["name"], str(entry.get("version")), str(entry.get("source")))
        if "source" in entry and _kind(entry) is UNSTATED:
            line = document.line(("package", index, "source"))
            why = f"{entry['name'][:80]} has a source of no known kind"
            yield Unread(path=path, part=f"package[{index}].source", why=why, line=line)
        if identity in taken:
            why = f"{entry['name'][:80]} is locked twice in one version"
            line = document.line(("package", index, "name"))
            yield Unread(path=path, part=f"package[{index}]", why=why, line=line)
        taken.add(identity)


def _package(
    path: str, document: Marked, pointer: Pointer, entry: dict[str, Any], versions: Mapping[str, str | None]
) -> Package:
    version, source = entry.get("version"), entry.get("source")
    kind = _kind(entry)
    at = seen(path, document, pointer, (entry["name"], version, source), _PARTS)
    checksum, line = _checksum(document, entry)
    if line:
        at = msgspec.structs.replace(at, parts=tuple(sorted((*at.parts, ("integrity", line)))))
    hashed = isinstance(checksum, str) and _SHA256.fullmatch(checksum) is not None
    return Package(
        ecosystem=ECOSYSTEM,
        name=entry["name"],
        place=f"{path}#{entry['name']}",
        stated_by="lock",
        version=version if isinstance(version, str) else UNSTATED,
        origin_kind=kind,
        origin=_origin(source) if kind is not UNSTATED else UNSTATED,
        integrity=(Digest("sha256", str(checksum).lower()),) if hashed else (),
        dependencies=_dependencies(entry, versions),
        at=at,
    )


def _kind(entry: dict[str, Any]) -> OriginKind | Unstated:
    if "source" not in entry:
        return "directory"
    source = entry["source"]
    scheme, plus, _ = source.partition("+") if isinstance(source, str) else ("", "", "")
    return _KINDS.get(scheme, UNSTATED) if plus else UNSTATED


def _origin(source: object) -> str | None:
    """Return the address in a source: `https://host/repo?tag=v1#COMMIT`; `None` for a crate of the tree."""
    # Interned: all crates of an index have the same.
    return intern(without_credentials(source.partition("+")[2])) if isinstance(source, str) else None


def _checksum(document: Marked, entry: dict[str, Any]) -> tuple[object, int]:
    """Return the hash of an entry and, where version 1 of the format keeps it elsewhere, its line."""
    if "checksum" in entry:
        return entry["checksum"], 0
    key = f"checksum {entry['name']} {entry.get('version')} ({entry.get('source')})"
    checksum = document.table("metadata").get(key)
    return checksum, document.line(("metadata", key)) if checksum is not None else 0


def _versions(found: list[tuple[int, dict[str, Any]]]) -> Mapping[str, str | None]:
    """Return the version of each crate, `None` where one has several."""
    versions: dict[str, str | None] = {}
    for _, entry in found:
        name = entry["name"]
        versions[name] = None if name in versions else str(entry.get("version"))
    return versions


def _dependencies(entry: dict[str, Any], versions: Mapping[str, str | None]) -> tuple[str, ...]:
    """Return `name@version` of each edge, alike in all versions of the format."""
    wanted = set()
    edges = entry.get("dependencies")
    for edge in edges if isinstance(edges, list) else ():
        found = _EDGE.fullmatch(edge) if isinstance(edge, str) else None
        if found is not None:
            name, version = found[1], found[2]
            version = version or versions.get(name)
            wanted.add(f"{name}@{version}" if version else name)
    return tuple(sorted(wanted))


def _replaced(path: str, document: Marked, found: list[tuple[int, dict[str, Any]]]) -> Iterator[Setting]:
    """Yield what stands in for a crate by the manifest's `[replace]`."""
    for index, entry in found:
        value = entry.get("replace")
        if isinstance(value, str):
            name = f"replace.{entry['name']}:{entry.get('version')}"
            line = document.line(("package", index, "replace"))
            value = without_credentials(value)
            at = Place(path, line, excerpt(f"{name} = {value}"))
            yield Setting(path=path, name=name, value=value, at=at)


def _unused(path: str, document: Marked, versions: Mapping[str, str | None]) -> Iterator[Package]:
    for index, entry in enumerate(document.items("patch", "unused")):
        if isinstance(entry, dict) and isinstance(entry.get("name"), str):
            package = _package(path, document, ("patch", "unused", index), entry, versions)
            place = f"{path}#patch.unused/{package.name}"
            yield msgspec.structs.replace(package, place=place, flags=("extraneous",))
