"""Whether a version is among those that a record means, by the evaluation of the OSV schema.

Versions of Python are ordered by `packaging`, those of npm, Cargo, Go and GitHub Actions as Semantic
Versioning says. Of other ecosystems nothing but plain numbers are put in order: there, and wherever a version
cannot be read, the answer is that nobody knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TypeAlias

from packaging.version import InvalidVersion, Version

from fimci.advisories.osv import Affected, Range

_Order: TypeAlias = tuple[Any, ...] | Version
_SEMANTIC = frozenset({"npm", "cargo", "golang", "githubactions"})
_NUMBER = r"(0|[1-9][0-9]{0,17})"
_VERSION = re.compile(
    rf"[v=]?{_NUMBER}(?:\.{_NUMBER})?(?:\.{_NUMBER})?(?:-([0-9A-Za-z.-]{{1,200}}))?(?:\+[0-9A-Za-z.-]{{0,200}})?"
)
_NUMBERS = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,18}){0,20}")
#: A tag of an action that moves with its releases: the newest of that line is meant.
_MOVING = re.compile(r"v?([0-9]{1,9})(?:\.([0-9]{1,9}))?")
_ENDLESS = 10**18
#: At one version: what was mended before it is over, then what begins there, then what ends after it.
_RANKS = {"fixed": 0, "introduced": 1, "last_affected": 2}
_LONGEST = 256


def affects(one: Affected, ecosystem: str, version: str) -> bool | None:
    """Tell whether a version is meant; `None` where that cannot be told."""
    if len(version) > _LONGEST:
        return None
    versions = one.versions or ()
    here = _moving(version) if ecosystem == "githubactions" else None
    here = here or order(ecosystem, version)
    if version in versions or (here is not None and _listed(versions, ecosystem, here)):
        return True
    ranges = [each for each in one.ranges or () if each.type in {"SEMVER", "ECOSYSTEM"}]
    told = [within(each, ecosystem, here) for each in ranges]
    if True in told:
        return True
    if None in told or not (versions or ranges):
        return None
    return False


def within(one: Range, ecosystem: str, here: _Order | None) -> bool | None:
    """Tell whether a version is in a range; `None` where one of its events cannot be put in order."""
    events: list[tuple[_Order | None, int]] = []
    limits: list[str] = []
    for event in one.events:
        for kind, text in event.items():
            if kind == "limit":
                limits.append(text)
            elif kind in _RANKS:
                first = kind == "introduced" and text == "0"
                at = None if first else order(ecosystem, text)
                if at is None and not first:
                    return None
                events.append((at, _RANKS[kind]))
    if here is not None:
        meant = _met(events, here)
    elif all(at is None for at, _ in events):
        meant = bool(events)  # from the beginning and without an end: whatever a version is called
    else:
        return None
    return _limited(limits, ecosystem, here) if meant and limits else meant


def fixed(one: Affected, ecosystem: str, version: str) -> str:
    """Return the first version after this one in which the matter is mended; empty if none is named."""
    here = order(ecosystem, version)
    if here is None:
        return ""
    events = (event for each in one.ranges or () if each.type != "GIT" for event in each.events)
    named = [event["fixed"] for event in events if "fixed" in event]
    after = [(at, text) for text in named if (at := order(ecosystem, text)) is not None and _less(here, at)]
    return min(after, key=lambda found: found[0])[1] if after else ""


def order(ecosystem: str, text: str) -> _Order | None:
    """Return what a version is ordered by within its ecosystem; `None` where it has no order."""
    if len(text) > _LONGEST:
        return None
    if ecosystem == "pypi":
        try:
            return Version(text)
        except InvalidVersion:
            return None
    if ecosystem in _SEMANTIC:
        return _semantic(text)
    if not _NUMBERS.fullmatch(text):
        return None
    numbers = [int(part) for part in text.split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _moving(text: str) -> _Order | None:
    found = _MOVING.fullmatch(text)
    return (int(found[1]), int(found[2]) if found[2] else _ENDLESS, _ENDLESS, 1, ()) if found else None


def _semantic(text: str) -> _Order | None:
    found = _VERSION.fullmatch(text)
    if found is None:
        return None
    numbers = (int(found[1]), int(found[2] or 0), int(found[3] or 0))
    words = found[4].split(".") if found[4] else []
    # A version before a release is below it; numbers are below words, and fewer of them below more.
    pre = tuple((0, int(word), "") if word.isdecimal() else (1, 0, word) for word in words)
    return (*numbers, 0 if pre else 1, pre)


def _met(events: Iterable[tuple[_Order | None, int]], here: _Order) -> bool:
    meant = False
    for at, rank in sorted(events, key=_by_version):
        if at is None:
            meant = True
        elif rank == _RANKS["last_affected"]:
            meant = meant and not _less(at, here)
        elif not _less(here, at):
            meant = rank == _RANKS["introduced"]
    return meant


def _by_version(event: tuple[_Order | None, int]) -> tuple[bool, Any, int]:
    at, rank = event
    return (at is not None, at if at is not None else 0, rank)


def _limited(limits: Iterable[str], ecosystem: str, here: _Order | None) -> bool | None:
    """Tell whether a version is before one of the limits."""
    if "*" in limits:
        return True
    ends = [order(ecosystem, text) for text in limits]
    if here is None or None in ends:
        return None
    return any(end is not None and _less(here, end) for end in ends)


def _less(one: Any, other: Any) -> bool:
    return bool(one < other)


def _listed(versions: Iterable[str], ecosystem: str, here: _Order) -> bool:
    return any(order(ecosystem, text) == here for text in versions)
