"""What a tree is, and what it is held against."""

from __future__ import annotations

from typing import Literal, NamedTuple

from fimci.contents import Ground
from fimci.rules import Against
from fimci.snapshot import Snapshot


class Tree(NamedTuple):
    """An installed tree: `start` is its path in `root`, from which all paths in records are told.

    `root` is the project's folder where the tree is inside, else the tree itself (and `start` empty).
    `project` is the folder whose lockfiles say what should be installed; empty where nobody knows. In an
    image it is a path in that, `.` for all of it.
    """

    kind: Literal["python", "node"]
    root: Ground
    start: str
    project: str
    #: Compare bytecode with what its source compiles to: milliseconds a file.
    thorough: bool = True


class Subtraction(NamedTuple):
    """Two sides, what the left one is, and sentences on how they were taken."""

    left: Snapshot
    right: Snapshot
    against: Against
    notes: tuple[str, ...] = ()
    #: Files that were looked at and are as they should be, of which there is no record.
    exact: int = 0
