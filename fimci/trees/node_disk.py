"""What is in the `node_modules` of a project: one walk, the files sorted by the package they belong to."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from fimci import folder
from fimci.installed.node import manifest
from fimci.installed.node.locations import where
from fimci.installed.node.manifest import Manifest
from fimci.look import Progress
from fimci.model import Digest, File, Unread
from fimci.snapshot import Entry, Recipe, reason
from fimci.sources import directory
from fimci.sources.handles import Folders

#: Bytes of a manifest or command that are read: the largest of 1,500 has 0.1 MB.
LIMIT = 8 << 20
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


def recipe(algorithm: str = "sha256") -> Recipe:
    """Return how trees are taken: files alone, shown to no reader."""
    return Recipe(algorithm=algorithm, directories=False)


def taken(root: str, starts: Iterable[str], how: Recipe, progress: Progress | None) -> Disk:
    """Walk each `node_modules` in `starts`."""
    files: dict[str, list[File]] = {}
    links: dict[str, File] = {}
    commands, loose, tools, unread = [], [], [], []
    for start in starts:
        known: dict[str, list[File]] = {}
        for record in folder.taken(root, how, progress, start=start).records:
            if isinstance(record, Unread):
                unread.append(record)
            if not isinstance(record, File):
                continue
            around = record.path.rpartition("/")[0]
            if around in known:  # most files: deeper than their package
                known[around].append(record)
                continue
            found = where(record.path, start)
            if found.kind == "command":
                commands.append(record)
            elif found.kind == "tool":
                tools.append(record)
            elif found.inner:
                known[around] = files.setdefault(found.folder, [])
                known[around].append(record)
            elif record.kind == "link":
                links[record.path] = record
            else:
                loose.append(record)
    return Disk(files, links, tuple(commands), tuple(loose), tuple(tools), tuple(unread))


def manifests(root: str, disk: Disk) -> tuple[dict[str, Manifest], list[Unread]]:
    """Read the manifest of each package that has one; of what was hashed, or it counts as unread."""
    found: dict[str, Manifest] = {}
    unread = []
    with contextlib.closing(Folders(root)) as folders:
        for package, files in disk.files.items():
            file = next((file for file in files if file.path == f"{package}/{_MANIFEST}"), None)
            if file is None or file.kind != "file":
                continue
            try:
                data = content(folders, file)
            except OSError as error:
                unread.append(Unread(path=file.path, why=reason(error), part="manifest"))
                continue
            read = manifest.parse(data)
            if read is None:
                unread.append(Unread(path=file.path, why="cannot be read as a manifest", part="manifest"))
            else:
                found[package] = read
    return found, unread


def content(folders: Folders, file: File) -> bytes:
    """Return the content of a small file that was hashed. Raises `OSError` if it is another by now."""
    looked = directory.entry(folders, file.path)
    if not isinstance(looked, Entry) or looked.read is None:
        raise OSError("changed while it was read")
    data = b""
    for chunk in looked.read():
        data += chunk
        if len(data) > LIMIT:
            raise OSError("is too large to be read")
    if isinstance(file.digest, Digest) and _hash(file.digest.algorithm, data) != file.digest.hex:
        raise OSError("changed while it was read")
    return data


def _hash(algorithm: str, data: bytes) -> str:
    return hashlib.new(algorithm, data).hexdigest()
