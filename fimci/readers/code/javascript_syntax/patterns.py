"""Regular expressions of decoders, as far as they match in time that grows with the text."""

from __future__ import annotations

import re

from fimci.readers.code.javascript_syntax.library import Pattern
from fimci.readers.code.pure import Stop

#: No group is repeated, and one part alone may vary in length.
_SAFE = re.compile(
    r"(?:\\[dwsDWSnrt.^$*+?()\[\]{}|\\/-]|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\[\^?(?:\\.|[^\]\\]){1,80}\]|[^\\*+?{}()\[\]]"
    r"|\{\d{1,2}\}|\((?:\?:)?|\)(?![*+?{]))*"
    r"(?:(?:[\w\s.%]|\\[dwsDWS]|\[\^?[^\]\\]{1,80}\])[*+](?:[^\\*+?{}()\[\]])*)?\Z"
)
_LONGEST_PATTERN = 200
#: What sets of Python may come to mean one day.
_RESERVED = ("[[", "--", "&&", "~~", "||")


def pattern(text: str, flags: str) -> Pattern:
    """Return a regular expression, if it is a harmless one."""
    if (
        len(text) > _LONGEST_PATTERN
        or not _SAFE.match(text)
        or set(flags) - set("gisu")
        or any(sign in text for sign in _RESERVED)
    ):
        raise Stop
    return Pattern(re.compile(text, re.IGNORECASE if "i" in flags else 0), "g" in flags)
