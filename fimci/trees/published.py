"""What was published: files of archives that caches have, read into memory and taken apart under limits.

An archive is read once, hashed, and read on only if the hash is the one that vouches for it. Nothing of
it is unpacked.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from fimci.archives import magic, streams
from fimci.archives.bounds import LIMITS, Meter
from fimci.archives.member import Member
from fimci.archives.tar import members as tar_members
from fimci.archives.zip import members as zip_members
from fimci.model import Digest

#: Bytes of a packed archive: the largest of npm that was met has 60 MiB, of Python 200 MiB.
_PACKED = 512 << 20
_ALGORITHMS = frozenset({"sha512", "sha384", "sha256", "sha1", "md5", "blake2b"})
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class Published(NamedTuple):
    """One file as it was published; `mended` is its hash once its first line ends as on Unix."""

    path: str
    size: int
    hex: str
    mended: str = ""


class Artifact(NamedTuple):
    """What was found out about the archive of a package: its files, or why there are none.

    `why` is empty where no archive is at hand. `vouched`: the hash of the lockfile does it.
    """

    key: str
    files: tuple[Published, ...] | None
    why: str = ""
    vouched: bool = True


def whole(path: str, limit: int = _PACKED) -> bytes | None:
    """Read a regular file; `None` where there is none, or too large a one."""
    try:
        handle = os.open(path, _FLAGS)
    except (OSError, ValueError):
        return None
    with open(handle, "rb", buffering=0) as file:
        state = os.fstat(handle)
        if not stat.S_ISREG(state.st_mode) or state.st_size > limit:
            return None
        try:
            return file.read(state.st_size + 1)
        except OSError:
            return None


def has(data: bytes, digests: Iterable[Digest]) -> bool:
    """Tell whether a content has one of these hashes, whatever other algorithms there may be.

    `sha512-zip-10`, of later versions of yarn, is a sha512.
    """
    stated: dict[str, set[str]] = {}
    for digest in digests:
        stated.setdefault(digest.algorithm.partition("-")[0], set()).add(digest.hex)
    return any(
        hashlib.new(algorithm, data, usedforsecurity=False).hexdigest() in hexes
        for algorithm, hexes in stated.items()
        if algorithm in _ALGORITHMS
    )


def members(data: bytes) -> Iterator[Member]:
    """Yield the members of an archive under the limits of all archives. Raises `OSError`."""
    meter = Meter(LIMITS, len(data))
    file = io.BytesIO(data)
    if magic.kind(data[: 2 * magic.BLOCK]) == "zip":
        found = zip_members(file, meter)
    else:
        feed, _ = streams.unwrap(file, meter)
        found = tar_members(feed)
    for member in found:
        if isinstance(member, Member):
            meter.meet(member.name)
            yield member
