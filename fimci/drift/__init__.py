"""Where one side contradicts itself: a manifest wants what its lockfile does not have.

Drift is derived from the records of one side before the sides are subtracted, so that a
contradiction which was there all along stays silent. One module per client; each is silent
where it is not sure, because a client decides in the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.drift import (
    bun,
    cargo,
    deno,
    go,
    npm,
    npm_beside,
    pnpm,
    python,
    requirements,
)
from fimci.drift.side import collect
from fimci.model import Drift, Record

_CLIENTS = (
    bun,
    cargo,
    deno,
    go,
    npm,
    npm_beside,
    pnpm,
    python,
    requirements,
)
#: Endings of the manifests and lockfiles whose `File` records tell that they are there.
NAMES = tuple(sorted({name for client in _CLIENTS for name in client.NAMES}))


def derive(records: Sequence[Record]) -> Iterator[Drift]:
    """Yield every requirement of a manifest that the lockfile beside it does not meet.

    A requirement is told once per lockfile, whatever the number of ways in which it is not met.
    """
    side = collect(records, NAMES, requirements.SUFFIXES)
    told = set()
    for client in _CLIENTS:
        for drift in client.derive(side):
            if drift.key not in told:
                yield drift
            told.add(drift.key)
