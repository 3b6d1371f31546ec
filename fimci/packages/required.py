"""What a release asks for that the one before did not, where its own metadata alone says so.

The metadata of a wheel stands in a folder that is named after the release, so that the old one has gone and
the new one is new: the two are held against each other by the name of the distribution. Each requirement
becomes what a manifest would state.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeGuard

from fimci.excerpts import excerpt
from fimci.model import Change, Package, Place, Record
from fimci.packages.graph import edge
from fimci.packages.releases import Name, known, named, stated

#: What the reader calls the line of a requirement, before its name.
_LINE = "requires "


def required(changes: Sequence[Change], before: Sequence[Record]) -> list[Change]:
    """Return new requirements of the distributions that were there, each once: nearest to the root first."""
    news = sorted((one for one in map(_after, changes) if one is not None), key=_depth)
    if not news:
        return []
    left = known(before)
    were: set[Name] = set()
    mentioned: set[Name] = set()
    for old in before:
        if _asks(old):
            were.add(named(old))
            mentioned |= _names(old)
        if isinstance(old, Package):
            mentioned.add(named(old))
    # A manifest that was there says it with the same words.
    mentioned |= {
        named(one.after) for one in changes if stated(one.after) and one.after.at.path in left.paths
    }
    asked = _asked((one for one in news if named(one) in were), mentioned)
    return [Change(before=None, after=one) for one in asked if not left.mentions(named(one))]


def _asked(news: Iterable[Package], taken: set[Name]) -> Iterator[Package]:
    for package in news:
        path = package.at.path
        for text in package.dependencies:
            name, wanted = edge(text)
            if (package.ecosystem, name) in taken:
                continue
            taken.add((package.ecosystem, name))
            yield Package(
                ecosystem=package.ecosystem,
                name=name,
                place=f"{path}#requires-dist/{name}",
                stated_by="manifest",
                version=wanted if wanted and "://" not in wanted else None,
                origin_kind="registry",
                at=Place(path, package.at.part(f"{_LINE}{name}"), excerpt(f"Requires-Dist: {name} {wanted}")),
            )


def _after(change: Change) -> Package | None:
    return change.after if _asks(change.after) and change.before != change.after else None


def _asks(record: Record | None) -> TypeGuard[Package]:
    """Tell whether this is what an artifact says of itself, beside its list of files and its commands."""
    return isinstance(record, Package) and record.stated_by == "artifact" and not record.owns


def _names(package: Package) -> set[Name]:
    return {(package.ecosystem, edge(text)[0]) for text in package.dependencies}


def _depth(package: Package) -> tuple[int, str]:
    return package.at.path.count("/"), package.at.path
