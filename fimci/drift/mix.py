"""`mix.exs` against the `mix.lock` beside it: what is written out in the one, and locked in the other.

A package that somebody else brought already is locked without a change, and a range that the lock meets is no
reason for one. What only some environments or systems ask for (`only: :dev`) is locked all the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.drift.side import Side, beside, outside
from fimci.model import Drift

MANIFEST, LOCK = "mix.exs", "mix.lock"


def derive(side: Side) -> Iterator[Drift]:
    """Yield the drift of every lock of Mix that has its project beside it."""
    for path in sorted(side.files):
        manifest = beside(path, MANIFEST)
        if path.rpartition("/")[2] != LOCK or manifest not in side.files:
            continue
        locked = {one.name: one for one in side.packages.get(path, ())}
        overridden = side.settings.get(manifest, {})
        for wanted in side.packages.get(manifest, ()):
            found = locked.get(wanted.name)
            if wanted.origin_kind != "registry" or f"overrides.{wanted.name}" in overridden:
                continue
            if found is None or outside(found, wanted):
                yield Drift(
                    path=path,
                    name=wanted.name,
                    wanted=str(wanted.version or ""),
                    locked=str(found.version) if found is not None else None,
                    at=wanted.at,
                )
