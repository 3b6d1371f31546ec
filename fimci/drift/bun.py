"""`package.json` against `bun.lock`, workspaces included.

The lock holds a copy of every manifest, as npm's do, and is compared with them in the same way. What
differs is how it names places: `folder/left` is what the workspace (or package) of that name has for
itself.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from fimci.drift import npm
from fimci.drift.side import Side, beside
from fimci.model import Drift, Package

LOCK = "bun.lock"


def derive(side: Side) -> Iterator[Drift]:
    """Yield the drift of every lockfile of bun that has its manifest beside it."""
    for path in sorted(side.files):
        root = beside(path, npm.MANIFEST)
        if path.rpartition("/")[2] != LOCK or root not in side.files:
            continue
        lock = _lock(path, side.packages.get(path, []))
        overridden = any(
            name.startswith(("overrides.", "resolutions.")) for name in side.settings.get(root, ())
        )
        for folder in sorted({"", *lock.copies}):
            manifest = posixpath.normpath(
                beside(path, f"{folder}/{npm.MANIFEST}" if folder else npm.MANIFEST)
            )
            if manifest in side.files:
                wanted = npm.asked(side.packages.get(manifest, []))
                yield from npm.against(lock, folder, wanted, ranges=not overridden)


def _lock(path: str, packages: list[Package]) -> npm.Lock:
    """Return the lock with its entries where npm would have them."""
    lock = npm.lock_of(path, packages)
    homes = {
        location: str(entry.origin)
        for location, entry in lock.entries.items()
        if entry.origin_kind == "workspace" and isinstance(entry.origin, str)
    }
    entries = {}
    for location, entry in lock.entries.items():
        name = entry.alias or entry.name
        owner = location[: -len(name) - 1] if location.endswith(f"/{name}") else ""
        where = f"{homes[owner]}/node_modules/{name}" if owner in homes else f"node_modules/{location}"
        entries[where] = entry
    return npm.Lock(path, lock.copies, entries)
