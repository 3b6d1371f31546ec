"""Where names of the outside world stand in a text: the places from which it is followed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.readers.code import sought
from fimci.readers.code.javascript_syntax import words
from fimci.readers.code.javascript_syntax.prefilter import BROWSERIFY, GLOBALS, SHORT

#: Names that only pass something on: they are looked at from where it goes.
PASSING_TEXT = (
    "Array Blob Buffer FormData JSON Object Promise Request String URL URLSearchParams btoa decodeURI "
    "decodeURIComponent encodeURI encodeURIComponent escape unescape structuredClone Image import"
)
PASSING = frozenset(PASSING_TEXT.split())
#: Names that are followed wherever they stand alone or behind a global object.
_FREE = tuple(
    name.encode()
    for name in (*sorted(GLOBALS - PASSING), "globalThis", "__require", "__non_webpack_require__")
)
_OBJECT = r"(?=\s*(?:\?\.)?\[|\s*[;,)\n])"
#: Words that are followed only where something shows that they matter.
_SHOWN: tuple[tuple[bytes, re.Pattern[bytes]], ...] = tuple(
    (word.encode(), re.compile(pattern.encode()))
    for word, pattern in (
        ("module", r"(?<![\w$.])module(?=\s*(?:\.\s*(?:require|constructor|parent|children|_)|\[|[;,)]))"),
        ("Buffer", r"(?<![\w$.])Buffer(?=\s*\.\s*from)"),
        ("Image", r"(?<![\w$.])Image(?=\s*\()"),
        ("import", r"(?<![\w$.])import(?=\s*[(.])"),
        ("this", r"(?<![\w$.])this(?=\s*\[)"),
        ("Reflect", r"(?<![\w$.])Reflect(?=\s*\.\s*(?:get|apply|construct))"),
        ("window", r"(?<![\w$.])window" + _OBJECT),
        ("global", r"(?<![\w$.])global" + _OBJECT),
        ("self", r"(?<![\w$.])self" + _OBJECT),
        ("JSON", r"(?<![\w$.])JSON(?=\s*\.\s*\w+\s*=[^=])"),
        ("fromCharCode", r"(?<=\.)fromCharCode(?![\w$])"),
        ("__require", r"(?<![\w$.])__require\d+"),
        (
            "constructor",
            r"(?<=[.\"'`])constructor(?![\w$])(?!\s*(?:[=!]==?|&&|\.\s*(?:name|prototype)\b))",
        ),
    )
)


_SOUGHT = sought.sought((*_FREE, *(word for word, _ in _SHOWN)))


def seeds(data: bytes) -> Iterator[int]:
    """Yield where names of the outside world stand, name by name."""
    places = dict(sought.in_order(data, _SOUGHT))
    for word in _FREE:
        for at in places.get(word, ()):
            if words.free_or_global(data, at, len(word)) and not data.startswith(_ORDINARY, at):
                yield at
    for word, pattern in _SHOWN:
        yield from (at for at in places.get(word, ()) if pattern.match(data, at))
    if BROWSERIFY in data:
        yield from (match.start() for match in SHORT.finditer(data))


#: Every build sets it, and nothing is in it.
_ORDINARY = b"process.env.NODE_ENV"
