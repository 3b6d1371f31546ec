"""Where words stand in bytes, and what stands around them: without regular expressions for each name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from fimci.readers.code.pure import Work

_LETTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")
_BLANKS = b" \t\r\n\\"
#: How often a text is read before its words are indexed; by how many bits bytes that are read for a word
#: are fewer turns of a loop than places that are looked at.
_READ_OVER, _SOUGHT_AT_ONCE, _A_PLACE = 50, 8, 2
_WORD = re.compile(rb"\w+")
_MEMBER = re.compile(rb"[\s\\]*\.[\s\\]*(\w+)")


def occurrences(data: bytes, word: bytes, start: int = 0, end: int | None = None) -> Iterator[int]:
    """Yield where a word stands by itself."""
    stop = len(data) if end is None else end
    size = len(word)
    position = data.find(word, start, stop)
    while position >= 0:
        if alone(data, position, size):
            yield position
        position = data.find(word, position + size, stop)


def alone(data: bytes, at: int, length: int) -> bool:
    """Tell whether a word stands by itself there."""
    after = at + length
    return (after >= len(data) or data[after] not in _LETTERS) and (not at or data[at - 1] not in _LETTERS)


class Words:
    """Where the words of a text stand: sought, or, in a text that was read many times over, by an index."""

    def __init__(self, data: bytes, work: Work) -> None:
        """Begin with no index."""
        self.data, self._work = data, work
        self._index: dict[bytes, list[int]] = {}
        self._read = 0

    def places(self, word: bytes) -> Iterator[int]:
        """Yield where a word stands by itself."""
        size = len(self.data)
        if _WORD.fullmatch(word) is None or self._read < _READ_OVER * size:
            self._read += size
            self._work.spend(size >> _SOUGHT_AT_ONCE)
            return self._counted(occurrences(self.data, word))
        if not self._index:
            self._work.spend(size)
            self._index = _indexed(self.data)
        return self._counted(iter(self._index.get(word, ())))

    def _counted(self, places: Iterator[int]) -> Iterator[int]:
        for position in places:
            self._work.spend(_A_PLACE)
            yield position


def _indexed(data: bytes) -> dict[bytes, list[int]]:
    found: dict[bytes, list[int]] = defaultdict(list)
    for match in _WORD.finditer(data):
        found[match[0]].append(match.start())
    return found


def is_member(data: bytes, position: int) -> bool:
    """Tell whether a dot stands before a word."""
    position -= 1
    while position >= 0 and data[position] in _BLANKS:
        position -= 1
    return position >= 0 and data[position] == ord(".") and data[max(position - 2, 0) : position] != b".."


def member_after(data: bytes, end: int) -> str:
    """Return the member that is asked for behind a word, empty where none is."""
    if end >= len(data) or data[end] not in b". \t\\\n":
        return ""
    found = _MEMBER.match(data, end, end + 200)
    return found[1].decode("ascii", "replace") if found is not None else ""


def next_byte(data: bytes, end: int) -> int:
    """Return what stands behind a word, blanks left out; a line end where nothing does."""
    while end < len(data) and data[end] in b" \t":
        end += 1
    return data[end] if end < len(data) else ord("\n")


def previous_byte(data: bytes, position: int) -> int:
    """Return what stands before a word, blanks left out."""
    position -= 1
    while position >= 0 and data[position] in b" \t":
        position -= 1
    return data[position] if position >= 0 else ord("\n")


def long_lines(data: bytes, length: int) -> Iterator[tuple[int, int]]:
    """Yield beginnings and ends of lines that are longer than this; short ones are skipped many at a time."""
    start, size = 0, len(data)
    while start + length < size:
        last = data.rfind(b"\n", start, start + length)
        if last >= 0:
            start = last + 1
            continue
        end = data.find(b"\n", start + length)
        end = size if end < 0 else end
        yield start, end
        start = end + 1
