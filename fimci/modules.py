"""A `node_modules` as a source: its files, and the packages in it with the digest of each.

`node:DIR`: the folder of a project, or its `node_modules` itself, of any client. Nothing in it runs.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

import msgspec

from fimci import folder
from fimci.errors import SourceError
from fimci.installed.node.digest import digest
from fimci.installed.node.locations import where
from fimci.look import Progress, Sizes
from fimci.model import File, Package, Record
from fimci.snapshot import Recipe, Snapshot, collected

_MODULES = "node_modules"
_NO_SIZES: Sizes = {}


def snapshot(place: str, how: Recipe, progress: Progress | None, sizes: Sizes = _NO_SIZES) -> Snapshot:
    """Take a snapshot of the `node_modules` of a project. Raises `SourceError` if there is none."""
    project = os.path.dirname(os.path.abspath(place)) if _is_modules(place) else place
    if not os.path.isdir(os.path.join(project, _MODULES)):
        raise SourceError(f"{place} has no {_MODULES}", "name the folder of a project that is installed")
    records = folder.taken(project, how, progress, sizes, start=_MODULES).records
    return Snapshot(locator=f"node:{place}", recipe=how, records=collected(_digested(records)))


def _is_modules(place: str) -> bool:
    return os.path.basename(os.path.abspath(place)) == _MODULES


def _digested(records: Iterable[Record]) -> Iterator[Record]:
    """Yield records, the packages with the digest of their files."""
    files: dict[str, list[File]] = {}
    for record in records:  # files come first
        if isinstance(record, File) and record.kind != "directory":
            found = where(record.path, _MODULES)
            if found.kind == "package" and found.inner:
                files.setdefault(found.folder, []).append(record)
        if isinstance(record, Package) and record.stated_by == "disk" and record.owns:
            yield msgspec.structs.replace(record, tree=digest(record.owns[0], files.get(record.owns[0], ())))
        else:
            yield record
