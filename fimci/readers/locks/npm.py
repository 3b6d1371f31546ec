"""npm's lockfiles: `package-lock.json`, `npm-shrinkwrap.json` and the hidden one of node_modules.

Versions 2, 3 and 4 list `packages` by location; version 1 nests `dependencies`. A file of version
2 has both, for clients of either age: npm 7 and later read `packages` wherever there are any, so
that is what counts here, and halves that disagree are told. A location of version 1 is written as
later versions would (`node_modules/a/node_modules/b`), so that a migration compares equal.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.excerpts import EXCERPT
from fimci.marked import json
from fimci.marked.document import Malformed, Marked
from fimci.model import UNSTATED, Package, Place, Record, Setting, Unread
from fimci.printable import plural
from fimci.readers.documents import repeated, unparsed
from fimci.readers.locks import node, npm_entries
from fimci.readers.manifests import settings

_NAMES = ("package-lock.json", "npm-shrinkwrap.json")
_HIDDEN = "node_modules/.package-lock.json"
_KNOWN = (1, 2, 3, 4)

#: Code that npm 12 runs or applies at install, which version 4 pins by hash.
_HOOKS = ("npmExtensionHash", "packageExtensionsHash")


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
        yield unparsed(path, error, "JSON")
        return
    yield from repeated(path, document)
    top = document.value
    version = top.get("lockfileVersion", 1) if isinstance(top, dict) else None
    if isinstance(version, bool) or version not in _KNOWN:
        why = "not of a lockfileVersion that is known (1 to 4)"
        yield Unread(path=path, why=why, line=document.line(("lockfileVersion",)))
        return
    yield settings.setting(
        path, "lockfileVersion", settings.plain(version), document.line(("lockfileVersion",))
    )
    yield from _odd(path, document)
    nested = list(npm_entries.nested(path, document))
    if not isinstance(top.get("packages"), dict):
        yield from nested
        return
    flat = list(npm_entries.flat(path, document))
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
        if not isinstance(entry, dict) or len(location) > npm_entries.LONGEST
    ]
    yield from npm_entries.skipped(path, "packages", lines)
    unclear = [
        document.line(("packages", location, "integrity"))
        for location, entry in npm_entries.tables(document)
        if entry.get("integrity") and not npm_entries.digests(entry)
    ]
    if unclear:
        why = f"{plural(len(unclear), 'hash', 'hashes')} not in the form of Subresource Integrity"
        yield Unread(path=path, why=why, part="integrity", line=unclear[0])


def _manifests(path: str, document: Marked) -> Iterator[Package]:
    """Yield the lock's copy of the manifests: of the root and of each folder that it links to."""
    for location, entry in npm_entries.tables(document):
        if "/node_modules/" in f"/{location}":
            continue
        prefix = f"{path}#{location}#requires" if location else f"{path}#requires"
        yield from node.copied(path, prefix, document, entry, ("packages", location))


def _hooks(path: str, document: Marked) -> Iterator[Setting]:
    """Yield what version 4 pins of the code and the patches that npm 12 runs or applies."""
    for location, entry in npm_entries.tables(document):
        pins = {key: node.text(entry, key) for key in _HOOKS if location == "" and key in entry}
        patch = entry.get("patched")
        if isinstance(patch, dict):
            pins["patched"] = f"{node.text(patch, 'path')} {node.text(patch, 'integrity')}"
        for key, value in pins.items():
            at = Place(path, document.line(("packages", location, key)), value[:EXCERPT])
            name = f"{key}.{location}" if location else key
            yield Setting(path=path, name=name, value=value, at=at)


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
