"""`Chart.yaml` against the `Chart.lock` beside it: charts that are asked for, and what was taken.

Helm refuses a lock that was made of another list; whoever edits one by hand makes the digest fit as well.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from fimci.drift.side import Side, beside
from fimci.model import Drift, Package

PAIRS = {"Chart.lock": "Chart.yaml", "requirements.lock": "requirements.yaml"}
_LONGEST = 100
#: What nodesemver reads as it is meant; what it does not know, it would skip.
_WORD = re.compile(r"[\^~<>=]{0,2}v?[\dxX*][\w.*+-]*|\|\||-", re.ASCII)
_GAP = re.compile(r"([<>=^~])\s+")
#: Charts of one name that are held against each other.
_MOST = 20


def derive(side: Side) -> Iterator[Drift]:
    """Yield the drift of every lock of Helm that has its chart beside it."""
    for path in sorted(side.files):
        name = path.rpartition("/")[2]
        locked: dict[str, list[Package]] = defaultdict(list)
        for package in side.packages.get(path, ()) if name in PAIRS else ():
            if package.stated_by == "lock" and package.ecosystem == "helm":
                locked[package.name].append(package)
        for wanted in side.packages.get(beside(path, PAIRS[name]), ()) if locked else ():
            found = locked.get(wanted.name, [])
            if len(found) <= _MOST and all(_outside(one, wanted) for one in found):
                versions = ", ".join(sorted(str(one.version) for one in found))
                yield Drift(
                    path=path,
                    name=wanted.name,
                    wanted=str(wanted.version or ""),
                    locked=versions or None,
                    at=wanted.at,
                )


def _outside(locked: Package, wanted: Package) -> bool:
    """Tell whether a locked version is surely outside what is wanted."""
    version, asked = locked.version, wanted.version
    if not isinstance(version, str) or not isinstance(asked, str) or max(len(version), len(asked)) > _LONGEST:
        return False
    import nodesemver  # type: ignore[import-untyped]  # noqa: PLC0415  (only where a lock is judged)

    words = _GAP.sub(r"\1", asked.replace(",", " "))
    if not all(map(_WORD.fullmatch, words.split())):
        return False
    try:
        if nodesemver.valid_range(words, loose=True) is None or nodesemver.valid(version, loose=True) is None:
            return False
        return not nodesemver.satisfies(version, words, loose=True, include_prerelease=True)
    except ValueError:
        return False
