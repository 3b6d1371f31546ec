"""pnpm's lockfiles: `pnpm-lock.yaml` of every version from 5.0 on, and the hidden one of node_modules.

    5.0 to 5.4       pnpm 3 to 7     6.0, 6.1    pnpm 8
    9.0              pnpm 9 to 12    13.0        pnpm 12, where it is told to

All are written in the regular part of YAML but 13.0, which is JSON with commas at the ends. Of 9.0, the
usual entries are read apart (`pnpm_usual`), in a third of the time. Since pnpm 11 there may be a document in
front of the project's own: what that pins is loaded, or runs, before anything is installed. What only
contexts of peers make different is one package here.

Settings are `lockfileVersion` and, under `locked.`, the lock's copies of overrides, patches, catalogs
and checksums, which the clients hold against the configuration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fimci.excerpts import EXCERPT, without_credentials
from fimci.marked import plain_yaml
from fimci.marked.document import Malformed, Marked, Pointer
from fimci.model import Place, Record, Setting, Unread
from fimci.readers.documents import repeated, unparsed
from fimci.readers.locks import node, pnpm_entries, pnpm_importers, pnpm_usual
from fimci.readers.locks.pnpm_entries import Lock
from fimci.readers.locks.pnpm_usual import Usual

_NAME = re.compile(r"pnpm-lock(?:\.[^/]+)?\.yaml")
#: The current lockfile: what is installed, as pnpm wrote it down.
_HIDDEN = ("node_modules/.pnpm/lock.yaml", "node_modules/.pnpm-lock.yaml")
_KNOWN = re.compile(r"5\.[0-4](?:-inlineSpecifiers)?|6\.[01]|9\.0|13\.0")
_MARKS = (b"<<<<<<<", b"=======", b">>>>>>>")
_CONFLICT = re.compile(rb"^(?:<{7} |={7}\r?$|>{7} )", re.MULTILINE)
#: Tables and values that are copies of the configuration; in 13.0 they stand under `settings`.
_COPIED = (
    "catalogs",
    "ignoredOptionalDependencies",
    "neverBuiltDependencies",
    "onlyBuiltDependencies",
    "overrides",
    "packageExtensionsChecksum",
    "patchedDependencies",
    "pnpmfileChecksum",
)
_MOST_DOCUMENTS = 2
#: The version of which each release that a project got is an entry under its name and version.
_KEYED = 9
_DEEPEST = 4


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Want the lockfile, that of a branch (`pnpm-lock.main.yaml`), and the hidden one."""
    if "node_modules/" in path:
        return f"/{path}".endswith(tuple(f"/{hidden}" for hidden in _HIDDEN))
    return _NAME.fullmatch(path.rpartition("/")[2]) is not None


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield a package per release, the projects, the lock's copies, and what is doubtful."""
    try:
        conflict = _CONFLICT.search(data) if any(mark in data for mark in _MARKS) else None
        if conflict is not None:
            line = data.count(b"\n", 0, conflict.start()) + 1
            raise Malformed("has markers of a merge conflict", line)  # noqa: TRY301  (as the parser would)
        usual = pnpm_usual.part(data)
        documents = plain_yaml.load_all(data) if usual is None else usual.rest
    except Malformed as error:
        yield unparsed(path, error, "YAML")
        return
    if not 0 < len(documents) <= _MOST_DOCUMENTS:
        yield Unread(path=path, why=f"holds {len(documents)} documents where one or two are expected")
        return
    for number, document in enumerate(documents):
        first = number < len(documents) - 1 or _starts(document)
        yield from _document(path, document, usual if document is documents[-1] else None, first=first)


def _starts(document: Marked) -> bool:
    """Tell whether a document that stands alone is the one of what runs first."""
    root = document.table("importers", pnpm_importers.ROOT)
    return "configDependencies" in root or "packageManagerDependencies" in root


def _document(path: str, document: Marked, usual: Usual | None, *, first: bool) -> Iterator[Record]:
    yield from repeated(path, document)
    version = node.text(document.table(), "lockfileVersion")
    known = _KNOWN.fullmatch(version)
    if known is None:
        why = "not of a lockfileVersion that is known (5.0 to 5.4, 6.0, 6.1, 9.0, 13.0)"
        yield Unread(path=path, why=why, line=document.line(("lockfileVersion",)))
        return
    lock = Lock(path, document, int(known[0].partition(".")[0]), "config:" if first else "")
    there = {*document.table("packages"), *(usual.releases if usual is not None else ())}
    others = {**pnpm_entries.aliases(lock), **pnpm_importers.aliases(lock)}
    if usual is not None:
        yield from pnpm_usual.read(path, usual, others)
    yield from pnpm_entries.read(lock, others)
    yield from pnpm_importers.read(lock, there if lock.major == _KEYED else None)
    if not first:
        yield _setting(path, "lockfileVersion", version, document.line(("lockfileVersion",)))
        yield from _copies(path, document)


def _copies(path: str, document: Marked) -> Iterator[Setting]:
    """Yield each plain value below the copied tables; of an entry that has several, the one that counts."""
    for key in _COPIED:
        pointer: Pointer = (key,) if key in document.table() else ("settings", key)
        waiting: list[tuple[Pointer, str, Any]] = [
            (pointer, f"locked.{key}", document.table(*pointer[:-1]).get(key))
        ]
        while waiting:
            pointer, name, value = waiting.pop()
            if isinstance(value, dict):
                telling = value.get("specifier", value.get("hash"))
                members = [] if isinstance(telling, str) else value.items()
                waiting.extend(((*pointer, inner), f"{name}.{inner}", item) for inner, item in members)
                value = telling
            elif isinstance(value, list):
                waiting.extend(
                    ((*pointer, index), f"{name}.{item}", "true")
                    for index, item in enumerate(value)
                    if isinstance(item, str)
                )
            if isinstance(value, str) and len(pointer) <= _DEEPEST:
                yield _setting(path, name, value, document.line(pointer))


def _setting(path: str, name: str, value: str, line: int) -> Setting:
    kept = without_credentials(value)
    return Setting(path=path, name=name, value=kept, at=Place(path, line, f"{name} = {kept}"[:EXCERPT]))
