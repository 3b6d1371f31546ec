"""Which snapshots go through the cache of readings: those that read code, which alone takes time."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from fimci import readers
from fimci.snapshot import Recipe

if TYPE_CHECKING:
    from fimci.cache import Cache


def remembered(how: Recipe) -> Cache | None:
    """Return the cache for the readers of a recipe, if there is code to read and a cache to be had."""
    if how.readers != readers.CODE_VERSIONS:
        return None
    from fimci import cache  # noqa: PLC0415  (a baseline needs none)

    return cache.opened(how.readers, os.environ)
