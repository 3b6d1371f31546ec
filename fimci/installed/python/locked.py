"""What is locked, in the words in which a disk could say it.

The left side of a subtraction whose right side are the installed packages. Facts that a lockfile does not
state, or states in another form of the same meaning, are those of the disk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from fimci.model import UNSTATED, Digest, OriginKind, Package, Unstated

#: What installers bring along, whatever is locked.
TOOLS = frozenset({"pip", "setuptools", "wheel", "distribute"})
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?$")
_OWN: frozenset[OriginKind] = frozenset({"directory", "link", "workspace", "virtual"})


class Sides(NamedTuple):
    """What is locked, what is installed, and the locked names that are not installed."""

    left: tuple[Package, ...]
    right: tuple[Package, ...]
    absent: tuple[str, ...]


def sides(locked: Iterable[Package], installed: Iterable[Package], own: str, *, whole: bool) -> Sides:
    """Hold installed packages against locked ones.

    `own` is the name of the project, which no lockfile need have. `whole`: the lockfiles have every
    package that is to be there, so that what is not in them is told.
    """
    by_name: dict[str, list[Package]] = {}
    for package in locked:
        by_name.setdefault(package.name, []).append(package)
    disk = tuple(installed)
    left: list[Package] = []
    right: list[Package] = []
    for package in disk:
        choices = by_name.get(package.name)
        if choices:
            left.append(_as_disk(_nearest(choices, package), package))
            right.append(package)
        elif whole and package.name not in TOOLS and package.name != own and not _is_own(package):
            right.append(package)
    there = {package.name for package in disk}
    return Sides(tuple(left), tuple(right), tuple(sorted(by_name.keys() - there)))


def _nearest(choices: list[Package], installed: Package) -> Package:
    """Return the locked package of the installed version, where a name is locked in several."""
    return next((one for one in choices if one.version == installed.version), choices[0])


def _is_own(package: Package) -> bool:
    """Tell whether it is an editable folder: a member of a workspace, which lockfiles may leave out."""
    return "editable" in package.flags


def _as_disk(locked: Package, installed: Package) -> Package:
    """Return what the disk would say if it were as locked."""
    kind, origin = _origin(locked, installed)
    return msgspec.structs.replace(
        installed,
        version=_version(locked, installed),
        origin_kind=kind,
        origin=origin,
        integrity=_integrity(locked, installed),
        at=locked.at,
    )


def _version(locked: Package, installed: Package) -> str | Unstated | None:
    if not isinstance(locked.version, str) or not locked.version or locked.origin_kind in _OWN:
        return UNSTATED
    if not isinstance(installed.version, str):
        return locked.version
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415  (only where trees are judged)

    try:
        same = Version(locked.version) == Version(installed.version)
    except InvalidVersion:
        same = locked.version == installed.version
    return installed.version if same else locked.version


def _origin(locked: Package, installed: Package) -> tuple[OriginKind | Unstated, str | Unstated | None]:
    kind = locked.origin_kind
    if kind is UNSTATED or installed.origin_kind is UNSTATED:
        return UNSTATED, UNSTATED
    if kind in _OWN and installed.origin_kind in _OWN:
        return installed.origin_kind, installed.origin
    if kind == installed.origin_kind == "git":
        return kind, installed.origin if _same_commit(locked, installed) else locked.origin
    if kind in {"file", "tarball"} and installed.origin_kind in {"file", "tarball"}:
        same = kind == "file" or _bare(locked.origin) == _bare(installed.origin)
        return installed.origin_kind, installed.origin if same else locked.origin
    return kind, UNSTATED if kind == "registry" else locked.origin


def _same_commit(locked: Package, installed: Package) -> bool:
    """Tell whether two sources are one commit of one repository, however each is written."""
    if not isinstance(locked.origin, str) or not isinstance(installed.origin, str):
        return False
    old, new = _COMMIT.search(locked.origin), _COMMIT.search(installed.origin)
    return (
        old is not None
        and new is not None
        and old[0] == new[0]
        and _repository(locked.origin) == _repository(installed.origin)
    )


def _repository(origin: str) -> str:
    bare = (
        re.split(r"[?#]", origin, maxsplit=1)[0].removeprefix("git+").removesuffix("/").removesuffix(".git")
    )
    return re.sub(r"@[^/@]+$", "", bare).lower()


def _bare(origin: str | Unstated | None) -> str:
    return re.split(r"[?#]", origin, maxsplit=1)[0] if isinstance(origin, str) else ""


def _integrity(locked: Package, installed: Package) -> tuple[Digest, ...] | Unstated:
    """Return the hashes of the lock; those of the disk where the lock has one of them."""
    if locked.integrity is UNSTATED or installed.integrity is UNSTATED or not locked.integrity:
        return UNSTATED
    common = set(locked.integrity) & set(installed.integrity)
    return installed.integrity if common else locked.integrity


def whole(packages: Mapping[str, list[Package]]) -> bool:
    """Tell whether one of the lockfiles has every package: all do, but for requirements without hashes."""
    return any(
        not path.endswith((".txt", ".in")) or all(one.integrity for one in found)
        for path, found in packages.items()
    )


def by_file(packages: Iterable[Package]) -> dict[str, list[Package]]:
    """Group locked packages by the file that states them."""
    found: dict[str, list[Package]] = {}
    for package in packages:
        found.setdefault(package.at.path, []).append(package)
    return found
