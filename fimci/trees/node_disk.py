"""What is in the `node_modules` of a project: one walk, the files sorted by the package they belong to."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from fimci import contents, folder
from fimci.contents import Ground, entries
from fimci.installed.node import manifest
from fimci.installed.node.locations import where
from fimci.installed.node.manifest import Manifest
from fimci.look import Progress
from fimci.model import Digest, File, Record, Unread
from fimci.snapshot import Recipe, reason
from fimci.trees import node_exact
from fimci.trees.node_exact import Exact, Known

_MANIFEST = "package.json"


class Disk(NamedTuple):
    """The files of each package by its folder, links in the place of packages, commands, and the rest.

    `loose` are files where a package would be: Node finds them by their names as well.
    """

    files: Mapping[str, list[File]]
    links: Mapping[str, File]
    commands: tuple[File, ...]
    loose: tuple[File, ...]
    tools: tuple[File, ...]
    unread: tuple[Unread, ...]
    #: Packages that are all of an archive, of which no file is here.
    exact: Mapping[str, Exact]


def recipe(algorithm: str = "sha256") -> Recipe:
    """Return how trees are taken: files alone, shown to no reader."""
    return Recipe(algorithm=algorithm, directories=False)


def taken(root: Ground, starts: Iterable[str], how: Recipe, known: Known, progress: Progress | None) -> Disk:
    """Walk each `node_modules` in `starts`; what is as its archive has it is not looked at any further."""
    files: dict[str, list[File]] = {}
    exact: dict[str, Exact] = {}
    unread: list[Unread] = []
    others = _Others({}, [], [], [])
    for start in starts:
        near: dict[str, list[File]] = {}
        for found in _walked(root, start, how, known, progress):
            if isinstance(found, Exact):
                exact[found.folder] = found
                files[found.folder] = []
                continue
            record = folder.unpacked(found, how.algorithm)
            if isinstance(record, Unread):
                unread.append(record)
            elif isinstance(record, File):
                _sort(record, start, files, near, others)
    return Disk(
        files,
        others.links,
        tuple(others.commands),
        tuple(others.loose),
        tuple(others.tools),
        tuple(unread),
        exact,
    )


def _walked(
    root: Ground, start: str, how: Recipe, known: Known, progress: Progress | None
) -> Iterator[Record | folder.Packed | Exact]:
    if isinstance(root, str):
        look = functools.partial(node_exact.look, root, start, how, known)
        yield from folder.branches(root, start, functools.partial(_is_near, start), progress, look)
    else:
        yield from contents.hashed(root, f"{start}/")


class _Others(NamedTuple):
    """What is in a `node_modules` and in no package, as it is met; see `Disk`."""

    links: dict[str, File]
    commands: list[File]
    loose: list[File]
    tools: list[File]


def _sort(
    file: File, start: str, files: dict[str, list[File]], near: dict[str, list[File]], others: _Others
) -> None:
    """Put a file where it belongs; `near` are the lists of the folders in packages that were met."""
    around = file.path.rpartition("/")[0]
    if around in near:  # most files: deeper than their package
        near[around].append(file)
        return
    place = where(file.path, start)
    if place.kind == "command":
        others.commands.append(file)
    elif place.kind == "tool":
        others.tools.append(file)
    elif place.inner:
        near[around] = files.setdefault(place.folder, [])
        near[around].append(file)
    elif file.kind == "link":
        others.links[file.path] = file
    else:
        others.loose.append(file)


def again(root: Ground, package: str, how: Recipe) -> list[File]:
    """Look at the files of a package after all: it is all of an archive, but not of the one it should be."""
    if not isinstance(root, str):
        return []  # no package of an image is known to be all of one
    records = folder.taken(root, how, start=package).records
    start = f"{package}/"
    inner = f"{package}/node_modules/"
    return [
        r
        for r in records
        if isinstance(r, File) and r.path.startswith(start) and not r.path.startswith(inner)
    ]


def _is_near(start: str, path: str) -> bool:
    """Tell whether packages are right in a folder: `node_modules` itself, a scope, or a store."""
    inner = path[len(start) + 1 : -1]
    return not inner or (inner[0] in "@." and "/" not in inner)


def manifests(root: Ground, disk: Disk) -> tuple[dict[str, Manifest], list[Unread]]:
    """Read the manifest of each package that has one; of what was hashed, or it counts as unread."""
    found: dict[str, Manifest] = {}
    unread = []
    wanted: dict[str, tuple[str, File]] = {}
    for package, files in disk.files.items():
        if package in disk.exact:
            found[package] = disk.exact[package].manifest
            continue
        file = next((file for file in files if file.path == f"{package}/{_MANIFEST}"), None)
        if file is not None and file.kind == "file":
            wanted[file.path] = package, file
    for path, data in hashed(root, (file for _, file in wanted.values())):
        read = manifest.parse(data) if isinstance(data, bytes) else None
        if isinstance(data, str):
            unread.append(Unread(path=path, why=data, part="manifest"))
        elif read is None:
            unread.append(Unread(path=path, why="cannot be read as a manifest", part="manifest"))
        else:
            found[wanted[path][0]] = read
    return found, unread


def hashed(root: Ground, files: Iterable[File]) -> Iterator[tuple[str, bytes | str]]:
    """Yield the content of small files that were hashed, by path, or why it cannot be had."""
    known = {file.path: file for file in files}
    for entry in entries(root, known):
        if isinstance(entry, Unread):
            yield entry.path, entry.why
            continue
        try:
            data = contents.whole(entry, node_exact.LIMIT)
        except OSError as error:
            yield entry.path, reason(error)
            continue
        digest = known[entry.path].digest
        same = not isinstance(digest, Digest) or _hash(digest.algorithm, data) == digest.hex
        yield entry.path, data if same else "changed while it was read"


def _hash(algorithm: str, data: bytes) -> str:
    return hashlib.new(algorithm, data).hexdigest()
