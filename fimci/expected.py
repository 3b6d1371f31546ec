"""Artifacts as files, beside a manifest of what was built: both sides, and sentences about the manifest."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable

import msgspec

from fimci import sides
from fimci.built import Sides
from fimci.model import File, Record
from fimci.printable import listed

_SHOWN = 5


def against(file: str, given: Iterable[File], allowed: str | None, least: int) -> Sides:
    """Hold artifacts against a manifest, which must be signed where `allowed` names keys.

    Raises `BaselineError` where it is not what is demanded.
    """
    vouched, notes = _vouched(file, allowed, least)
    stated = {
        one.path.rpartition("/")[2]: one
        for one in sides.baseline(file, vouched).records
        if isinstance(one, File) and one.kind == "file"
    }
    right = list(given)
    left: list[Record] = [
        msgspec.structs.replace(stated[one.path], path=one.path, mode=None)
        for one in right
        if one.path in stated
    ]
    absent = sorted(stated.keys() - {one.path for one in right})
    if absent:
        notes.append(f"in the manifest and not given: {listed(absent, _SHOWN)}")
    return Sides(left, [*right], tuple(notes))


def _vouched(file: str, allowed: str | None, least: int) -> tuple[str | None, list[str]]:
    from fimci import signed  # noqa: PLC0415  (few manifests are signed)

    wanted = signed.demand(allowed, least, os.path.dirname(file) or ".")
    if wanted is None:
        return None, []
    state, who = signed.verified(file, wanted, dt.datetime.now(dt.timezone.utc))
    return state.sha256, [f"the manifest is number {state.sequence}, signed by {who} at {state.created}"]
