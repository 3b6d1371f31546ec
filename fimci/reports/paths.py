"""Paths for programs: their exact bytes, percent-encoded.

The printable form of a path is for people. A program that wants to open the file, or to place
an alert on it, needs the bytes, and those may be no UTF-8.
"""

from __future__ import annotations

#: Each byte as it is written: as itself where RFC 3986 calls it unreserved, and the slash.
#: (`urllib` costs more to import.)
_WRITTEN = tuple(
    chr(byte) if chr(byte).isascii() and (chr(byte).isalnum() or chr(byte) in "-._~/") else f"%{byte:02X}"
    for byte in range(256)
)


def uri(path: str) -> str:
    """Return a path as a relative URI reference (RFC 3986): `a%20b/caf%C3%A9`, `%FF`.

    Decoding gives the path's bytes back. The root itself is `.`; a leading slash is encoded, so
    that no path reads as an absolute one or as a host.
    """
    try:
        data = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a surrogate pair, which no file system states
        data = path.encode("utf-8", "surrogatepass")
    bare = data.lstrip(b"/")
    return "%2F" * (len(data) - len(bare)) + "".join([_WRITTEN[byte] for byte in bare]) or "."
