"""Paths for programs: their exact bytes, percent-encoded.

The printable form of a path is for people. A program that wants to open the file, or to place
an alert on it, needs the bytes, and those may be no UTF-8.
"""

from __future__ import annotations

import re

#: All but what RFC 3986 calls unreserved, and the slash. (`urllib` costs more to import.)
_RESERVED = re.compile(rb"[^A-Za-z0-9._~/-]|\A/+")


def uri(path: str) -> str:
    """Return a path as a relative URI reference (RFC 3986): `a%20b/caf%C3%A9`, `%FF`.

    Decoding gives the path's bytes back. The root itself is `.`; a leading slash is encoded, so
    that no path reads as an absolute one or as a host.
    """
    try:
        data = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a surrogate pair, which no file system states
        data = path.encode("utf-8", "surrogatepass")
    return _RESERVED.sub(_encoded, data).decode() or "."


def _encoded(match: re.Match[bytes]) -> bytes:
    return b"".join(b"%%%02X" % byte for byte in match.group())
