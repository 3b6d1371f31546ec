"""Installed trees of Node."""

from __future__ import annotations

from collections.abc import Iterator

from fimci.look import Progress
from fimci.trees.tree import Subtraction, Tree


def found(root: str, start: str) -> list[Tree]:
    """Return the `node_modules` of the project at `start` in `root`."""
    del root, start
    return []


def subtractions(tree: Tree, progress: Progress | None) -> Iterator[Subtraction]:
    """Yield what a `node_modules` is held against."""
    del tree, progress
    yield from ()
