"""`go.mod` against the `go.sum` beside it: a module that is required has the hash of its `go.mod` there.

Go refuses to build without that line. A module that is replaced by a folder has none.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.drift.side import Side, beside
from fimci.model import Drift

MANIFEST = "go.mod"
LOCK = "go.sum"


def derive(side: Side) -> Iterator[Drift]:
    """Yield the requirements of every `go.mod` of which the `go.sum` beside it has no hash."""
    for path in sorted(side.files):
        manifest = beside(path, MANIFEST)
        if path.rpartition("/")[2] != LOCK or manifest not in side.files:
            continue
        hashed: dict[str, set[str]] = {}
        for package in side.packages.get(path, []):
            hashed.setdefault(package.name, set()).add(str(package.version))
        replaced = {
            name.removeprefix("replace.").partition("@")[0]
            for name in side.settings.get(manifest, ())
            if name.startswith("replace.")
        }
        for package in side.packages.get(manifest, []):
            versions = hashed.get(package.name, set())
            if (
                package.stated_by == "lock"
                and package.name not in replaced
                and package.version not in versions
            ):
                yield Drift(
                    path=path,
                    name=package.name,
                    wanted=str(package.version),
                    locked=", ".join(sorted(versions)) or None,
                    at=package.at,
                )
