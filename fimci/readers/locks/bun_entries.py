"""The entries of `bun.lock`: lists whose first item decides what the others are.

Shared by the readers of this room, and no reader itself.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from fimci.excerpts import EXCERPT, without_credentials
from fimci.marked.document import Marked
from fimci.model import UNSTATED, Digest, OriginKind, Package, Place, Unread, Unstated
from fimci.printable import plural
from fimci.readers.locks import node

_LONGEST = 4096
#: What an entry needs.
_SECTIONS = ("dependencies", "optionalDependencies")
#: What stands between the name and what it was resolved to; the kind, and how many items follow
#: at least (URL, facts, hash or tag).
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+(?:[-+][0-9A-Za-z.+-]+)?")
_ARCHIVE = re.compile(r"\.(?:tgz|tar\.gz)$", re.IGNORECASE)
_PREFIXES: tuple[tuple[str, OriginKind], ...] = (
    ("workspace:", "workspace"),
    ("file:", "directory"),
    ("link:", "link"),
    ("root:", "virtual"),
    ("git+", "git"),
    ("github:", "git"),
    ("http://", "tarball"),
    ("https://", "tarball"),
)


class _Entry(NamedTuple):
    """One entry, taken apart. `tag` is the commit that bun checks out, `last` the index of the last item."""

    name: str
    kind: OriginKind
    resolved: str
    url: str
    facts: dict[str, Any]
    tag: str
    #: Whether there is a hash, and what of it bun would verify.
    hashed: bool
    hashes: tuple[Digest, ...]
    last: int


def read(path: str, document: Marked, version: int) -> Iterator[Package | Unread]:
    """Yield a package per entry that bun would understand, and tell of the others."""
    table = document.table("packages")
    lines = document.lines(table, document.line(("packages",)))
    entries = [(key, items, lines.get(key, 1)) for key, items in table.items()]
    del lines
    table.clear()
    entries.reverse()
    odd, torn, unclear = [], [], []
    # Each is let go as soon as it is told.
    while entries:
        key, items, line = entries.pop()
        entry = _taken_apart(items) if len(key) <= _LONGEST else None
        if entry is None:
            odd.append(line)
            continue
        if entry.kind == "git" and not _agree(entry):
            torn.append(line)
        if entry.hashed and not entry.hashes:
            unclear.append(line)
        at = Place(path, line, f'"{key[: EXCERPT - 2]}"', _parts(document, entry, items, line))
        yield _package(path, key, entry, version, at)
        document.forget(items)
    yield from _told(path, odd, "entries", "entry not as bun writes it", "entries not as bun writes them")
    yield from _told(path, torn, "commits", "entry names two commits", "entries name two commits")
    yield from _told(
        path,
        unclear,
        "integrity",
        "hash not in the form of Subresource Integrity",
        "hashes not in the form of Subresource Integrity",
    )


def _told(path: str, lines: list[int], part: str, one: str, many: str) -> Iterator[Unread]:
    if lines:
        yield Unread(path=path, why=plural(len(lines), one, many), part=part, line=lines[0])


def _taken_apart(items: Any) -> _Entry | None:
    """Return what an entry says; `None` where it is none that bun would read."""
    if not isinstance(items, list) or not items or not isinstance(items[0], str):
        return None
    at = items[0].find("@", 1)
    at = 0 if items[0].startswith("@root:") else at
    name, resolved = items[0][: max(at, 0)], items[0][at + 1 :]
    kind = _kind(resolved)
    if kind is None or (at < 1 and kind != "virtual"):
        return None
    rest = items[1:]
    url = rest.pop(0) if kind == "registry" and rest else ""
    if kind == "workspace" and not rest:
        rest = [{}]
    if not rest or not isinstance(rest[0], dict) or not isinstance(url, str):
        return None
    facts, *rest = rest
    tag = rest.pop(0) if kind == "git" and rest else ""
    integrity = rest[0] if rest else ""
    needed = (kind != "git" or tag) and (kind != "registry" or rest)
    if not needed or not isinstance(tag, str) or not isinstance(integrity, str):
        return None
    hashes = node.digests(integrity)
    return _Entry(name, kind, resolved, url, facts, tag, bool(integrity), hashes, len(items) - 1)


def _kind(resolved: str) -> OriginKind | None:
    for prefix, kind in _PREFIXES:
        if resolved.startswith(prefix):
            return kind
    if _ARCHIVE.search(resolved):
        return "file"
    return "registry" if _VERSION.fullmatch(resolved) else None


def _agree(entry: _Entry) -> bool:
    """Tell whether the commit that a git entry shows is the one that bun checks out."""
    shown = entry.resolved.partition("#")[2]
    return entry.tag == shown or (bool(shown) and entry.tag.endswith(f"-{shown}"))


def _package(path: str, key: str, entry: _Entry, version: int, at: Place) -> Package:
    scope, _, base = key.rpartition("/")
    asked = f"{scope.rpartition('/')[2]}/{base}" if scope.rpartition("/")[2].startswith("@") else base
    bundled = entry.facts.get("bundled") is True
    # Measured, bun 1.4: what stands below another entry is taken as it comes, whatever hash and URL say.
    inside = bundled and key != asked
    kind: OriginKind = "bundled" if bundled and entry.kind == "registry" else entry.kind
    return Package(
        ecosystem="npm",
        name=entry.name or asked,
        place=f"{path}#{key}",
        stated_by="lock",
        version=_version(entry),
        origin_kind=kind,
        origin=None if inside else _origin(entry),
        integrity=() if inside else entry.hashes if entry.hashed else _unhashed(entry, version),
        install_scripts=True if entry.facts.get("hasInstallScript") is True else UNSTATED,
        alias=asked if entry.name not in {"", asked} else None,
        flags=("bundled",) if bundled else ("link",) if kind == "link" else (),
        bins=_bins(entry),
        dependencies=() if kind == "workspace" else _edges(entry.facts),
        at=at,
    )


def _version(entry: _Entry) -> str | Unstated | None:
    """Return the version of a release; archives and repositories have one that bun does not state."""
    if entry.kind == "registry":
        return entry.resolved
    return UNSTATED if entry.kind in {"git", "tarball", "file"} else None


def _origin(entry: _Entry) -> str | None:
    """Return where an entry comes from; nothing for the registry that is configured."""
    if entry.kind == "registry":
        return without_credentials(entry.url) or None
    if entry.kind in {"directory", "link", "workspace", "virtual"}:
        return entry.resolved.partition(":")[2] or None
    return without_credentials(entry.resolved)


def _unhashed(entry: _Entry, version: int) -> tuple[Digest, ...] | Unstated:
    """Return what it means that there is no hash: archives have one from version 2 on."""
    return UNSTATED if entry.kind in {"tarball", "file"} and version < 2 else ()  # noqa: PLR2004  (the format's)


def _bins(entry: _Entry) -> tuple[str, ...]:
    bins = entry.facts.get("bin")
    if isinstance(bins, str):
        return (entry.name.rpartition("/")[2],)
    return tuple(sorted(bins)) if isinstance(bins, dict) else ()


def _edges(facts: dict[str, Any]) -> tuple[str, ...]:
    """Return what an entry asks for; peers are what others may bring, and are installed unless optional."""
    optional = facts.get("optionalPeers")
    left = {name for name in optional if isinstance(name, str)} if isinstance(optional, list) else set()
    wanted = [one for key in _SECTIONS for one in node.ranges(facts, key).items()]
    peers = node.ranges(facts, "peerDependencies").items()
    found = {sys.intern(f"{name}@{version}") for name, version in wanted}  # a thousand ask for the same few
    return tuple(sorted(found | {f"{name}@peer:{version}" for name, version in peers if name not in left}))


def _parts(document: Marked, entry: _Entry, items: list[Any], line: int) -> tuple[tuple[str, int], ...]:
    """Return the lines of the parts of an entry that are not on the line of its key."""
    if id(items) not in document.marks:
        return ()  # it is on one row
    lines = document.lines(items, line)
    begin = next((lines.get(index, line) for index, item in enumerate(items) if item is entry.facts), line)
    facts = document.lines(entry.facts, begin)
    parts = {
        "version": lines.get(0, line),
        "origin": lines.get(1 if entry.url else 0, line),
        "integrity": lines.get(entry.last, line),
        "install_scripts": facts.get("hasInstallScript", line),
        "bins": facts.get("bin", line),
        "dependencies": facts.get("dependencies", line),
    }
    return tuple((part, where) for part, where in parts.items() if where != line)
