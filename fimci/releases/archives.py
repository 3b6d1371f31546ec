"""Get both sides of an update to hand, many at once: archives into the cache, and what registries say."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from fimci.model import Package
from fimci.packages.releases import hashes
from fimci.packages.upgrades import Upgrade
from fimci.registries import facts
from fimci.registries.facts import Facts
from fimci.registries.registry import Offered, TamperedError, UnobtainableError
from fimci.releases import siblings
from fimci.releases.obtain import (
    INSTALLED,
    Obtained,
    Sources,
    Wanted,
    alone,
    document,
    obtain,
    offers,
    together,
)

#: Requests under way at once.
_AT_ONCE = 8
#: Come from elsewhere than a registry, and are judged by where they come from.
_ELSEWHERE = frozenset({"git", "tarball", "file", "remote"})


class Archive(NamedTuple):
    """A file of a release that is at hand; `data` is empty where it is taken from a cache again."""

    wanted: Wanted
    offered: Offered
    source: str
    data: bytes = b""


class Ready(NamedTuple):
    """An update with what is at hand of it.

    `why` says why the new release is not, `missing` why the old one is not. `proven` is false where the
    registry has other bytes than are locked. `beside` are other files of the new release, of which `left`
    more are vouched for that are not at hand.
    """

    upgrade: Upgrade
    old: Archive | None = None
    new: Archive | None = None
    why: str = ""
    missing: str = ""
    proven: bool = True
    beside: tuple[Archive, ...] = ()
    left: int = 0
    facts: tuple[Facts, Facts] = (Facts(), Facts())


def ready(
    upgrades: Iterable[Upgrade],
    of: Callable[[Package], Sources],
    now: dt.datetime,
    step: Callable[[str], None] | None,
    most: int,
) -> list[Ready]:
    """Obtain all there is, in the order of the updates; `most` wheels beside the one that is installed."""
    every = list(upgrades)
    done = itertools.count(1)

    def one(upgrade: Upgrade) -> Ready:
        found = _ready(of(upgrade.after), upgrade, now, most)
        if step is not None:
            step(f"{upgrade.after.name}@{upgrade.after.version}, {next(done):,} of {len(every):,}")
        return found

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(one, every))


def _ready(where: Sources, upgrade: Upgrade, now: dt.datetime, most: int) -> Ready:
    after, before = upgrade.after, upgrade.before
    if after.origin_kind in _ELSEWHERE:
        return Ready(upgrade, why=f"comes from elsewhere than a registry ({after.origin_kind})")
    new = _wanted(after)
    try:
        news = offers(where, new)
        olds: list[Offered] = []
        missing = ""
        if before is not None:
            try:
                olds = offers(where, _wanted(before))
            except UnobtainableError as error:
                missing = str(error)
        old_file, new_file = together(olds, news, INSTALLED) if olds else (None, alone(news, INSTALLED))
        got = _archive(where, obtain(where, new, new_file), new_file)
    except TamperedError as error:
        return Ready(upgrade, why=str(error), proven=False)
    except UnobtainableError as error:
        return Ready(upgrade, why=str(error))
    had = None
    if before is not None and old_file is not None:
        try:
            had = _archive(where, obtain(where, _wanted(before), old_file), old_file)
        except UnobtainableError as error:
            missing = str(error)
    said = _facts(where, upgrade, [one.name for one in olds], [one.name for one in news], now)
    ready_ = Ready(upgrade, had, got, missing=missing, facts=said)
    return ready_ if new.ecosystem == "npm" else _accompanied(where, ready_, news, most)


def _accompanied(where: Sources, found: Ready, news: list[Offered], most: int) -> Ready:
    """Obtain files that are vouched for beside the one that is installed."""
    assert found.new is not None  # noqa: S101  (for the type checker: whoever calls has just obtained it)
    beside: list[Archive] = []
    proven = True
    for one in siblings.others(news, found.new.offered, most):
        try:
            beside.append(_archive(where, obtain(where, found.new.wanted, one), one))
        except TamperedError:
            proven = False
        except UnobtainableError:  # one more that is not at hand
            continue
    return found._replace(beside=tuple(beside), left=len(news) - 1 - len(beside), proven=proven)


def _archive(where: Sources, found: Obtained, offered: Offered) -> Archive:
    kept = where.kept.folder is not None
    return Archive(found.wanted, offered, found.source, b"" if kept else found.data)


def _wanted(package: Package) -> Wanted:
    return Wanted(package.ecosystem, package.name, str(package.version), hashes(package))


def _facts(
    where: Sources, upgrade: Upgrade, olds: list[str], news: list[str], now: dt.datetime
) -> tuple[Facts, Facts]:
    """Ask what the registry says of both releases; what it does not say is not known."""
    new = _wanted(upgrade.after)
    try:
        said = document(where, new)
    except UnobtainableError:
        return Facts(), Facts()
    if new.ecosystem == "pypi":
        return facts.pypi(said, olds, now), facts.pypi(said, news, now)
    old = str(upgrade.before.version) if upgrade.before is not None else ""
    return facts.npm(said, old, now), facts.npm(said, new.version, now)
