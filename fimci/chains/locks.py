"""The packages of a lockfile alone, of which nothing is installed."""

from __future__ import annotations

import os
from collections.abc import Iterator

from fimci.chains.subject import Subject, locked
from fimci.errors import SourceError
from fimci.findings import Cell
from fimci.model import Package, Unread
from fimci.trees import lockfiles

_NOT_INSTALLED = "a lockfile alone: nothing is installed"
_OWN = frozenset({"directory", "link", "workspace", "virtual"})


def taken(path: str) -> tuple[tuple[Package, ...], tuple[Unread, ...]]:
    """Read a lockfile. Raises `SourceError` where that is none that states releases."""
    folder, name = os.path.split(os.path.abspath(path))
    for ecosystem in ("npm", "pypi"):
        packages, unread = lockfiles.read(folder, [name], ecosystem)
        mine = tuple(one for one in packages if "#requires/" not in one.place)
        if mine or unread:
            return mine, unread
    raise SourceError(
        f"{path} is not a lockfile of npm or Python packages", "name one, or python:… or node:…"
    )


def subjects(packages: tuple[Package, ...]) -> Iterator[Subject]:
    """Yield each release once."""
    seen: set[tuple[str, str]] = set()
    for entry in packages:
        if entry.origin_kind in _OWN or not isinstance(entry.version, str):
            continue
        key = entry.name, entry.version
        if key in seen:
            continue
        seen.add(key)
        yield Subject(
            entry.ecosystem,
            entry.name,
            entry.version,
            entry.place,
            entry,
            locked(entry, ""),
            None,
            Cell("not verified", _NOT_INSTALLED),
        )
