"""What installed packages require and nobody finds: an installation that is not whole."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from fimci.installed.node import locations
from fimci.installed.node.manifest import Manifest
from fimci.installed.node.matching import Lock, names
from fimci.model import Package


class Gap(NamedTuple):
    """What is required by whom, where it would be, and what the lock has of it."""

    name: str
    by: str
    place: str
    entry: Package


def gaps(
    lock: Lock, present: Collection[str], manifests: Mapping[str, Manifest], skip: Collection[str]
) -> Iterator[Gap]:
    """Yield what is required and locked but not there, once for each name.

    What is absent and required by nothing that is there was left out on purpose (another platform, an
    optional package, no development). `skip` are packages whose requirements count for nothing.
    """
    locked: dict[str, Package] = {}
    for entry in lock.packages:
        for name in names(entry):
            locked.setdefault(name, entry)
    told = set()
    for folder in sorted(manifests):
        for name in () if folder in skip else manifests[folder].needed:
            wanted = locked.get(name)
            if wanted is None or name in told or _found(name, folder, lock.project, present):
                continue
            told.add(name)
            yield Gap(name, folder, locations.above(folder, lock.project)[-1] + f"#{name}", wanted)


def _found(name: str, folder: str, project: str, present: Collection[str]) -> bool:
    return any(f"{around}/{name}" in present for around in locations.above(folder, project))
