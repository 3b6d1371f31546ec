"""JSON with lines. Stricter than `json.loads`: no NaN, no nesting without end, duplicates told.

What package managers write is read row by row (`plain_json`); all else here. The standard library's scanner
has no positions, so the structure is read member by member where these are a key and a text, otherwise token
by token, and odd strings through the library's own C function.
"""

from __future__ import annotations

import re
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]  # C, not in typeshed
from typing import Any, NoReturn, TypeVar

from fimci.marked import plain_json
from fimci.marked.document import (
    DEPTH_LIMIT,
    Lines,
    Malformed,
    Marked,
    OneLine,
    Pointer,
    text_of,
)

_BLANK = r"[ \t\r\n]*"
_TOKEN = re.compile(
    _BLANK + r"(?:([{}\[\],:\"])|(-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?)|(true|false|null))"
)
_TEXT = r'"([^"\\\x00-\x1f]*)"'
#: What most of a lockfile is made of: a text that needs no decoding, with its key in a table.
_MEMBER = re.compile(f"{_BLANK}{_TEXT}{_BLANK}:{_BLANK}{_TEXT}{_BLANK}([,}}])")
_ITEM = re.compile(rf"{_BLANK}{_TEXT}{_BLANK}([,\]])")
_SPACE = re.compile(_BLANK)
_WORDS = {"true": True, "false": False, "null": None}
_CONFLICT = re.compile(r"^(?:<{7} |={7}$|>{7} )", re.MULTILINE)
_END_OF_ROW = re.compile(r"[\r\n]|$")
#: Python converts no longer integer from text, to stay linear; no client writes one.
_DIGITS = 4000
_NO_LINES: dict[str | int, int] = {}
_Container = TypeVar("_Container", dict[str, Any], list[Any])


def load(data: bytes) -> Marked:
    """Parse JSON text. Raises `Malformed`, with the line."""
    return loads(text_of(data))


def loads(text: str, *, relaxed: bool = False) -> Marked:
    """Parse JSON text that is decoded already. Raises `Malformed`, with the line.

    Where it is `relaxed`, comments may stand in it, and a comma after the last member.
    """
    document = plain_json.plain(text, relaxed=relaxed)
    if document is not None:
        return document
    return entire(text, relaxed=relaxed)


def entire(text: str, *, relaxed: bool = False) -> Marked:
    """Parse text token by token: all of JSON. Raises `Malformed`, with the line."""
    conflict = _CONFLICT.search(text)
    if conflict is not None:
        raise Malformed("has markers of a merge conflict", text.count("\n", 0, conflict.start()) + 1)
    return _Parser(text, relaxed=relaxed).document()


class _Parser:
    """The state of one reading: where it stands, and what is open."""

    def __init__(self, text: str, *, relaxed: bool) -> None:
        self.text = text
        self.relaxed = relaxed
        self.position = 0
        #: Where lines were counted last, and the line there.
        self.counted = 0
        self.row = 1
        #: Few keys are new: the same string is kept once.
        self.keys: dict[str, str] = {}
        self.marks: dict[int, Any] = {}
        self.duplicates: list[tuple[Pointer, int]] = []
        self.path: list[str | int] = []

    def document(self) -> Marked:
        value = self.value(self.token())
        while self.comment():
            pass
        if self.text[self.position :].strip(" \t\r\n"):
            self.fail("text after the end of the document")
        return Marked(value, self.marks, tuple(self.duplicates))

    def token(self) -> re.Match[str]:
        found = _TOKEN.match(self.text, self.position)
        while found is None and self.comment():
            found = _TOKEN.match(self.text, self.position)
        if found is None:
            rest = self.text[self.position :].lstrip(" \t\r\n")
            self.position = len(self.text) - len(rest)
            self.fail("not JSON" if rest else "the document ends too early")
        self.position = found.end()
        return found

    def comment(self) -> bool:
        """Step over a comment, if one is next and there may be some."""
        if not self.relaxed:
            return False
        blank = _SPACE.match(self.text, self.position)
        begin = blank.end() if blank is not None else self.position
        end = -1
        if self.text.startswith("//", begin):
            found = _END_OF_ROW.search(self.text, begin)
            end = found.start() if found is not None else len(self.text)
        elif self.text.startswith("/*", begin):
            end = self.text.find("*/", begin + len("/*"))
            end += len("*/") if end >= 0 else 0
        if end < 0:
            return False
        self.position = end
        return True

    def line(self) -> int:
        """Return the line of the position, which never goes back."""
        self.row += self.text.count("\n", self.counted, self.position)
        self.counted = self.position
        return self.row

    def fail(self, message: str) -> NoReturn:
        raise Malformed(message, self.line())

    def value(self, found: re.Match[str]) -> Any:
        mark, number, fraction, exponent, word = found.groups()
        if mark == '"':
            return self.string()
        if mark == "{":
            return self.table()
        if mark == "[":
            return self.array()
        if word is not None:
            return _WORDS[word]
        if number is None:
            self.fail(f"a value is missing before {mark!r}")
        if len(number) > _DIGITS:
            self.fail("a number of too many digits")
        return float(number) if fraction or exponent else int(number)

    def string(self) -> str:
        value: str
        try:
            value, self.position = scanstring(self.text, self.position, True)  # noqa: FBT003
        except JSONDecodeError as error:
            raise Malformed(error.msg.lower(), error.lineno) from None
        return value

    def table(self) -> dict[str, Any]:
        self.check_depth()
        table: dict[str, Any] = {}
        lines: dict[str | int, int] = {}
        end = ""
        while end != "}":
            found = _MEMBER.match(self.text, self.position)
            if found is not None:
                key, value, end = found.groups()
                self.position = found.start(1)
                table[self.note(key, table, lines)] = value
                self.position = found.end()
                continue
            mark = self.token()[1]
            if mark == "}" and (not end or self.relaxed):
                break
            if mark != '"':
                self.fail("a comma before the end of a table" if end and mark == "}" else "a key is missing")
            start = self.position
            key = self.string()
            after, self.position = self.position, start
            key = self.note(key, table, lines)
            self.position = after
            if self.token()[1] != ":":
                self.fail("a colon is missing after a key")
            self.path.append(key)
            table[key] = self.value(self.token())
            self.path.pop()
            end = self.next("}")
        return self.closed(table, lines)

    def note(self, key: str, table: dict[str, Any], lines: dict[str | int, int]) -> str:
        """Note the line of a key, where it begins, and whether it is there already; return it."""
        key = self.keys.setdefault(key, key)
        lines[key] = self.line()
        if key in table:
            self.duplicates.append(((*self.path, key), lines[key]))
        return key

    def array(self) -> list[Any]:
        self.check_depth()
        array: list[Any] = []
        lines: dict[str | int, int] = {}
        end = ""
        while end != "]":
            found = _ITEM.match(self.text, self.position)
            if found is not None:
                value, end = found.groups()
                self.position = found.start(1)
                lines[len(array)] = self.line()
                array.append(value)
                self.position = found.end()
                continue
            token = self.token()
            if token[1] == "]":
                if not end or self.relaxed:
                    break
                self.fail("a comma before the end of a list")
            lines[len(array)] = self.line()
            self.path.append(len(array))
            array.append(self.value(token))
            self.path.pop()
            end = self.next("]")
        return self.closed(array, lines)

    def check_depth(self) -> None:
        if len(self.path) >= DEPTH_LIMIT:
            self.fail(f"nested deeper than {DEPTH_LIMIT} levels")

    def closed(self, container: _Container, lines: dict[str | int, int]) -> _Container:
        """Keep the lines of a container in little room.

        Always, since a key that comes again frees a container, whose `id` may come again, too.
        """
        numbers = list(lines.values())
        if not numbers:
            self.marks[id(container)] = _NO_LINES
        elif len(set(numbers)) == 1:
            self.marks[id(container)] = OneLine(container, numbers[0])
        else:
            self.marks[id(container)] = Lines(container, numbers)
        return container

    def next(self, end: str) -> str:
        """Read what follows a member: its `end`, or a comma."""
        mark = self.token()[1]
        if mark not in (end, ","):
            self.fail("a comma is missing")
        return mark
