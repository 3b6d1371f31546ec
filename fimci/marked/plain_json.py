"""The regular part of JSON that package managers write, read row by row.

`plain` answers like `fimci.marked.json.loads`, value for value and line for line. What is outside the
regular part (keys with escapes, two members on a row, comments, a key that comes twice, …) is left to that
module, so nothing is guessed here: what this parser is not sure of it does not read.

Read are: a member on each row, with a text, what opens a table or list, or any value that ends on its row;
such a value is shown to the scanner of the standard library, by itself. What stands on one row has no lines:
it goes by its row.
"""

from __future__ import annotations

import re
from json.decoder import JSONDecoder
from typing import Any, NoReturn

from fimci.marked.document import Lines, Marked

_TEXT = r'"([^"\\\x00-\x1f]*)"'
#: A key, with a text or what opens a table or list or something else; a text; an end; something else.
_ROW = re.compile(rf"[ \t]*(?:{_TEXT}(?:: (?:{_TEXT}(,?)|([\[{{])|(.+))|(,?))|([\]}}],?)|(.*))(?:\n|\Z)")
#: Begins no row of JSON.
GAP = "\0"
#: Levels, and brackets of a row, beyond which the other parser's caps decide; digits, likewise.
_DEEP = 40
_DIGITS = 4000
_LONG = re.compile(rf"[0-9]{{{_DIGITS}}}")


class _NotPlain(Exception):  # noqa: N818  (it says what the text is; nothing went wrong)
    """The text is outside the regular part of JSON."""


def plain(text: str, *, relaxed: bool = False) -> Marked | None:
    """Parse a document in the regular part of JSON; `None` outside of it.

    Where it is `relaxed`, a comma may stand after the last member of what spans rows.
    """
    return None if GAP in text else with_gaps(text, relaxed=relaxed)


def with_gaps(text: str, *, relaxed: bool = False) -> Marked | None:
    """Parse the same text when parts of it were taken out: a row of `GAP` and a number stands for so many."""
    reading = _Reading(text.replace("\r\n", "\n") if "\r" in text else text, relaxed=relaxed)
    try:
        return reading.document()
    # A member without a key in a table, and one with a key in a list; what the library refuses.
    except (_NotPlain, AttributeError, TypeError, ValueError, StopIteration, RecursionError):
        return None


class _Reading:
    """The state of one reading: what is open, and the lines of what was read."""

    def __init__(self, text: str, *, relaxed: bool) -> None:
        self.text = text
        self.relaxed = relaxed
        #: Holds the document as its only item.
        self.root: list[Any] = []
        self.above: list[tuple[Any, list[int]]] = []
        self.marks: dict[int, Lines] = {}
        decoder: Any = JSONDecoder(object_pairs_hook=_table, parse_constant=_constant)
        self.scan = decoder.scan_once

    def document(self) -> Marked:
        here: Any = self.root
        lines: list[int] = []
        #: A comma where a member may come: behind the one before, or where there is none.
        more = ","
        # Few keys are new: the same string is kept once.
        same = dict[str, str]().setdefault
        number = 0
        for row in _ROW.finditer(self.text):
            number += 1
            key, value, follows, opening, other, end, closing, item = row.groups()
            if closing is not None:
                self.close(closing, here, lines, more)
                here, lines = self.above.pop()
                more = closing[1:]
                continue
            if end is not None:
                key, value, follows = None, key, end
            elif item and item[0] == GAP:
                number += int(item[1:]) - 1
                continue
            elif opening or other or item:
                value, follows = self.value(number, row)
            elif value is None:
                continue
            if not more or (key is not None and key in here):
                raise _NotPlain
            if key is None:
                here.append(value)
            else:
                here[same(key, key)] = value
            lines.append(number)
            more = follows
            if follows == "[":
                self.above.append((here, lines))
                here, lines, more = value, [], ","
        return self.whole(more)

    def whole(self, more: str) -> Marked:
        """Return the document, of which nothing may be open at the end."""
        if self.above or more or len(self.root) != 1:
            raise _NotPlain
        return Marked(self.root[0], self.marks, by_row=True)

    def value(self, number: int, row: re.Match[str]) -> tuple[Any, str]:
        """Return the value of a row, and the comma that follows it, if any; a bracket for what it opens."""
        found = row[4] or row[5] or row[8]
        if found in {"[", "{"}:
            if len(self.above) > _DEEP:
                raise _NotPlain
            return ([] if found == "[" else {}), "["
        if found.count("[") + found.count("{") > _DEEP or (len(found) > _DIGITS and _LONG.search(found)):
            raise _NotPlain
        begin, end = row.start(5 if row[5] else 8), row.end()
        value, last = self.scan(self.text, begin)
        rest = self.text[last:end].strip(" \t\n")
        # What has no lines goes by the first one, if there is nothing around it.
        if last > end or rest not in {"", ","} or (not self.above and number > 1):
            raise _NotPlain
        return value, rest

    def close(self, mark: str, here: Any, lines: list[int], more: str) -> None:
        """Check the end of a table or list, and keep its lines in little room."""
        if not self.above or (mark[0] == "}") is not isinstance(here, dict):
            raise _NotPlain
        if lines:
            if more and not self.relaxed:
                raise _NotPlain
            self.marks[id(here)] = Lines(here, lines, rising=True)


def _table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise _NotPlain
    return table


def _constant(word: str) -> NoReturn:
    """Refuse `NaN` and the like."""
    raise _NotPlain(word)
