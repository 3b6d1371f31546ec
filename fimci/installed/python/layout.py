"""Where things are in an environment: the folders of packages, commands, and what describes them.

Told from paths alone, for every platform on every platform: nothing here asks the running Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple, TypeAlias

#: An environment of its own; a folder that `pip install --target` filled; a system's or user's prefix.
Form: TypeAlias = Literal["environment", "target", "prefix"]

#: `lib/python3.12/site-packages`, `lib/pypy3.10/site-packages`, `Lib/site-packages` (Windows),
#: `lib/python3/dist-packages` and `local/lib/python3.12/dist-packages` (Debian).
_SITE = re.compile(
    r"(?:local/)?lib(?:64|32)?/(?:python|pypy)[0-9.]*t?/(?:site|dist)-packages|Lib/site-packages", re.ASCII
)
_VERSION = re.compile(r"/(?:python|pypy)([0-9]+\.[0-9]+)")
#: Files that describe a distribution, in its `.dist-info`, its `.egg-info`, or its egg.
_DESCRIBING = frozenset(
    (
        *("METADATA", "PKG-INFO", "RECORD", "INSTALLER", "direct_url.json", "entry_points.txt"),
        *("installed-files.txt", "top_level.txt"),
    )
)


class Layout(NamedTuple):
    """`start` is the environment (`""`: the root of all paths), `sites` the folders of packages in it."""

    start: str
    form: Form
    sites: tuple[str, ...]

    @property
    def version(self) -> str:
        """Return the version of Python that the folders are named after (`3.12`); empty: none is told."""
        found = (_VERSION.search(f"/{site}") for site in self.sites)
        return next((match[1] for match in found if match), "")

    @property
    def commands(self) -> tuple[str, ...]:
        """Return the folders of commands, as prefixes of paths."""
        below = inside(self.start, "")
        return tuple(below + name for name in ("bin/", "Scripts/"))


def is_site(path: str) -> bool:
    """Tell whether a path from a prefix is that of a folder of packages."""
    return _SITE.fullmatch(path) is not None


def inside(folder: str, path: str) -> str:
    """Return a path in a folder; `""` is the root."""
    return f"{folder}/{path}" if folder else path


def layout(start: str, paths: Iterable[str], form: Form) -> Layout:
    """Find the folders of packages among all paths of an environment."""
    if form == "target":
        return Layout(start, form, (start,))
    skip = len(start) + 1 if start else 0
    found: dict[str, None] = {}
    last = "/"
    for path in paths:
        if path.startswith(last):  # a walk meets what is in one folder together
            continue
        match = _SITE.match(path, skip)
        if match is not None and path[match.end() : match.end() + 1] == "/":
            last = path[: match.end() + 1]
            found[last[:-1]] = None
    return Layout(start, form, tuple(found))


def descriptions(where: Layout, paths: Iterable[str]) -> Iterator[str]:
    """Yield the paths of the files that describe distributions."""
    # A package may carry the metadata of others along (`setuptools/_vendor`): those are not installed.
    depths = {site: inside(site, "").count("/") for site in where.sites}
    metadata = inside(where.start, "conda-meta/")
    for path in paths:
        if path.startswith(metadata) and path.endswith(".json"):
            yield path
            continue
        folder, _, name = path.rpartition("/")
        for site, depth in depths.items():
            if not path.startswith(inside(site, "")):
                continue
            below = path.count("/") - depth
            if (below == 1 and name in _DESCRIBING and folder.endswith((".dist-info", ".egg-info"))) or (
                below == 0 and name.endswith((".egg-info", ".egg-link"))
            ):
                yield path
