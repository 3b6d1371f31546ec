"""`pubspec.yaml` against the `pubspec.lock` beside it.

Pub locks whatever a project asks for. Judged are packages of a server, in the words of pub; those that
something overrides are not, nor those of a workspace, whose lock is that of another folder.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.drift.side import Side, beside, outside
from fimci.model import Drift

MANIFEST, OVERRIDES, LOCK = "pubspec.yaml", "pubspec_overrides.yaml", "pubspec.lock"
_OVERRIDE = "overrides."


def derive(side: Side) -> Iterator[Drift]:
    """Yield the drift of every lock of pub that has its manifest beside it."""
    for path in sorted(side.files):
        manifest = beside(path, MANIFEST)
        if path.rpartition("/")[2] != LOCK or manifest not in side.files:
            continue
        said = {**side.settings.get(manifest, {}), **side.settings.get(beside(path, OVERRIDES), {})}
        locked = {one.name: one for one in side.packages.get(path, ()) if one.stated_by == "lock"}
        for wanted in side.packages.get(manifest, ()):
            found = locked.get(wanted.name)
            if wanted.origin_kind != "registry" or f"{_OVERRIDE}{wanted.name}" in said:
                continue
            if found is None or ("overridden" not in found.flags and outside(found, wanted)):
                yield Drift(
                    path=path,
                    name=wanted.name,
                    wanted=str(wanted.version or ""),
                    locked=str(found.version) if found is not None else None,
                    at=wanted.at,
                )
