"""What is no archive, or not all of one: pages that ask for a password, and downloads that ended early.

Other bytes than are vouched for are grave, and these are none: nobody could install them.
"""

from __future__ import annotations

import zlib

_GZIP, _ZIP, _OTHERS = b"\x1f\x8b", b"PK\x03\x04", (b"BZh", b"\xfd7zXZ\x00")
_USTAR = slice(257, 262)
#: The end of the list of members, and how far from the end of a file it may begin.
_END, _TAIL = b"PK\x05\x06", (1 << 16) + 22
_CHUNK = 1 << 20


def fault(data: bytes) -> str:
    """Say why bytes are no whole archive; empty where they may be one."""
    if data.startswith(_GZIP):
        return "" if _is_whole(data) else "an archive that was cut"
    if data.startswith(_ZIP):
        return "" if _END in data[-_TAIL:] else "an archive that was cut"
    if data.startswith(_OTHERS) or data[_USTAR] == b"ustar":
        return ""
    return "something that is no archive" if data else "nothing at all"


def unpacked(data: bytes, limit: int) -> bytes:
    """Return what is in a stream of gzip; the stream itself where it is none, or holds more than a limit."""
    unpack = zlib.decompressobj(31)
    try:
        inner = unpack.decompress(data, limit)
    except zlib.error:
        return data
    return inner if unpack.eof else data


def _is_whole(data: bytes) -> bool:
    """Tell whether a stream of gzip has its end; what is damaged was not cut."""
    unpack = zlib.decompressobj(31)
    try:
        for start in range(0, len(data), _CHUNK):
            rest = data[start : start + _CHUNK]
            while rest and not unpack.eof:
                unpack.decompress(rest, _CHUNK)
                rest = unpack.unconsumed_tail
    except zlib.error:
        return True
    return unpack.eof
