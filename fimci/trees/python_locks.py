"""The lockfiles of a project that say what should be installed in its environment."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import NamedTuple

from fimci.contents import contents
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


def locked(root: str, folder: str) -> Locked:
    """Read the lockfiles in a folder or, where it has none, in the nearest one above it, down to `root`."""
    while True:
        files = tuple(_files(root, folder))
        if files or not folder:
            break
        folder = folder.rpartition("/")[0]
    packages, unread = lockfiles.read(root, files, "pypi")
    stating = {package.at.path for package in packages}
    read = tuple(file for file in files if file in stating)
    return Locked(read, packages, _project(root, folder), unread)


def _files(root: str, folder: str) -> Iterator[str]:
    try:
        names = sorted(os.listdir(os.path.join(root, folder) if folder else root))
    except OSError:
        return
    prefix = folder + "/" if folder else ""
    yield from (prefix + name for name in names if _LOCKS.fullmatch(name))


def _project(root: str, folder: str) -> str:
    """Return the name of the project of a folder, as it is written in its pyproject.toml."""
    path = f"{folder}/pyproject.toml" if folder else "pyproject.toml"
    if not os.path.lexists(os.path.join(root, path)):
        return ""
    found = _NAME.search(contents(root, [path], 1 << 20)[0].get(path, b""))
    return found[1].decode("utf-8", "surrogateescape") if found is not None else ""
