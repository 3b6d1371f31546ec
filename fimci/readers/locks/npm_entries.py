"""The entries of npm's lockfiles: of versions 2 to 4 by location, of version 1 nested.

Shared by the readers of this room, and no reader itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from fimci.excerpts import EXCERPT, without_credentials
from fimci.marked.document import Marked
from fimci.model import UNSTATED, Digest, OriginKind, Package, Place, Unread, Unstated
from fimci.printable import plural
from fimci.readers.locks import node

_FLAGS = {
    "bundled": ("bundled",),
    "dev": ("dev",),
    "devOptional": ("dev", "optional"),
    "extraneous": ("extraneous",),
    "inBundle": ("bundled",),
    "link": ("link",),
    "optional": ("optional",),
    "peer": ("peer",),
}
#: The keys that state a fact; of several the last that is there, as version 1 has them elsewhere.
_PARTS = (
    ("version", "version"),
    ("origin", "version"),
    ("origin", "resolved"),
    ("integrity", "integrity"),
    ("install_scripts", "hasInstallScript"),
    ("alias", "name"),
    ("bins", "bin"),
    ("dependencies", "dependencies"),
    ("dependencies", "requires"),
)
#: Longer than any path that a system takes; nested, longer ones would multiply into gigabytes.
LONGEST = 4096


class _Asked(NamedTuple):
    """What all requirements together say: URLs, names wanted as a path, and whether of workspaces."""

    urls: frozenset[str]
    local: frozenset[str]
    workspaces: bool | Unstated


def tables(document: Marked) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield location and entry of what can be read of `packages`, the root included."""
    for location, entry in document.table("packages").items():
        if isinstance(entry, dict) and len(location) <= LONGEST:
            yield location, entry


def flat(path: str, document: Marked) -> Iterator[Package]:
    """Yield the entries of versions 2 to 4, the root apart."""
    asked = _asked(document)
    lines = document.lines(document.table("packages"), document.line(("packages",)))
    for location, entry in tables(document):
        if location == "":
            continue
        _, module, base = f"/{location}".rpartition("/node_modules/")
        name = node.text(entry, "name") or (base if module else location.rpartition("/")[2])
        version = node.text(entry, "version")
        kind, origin = _origin(entry, name, version, asked) if module else _local(entry, name, asked)
        yield Package(
            ecosystem="npm",
            name=name,
            place=f"{path}#{location}",
            stated_by="lock",
            version=version or None,
            origin_kind=kind,
            origin=origin,
            integrity=digests(entry),
            install_scripts=True if entry.get("hasInstallScript") is True else UNSTATED,
            alias=base if module and base != name else None,
            flags=_flags(entry),
            bins=_bins(entry, name),
            dependencies=_edges(entry, "dependencies", "optionalDependencies", "peerDependencies"),
            at=_place(path, document, entry, lines.get(location, 1), location),
        )


def _asked(document: Marked) -> _Asked:
    """Collect what the requirements of all entries say about where packages come from."""
    urls, local = set(), set()
    for _, entry in tables(document):
        for section in node.SECTIONS:
            for name, wanted in node.ranges(entry, section).items():
                if wanted.startswith(("http:", "https:")):
                    urls.add(wanted)
                elif wanted.startswith(("file:", "link:")):
                    local.add(name)
    root = document.table("packages").get("")
    workspaces = bool(root.get("workspaces")) if isinstance(root, dict) else UNSTATED
    return _Asked(frozenset(urls), frozenset(local), workspaces)


def _origin(
    entry: dict[str, Any], name: str, version: str, asked: _Asked
) -> tuple[OriginKind | Unstated, str | Unstated | None]:
    """Return kind and URL of what sits in a `node_modules`.

    npm leaves out the URL of a registry when told to (`omit-lockfile-registry-resolved`), and
    always what is bundled.
    """
    url = node.text(entry, "resolved")
    origin = without_credentials(url)
    if entry.get("link") is True:
        return "link", origin or None
    if entry.get("inBundle") is True:
        return "bundled", origin or None
    if not url:
        return "registry", UNSTATED
    if url in asked.urls:
        return "tarball", origin
    return node.kind_of(url, name, version, hashed="integrity" in entry) or UNSTATED, origin


def _local(
    entry: dict[str, Any], name: str, asked: _Asked
) -> tuple[OriginKind | Unstated, str | Unstated | None]:
    """Return the kind of a folder outside `node_modules`: a workspace, or what a `file:` names."""
    origin = without_credentials(node.text(entry, "resolved")) or None
    if asked.workspaces is UNSTATED:
        return UNSTATED, origin
    return "workspace" if asked.workspaces and name not in asked.local else "directory", origin


def nested(path: str, document: Marked) -> Iterator[Package | Unread]:
    """Yield the entries of version 1, at the locations that later versions give them."""
    odd = []
    waiting = [("", document.table("dependencies"), document.line(("dependencies",)))]
    while waiting:
        parent, entries, begin = waiting.pop()
        lines = document.lines(entries, begin)
        for key, entry in entries.items():
            location = f"{parent}node_modules/{key}"
            line = lines.get(key, 1)
            if not isinstance(entry, dict) or len(location) > LONGEST:
                odd.append(line)
                continue
            at = _place(path, document, entry, line, key)
            package = _nested_entry(f"{path}#{location}", key, entry, at)
            yield package
            below = entry.get("dependencies")
            if isinstance(below, dict):
                target = package.origin if package.origin_kind == "link" else location
                waiting.append((f"{target}/", below, document.lines(entry, line)["dependencies"]))
            elif below is not None:
                odd.append(document.lines(entry, line)["dependencies"])
    yield from skipped(path, "dependencies", odd)


def _nested_entry(place: str, key: str, entry: dict[str, Any], at: Place) -> Package:
    """Read an entry of version 1, whose `version` may be an alias, a URL or a path as well."""
    name, stated = key, node.text(entry, "version")
    if stated.startswith("npm:"):
        real, _, stated = stated[4:].rpartition("@")
        name = real or key
    version: str | Unstated | None = stated or None
    url = node.text(entry, "resolved")
    origin: str | Unstated | None = without_credentials(url) or UNSTATED
    kind: OriginKind | Unstated = "registry"
    if entry.get("bundled") is True:
        kind, origin = "bundled", without_credentials(url) or None
    elif ":" in stated:
        found = node.kind_of(stated, "", "", hashed="integrity" in entry)
        kind, origin, version = found or UNSTATED, without_credentials(stated), UNSTATED
        if kind == "directory":
            kind, origin, version = "link", stated.removeprefix("file:"), None
    elif url:
        kind = node.kind_of(url, name, stated, hashed="integrity" in entry) or UNSTATED
    return Package(
        ecosystem="npm",
        name=name,
        place=place,
        stated_by="lock",
        version=version,
        origin_kind=kind,
        origin=origin,
        integrity=digests(entry),
        alias=key if key != name else None,
        flags=tuple(sorted({*_flags(entry), "link"})) if kind == "link" else _flags(entry),
        dependencies=() if kind == "link" else _edges(entry, "requires"),
        at=at,
    )


def skipped(path: str, part: str, lines: list[int]) -> Iterator[Unread]:
    """Tell that entries on these lines were skipped, if there are any."""
    if lines:
        why = f"{plural(len(lines), 'entry', 'entries')} skipped: not a table, or too long a name"
        yield Unread(path=path, why=why, part=f"entries of {part}", line=lines[0])


def digests(entry: dict[str, Any]) -> tuple[Digest, ...]:
    """Return the hashes of an entry; none where it has none, or no hash that npm would verify."""
    return node.digests(node.text(entry, "integrity"))


def _flags(entry: dict[str, Any]) -> tuple[str, ...]:
    return tuple(sorted({flag for key, flags in _FLAGS.items() if entry.get(key) is True for flag in flags}))


def _bins(entry: dict[str, Any], name: str) -> tuple[str, ...]:
    """Return the names of commands; a single one without a name is called like the package."""
    bins = entry.get("bin")
    if isinstance(bins, str):
        return (name.rpartition("/")[2],)
    return tuple(sorted(bins)) if isinstance(bins, dict) else ()


def _edges(entry: dict[str, Any], *keys: str) -> tuple[str, ...]:
    """Return `name@range` of what an entry asks for; of peers, which others may bring, `name@peer:range`."""
    wanted = {
        f"{name}@{'peer:' if key == 'peerDependencies' else ''}{value}"
        for key in keys
        for name, value in node.ranges(entry, key).items()
    }
    return tuple(sorted(wanted))


def _place(path: str, document: Marked, entry: dict[str, Any], line: int, location: str) -> Place:
    lines = document.lines(entry, line)
    parts = {part: lines[key] for part, key in _PARTS if key in lines}
    return Place(path, line, f'"{location[: EXCERPT - 2]}"', tuple(parts.items()))
