"""The lockfiles of a project that say what should be installed in its environment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from fimci.contents import Ground, listed, small
from fimci.model import Package, Unread
from fimci.trees import lockfiles

_LOCKS = re.compile(
    r"uv\.lock|poetry\.lock|pdm\.lock|Pipfile\.lock|pylock(?:\.[^.]+)?\.toml|requirements[\w.-]*\.(?:txt|lock)"
)
_NAME = re.compile(
    rb"^\[(?:project|tool\.poetry)\][^\[]*?^name[ \t]*=[ \t]*[\"']([^\"'\n]+)[\"']", re.MULTILINE
)


class Locked(NamedTuple):
    """What the lockfiles of a folder state, the name of its project, and what could not be read."""

    files: tuple[str, ...]
    packages: tuple[Package, ...]
    project: str
    unread: tuple[Unread, ...]


NOTHING = Locked((), (), "", ())


def locked(root: Ground, folder: str) -> Locked:
    """Read the lockfiles in a folder or, where it has none, in the nearest one above it, down to `root`."""
    folder = nearest(root, folder) or ""
    files = tuple(_files(root, folder))
    packages, unread = lockfiles.read(root, files, "pypi")
    stating = {package.at.path for package in packages}
    read = tuple(file for file in files if file in stating)
    return Locked(read, packages, _project(root, folder), unread)


def _files(root: Ground, folder: str) -> Iterator[str]:
    prefix = folder + "/" if folder else ""
    yield from (prefix + name for name in listed(root, folder) if _LOCKS.fullmatch(name))


def nearest(root: Ground, folder: str) -> str | None:
    """Return the nearest folder, this one or above it, that has a lockfile; `None` where none has."""
    while not any(_files(root, folder)):
        if not folder:
            return None
        folder = folder.rpartition("/")[0]
    return folder


def _project(root: Ground, folder: str) -> str:
    """Return the name of the project of a folder, as it is written in its pyproject.toml."""
    path = f"{folder}/pyproject.toml" if folder else "pyproject.toml"
    found = _NAME.search(small(root, path, 1 << 20) or b"")
    return found[1].decode("utf-8", "surrogateescape") if found is not None else ""
