"""`deno.json` and `package.json` against `deno.lock`.

The lock says which version each requirement was resolved to. That is held against the range it spells
itself: no client writes a version outside it. Which requirements a manifest has is not compared, since
deno rewrites them (`~5.4.0` becomes `5.4`) and adds those that it finds in the code.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.drift import node_ranges
from fimci.drift.side import Side
from fimci.model import Drift, Package

LOCK = "deno.lock"

_MOST = 1000


def derive(side: Side) -> Iterator[Drift]:
    """Yield what a lockfile resolved to something outside its own range."""
    for path in sorted(side.files):
        if path.rpartition("/")[2] != LOCK:
            continue
        mark = f"{path}#requires/specifiers/"
        specifiers = [one for one in side.packages.get(path, []) if one.place.startswith(mark)]
        for package in specifiers[:_MOST]:
            version = package.dependencies[0].rpartition("@")[2] if package.dependencies else ""
            if version and _outside(package, version):
                wanted = str(package.version)
                # Named as the lock does, apart from the requirement whose copy was edited with it.
                name = f"{package.ecosystem}:{package.name}"
                yield Drift(path=path, name=name, wanted=wanted, locked=version, at=package.at)


def _outside(package: Package, version: str) -> bool:
    text = package.version if isinstance(package.version, str) else ""
    return bool(text) and node_ranges.outside(version, text, prerelease=True)
