"""Installed trees of Node: `node_modules` of any client, and the zips that Plug'n'Play loads from.

Each tree is compared with what its lockfile says three times: package by package, npm's own notes
(`node_modules/.package-lock.json`), and file by file against the archives that the lockfile vouches
for, as far as caches of this machine have them. Nothing in a tree runs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from fimci.look import Progress
from fimci.trees import node_caches, node_files, node_locked, node_tree, node_zips
from fimci.trees.node_files import Held
from fimci.trees.node_tree import NodeTree
from fimci.trees.tree import Subtraction, Tree


def found(root: str, start: str) -> list[Tree]:
    """Return the `node_modules` of the project at `start` in `root`, or the cache that takes its place."""
    project = os.path.join(root, start) if start else root
    trees = []
    for name in (node_tree.MODULES, node_zips.CACHE):
        folder = os.path.join(project, name)
        if os.path.isdir(folder) and not os.path.islink(folder):
            trees.append(Tree("node", root, f"{start}/{name}" if start else name, project))
    return trees


def subtractions(tree: Tree, progress: Progress | None) -> Iterator[Subtraction]:
    """Yield what a `node_modules` is held against."""
    if tree.start.endswith(node_zips.CACHE):
        yield from node_zips.subtractions(tree, progress)
        return
    yield from subtracted(*examined(tree, progress))


def examined(tree: Tree, progress: Progress | None) -> tuple[NodeTree, Held]:
    """Walk a `node_modules`, and hold it against the archives that are at hand."""
    # What an image says of caches is not said of this machine's.
    folder = tree.project or tree.root if isinstance(tree.root, str) else os.devnull
    places = node_caches.caches(folder, os.environ)
    here = node_tree.taken(tree, places, progress)
    return here, node_files.held(here, places)


def subtracted(here: NodeTree, both: Held) -> Iterator[Subtraction]:
    """Yield what a `node_modules` that was examined is held against."""
    yield node_locked.subtraction(here, both.verified)
    hidden = node_locked.hidden(here)
    if hidden is not None:
        yield hidden
    yield node_files.subtraction(here, both)
