"""Pickles by their names: of the first protocols, which have no mark, and compressed ones (`joblib`).

What they do is told as of all others (`pickled`).
"""

from __future__ import annotations

import bz2
import lzma
import re
import zlib
from collections.abc import Iterator

from fimci.model import Capability
from fimci.readers.binary import opcodes, pickled

#: Bytes that are taken out of a compressed one.
_LIMIT = 64 << 20
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
_GZIP, _BZIP2, _XZ = b"\x1f\x8b", b"BZh", b"\xfd7zXZ"


def wants(path: str, head: bytes) -> bool:
    """Want what has a pickle's name and is none of those that say so; an archive of torch is none itself."""
    others = (*pickled.BEGINS, b"PK", b"version https://git-lfs")
    return bool(head) and not head.startswith(others) and path.endswith(pickled.NAMED)


def read(path: str, data: bytes) -> Iterator[Capability]:
    """Yield what loading it does; what begins like no pickle is something else of that name."""
    unpacked = _unpacked(data)
    begins = unpacked is not data or opcodes.begins(data, 0)
    for found in pickled.records(path, unpacked, sure=True):
        if begins or found.name != "unanalyzed":
            yield found


def _unpacked(data: bytes) -> bytes:
    """Take off one compression, as much of it as there is."""
    try:
        if _ZLIB.match(data):
            return zlib.decompressobj().decompress(data, _LIMIT)
        if data.startswith(_GZIP):
            return zlib.decompressobj(31).decompress(data, _LIMIT)
        if data.startswith(_BZIP2):
            return bz2.BZ2Decompressor().decompress(data, _LIMIT)
        if data.startswith(_XZ):
            return lzma.LZMADecompressor(memlimit=_LIMIT * 4).decompress(data, _LIMIT)
    except (zlib.error, OSError, lzma.LZMAError, EOFError):
        return data
    return data
