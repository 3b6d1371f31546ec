"""The names that most people mean: the most downloaded packages of a registry, on the day of a list.

The lists are resources beside this module, `popular-ECOSYSTEM.txt`, made by `tools/popular.py`, which
describes the form: comments that say when and from what it was made, the names that are worth
imitating, an empty line, and names that are known and no more.
"""

from __future__ import annotations

import functools
import os
from typing import NamedTuple

#: Ecosystems (package-URL types) that have a list.
LISTED = frozenset({"npm", "pypi"})


class Popular(NamedTuple):
    """What a list says. Both are empty for an ecosystem without one."""

    #: Names that an impostor would imitate.
    imitated: tuple[str, ...]
    #: These and the names after them in rank: whoever has such a name needs no other's.
    known: frozenset[str]


@functools.cache
def popular(ecosystem: str) -> Popular:
    """Read the list of an ecosystem, once and not before somebody asks: 3 ms for 10,000 names."""
    if ecosystem not in LISTED:
        return Popular((), frozenset())
    file = os.path.join(os.path.dirname(__file__), f"popular-{ecosystem}.txt")
    with open(file, encoding="ascii") as opened:
        lines = [line for line in opened.read().split("\n") if not line.startswith("#")]
    middle = lines.index("")
    return Popular(tuple(lines[:middle]), frozenset(filter(None, lines)))
