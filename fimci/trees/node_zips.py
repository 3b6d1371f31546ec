"""The zips that yarn's Plug'n'Play loads packages from, against the checksums of `yarn.lock`."""

from __future__ import annotations

import os
from collections.abc import Iterator

from fimci import folder
from fimci.look import Progress
from fimci.model import Digest, File, Package, Place, Record, Unread
from fimci.printable import plural
from fimci.snapshot import Recipe, Snapshot, collected
from fimci.trees import node_caches, node_locks
from fimci.trees.tree import Subtraction, Tree

#: Where the cache of a project is.
CACHE = ".yarn/cache"
_ZIPPED = "sha512-zip-"
_HOW = Recipe(algorithm="sha512", directories=False)
#: What yarn keeps beside the zips.
_TOOLS = frozenset({".gitignore"})


def subtractions(tree: Tree, progress: Progress | None) -> Iterator[Subtraction]:
    """Yield the one subtraction: each zip against its checksum; nothing where no lockfile states any."""
    project = os.path.relpath(tree.project, tree.root).replace(os.sep, "/")
    project = "" if project == "." else project
    if not os.path.isfile(os.path.join(tree.project, "yarn.lock")):
        return
    lock, unread = node_locks.read(tree.root, project, "yarn.lock")
    there: dict[str, File] = {}
    holes: list[Record] = list(unread)
    for record in folder.taken(tree.root, _HOW, progress, start=tree.start).records:
        if isinstance(record, File) and record.path[len(tree.start) + 1 :] not in _TOOLS:
            there[record.path] = record
        elif isinstance(record, Unread):
            holes.append(record)
    left: dict[str, Record] = {}
    right: list[Record] = [_bare(file) for file in there.values()]
    absent = 0
    listing = node_caches.Listed(tree.start, sorted(path[len(tree.start) + 1 :] for path in there))
    for entry in lock.packages:
        digest = node_caches.strongest(entry)
        if digest is None or not digest.algorithm.startswith(_ZIPPED):
            continue
        paths = list(node_caches.zips(entry, [listing], digest))
        absent += not paths
        for path in paths:
            package = _package(entry, path)
            left[path] = File(
                path=path, size=there[path].size, mode=None, digest=Digest("sha512", digest.hex)
            )
            left[f"{path}#"] = package
            right.append(package)
    notes = [f"{tree.start}: {plural(len(there), 'archive')} held against {lock.path}"]
    if absent:
        notes.append(f"{tree.start}: {plural(absent, 'package')} of the lockfile not in there")
    yield Subtraction(
        Snapshot(locator=f"lock:{lock.path}", recipe=_HOW, records=collected([*holes, *left.values()])),
        Snapshot(locator=f"node:{tree.root}", recipe=_HOW, records=collected([*holes, *_once(right)])),
        "artifact",
        tuple(notes),
    )


def _package(entry: Package, path: str) -> Package:
    return Package(
        ecosystem="npm",
        name=entry.name,
        place=path,
        stated_by="disk",
        version=entry.version,
        owns=(path,),
        at=Place(path),
    )


def _once(records: list[Record]) -> list[Record]:
    return list({record.key: record for record in records}.values())


def _bare(file: File) -> File:
    return File(
        path=file.path, kind=file.kind, size=file.size, mode=None, digest=file.digest, target=file.target
    )
