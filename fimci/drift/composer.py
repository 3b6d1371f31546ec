"""`composer.json` against the `composer.lock` beside it: the hash that Composer itself compares.

It covers what the lock is made of: requirements, repositories, stability and a few keys more. Composer
installs from a lock whose hash is another one, and only warns.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.drift.side import Side, beside
from fimci.model import Drift

MANIFEST, LOCK = "composer.json", "composer.lock"


def derive(side: Side) -> Iterator[Drift]:
    """Yield the drift of every lock of Composer that was made of another manifest."""
    for path in sorted(side.files):
        if path.rpartition("/")[2] != LOCK:
            continue
        made = side.settings.get(beside(path, MANIFEST), {}).get("lock-input.composer")
        said = side.settings.get(path, {}).get("content-hash")
        if made is not None and said is not None and made.value != said.value:
            yield Drift(path=path, name="content-hash", wanted=f"of {MANIFEST}", locked=None, at=said.at)
