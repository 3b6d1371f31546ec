"""The regular part of TOML that package managers write, read row by row.

`load` answers like `fimci.marked.toml.load`, value for value and line for line. What is outside the
regular part (dotted keys, texts over several rows, a table opened twice, …) is left to that module,
so nothing is guessed here: what this parser is not sure of it does not read.

Read are: comments on rows of their own, headers of bare keys, and rows of a key and a value. A value
is a text, a number, a word, an inline table, or a list with one item a row; any other that ends on its
row is shown to `tomli`, by itself.
"""

from __future__ import annotations

import re
from sys import intern
from typing import Any

from fimci.marked.document import Lines, Marked, rows

#: Begins no row of TOML.
GAP = "\0"
#: All but control characters, of which TOML has the tab and the ends of rows alone.
_ALLOWED = bytes({*range(256)} - {*range(0x20)} - {0x7F} | {*b"\t\n"})
_BARE = r"[A-Za-z0-9_-]+"
_HEADER = re.compile(rf"(?:\[({_BARE}(?:\.{_BARE})*)\]|\[\[({_BARE}(?:\.{_BARE})*)\]\])")
_PAIR = re.compile(rf'(?:({_BARE})|"([^"\\]+)") = (?:"([^"\\]*)"|(\[)|(.+))')
_MEMBER_OF = rf'({_BARE}) = (?:"([^"\\]*)"|([1-9][0-9]{{0,14}}))'
#: An inline table of up to four members, as files are listed.
_FILE = re.compile(rf" *\{{ ?{_MEMBER_OF}(?:, {_MEMBER_OF})?(?:, {_MEMBER_OF})?(?:, {_MEMBER_OF})? ?\}}(,?)")
_ITEM = re.compile(r' *(?:"([^"\\]*)"|(\{.*\})|(.*?))(,?)')
_INSIDE = rf'{_BARE} = (?:"[^"\\]*"|[1-9][0-9]{{0,14}})'
_INLINE = re.compile(rf"\{{ ?{_INSIDE}(?:, {_INSIDE})* ?\}}")
_MEMBER = re.compile(rf'({_BARE}) = (?:"([^"\\]*)"|([0-9]+))')
_LIST = re.compile(r'\[(?:"[^"\\]*"(?:, "[^"\\]*")*)?\]')
_NUMBER = re.compile(r"[1-9][0-9]{0,14}")
_WORDS = {"true": True, "false": False}
#: Digits of a number, and brackets, beyond which the other parser's caps decide.
_LONG = re.compile(r"[0-9a-fA-F_]{400}")
_MANY = 40


class _NotPlain(Exception):  # noqa: N818  (it says what the text is; nothing went wrong)
    """The text is outside the regular part of TOML."""


def load(data: bytes) -> Marked:
    """Parse TOML text, regular or not. Raises `Malformed`, with the line."""
    document = plain(data)
    if document is not None:
        return document
    from fimci.marked import toml  # noqa: PLC0415  (where it is needed)

    return toml.load(data)


def plain(data: bytes) -> Marked | None:
    """Parse a document in the regular part of TOML; `None` outside of it. Raises `Malformed`."""
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    return None if data.translate(None, _ALLOWED) else with_gaps(data)


def with_gaps(data: bytes) -> Marked | None:
    """Parse the same text when parts of it were taken out: a row of `GAP` and a number stands for so many."""
    try:
        return _Reading(data).document()
    except _NotPlain:
        return None


class _Reading:
    """The state of one reading: the row, the document, and the lines of what is in it.

    What headers opened has lines, and what stands on one row has none: it goes by its row.
    """

    def __init__(self, data: bytes) -> None:
        self.rows = rows(data)
        self.number = 0
        self.value: dict[str, Any] = {}
        self.marks: dict[int, Lines] = {}

    def document(self) -> Marked:
        table = self.value
        lines: list[int] = []
        match = _PAIR.fullmatch
        for row in self.rows:
            self.number += 1
            found = match(row)
            if found is not None:
                bare, quoted, word, opening, other = found.groups()
                key = intern(bare or quoted)
                if key in table:
                    raise _NotPlain
                lines.append(self.number)
                if word is not None:
                    table[key] = word
                else:
                    table[key] = self.items() if opening else _value(other)
            elif row and row[0] == "[":
                self.marks[id(table)] = Lines(table, lines, rising=True)
                table = self.header(row)
                lines = []
            elif row and row[0] == GAP:
                self.number += int(row[1:]) - 1
            elif row and row[0] != "#":
                raise _NotPlain
        self.marks[id(table)] = Lines(table, lines, rising=True)
        return Marked(self.value, self.marks, by_row=True)

    def header(self, row: str) -> dict[str, Any]:
        """Open the table that a header names."""
        found = _HEADER.fullmatch(row)
        if found is None:
            raise _NotPlain
        *path, last = found[found.lastindex or 1].split(".")
        here = self.value
        for key in path:
            here = self.inner(here, intern(key))
        last = intern(last)
        there: dict[str, Any] = {}
        if found[1]:
            self.put(here, last, there)
            return there
        listed: Any = here.get(last)
        if last not in here:
            listed = []
            self.put(here, last, listed)
            self.marks[id(listed)] = Lines(listed)
        # What stands in a list of rows has no lines, and no header adds to it.
        elif not isinstance(listed, list) or not listed or id(listed[-1]) not in self.marks:
            raise _NotPlain
        self.marks[id(listed)].add(self.number)
        listed.append(there)
        return there

    def inner(self, here: dict[str, Any], key: str) -> dict[str, Any]:
        """Return the table that a part of a header leads to: of a list, the last one."""
        if key not in here:
            self.put(here, key, {})
            self.marks[id(here[key])] = Lines(here[key])
        there = here[key]
        if isinstance(there, list) and there:
            there = there[-1]
        if not isinstance(there, dict) or id(there) not in self.marks:
            raise _NotPlain
        return there

    def put(self, here: dict[str, Any], key: str, value: Any) -> None:
        if key in here:
            raise _NotPlain
        self.marks[id(here)].add(self.number)
        here[key] = value

    def items(self) -> list[Any]:
        """Read a list that has an item on each row."""
        value: list[Any] = []
        lines: list[int] = []
        comma = ","
        match = _FILE.fullmatch
        for row in self.rows:
            self.number += 1
            file = match(row)
            if file is not None and comma:
                value.append(_file(file))
                lines.append(self.number)
                comma = file[13]
                continue
            if row == "]":
                break
            found = _ITEM.fullmatch(row)
            if found is None or not comma:
                raise _NotPlain
            word, table, other, comma = found.groups()
            if word is None and table is None and "#" in other:
                raise _NotPlain
            value.append(word if word is not None else _value(table or other))
            lines.append(self.number)
        else:
            raise _NotPlain
        self.marks[id(value)] = Lines(value, lines, rising=True)
        return value


def _file(found: re.Match[str]) -> dict[str, Any]:
    """Return a table of one to four members."""
    first, word, number, second, word_2, number_2, third, word_3, number_3, fourth, word_4, number_4, _ = (
        found.groups()
    )
    table: dict[str, Any] = {intern(first): int(number) if number else word}
    if second:
        table[intern(second)] = int(number_2) if number_2 else word_2
    if third:
        table[intern(third)] = int(number_3) if number_3 else word_3
    if fourth:
        table[intern(fourth)] = int(number_4) if number_4 else word_4
    if len(table) != 1 + bool(second) + bool(third) + bool(fourth):
        raise _NotPlain
    return table


def _value(text: str) -> Any:
    """Return a value that is all of a text."""
    file = _FILE.fullmatch(text)
    if file is not None and not file[13]:
        return _file(file)
    if _INLINE.fullmatch(text):
        members = _MEMBER.findall(text)
        table = {intern(key): int(number) if number else word for key, word, number in members}
        if len(table) != len(members):
            raise _NotPlain
        return table
    if _LIST.fullmatch(text):
        return text[2:-2].split('", "') if len(text) > len("[]") else []
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _NUMBER.fullmatch(text) else _other(text)


def _other(text: str) -> Any:
    """Return what `tomli` makes of a value by itself."""
    if _LONG.search(text) or text.count("[") + text.count("{") > _MANY:
        raise _NotPlain
    import tomli  # noqa: PLC0415  (few files hold such a value)

    try:
        return tomli.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        raise _NotPlain from None
