"""Artifacts as files, beside a manifest of what was built: both sides, and sentences about the manifest."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable

import msgspec

from fimci import sides
from fimci.attest.state import Demand
from fimci.built import Sides
from fimci.model import File, Record, Unread
from fimci.printable import listed
from fimci.sources.locator import Locator

_SHOWN = 5


def against(
    file: str,
    given: Iterable[File],
    wanted: Demand | None,
    source: Locator | None = None,
    *,
    whole: bool = False,
) -> Sides:
    """Hold artifacts against a manifest, which must be signed where that is demanded.

    `whole`: they are all that there is, so that what the manifest has beside them could not be looked at.
    Its commit must then be an ancestor of that of the source, or of the repository that the manifest is in.
    Raises `BaselineError` where it is not what is demanded.
    """
    vouched, notes = _vouched(file, wanted, source)
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
    if absent and not whole:
        notes.append(f"in the manifest and not given: {listed(absent, _SHOWN)}")
    missed = [Unread(path=name, why="is in the manifest and is not served") for name in absent if whole]
    return Sides(left, [*right, *missed], tuple(notes))


def _vouched(file: str, wanted: Demand | None, source: Locator | None) -> tuple[str | None, list[str]]:
    if wanted is None:
        return None, []
    from fimci import signed  # noqa: PLC0415  (few manifests are signed)

    state, who = signed.verified(file, wanted, dt.datetime.now(dt.timezone.utc))
    if source is not None and source.scheme == "git":
        ref = "HEAD" if source.ref.startswith(":") else source.ref  # index and worktree stand on the head
        unsure = signed.followed(state, source.path, "manifest", ref)
    else:
        unsure = signed.followed(state, os.path.dirname(file) or os.curdir, "manifest")
    notes = [f"the manifest is number {state.sequence}, signed by {who} at {state.created}"]
    return state.sha256, notes if unsure is None else [*notes, unsure]
