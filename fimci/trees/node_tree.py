"""A `node_modules` with all that is known of it: its files, its lockfile, and what is locked as what."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from fimci.contents import Ground, has_file, kind, listed, small, target
from fimci.installed.node import links, patches
from fimci.installed.node.links import Known
from fimci.installed.node.manifest import Manifest, parse
from fimci.installed.node.matching import NOBODYS, Lock, Match, claims, local_folders, match, within
from fimci.installed.node.patches import Patch
from fimci.look import Progress
from fimci.model import Unread
from fimci.request import LIMIT
from fimci.snapshot import Recipe
from fimci.trees import node_caches, node_disk, node_exact, node_locks
from fimci.trees.node_caches import Caches
from fimci.trees.node_disk import Disk
from fimci.trees.tree import Tree

MODULES = "node_modules"
#: Algorithm of the files of a tree; pnpm's store has the other one.
_PLAIN, _PNPM = "sha256", "sha512"


class NodeTree(NamedTuple):
    """What the sides of all subtractions are made of. `lock` is `None` where nobody locked anything."""

    root: Ground
    project: str
    algorithm: str
    lock: Lock | None
    beside: tuple[str, ...]
    disk: Disk
    manifests: Mapping[str, Manifest]
    locals: Mapping[str, Manifest]
    match: Match
    known: Known
    unread: tuple[Unread, ...]
    patches: tuple[Patch, ...]


def taken(tree: Tree, places: Caches, progress: Progress | None) -> NodeTree:
    """Walk the tree, read its manifests and its lockfile, and bring them together.

    Packages are held against the archives in `places` on the way.
    """
    project = folder_of(tree)
    found = node_locks.found(tree.root, project) if tree.project else None
    lock = found.lock if found is not None else None
    folders = _local(tree.root, tree.start, lock)
    starts = (tree.start, *(_modules(tree.root, folders)))
    of_pnpm = isinstance(tree.root, str) and kind(tree.root, f"{tree.start}/.pnpm") == "directory"
    algorithm = _PNPM if of_pnpm else _PLAIN
    how = node_disk.recipe(algorithm)
    vouched = node_exact.Known(claims(lock) if lock is not None else NOBODYS, places)
    disk = node_disk.taken(tree.root, starts, how, vouched, progress)
    manifests, unread = node_disk.manifests(tree.root, disk)
    own = {project, *folders} if tree.project else folders
    locals_ = {folder: read for folder in sorted(own) if (read := _manifest(tree.root, folder)) is not None}
    matched = match(lock, disk.files, manifests) if lock is not None else Match({}, {}, {}, ())
    disk = _accepted(tree.root, disk, matched, how)
    targets = {path: link.target or "" for path, link in disk.links.items()}
    return NodeTree(
        tree.root,
        project,
        algorithm,
        lock,
        found.beside if found is not None else (),
        disk,
        manifests,
        locals_,
        matched,
        Known(targets, {**locals_, **manifests}, starts),
        (*(found.unread if found is not None else ()), *disk.unread, *unread),
        tuple(_patches(tree.root, within(project, "patches"))) if tree.project else (),
    )


def folder_of(tree: Tree) -> str:
    """Return the folder of the project as a path in the tree's root."""
    if not tree.project or tree.project == ".":
        return ""
    if not isinstance(tree.root, str):
        return tree.project
    project = os.path.relpath(tree.project, tree.root).replace(os.sep, "/")
    return "" if project == "." else project


def _accepted(root: Ground, disk: Disk, matched: Match, how: Recipe) -> Disk:
    """Keep of the packages that are all of an archive those that should be of that one."""
    kept, files = {}, dict(disk.files)
    for package, exact in disk.exact.items():
        entry = matched.owned.get(package)
        if entry is not None and node_caches.strongest(entry) == exact.digest:
            kept[package] = exact
        else:
            files[package] = node_disk.again(root, package, how)
    return disk._replace(files=files, exact=kept)


def present(tree: NodeTree) -> Collection[str]:
    """Return the paths at which there is a package, or a link to one."""
    return {*tree.disk.files, *tree.disk.links}


def _local(root: Ground, start: str, lock: Lock | None) -> set[str]:
    """Return folders of the project that packages are linked to or installed from."""
    found = {folder for folder in (local_folders(lock) if lock is not None else ()) if ".." not in folder}
    for link in _top_links(root, start):
        leads = links.resolved(f"{start}/{link}", {f"{start}/{link}": target(root, f"{start}/{link}")})
        if leads and not leads.startswith(start + "/") and f"/{MODULES}/" not in f"/{leads}/":
            found.add(leads)
    return {folder for folder in found if has_file(root, within(folder, "package.json"))}


def _top_links(root: Ground, start: str) -> Iterator[str]:
    for name in listed(root, start):
        if kind(root, f"{start}/{name}") == "link":
            yield name
        elif name.startswith("@"):
            inside = (f"{name}/{inner}" for inner in listed(root, f"{start}/{name}"))
            yield from (path for path in inside if kind(root, f"{start}/{path}") == "link")


def _modules(root: Ground, folders: Collection[str]) -> list[str]:
    found = (within(folder, MODULES) for folder in sorted(folders))
    return [path for path in found if kind(root, path) == "directory"]


def _patches(root: Ground, folder: str) -> Iterator[Patch]:
    for name in listed(root, folder):
        path = f"{folder}/{name}"
        data = small(root, path, LIMIT) if name.endswith(".patch") else None
        patch = patches.parse(path, data) if data is not None else None
        if patch is not None:
            yield patch


def _manifest(root: Ground, folder: str) -> Manifest | None:
    data = small(root, within(folder, "package.json"), LIMIT)
    return parse(data) if data is not None else None
