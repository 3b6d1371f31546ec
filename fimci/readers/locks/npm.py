"""npm's lockfiles: `package-lock.json`, `npm-shrinkwrap.json` and the hidden one of node_modules.

Versions 2, 3 and 4 list `packages` by location; version 1 nests `dependencies`. A file of version
2 has both, for clients of either age: npm 7 and later read `packages` wherever there are any, so
that is what counts here, and halves that disagree are told. A location of version 1 is written as
later versions would (`node_modules/a/node_modules/b`), so that a migration compares equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from fimci.marked import json
from fimci.marked.document import Malformed, Marked
from fimci.model import UNSTATED, Digest, OriginKind, Package, Place, Record, Setting, Unread, Unstated
from fimci.printable import plural
from fimci.readers.locks import node

NAME = "locks/npm"
VERSION = 1

_NAMES = ("package-lock.json", "npm-shrinkwrap.json")
_HIDDEN = "node_modules/.package-lock.json"
_KNOWN = (1, 2, 3, 4)
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
_PARTS = {
    "version": "version",
    "origin": "resolved",
    "integrity": "integrity",
    "install_scripts": "hasInstallScript",
    "alias": "name",
    "bins": "bin",
    "dependencies": "dependencies",
}
#: Code that npm 12 runs or applies at install, which version 4 pins by hash.
_HOOKS = ("npmExtensionHash", "packageExtensionsHash")
#: Longer than any path that a system takes; nested, longer ones would multiply into gigabytes.
_LONGEST = 4096


class _Asked(NamedTuple):
    """What all requirements together say: URLs, names wanted as a path, and whether of workspaces."""

    urls: frozenset[str]
    local: frozenset[str]
    workspaces: bool | Unstated


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Want npm's lockfiles. npm ignores the `package-lock.json` of an installed package."""
    name = path.rpartition("/")[2]
    if name == _HIDDEN.rpartition("/")[2]:
        return f"/{path}".endswith(f"/{_HIDDEN}")
    return name in _NAMES and not (name == _NAMES[0] and "/node_modules/" in f"/{path}")


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield a package per entry, the lock's copy of the manifests, and what is doubtful."""
    try:
        document = json.load(data)
    except Malformed as error:
        yield Unread(path=path, why=error.message, line=error.line)
        return
    yield from node.twice(path, document)
    top = document.value
    version = top.get("lockfileVersion", 1) if isinstance(top, dict) else None
    if isinstance(version, bool) or version not in _KNOWN:
        why = "not of a lockfileVersion that is known (1 to 4)"
        yield Unread(path=path, why=why, line=document.line(("lockfileVersion",)))
        return
    yield from _odd(path, document)
    nested = list(_nested(path, document))
    if not isinstance(top.get("packages"), dict):
        yield from nested
        return
    flat = list(_flat(path, document))
    yield from flat
    yield from _manifests(path, document)
    yield from _hooks(path, document)
    yield from (record for record in nested if isinstance(record, Unread))
    if isinstance(top.get("dependencies"), dict):
        yield from _halves(path, flat, [record for record in nested if isinstance(record, Package)])


def _odd(path: str, document: Marked) -> Iterator[Unread]:
    """Tell what is not shaped as npm writes it, once for each way of being odd."""
    for part in ("packages", "dependencies"):
        table = document.value.get(part)
        if table is not None and not isinstance(table, dict):
            yield Unread(path=path, why="not a table", part=part, line=document.line((part,)))
    packages = document.table("packages")
    lines = [
        document.line(("packages", location))
        for location, entry in packages.items()
        if not isinstance(entry, dict) or len(location) > _LONGEST
    ]
    yield from _skipped(path, "packages", lines)
    unclear = [
        document.line(("packages", location, "integrity"))
        for location, entry in _entries(document)
        if entry.get("integrity") and not _digests(entry)
    ]
    if unclear:
        why = f"{plural(len(unclear), 'hash', 'hashes')} not in the form of Subresource Integrity"
        yield Unread(path=path, why=why, part="integrity", line=unclear[0])


def _skipped(path: str, part: str, lines: list[int]) -> Iterator[Unread]:
    if lines:
        why = f"{plural(len(lines), 'entry', 'entries')} skipped: not a table, or too long a name"
        yield Unread(path=path, why=why, part=f"entries of {part}", line=lines[0])


def _entries(document: Marked) -> Iterator[tuple[str, dict[str, Any]]]:
    for location, entry in document.table("packages").items():
        if isinstance(entry, dict) and len(location) <= _LONGEST:
            yield location, entry


def _flat(path: str, document: Marked) -> Iterator[Package]:
    """Yield the entries of versions 2 to 4, the root apart."""
    asked = _asked(document)
    lines = document.marks.get(id(document.table("packages")), {})
    for location, entry in _entries(document):
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
            integrity=_digests(entry),
            install_scripts=True if entry.get("hasInstallScript") is True else UNSTATED,
            alias=base if module and base != name else None,
            flags=_flags(entry),
            bins=_bins(entry, name),
            dependencies=_edges(entry, "dependencies", "optionalDependencies"),
            at=_place(path, document, entry, lines.get(location, 1), location),
        )


def _asked(document: Marked) -> _Asked:
    """Collect what the requirements of all entries say about where packages come from."""
    urls, local = set(), set()
    for _, entry in _entries(document):
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
    origin = node.without_credentials(url)
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
    origin = node.without_credentials(node.text(entry, "resolved")) or None
    if asked.workspaces is UNSTATED:
        return UNSTATED, origin
    return "workspace" if asked.workspaces and name not in asked.local else "directory", origin


def _digests(entry: dict[str, Any]) -> tuple[Digest, ...]:
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
    wanted = {f"{name}@{value}" for key in keys for name, value in node.ranges(entry, key).items()}
    return tuple(sorted(wanted))


def _place(path: str, document: Marked, entry: dict[str, Any], line: int, location: str) -> Place:
    lines = document.marks.get(id(entry), {})
    parts = tuple((part, lines[key]) for part, key in _PARTS.items() if key in lines)
    return Place(path, line, f'"{location[: node.EXCERPT - 2]}"', parts)


def _manifests(path: str, document: Marked) -> Iterator[Package]:
    """Yield the lock's copy of the manifests: of the root and of each folder that it links to."""
    for location, entry in _entries(document):
        if "/node_modules/" in f"/{location}":
            continue
        prefix = f"{path}#{location}#requires" if location else f"{path}#requires"
        for section in node.SECTIONS:
            lines = document.marks.get(id(entry.get(section)), {})
            for name, wanted in node.ranges(entry, section).items():
                stated = node.without_credentials(wanted)
                yield Package(
                    ecosystem="npm",
                    name=name,
                    place=f"{prefix}/{section}/{name}",
                    stated_by="manifest",
                    version=stated,
                    at=Place(path, lines.get(name, 1), f"{name}: {stated}"[: node.EXCERPT]),
                )


def _hooks(path: str, document: Marked) -> Iterator[Setting]:
    """Yield what version 4 pins of the code and the patches that npm 12 runs or applies."""
    for location, entry in _entries(document):
        pins = {key: node.text(entry, key) for key in _HOOKS if location == "" and key in entry}
        patch = entry.get("patched")
        if isinstance(patch, dict):
            pins["patched"] = f"{node.text(patch, 'path')} {node.text(patch, 'integrity')}"
        for key, value in pins.items():
            at = Place(path, document.line(("packages", location, key)), value[: node.EXCERPT])
            name = f"{key}.{location}" if location else key
            yield Setting(path=path, name=name, value=value, at=at)


def _nested(path: str, document: Marked) -> Iterator[Package | Unread]:
    """Yield the entries of version 1, at the locations that later versions give them."""
    skipped = []
    waiting = [("", document.table("dependencies"))]
    while waiting:
        parent, entries = waiting.pop()
        lines = document.marks.get(id(entries), {})
        for key, entry in entries.items():
            location = f"{parent}node_modules/{key}"
            if not isinstance(entry, dict) or len(location) > _LONGEST:
                skipped.append(lines.get(key, 1))
                continue
            at = _place(path, document, entry, lines.get(key, 1), key)
            package = _nested_entry(f"{path}#{location}", key, entry, at)
            yield package
            below = entry.get("dependencies")
            if isinstance(below, dict):
                target = package.origin if package.origin_kind == "link" else location
                waiting.append((f"{target}/", below))
            elif below is not None:
                skipped.append(at.part("dependencies"))
    yield from _skipped(path, "dependencies", skipped)


def _nested_entry(place: str, key: str, entry: dict[str, Any], at: Place) -> Package:
    """Read an entry of version 1, whose `version` may be an alias, a URL or a path as well."""
    name, stated = key, node.text(entry, "version")
    if stated.startswith("npm:"):
        real, _, stated = stated[4:].rpartition("@")
        name = real or key
    version: str | Unstated | None = stated or None
    url = node.text(entry, "resolved")
    origin: str | Unstated | None = node.without_credentials(url) or UNSTATED
    kind: OriginKind | Unstated = "registry"
    if entry.get("bundled") is True:
        kind, origin = "bundled", node.without_credentials(url) or None
    elif ":" in stated:
        found = node.kind_of(stated, "", "", hashed="integrity" in entry)
        kind, origin, version = found or UNSTATED, node.without_credentials(stated), UNSTATED
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
        integrity=_digests(entry),
        alias=key if key != name else None,
        flags=tuple(sorted({*_flags(entry), "link"})) if kind == "link" else _flags(entry),
        dependencies=() if kind == "link" else _edges(entry, "requires"),
        at=at,
    )


def _halves(path: str, flat: list[Package], nested: list[Package]) -> Iterator[Unread]:
    """Tell where the halves of version 2 disagree: npm 6 installs one thing, npm 7 another.

    npm writes both from one tree. It leaves out of the nested half what is reached only through
    links in a circle, so that what is missing there counts in the root's `node_modules` alone.
    """
    new = {package.place: package for package in flat}
    old = {package.place: package for package in nested}
    apart = [package for package in nested if _disagree(package, new.get(package.place))]
    root = f"{path}#node_modules/"
    apart += [package for package in flat if package.place.startswith(root) and package.place not in old]
    if apart:
        first = apart[0]
        why = (
            f"its two halves disagree about {plural(len(apart), 'package')}, first {first.name}:"
            " which of them counts depends on the age of npm"
        )
        line = first.at.part(*_difference(first, new.get(first.place)))
        yield Unread(path=path, why=why, part="dependencies", line=line)


def _disagree(old: Package, new: Package | None) -> bool:
    return new is None or bool(_difference(old, new))


def _difference(old: Package, new: Package | None) -> tuple[str, ...]:
    """Name the facts that both halves state and state differently.

    A git URL has several spellings, and a path starts from another folder: of those counts what
    is the same in either half, the commit and the name of the file.
    """
    if new is None:
        return ()
    facts = [("alias", old.name, new.name), ("version", old.version, new.version)]
    if isinstance(old.origin, str) and isinstance(new.origin, str):
        cut = {"git": "#", "file": "/", "directory": "/", "link": "/"}.get(str(old.origin_kind))
        one, other = (url.rpartition(cut)[2] if cut else url for url in (old.origin, new.origin))
        facts.append(("origin", one, other))
    found = [name for name, one, other in facts if UNSTATED not in (one, other) and one != other]
    if old.integrity != new.integrity:
        found.append("integrity")
    return tuple(found)
