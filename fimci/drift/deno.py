"""`deno.json` and `package.json` against `deno.lock`.

The lock says which version each requirement was resolved to. That is held against the range it spells
itself: no client writes a version outside it. Which requirements a manifest has is not compared, since
deno rewrites them (`~5.4.0` becomes `5.4`) and adds those that it finds in the code.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.drift.side import Side
from fimci.model import Drift, Package

LOCK = "deno.lock"

_LONGEST = 100
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
    if not text or max(len(text), len(version)) > _LONGEST:
        return False
    import nodesemver  # type: ignore[import-untyped]  # noqa: PLC0415  (only where a lock is judged)

    try:
        if nodesemver.valid_range(text, loose=True) is None:
            return False
        return not nodesemver.satisfies(version, text, loose=True, include_prerelease=True)
    except ValueError:
        return False
