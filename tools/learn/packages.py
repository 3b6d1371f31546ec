"""The packages whose releases are read, from packages.toml."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import tomli

PACKAGES = Path(__file__).with_name("packages.toml")
USES = ("learning", "held-out", "newest", "drawn")


class Wanted(NamedTuple):
    """A package, what for, and whether its source archives are wanted too."""

    use: str
    ecosystem: str
    package: str
    sdist: bool


def wanted() -> Iterator[Wanted]:
    """Yield the packages of the list: ecosystems in turn, so that half of it is a fair half."""
    lists = tomli.loads(PACKAGES.read_text(encoding="utf-8"))
    sources = set(lists["learning"]["sdists"])
    for use in USES:
        names = [(n, e) for e in ("npm", "pypi") for n in enumerate(lists[use][e])]
        for (_, name), ecosystem in sorted(names):
            yield Wanted(use, ecosystem, name, use == "learning" and ecosystem == "pypi" and name in sources)
