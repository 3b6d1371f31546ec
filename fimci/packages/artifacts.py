"""What the rules about artifacts have in common: which kind one is, and which oddity is whose.

The kind is said by the record of the release that the name of a file stands for: its first flag.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from fimci.model import Change, Package, Record, Setting

#: Caps of the source that a bomb runs into.
BOMB = frozenset({"bytes", "members", "ratio", "time"})
#: Names that unpackers write elsewhere, or not at all.
NAME = frozenset({"name"})
#: Members that are no plain files, and content that only some can read.
SPECIAL = frozenset({"encryption", "method", "sparse", "type"})
_PREFIX = "archive."


class Oddity(NamedTuple):
    """Something odd of an archive that is new: what part of it, and why."""

    change: Change
    part: str
    why: str


def release(before: Iterable[Record]) -> Package | None:
    """Return the release that the name of the artifact stands for."""
    return next((one for one in before if isinstance(one, Package) and one.stated_by == "artifact"), None)


def flags(before: Iterable[Record]) -> tuple[str, ...]:
    """Return the kind of artifact (`wheel`, `sdist`, `npm`, `archive`) and what else its name says of it."""
    found = release(before)
    return found.flags if found is not None else ()


def oddities(changes: Sequence[Change]) -> Iterator[Oddity]:
    """Yield what readers of the archive disagree about."""
    for change in changes:
        fact = change.after
        if change.added and isinstance(fact, Setting) and fact.name.startswith(_PREFIX):
            yield Oddity(change, fact.name.removeprefix(_PREFIX), fact.value)
