"""What the lockfiles beside a tree state, read as any file of a folder is."""

from __future__ import annotations

from collections.abc import Iterable

from fimci import sides
from fimci.contents import Ground, entries, named
from fimci.model import Package, Record, Unread


def read(
    root: Ground, paths: Iterable[str], ecosystem: str
) -> tuple[tuple[Package, ...], tuple[Unread, ...]]:
    """Return the locked packages of an ecosystem, and what could not be read."""
    name = f"dir:{root}" if isinstance(root, str) else named(root)
    records: list[Record] = list(
        sides.taken(name, entries(root, paths), sides.recipe(directories=False)).records
    )
    locked = (r for r in records if isinstance(r, Package) and r.stated_by == "lock")
    packages = tuple(package for package in locked if package.ecosystem == ecosystem)
    return packages, tuple(record for record in records if isinstance(record, Unread))
