"""A `node_modules` against the archives that its lockfile vouches for, file by file."""

from __future__ import annotations

import functools
import hashlib
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from fimci import workers
from fimci.installed.node.locations import place_of
from fimci.model import Digest, File, Package, Place, Record
from fimci.printable import listed, plural
from fimci.snapshot import Snapshot, collected
from fimci.trees import node_disk
from fimci.trees.node_artifacts import Artifact, Published, Wanted, artifacts
from fimci.trees.node_caches import Caches
from fimci.trees.node_tree import NodeTree
from fimci.trees.tree import Subtraction

#: Packages that one process works on at a time, and how many are told by name.
_MANY, _SHOWN = 8, 3
_MODULES = "node_modules/"
#: Where the scripts of a package put what they build or fetch.
_BUILT = ("build/", "prebuilds/", "vendor/")


class Held(NamedTuple):
    """Both sides of all packages of which the archive is at hand, and what is to be said of them."""

    left: list[Record]
    right: list[Record]
    verified: frozenset[str]
    notes: tuple[str, ...]


def held(tree: NodeTree, places: Caches) -> Held:
    """Hold each package against its archive, where that is at hand."""
    found = _at_hand(tree, places)
    published, bundled = _published(tree, found)
    twins = _Twins(tree, published)
    left: list[Record] = []
    right: list[Record] = []
    verified: set[str] = set()
    explained: list[str] = []
    built: list[str] = []
    for folder, wanted in published.items():
        owned = [folder, *bundled.get(folder, ())]
        disk = {file.path: file for one in owned for file in tree.disk.files[one]}
        here, there, said, made = _package(tree, folder, wanted, disk, twins)
        explained += said
        built += made
        package = _record(tree, folder)
        left += [package._replace_tree(here) if False else _with_tree(package, folder, here), *here]
        right += [_with_tree(package, folder, there), *there]
        if _same(here, there):
            verified.add(folder)
    return Held(left, right, frozenset(verified), tuple(_notes(tree, found, published, explained, built)))


def subtraction(tree: NodeTree, both: Held) -> Subtraction:
    """Return what was published, and what is there."""
    how = node_disk.recipe(tree.algorithm)
    loose = [_bare(file) for file in tree.disk.loose]
    return Subtraction(
        Snapshot(locator="artifacts", recipe=how, records=collected(both.left)),
        Snapshot(locator=f"node:{tree.root}", recipe=how, records=collected([*both.right, *loose])),
        "artifact",
        both.notes,
    )
