"""Where one side contradicts itself: a manifest wants what its lockfile does not have.

Drift is derived from the records of one side before the sides are subtracted, so that a
contradiction which was there all along stays silent. One module per ecosystem; each is silent
where it is not sure, because a client decides in the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.drift import npm, pnpm, python, yarn
from fimci.drift.side import collect
from fimci.model import Drift, Record

#: Endings of the manifests and lockfiles whose `File` records tell that they are there.
NAMES = (*npm.NAMES, *pnpm.NAMES, *python.NAMES, *yarn.NAMES)


def derive(records: Sequence[Record]) -> Iterator[Drift]:
    """Yield every requirement of a manifest that the lockfile beside it does not meet.

    A requirement is told once per lockfile, whatever the number of ways in which it is not met.
    """
    side = collect(records, NAMES)
    told = set()
    for drift in (*npm.derive(side), *pnpm.derive(side), *python.derive(side), *yarn.derive(side)):
        if drift.key not in told:
            yield drift
        told.add(drift.key)
