"""The change between any two sources, each taken in the form that the other can be held against."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import msgspec

from fimci import profiles, sides, verdict
from fimci.findings import Report
from fimci.look import Progress
from fimci.model import Advisory, Record
from fimci.policy import Policy
from fimci.rules import Against
from fimci.snapshot import Recipe, Snapshot
from fimci.sources.locator import Locator

if TYPE_CHECKING:
    from fimci.releases.obtain import Sources


def between(  # noqa: PLR0913  (the sides, the policy, and how to speak)
    left: Locator,
    right: Locator,
    policy: Policy,
    *,
    today: dt.date,
    listed: bool = False,
    progress: Progress | None = None,
    where: Callable[[], Sources] | None = None,
    known: Callable[[Iterable[Record]], list[Advisory]] | None = None,
) -> Report:
    """Judge what `right` brings beyond `left`; `listed` tells every change in the summary.

    `where` says where releases (`pkg:`) come from; without it there are none. `known` says what is known
    of packages.
    """
    how = _recipe(left, right, policy)
    releases = _releases([left, right], how, progress, where)
    old = releases.get(left) or _alike(sides.snapshot(left, how, progress), how)
    sizes = sides.sizes(old) if left.scheme == "baseline" else {}
    new = releases.get(right) or _alike(sides.snapshot(right, how, progress, sizes), how)
    notes = () if old.recipe == new.recipe else ("the two sides were taken by different recipes",)
    against: Against = "published" if left.scheme == right.scheme == "pkg" else "before"
    report = verdict.judge(
        old, new, policy, today=today, notes=notes, listed=listed, known=known, against=against
    )
    if right.scheme == "pkg" and where is not None:
        from fimci.releases import completed  # noqa: PLC0415  (most sources are at hand)

        return completed.completed(report, where(), right, policy, today)
    if right.scheme != "oci":
        return report
    from fimci import images  # noqa: PLC0415  (one kind of source)

    trees_ = images.judged(right, policy, today=today, progress=progress)
    before = images.judged(left, policy, today=today, progress=progress) if left.scheme == "oci" else []
    return images.brought(report, trees_, before)


def _releases(
    locators: list[Locator], how: Recipe, progress: Progress | None, where: Callable[[], Sources] | None
) -> dict[Locator, Snapshot]:
    """Take snapshots of the sides that are releases, to be read twice where both sides are the same one."""
    named = [one for one in dict.fromkeys(locators) if one.scheme == "pkg"]
    if not named or where is None:
        return {}
    from fimci.releases import take  # noqa: PLC0415  (most sources are at hand)

    found = take.named(where(), named)
    taken = (take.snapshot(one, str(name), how, progress) for name, one in zip(named, found, strict=True))
    return {
        name: msgspec.structs.replace(one, records=list(_alike(one, how).records))
        for name, one in zip(named, taken, strict=True)
    }


def _recipe(left: Locator, right: Locator, policy: Policy) -> Recipe:
    """Return how to take both sides: as a baseline among them was, and without what git lacks."""
    for side in (left, right):
        if side.scheme == "baseline":
            return sides.baseline(side.path).recipe
    if "ssh" in {left.scheme, right.scheme}:
        return sides.recipe(
            (".git/", *policy.ignore),
            directories="git" not in {left.scheme, right.scheme},
            profile=policy.profile,
            paths=policy.paths,
            named=True,
        )
    if "git" in {left.scheme, right.scheme}:
        return sides.recipe(
            (".git/", *policy.ignore), directories=False, paths=profiles.in_git(policy.paths), code=True
        )
    return sides.recipe((".git/", *policy.ignore), profile=policy.profile, paths=policy.paths, code=True)


def _alike(snapshot: Snapshot, how: Recipe) -> Snapshot:
    """Leave out folders where the recipe has none: git does not keep them."""
    if how.directories:
        return snapshot
    kept = (r for r in snapshot.records if getattr(r, "kind", None) != "directory")
    return msgspec.structs.replace(snapshot, records=kept)
