"""Where one side contradicts itself: a manifest wants what its lockfile does not have.

Drift is derived from the records of one side before the sides are subtracted, so that a
contradiction which was there all along stays silent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.model import Drift, Record


def derive(records: Sequence[Record]) -> Iterator[Drift]:
    """Yield every requirement of a manifest that the lockfile beside it does not meet."""
    yield from ()
