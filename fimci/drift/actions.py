"""Workflows against `actions.lock` beside them: what they use at a tag or branch is locked at a commit.

A use that the lock does not have runs whatever its tag names at that moment, as it would without a lock.
What is used at a commit needs no lock.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from fimci.drift.side import Side, beside
from fimci.model import Drift, Package

LOCK = "actions.lock"
_COMMIT = re.compile(r"[0-9a-fA-F]{40}(?:[0-9a-fA-F]{24})?")


def derive(side: Side) -> Iterator[Drift]:
    """Yield the uses of workflows at refs that the lock in their folder does not have."""
    locked: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for path in side.files:
        if path.rpartition("/")[2] == LOCK:
            for package in side.packages.get(path, []):
                locked[path][package.name.lower()].append(str(package.version))
    for path in sorted(side.packages):
        lock = beside(path, LOCK)
        if lock in locked:
            yield from (
                _drift(lock, use, locked[lock]) for use in side.packages[path] if _open(use, locked[lock])
            )


def _open(use: Package, locked: dict[str, list[str]]) -> bool:
    if use.ecosystem != "githubactions" or use.stated_by != "manifest" or use.origin_kind != "git":
        return False
    ref = use.version if isinstance(use.version, str) else ""
    return not _COMMIT.fullmatch(ref) and ref not in locked.get(_repository(use), ())


def _drift(lock: str, use: Package, locked: dict[str, list[str]]) -> Drift:
    refs = ", ".join(sorted(locked.get(_repository(use), ())))
    return Drift(path=lock, name=use.name, wanted=str(use.version or ""), locked=refs or None, at=use.at)


def _repository(use: Package) -> str:
    """Return `owner/repo` of an action, which may be in a folder of its repository."""
    return "/".join(use.name.lower().split("/")[:2])
