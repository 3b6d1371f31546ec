"""`packages.lock.json` of NuGet, versions 1 to 3.

Each target framework (with a runtime: `net8.0/win-x64`) has its own resolution, and a package may stand
in several. Versions 1 and 2 keep them in one table; in 3, which NuGet writes where a project has several of
one framework, each stands at the top under the alias that the project gives it. The hash is the SHA-512 of
the package, in base64 without a prefix. No origin is stated: it is decided by `nuget.config`.

https://learn.microsoft.com/nuget/consume-packages/package-references-in-project-files#locking-dependencies
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from fimci.excerpts import EXCERPT
from fimci.marked import json
from fimci.marked.document import Malformed, Marked, Pointer
from fimci.model import UNSTATED, Digest, Package, Place, Record, Unread
from fimci.readers.documents import repeated, unparsed

ECOSYSTEM = "nuget"
_VERSIONS = (1, 2, 3)
#: The version since which frameworks stand at the top.
_ALIASED = 3
_TABLE = "dependencies"
_TYPES = frozenset({"Direct", "Transitive", "CentralTransitive", "Project"})
_HASH_BYTES = 64
_PARTS = {"version": "resolved", "integrity": "contentHash", "dependencies": "dependencies"}


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want the locks of NuGet, under their usual names."""
    name = path.rpartition("/")[2]
    return name == "packages.lock.json" or (name.startswith("packages.") and name.endswith(".lock.json"))


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` per package and framework, and the lock's copy of what is asked for."""
    try:
        document = json.load(data)
    except Malformed as error:
        yield unparsed(path, error, "JSON")
        return
    table = _frameworks(document.value) if isinstance(document.value, dict) else None
    if table is None:
        yield Unread(path=path, why="not a lock of NuGet: it has no table of dependencies")
        return
    version = document.value.get("version")
    if version not in _VERSIONS or isinstance(version, bool):
        why = f"lock version {str(version)[:40]} is not known"
        yield Unread(path=path, part="lock version", why=why, line=document.line(("version",)))
    yield from repeated(path, document)
    for pointer, packages in table:
        framework = str(pointer[-1] if pointer[0] == _TABLE else pointer[0])
        if not isinstance(packages, dict):
            yield Unread(
                path=path, part=framework[:80], why="not a table of packages", line=document.line(pointer[:2])
            )
            continue
        for name, entry in packages.items():
            yield from _entry(path, document, framework, (*pointer, name), entry)


def _frameworks(lock: dict[str, Any]) -> list[tuple[Pointer, Any]] | None:
    """Return where the packages of each framework stand; `None` where the lock has no such thing."""
    version = lock.get("version")
    if isinstance(version, int) and version >= _ALIASED:
        tables = ((key, value) for key, value in lock.items() if key != "version")
        return [
            ((key, _TABLE), value.get(_TABLE) if isinstance(value, dict) else None) for key, value in tables
        ]
    listed = lock.get(_TABLE)
    return [((_TABLE, key), value) for key, value in listed.items()] if isinstance(listed, dict) else None


def _entry(
    path: str, document: Marked, framework: str, pointer: Pointer, entry: Any
) -> Iterator[Package | Unread]:
    name = str(pointer[2])
    line = document.line(pointer)
    if not isinstance(entry, dict) or str(entry.get("type")) not in _TYPES:
        yield Unread(
            path=path, part=f"{framework}.{name}"[:EXCERPT], why="an entry of no known type", line=line
        )
        return
    project = entry["type"] == "Project"
    resolved = entry.get("resolved")
    dependencies = entry.get("dependencies")
    stated = [(fact, document.line((*pointer, key))) for fact, key in _PARTS.items() if key in entry]
    yield Package(
        ecosystem=ECOSYSTEM,
        name=name,
        place=f"{path}#{framework}/{name}",
        stated_by="lock",
        version=resolved if isinstance(resolved, str) else UNSTATED,
        origin_kind="workspace" if project else "registry",
        origin=None,
        integrity=() if project else _integrity(entry.get("contentHash")),
        dependencies=_edges(dependencies) if isinstance(dependencies, dict) else (),
        at=Place(path, line, f"{name} {resolved or ''}".rstrip()[:EXCERPT], tuple(sorted(stated))),
    )
    requested = entry.get("requested")
    if entry["type"] == "Direct" and isinstance(requested, str):
        yield Package(
            ecosystem=ECOSYSTEM,
            name=name,
            place=f"{path}#requires/{framework}/{name}",
            stated_by="manifest",
            version=requested,
            at=Place(path, document.line((*pointer, "requested")), f"{name} {requested}"[:EXCERPT]),
        )


def _edges(dependencies: dict[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(f"{name}@{wanted}" for name, wanted in dependencies.items()))


def _integrity(stated: Any) -> tuple[Digest, ...]:
    try:
        value = base64.b64decode(stated, validate=True) if isinstance(stated, str) else b""
    except (binascii.Error, ValueError):
        return ()
    return (Digest("sha512", value.hex()),) if len(value) == _HASH_BYTES else ()
