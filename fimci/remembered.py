"""Which snapshots go through the cache of readings: those that read code, which alone takes time."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

import fimci
from fimci import readers
from fimci.look import lasts
from fimci.model import Record
from fimci.snapshot import Recipe

if TYPE_CHECKING:
    from fimci.cache import Cache


def remembered(how: Recipe) -> Cache | None:
    """Return the cache for the readers of a recipe, if there is code to read and a cache to be had."""
    if how.readers != readers.CODE_VERSIONS:
        return None
    from fimci import cache  # noqa: PLC0415  (a baseline needs none)

    return cache.opened(how.readers, os.environ)


def whole(
    data: bytes, path: str, how: Recipe, seen_as: str, look: Callable[[], list[Record]]
) -> list[Record]:
    """Return what an archive holds, remembered by the digest of all its bytes, else as `look` says.

    `seen_as` stands for whatever else `look` depends on: the same bytes may be looked at in two ways.
    Nothing that another day might say otherwise is remembered: what took too long, or a reader that failed.
    """
    cache = remembered(how)
    if cache is None:
        return look()
    digest = hashlib.sha256(data).hexdigest()
    asked = _asked(os.path.basename(path).lower(), how, seen_as)
    known = cache.get(asked, digest)
    if known is None:
        known = look()
        if all(lasts(record) for record in known):
            cache.put(asked, digest, known)
            cache.flush()
    return known


def _asked(name: str, how: Recipe, seen_as: str) -> str:
    """Return what stands for all but the bytes that records depend on. No path of a file has a NUL in it."""
    from fimci.archives.bounds import FORM  # noqa: PLC0415  (where there is an archive)

    recipe = hashlib.sha256(msgspec.json.encode(how)).hexdigest()
    return "\0".join(("archive", fimci.__version__, str(FORM), recipe, seen_as, name))
