"""`Chart.yaml` against the `Chart.lock` beside it: charts that are asked for, and what was taken.

Helm refuses a lock that was made of another list; whoever edits one by hand makes the digest fit as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from fimci.drift.side import Side, beside, outside
from fimci.model import Drift, Package

PAIRS = {"Chart.lock": "Chart.yaml", "requirements.lock": "requirements.yaml"}
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
            if len(found) <= _MOST and all(outside(one, wanted) for one in found):
                versions = ", ".join(sorted(str(one.version) for one in found))
                yield Drift(
                    path=path,
                    name=wanted.name,
                    wanted=str(wanted.version or ""),
                    locked=versions or None,
                    at=wanted.at,
                )
