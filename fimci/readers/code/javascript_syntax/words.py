"""Where words stand in bytes, found without a regular expression over all of them."""

from __future__ import annotations

import functools
import re
from array import array
from collections import defaultdict
from collections.abc import Iterator

from fimci.readers.code import sought

_WORD = frozenset(bytes([code]) for code in range(256) if chr(code).isalnum() or chr(code) in "_$")
_LETTERS = b"".join(map(re.escape, sorted(_WORD)))
_ANY = re.compile(b"[%b]+" % _LETTERS)
#: The word at the end of a text, also of `.run(` and of `['run'](`.
LAST = re.compile(rb"(?<![%b])([%b]+)(?=(?:['\"]\])?\(?\Z)" % (_LETTERS, _LETTERS))
_BEFORE = _WORD | {b"."}
_GLOBALS = (b"window.", b"self.", b"globalThis.", b"global.", b"window?.", b"globalThis?.")


def hits(data: bytes, word: bytes, start: int = 0, end: int | None = None) -> Iterator[int]:
    """Yield where bytes occur, as often as is looked at."""
    end = len(data) if end is None else end
    at, count = data.find(word, start, end), 0
    while at >= 0 and count < sought.MOST_HITS:
        yield at
        at, count = data.find(word, at + len(word), end), count + 1


def free(data: bytes, at: int, length: int) -> bool:
    """Tell whether a name stands by itself at an offset: not inside of another, not behind a single dot."""
    if data[at + length : at + length + 1] in _WORD:
        return False
    before = data[at - 1 : at] if at else b""
    return before not in _BEFORE or (before == b"." and data[max(0, at - 3) : at] == b"...")


def alone(data: bytes, name: bytes, start: int, end: int) -> Iterator[int]:
    """Yield where a name stands by itself, as `free` tells: for names that stand all over a text."""
    for found in _alone(name).finditer(data, start, end):
        if found.end() < end or data[end : end + 1] not in _WORD:  # a pattern does not look beyond the end
            yield found.start()


@functools.lru_cache(8192)
def _alone(name: bytes) -> re.Pattern[bytes]:
    """Begin with the name, which is sought in C, and look back from its end."""
    word = re.escape(name)
    before = rb"(?:(?<![.%b]%b)|(?<=\.\.\.%b))" % (_LETTERS, word, word)
    return re.compile(rb"%b(?![%b])%b" % (word, _LETTERS, before))


def index(data: bytes) -> dict[bytes, array[int]]:
    """Return where each word stands, alone or not: for texts in which many are sought."""
    found: defaultdict[bytes, array[int]] = defaultdict(_none)
    for match in _ANY.finditer(data):
        found[match[0]].append(match.start())
    return found


def _none() -> array[int]:
    return array("I")


def free_or_global(data: bytes, at: int, length: int) -> bool:
    """Tell the same, or whether it stands behind a global object (`window.fetch`)."""
    if free(data, at, length):
        return True
    return data[at + length : at + length + 1] not in _WORD and data[max(0, at - 12) : at].endswith(_GLOBALS)


def matches(data: bytes, word: bytes, pattern: re.Pattern[bytes]) -> Iterator[int]:
    """Yield where a pattern that begins with a word holds."""
    for at in hits(data, word):
        if pattern.match(data, at):
            yield at
