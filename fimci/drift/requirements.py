"""`NAME.in` against the `NAME.txt` that pip-compile or uv made of it.

The compiled file says of each package what it is there for (`# via -r requirements.in`), so both
directions can be told: what is wanted and not pinned, and what is pinned for a file that no longer
wants it. A file without such comments is no result of a compilation, and nothing is said of it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from fimci.drift.python import all_outside, by_name, certain, told
from fimci.drift.side import Side
from fimci.model import Drift, Package

#: Endings of the files that are held against each other.
#: No names: such a file is known by what it states, and by how its name ends.


def derive(side: Side) -> Iterator[Drift]:
    """Yield the drift of every compiled file of requirements whose source stands beside it."""
    for path in sorted(side.packages):
        if not path.endswith(".txt"):
            continue
        copies = [package for package in side.packages[path] if package.stated_by == "manifest"]
        for source in sorted({_source(path, package) for package in copies}):
            if source in side.packages:
                yield from _drift(side, path, source, copies)


def _source(path: str, copy: Package) -> str:
    """Return the file that a comment names: `#requires/requirements.in/left` beside `requirements.txt`."""
    named = copy.place[len(path) :].removeprefix("#requires/").rpartition("/")[0]
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), named))


def _drift(side: Side, path: str, source: str, copies: list[Package]) -> Iterator[Drift]:
    locked = by_name(side.packages[path])
    asked = {package.name for package in side.packages[source]}
    for package in side.packages[source]:
        found = locked.get(package.name, [])
        if not found and certain(package) and package.stated_by == "manifest":
            yield told(path, package, None)
        elif all_outside(found, package):
            yield told(path, package, ", ".join(sorted({str(one.version) for one in found})))
    for copy in copies:
        if _source(path, copy) == source and copy.name not in asked:
            version = ", ".join(sorted({str(one.version) for one in locked.get(copy.name, [])}))
            yield Drift(path=path, name=copy.name, wanted=None, locked=version, at=copy.at)
