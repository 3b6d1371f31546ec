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
        *(
            (word, rf"(?<=[.]){word}(?=\s*(?:\?\.|[.\[;,)\n|]))")
            for word in ("defaultView", "contentWindow", "ownerDocument", "contentDocument")
        ),
        ("JSON", r"(?<![\w$.])JSON(?=\s*\.\s*\w+\s*=[^=])"),
        ("fromCharCode", r"(?<=\.)fromCharCode(?![\w$])"),
        ("__require", r"(?<![\w$.])__require\d+"),
        # the last piece of a member that is put together: `x["constr" + "uctor"]`
        *((sign, rf"{re.escape(sign)}\w{{1,30}}{sign[0]}\s*\]") for sign in ('"+"', '" + "', "'+'", "' + '")),
        (
            "constructor",
            r"(?<=[.\"'`])constructor(?![\w$])(?!\s*(?:[=!]==?|&&|\.\s*(?:name|prototype)\b))",
        ),
    )
)


_SOUGHT = sought.sought((*_FREE, *(word for word, _ in _SHOWN)))


def seeds(data: bytes) -> Iterator[int]:
    """Yield where names of the outside world stand, some of each name in turn.

    A name that stands everywhere takes nothing away from those that stand once.
    """
    places = dict(sought.in_order(data, _SOUGHT))
    groups = [_free(data, word, places[word]) for word in _FREE if word in places]
    groups += [_matched(data, pattern, places[word]) for word, pattern in _SHOWN if word in places]
    if BROWSERIFY in data:
        groups.append(match.start() for match in SHORT.finditer(data))
    yield from sought.in_turn(groups)


def _free(data: bytes, word: bytes, places: list[int]) -> Iterator[int]:
    for at in places:
        if words.free_or_global(data, at, len(word)) and not data.startswith(_ORDINARY, at):
            yield at


def _matched(data: bytes, pattern: re.Pattern[bytes], places: list[int]) -> Iterator[int]:
    return (at for at in places if pattern.match(data, at))


#: Every build sets it, and nothing is in it.
_ORDINARY = b"process.env.NODE_ENV"
