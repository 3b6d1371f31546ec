"""Installed trees of Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fimci.look import Progress
from fimci.trees.tree import Subtraction, Tree


def found(root: str, start: str, environment: Mapping[str, str]) -> list[Tree]:
    """Return the environments of the project at `start` in `root`: its own and the active one."""
    del root, start, environment
    return []


def subtractions(tree: Tree, progress: Progress | None) -> Iterator[Subtraction]:
    """Yield what an environment is held against."""
    del tree, progress
    yield from ()
