"""Get both sides of an update to hand, many at once: archives into the cache, and what registries say."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeAlias

from fimci.model import Package
from fimci.packages.releases import hashes
from fimci.packages.upgrades import Upgrade
from fimci.registries import facts
from fimci.registries.facts import Facts
from fimci.registries.registry import Offered, TamperedError, UnobtainableError
from fimci.releases import siblings, vouched
from fimci.releases.obtain import (
    INSTALLED,
    Obtained,
    Sources,
    Wanted,
    alone,
    document,
    is_home,
    obtain,
    offers,
    together,
)
from fimci.releases.vouched import Judge

#: Requests under way at once.
_AT_ONCE = 8
#: Come from elsewhere than a registry, and are judged by where they come from.
_ELSEWHERE = frozenset({"git", "tarball", "file", "remote"})


#: As `vouched.built` returns it; `None` where nobody knows.
_Built: TypeAlias = "tuple[str, ...] | str | None"


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
    more are vouched for that are not at hand. `waits` is the least age, in hours. `built` are the jobs that
    built both releases, a text says why the evidence of one does not hold.
    """

    upgrade: Upgrade
    old: Archive | None = None
    new: Archive | None = None
    why: str = ""
    missing: str = ""
    proven: bool = True
    beside: tuple[Archive, ...] = ()
    left: int = 0
    waits: int = 0
    built: tuple[_Built, _Built] = (None, None)
    facts: tuple[Facts, Facts] = (Facts(), Facts())


class Asked(NamedTuple):
    """What decides what is asked beside both archives.

    The time of the run, how many wheels are held against the one that is installed, what judges evidence, and
    how many days a release has to be old.
    """

    now: dt.datetime
    most: int
    judge: Judge
    cooldown: int = 0


def ready(
    upgrades: Iterable[Upgrade],
    of: Callable[[Package], Sources],
    asked: Asked,
    step: Callable[[str], None] | None,
) -> list[Ready]:
    """Obtain all there is, in the order of the updates."""
    every = list(upgrades)
    done = itertools.count(1)

    def one(upgrade: Upgrade) -> Ready:
        found = _ready(of(upgrade.after), upgrade, asked)._replace(waits=24 * asked.cooldown)
        if step is not None:
            step(f"{upgrade.after.name}@{upgrade.after.version}, {next(done):,} of {len(every):,}")
        return found

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(one, every))


def _ready(where: Sources, upgrade: Upgrade, asked: Asked) -> Ready:
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
        got = obtain(where, new, new_file)
    except TamperedError as error:
        return Ready(upgrade, why=str(error), proven=False)
    except UnobtainableError as error:
        said = _facts(where, upgrade, [], [], asked.now) if error.gone else (Facts(), Facts())
        return Ready(upgrade, why=str(error), facts=said)
    had = None
    if before is not None and old_file is not None:
        try:
            had = obtain(where, _wanted(before), old_file)
        except UnobtainableError as error:
            missing = str(error)
    said = _facts(where, upgrade, [one.name for one in olds], [one.name for one in news], asked.now)
    kept = _archive(where, had, old_file) if had is not None and old_file is not None else None
    ready_ = Ready(upgrade, kept, _archive(where, got, new_file), missing=missing, facts=said)
    if had is not None and old_file is not None and all(one.provenance is True for one in said):
        both = (_built(where, had, old_file, asked.judge), _built(where, got, new_file, asked.judge))
        ready_ = ready_._replace(built=both)
    return ready_ if new.ecosystem == "npm" else _accompanied(where, ready_, news, asked.most)


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


def _built(where: Sources, found: Obtained, offered: Offered, judge: Judge) -> _Built:
    try:
        return vouched.built(where, found, offered, judge)
    except UnobtainableError:
        return None


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
    except UnobtainableError as error:
        is_removed = error.gone and is_home(where, upgrade.after)
        return Facts(), Facts(removed="package") if is_removed else Facts()
    old = str(upgrade.before.version) if upgrade.before is not None else ""
    if new.ecosystem == "pypi":
        had = facts.pypi(said, olds, now) if olds else Facts()
        return had, facts.pypi(said, news, now, new.version)
    return facts.npm(said, old, now), facts.npm(said, new.version, now)
