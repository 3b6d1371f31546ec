"""Links among installed packages: where they lead, and whether anybody said so."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from fimci.installed.node import locations
from fimci.installed.node.manifest import Manifest
from fimci.installed.node.matching import Lock, by_place, is_local, local_folders, names
from fimci.model import File

#: Links that are followed one after the other; systems give up at as many.
_MOST = 40
_ALIAS = "npm:"


class Known(NamedTuple):
    """What is known of the tree: links by path, manifests by folder, the `node_modules` that were walked."""

    links: Mapping[str, str]
    manifests: Mapping[str, Manifest]
    starts: tuple[str, ...]


def resolved(path: str, links: Mapping[str, str]) -> str | None:
    """Follow the known links in a path; `None` where it leads out of the tree, or never ends."""
    for _ in range(_MOST):
        link = _link_in(path, links)
        if link is None:
            return path
        target = links[link]
        if posixpath.isabs(target) or "\\" in target:
            return None
        path = posixpath.normpath(posixpath.join(posixpath.dirname(link), target) + path[len(link) :])
        if path == ".." or path.startswith("../"):
            return None
    return None


def unexpected(lock: Lock, known: Known, found: Collection[File]) -> Iterator[File]:
    """Yield links that lead out of the tree, to what is no package, or to one of another name.

    Folders of the project are meant where nothing else is locked: they are judged with it. What lies
    outside must be in the lock.
    """
    local = local_folders(lock)
    aliases = _aliases(lock, known.manifests)
    for link in found:
        target = link.target or ""
        folder = resolved(link.path, known.links)
        if folder is None:
            near = posixpath.normpath(posixpath.join(posixpath.dirname(link.path), target))
            if near not in local:
                yield link
            continue
        if not any(folder == start or folder.startswith(start + "/") for start in known.starts):
            if folder not in local and _published(lock, link.path):
                yield link
            continue
        name, manifest = locations.name_of(link.path), known.manifests.get(folder)
        if manifest is None or (
            name not in (manifest.name, locations.name_of(folder)) and (name, manifest.name) not in aliases
        ):
            yield link


def _published(lock: Lock, path: str) -> bool:
    """Tell whether what is locked here, or by this name, comes from a registry or the like."""
    if lock.placed:
        entry = by_place(lock).get(path)
        return entry is not None and not is_local(entry)
    name = locations.name_of(path)
    locked = [is_local(entry) for entry in lock.packages if name in names(entry)]
    return bool(locked) and not any(locked)


def leaving(files: Collection[File], links: Mapping[str, str]) -> Iterator[File]:
    """Yield links inside of packages that lead out of the tree."""
    for file in files:
        if file.kind == "link" and resolved(file.path, {**links, file.path: file.target or ""}) is None:
            yield file


def _aliases(lock: Lock, manifests: Mapping[str, Manifest]) -> set[tuple[str, str]]:
    """Return pairs of the name that is asked for and the package that is meant."""
    found = {(name, entry.name) for entry in lock.packages for name in names(entry)}
    for manifest in manifests.values():
        for name, wanted in manifest.asked.items():
            if wanted.startswith(_ALIAS):
                real = wanted[len(_ALIAS) :]
                found.add((name, real[: real.find("@", 1)] if "@" in real[1:] else real))
    for entry in lock.packages:
        for edge in entry.dependencies:
            name, meant, real = edge.partition(f"@{_ALIAS}")
            if meant:
                found.add((name, real[: real.find("@", 1)] if "@" in real[1:] else real))
    return found


def _link_in(path: str, links: Mapping[str, str]) -> str | None:
    """Return the first part of a path that is a link."""
    at = path.find("/")
    while at > 0:
        if path[:at] in links:
            return path[:at]
        at = path.find("/", at + 1)
    return path if path in links else None
