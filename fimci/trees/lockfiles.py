"""What the lockfiles beside a tree state, read as any file of a folder is."""

from __future__ import annotations

from collections.abc import Collection

from fimci import sides
from fimci.contents import Ground, entries, kind, named
from fimci.model import Package, Record, Unread


def read(
    root: Ground, paths: Collection[str], ecosystem: str
) -> tuple[tuple[Package, ...], tuple[Unread, ...]]:
    """Return the locked packages of an ecosystem, and what could not be read.

    No link is followed. Where nothing else states anything, it is told that there is one: whoever puts it in
    the place of a lockfile shall not be rid of that.
    """
    name = f"dir:{root}" if isinstance(root, str) else named(root)
    records: list[Record] = list(
        sides.taken(name, entries(root, paths), sides.recipe(directories=False)).records
    )
    locked = (r for r in records if isinstance(r, Package) and r.stated_by == "lock")
    packages = tuple(package for package in locked if package.ecosystem == ecosystem)
    unread = [record for record in records if isinstance(record, Unread)]
    if not packages:
        links = (path for path in paths if kind(root, path) == "link")
        unread += (Unread(path=path, why="is a link, and not followed") for path in links)
    return packages, tuple(unread)
