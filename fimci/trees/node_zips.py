"""The zips that yarn's Plug'n'Play loads packages from, against the checksums of `yarn.lock`."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from fimci import contents, folder
from fimci.contents import entries, has_file, kind, named
from fimci.installed.node.matching import within
from fimci.look import Progress, look
from fimci.model import UNSTATED, Digest, File, Package, Place, Record
from fimci.printable import listed, plural
from fimci.snapshot import Recipe, Snapshot, collected
from fimci.trees import node_caches, node_locks, node_tree
from fimci.trees.node_files import bare
from fimci.trees.tree import Subtraction, Tree

#: Where the cache of a project is, and where yarn unpacks what must be real files.
CACHE = ".yarn/cache"
_UNPLUGGED = "unplugged"
_ZIPPED = "sha512-zip-"
_HOW = Recipe(algorithm="sha512", directories=False)
#: What yarn keeps beside the zips.
_TOOLS = frozenset({".gitignore"})
_SHOWN = 3


class _Locked(NamedTuple):
    """What the lockfile has of the zips: their packages and hashes; whose hash it does not state."""

    packages: Mapping[str, Package]
    files: Mapping[str, File]
    unstated: list[str]
    absent: int


def subtractions(tree: Tree, progress: Progress | None) -> Iterator[Subtraction]:
    """Yield the one subtraction: each zip against its checksum; nothing where no lockfile states any."""
    project = node_tree.folder_of(tree)
    if not has_file(tree.root, within(project, "yarn.lock")):
        return
    lock, unread = node_locks.read(tree.root, project, "yarn.lock")
    there: dict[str, File] = {}
    holes: list[Record] = list(unread)
    for record in _walked(tree, progress):
        if not isinstance(record, File):
            holes.append(record)
        elif record.path[len(tree.start) + 1 :] not in _TOOLS:
            there[record.path] = bare(record)
    locked = _locked(lock.packages, tree.start, there)
    left = (*holes, *locked.packages.values(), *locked.files.values())
    right = (*holes, *locked.packages.values(), *there.values())
    yield Subtraction(
        Snapshot(locator=f"lock:{lock.path}", recipe=_HOW, records=collected(left)),
        Snapshot(locator=f"node:{named(tree.root)}", recipe=_HOW, records=collected(right)),
        "artifact",
        (
            f"{tree.start}: {plural(len(there), 'archive')} compared with {lock.path}",
            *_notes(tree, locked),
        ),
    )


def _locked(entries: tuple[Package, ...], start: str, there: Mapping[str, File]) -> _Locked:
    """Find the zip of each entry by its name, which has a part of the checksum in it."""
    listing = node_caches.Listed(start, sorted(path[len(start) + 1 :] for path in there))
    packages: dict[str, Package] = {}
    files: dict[str, File] = {}
    unstated = []
    absent = 0
    for entry in entries:
        digest = node_caches.strongest(entry)
        if digest is None and entry.integrity is UNSTATED:  # of another platform, when it was locked
            paths = list(listing.starting(f"{entry.name.replace('/', '-')}-npm-{entry.version}-"))
            paths = [f"{start}/{name}" for name in paths]
            unstated += paths
        elif digest is not None and digest.algorithm.startswith(_ZIPPED):
            paths = list(node_caches.zips(entry, [listing], digest))
            absent += not paths
        else:
            continue
        for path in paths:
            packages[path] = _package(entry, path)
            stated = Digest("sha512", digest.hex) if digest is not None else UNSTATED
            files[path] = File(path=path, size=there[path].size, mode=None, digest=stated)
    return _Locked(packages, files, unstated, absent)


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


def _walked(tree: Tree, progress: Progress | None) -> Iterable[Record]:
    if isinstance(tree.root, str):
        return folder.taken(tree.root, _HOW, progress, start=tree.start).records
    below = (path for path in tree.root.kinds if path.startswith(f"{tree.start}/"))
    return (record for entry in entries(tree.root, below) for record in look(entry, _HOW))


def _notes(tree: Tree, locked: _Locked) -> Iterator[str]:
    if locked.absent:
        yield f"{tree.start}: {plural(locked.absent, 'package')} of the lockfile not in there"
    if locked.unstated:
        names = listed([path.rpartition("/")[2] for path in locked.unstated], _SHOWN)
        yield f"{tree.start}: not verified, the lockfile has no checksum for this platform: {names}"
    beside = f"{posixpath.dirname(tree.start)}/{_UNPLUGGED}"
    if kind(tree.root, beside) == "directory":
        yield f"{beside}: {plural(len(contents.listed(tree.root, beside)), 'package')} not verified"
