"""Which lockfile says what should be in a `node_modules`, and what it says."""

from __future__ import annotations

import posixpath
from typing import NamedTuple

from fimci.contents import Ground, has_file, kind
from fimci.installed.node.matching import Lock, within
from fimci.model import Unread
from fimci.trees import lockfiles

#: Lockfiles by what counts first where there are several, and what their client leaves in `node_modules`.
_MARKS = (
    ("npm-shrinkwrap.json", (".package-lock.json",)),
    ("package-lock.json", (".package-lock.json",)),
    ("yarn.lock", (".yarn-integrity", ".yarn-state.yml")),
    ("pnpm-lock.yaml", (".modules.yaml", ".pnpm/lock.yaml")),
    ("bun.lock", (".bun",)),
)
NAMES = tuple(name for name, _ in _MARKS)
_PLACED = frozenset({"npm-shrinkwrap.json", "package-lock.json", ".package-lock.json"})
HIDDEN = "node_modules/.package-lock.json"
#: What pnpm writes in front of what runs before anything is installed.
_BEFORE = "config:"


class Found(NamedTuple):
    """The lockfile, what could not be read of it, and the others that are beside it."""

    lock: Lock
    unread: tuple[Unread, ...]
    beside: tuple[str, ...]


def found(root: Ground, project: str) -> Found | None:
    """Return the lockfile of a project; of several, that of the client that installed."""
    there = [(name, marks) for name, marks in _MARKS if has_file(root, within(project, name))]
    if not there:
        hidden = read(root, project, HIDDEN)
        return Found(*hidden, ()) if hidden[0].packages else None
    modules = within(project, "node_modules")
    marked = [name for name, marks in there if any(kind(root, f"{modules}/{m}") for m in marks)]
    name = next(iter(marked), there[0][0])
    return Found(*read(root, project, name), tuple(other for other, _ in there if other != name))


def read(root: Ground, project: str, name: str) -> tuple[Lock, tuple[Unread, ...]]:
    """Read a lockfile of the project."""
    path = within(project, name)
    locked, unread = lockfiles.read(root, [path], "npm")
    packages = tuple(package for package in locked if _BEFORE not in package.place[:200])
    return Lock(path, project, posixpath.basename(name) in _PLACED, packages), unread
