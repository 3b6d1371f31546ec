"""What pnpm's store says of the files of a package: an index in JSON, with a hash for each.

The index is made when the archive is unpacked and the archive is thrown away: no hash of a lockfile vouches
for it. It tells what was edited through a hard link, and not what was done by whoever can write the store.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, NamedTuple

import msgspec

#: That of the hashes in the index.
ALGORITHM = "sha512"
_SHA512 = f"{ALGORITHM}-"


class Indexed(NamedTuple):
    """A file of the index: its path, its size in bytes, and its sha512 in hex."""

    path: str
    size: int
    hex: str


def parse(data: bytes) -> tuple[Indexed, ...] | None:
    """Read an index; `None` where it is none, or names a file without a hash."""
    try:
        files = msgspec.json.decode(data)["files"].items()
        found = tuple(_indexed(path, facts) for path, facts in files)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, KeyError, TypeError, AttributeError):
        return None
    return None if None in found else tuple(one for one in found if one is not None)


def _indexed(path: str, facts: Any) -> Indexed | None:
    integrity, size = facts.get("integrity"), facts.get("size")
    if not isinstance(integrity, str) or not integrity.startswith(_SHA512) or not isinstance(size, int):
        return None
    try:
        return Indexed(path, size, base64.b64decode(integrity[len(_SHA512) :], validate=True).hex())
    except binascii.Error:
        return None
