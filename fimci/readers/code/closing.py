"""Where a short call ends, told from the bytes: its parentheses are counted, those in texts, too."""

from __future__ import annotations

import re

_BEGINS = re.compile(rb"\s{0,80}\(")
_PARENTHESIS = re.compile(rb"[()]")
#: Bytes of a call that are looked at.
_LONG = 2_000


def closed(data: bytes, at: int) -> int:
    """Return where a call ends that begins with a parenthesis there, blanks left out; 0 for none."""
    begun = _BEGINS.match(data, at)
    depth = 0
    for found in _PARENTHESIS.finditer(data, at, at + _LONG) if begun is not None else ():
        depth += 1 if found[0] == b"(" else -1
        if not depth:
            return found.end()
    return 0
