"""Prove the archives of locked packages, many at once, from caches or, where that is allowed, registries."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from fimci.chains.subject import Proof
from fimci.model import Package
from fimci.packages.releases import hashes
from fimci.registries.registry import Offered, TamperedError, UnobtainableError
from fimci.releases import metadata
from fimci.releases.obtain import INSTALLED, Sources, Wanted, alone, obtain, offers

#: Requests under way at once.
_AT_ONCE = 8
_ELSEWHERE = frozenset({"git", "file", "directory", "link", "workspace", "virtual", "bundled", "patch"})
_HASHES = ("sha256", "sha512")


def proofs(
    where: Sources,
    entries: Iterable[tuple[Package, frozenset[str]]],
    step: Callable[[str], None] | None,
) -> list[Proof]:
    """Return what is known of the archive of each entry, in their order; with the platforms it is to fit."""

    def one(asked: tuple[Package, frozenset[str]]) -> Proof:
        found = proof(where, *asked)
        if step is not None:
            step(f"{asked[0].name}@{asked[0].version}")
        return found

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(one, entries))


def proof(where: Sources, entry: Package, tags: frozenset[str]) -> Proof:
    """Obtain the archive of an entry, which must have the hash that is locked."""
    if entry.origin_kind in _ELSEWHERE:
        return Proof(why=f"comes from elsewhere than a registry ({entry.origin_kind})")
    wanted = wanted_of(entry)
    if not wanted.digests:
        return Proof(why="its lockfile has no hash of it")
    try:
        offered = _fitting(offers(where, wanted), tags)
        if offered is None:
            return Proof(why="no locked archive fits this platform: it was built here")
        found = obtain(where, wanted, offered)
    except TamperedError as error:
        return Proof(why=str(error), tampered=True)
    except UnobtainableError as error:
        return Proof(why=str(error))
    digests = {name: hashlib.new(name, found.data).hexdigest() for name in _HASHES}
    return Proof(found.name, found.source, digests, metadata.repositories(found))


def wanted_of(entry: Package) -> Wanted:
    """Return the release that an entry names."""
    version = str(entry.version).removeprefix(f"npm:{entry.name}@")
    return Wanted(entry.ecosystem, entry.name, version, hashes(entry))


def _fitting(found: list[Offered], tags: frozenset[str]) -> Offered | None:
    """Choose the wheel that was installed, by its platforms; without any, what most people install."""
    if not tags:
        return alone(found, INSTALLED)
    fitting = [(len(tags & _tags(one.name)), one) for one in found]
    best = max(fitting, key=lambda pair: pair[0], default=None)
    return best[1] if best is not None and best[0] else None


def _tags(file: str) -> frozenset[str]:
    try:
        return frozenset(map(str, parse_wheel_filename(file)[3]))
    except InvalidWheelFilename:
        return frozenset()
