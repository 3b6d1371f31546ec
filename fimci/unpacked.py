"""Packages that stand in a cache of pdm (`install.cache`), of which an environment has links alone.

pdm unpacks a wheel into `packages/WHEEL.whl.cache`, and puts a link to each of its files into environments,
symbolic ones or hard ones. The list that it writes there has no hashes (`sha256=`): those are in the list
that was unpacked. https://pdm-project.org/en/latest/usage/config/#cache-the-installation-of-wheels
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from fimci.contents import LIMIT, small
from fimci.model import Digest, File, Record, Unread
from fimci.snapshot import reason
from fimci.sources import directory

_UNPACKED = ".whl.cache"
_UNHASHED, _HASH = b",sha256=,", b",sha256="
#: Files of one folder that a link leads to, where a whole package is one link.
_MOST = 200_000


class Behind(NamedTuple):
    """Files of a cache by the paths of an environment that lead to them, and the links to whole folders."""

    files: dict[str, str]
    folders: list[str]


def behind(caches: Sequence[str], there: Mapping[str, File]) -> Behind:
    """Return the files of a cache that are behind links of an environment.

    A link counts if it leads to the file of its own path in an unpacked wheel, and nothing on the way there
    leads elsewhere. Where a whole folder is a link, its files are told by their paths behind it.
    """
    found = Behind({}, [])
    real = {cache: os.path.realpath(cache) for cache in caches}
    for path, file in there.items():
        target = file.target if file.kind == "link" and isinstance(file.target, str) else ""
        cache = next((one for one in caches if target.startswith(f"{one}/")), "")
        wheel, _, inner = target[len(cache) + 1 :].partition("/")
        if not cache or not wheel.endswith(_UNPACKED) or not f"/{path}".endswith(f"/{inner}"):
            continue
        if os.path.realpath(target) != os.path.normpath(real[cache] + target[len(cache) :]):
            continue
        if os.path.isdir(target):
            found.files.update(_below(target, path))
            found.folders.append(path)
        elif os.path.isfile(target):
            found.files[path] = target
    return found


def _below(folder: str, path: str) -> Iterator[tuple[str, str]]:
    """Yield the files of a folder of a cache, with the paths that they have behind a link to it."""
    for number, found in enumerate(directory.walk(folder)):
        if number < _MOST and not isinstance(found, Unread) and found.kind == "file":
            yield f"{path}/{found.path}", f"{folder}/{found.path}"


def files(links: Mapping[str, str]) -> Iterator[Record]:
    """Yield what is behind links, under their own paths."""
    for path, target in links.items():
        state, size = hashlib.sha256(), 0
        try:
            for chunk in directory.read(target):
                state.update(chunk)
                size += len(chunk)
        except OSError as error:  # one that changed meanwhile is one too
            yield Unread(path=path, why=reason(error))
        else:
            yield File(path=path, size=size, mode=None, digest=Digest("sha256", state.hexdigest()))


def lists(caches: Sequence[str], described: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the lists of pdm that have no hashes, with those of the wheels that are linked."""
    found: dict[str, bytes] = {}
    for path, data in described.items():
        info = path.removesuffix("/RECORD")
        of_pdm = described.get(f"{info}/INSTALLER", b"").startswith(b"pdm")
        if info == path or not of_pdm or _UNHASHED not in data:
            continue
        told = (restated(data, unpacked) for unpacked in _unpacked(caches, info.rpartition("/")[2]))
        best = min(told, key=lambda one: one.count(_UNHASHED), default=data)
        if best is not data:
            found[path] = best
    return found


def _unpacked(caches: Sequence[str], info: str) -> Iterator[bytes]:
    """Yield the lists of all wheels of one release that a cache has."""
    release = info.removesuffix(".dist-info")
    for cache in caches:
        try:
            names = sorted(os.listdir(cache))
        except OSError:
            continue
        for name in names:
            if name.startswith(f"{release}-") and name.endswith(_UNPACKED):
                data = small(os.path.join(cache, name, info), "RECORD", LIMIT)
                if data is not None:
                    yield data


def restated(listed: bytes, unpacked: bytes) -> bytes:
    """Return a list with the hashes of another, where that has a row of the same path and size."""
    known = {_row(line): line for line in unpacked.splitlines() if _HASH in line and _UNHASHED not in line}
    return b"\n".join(
        known.get(_row(line), line) if _UNHASHED in line else line for line in listed.splitlines()
    )


def _row(line: bytes) -> tuple[bytes, bytes]:
    path, _, rest = line.rpartition(_HASH)
    return path, rest.rpartition(b",")[2]
