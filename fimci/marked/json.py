"""JSON with lines. Stricter than `json.loads`: no NaN, no nesting without end, duplicates told.

The standard library's scanner has no positions, so the structure is read here, token by token,
and each string by the library's own C function. About 1 MB of lockfile in 0.2 s.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]  # C, not in typeshed
from typing import Any, NoReturn, TypeVar

from fimci.marked.document import DEPTH_LIMIT, Malformed, Marked, OneLine, Pointer, text_of

_TOKEN = re.compile(
    r"[ \t\r\n]*(?:([{}\[\],:\"])|(-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?)|(true|false|null))"
)
_WORDS = {"true": True, "false": False, "null": None}
_CONFLICT = re.compile(r"^(?:<{7} |={7}$|>{7} )", re.MULTILINE)
#: Python converts no longer integer from text, to stay linear; no client writes one.
_DIGITS = 4000
_Container = TypeVar("_Container", dict[str, Any], list[Any])


def load(data: bytes) -> Marked:
    """Parse JSON text. Raises `Malformed`, with the line."""
    return loads(text_of(data))


def loads(text: str) -> Marked:
    """Parse JSON text that is decoded already. Raises `Malformed`, with the line."""
    conflict = _CONFLICT.search(text)
    if conflict is not None:
        raise Malformed("has markers of a merge conflict", text.count("\n", 0, conflict.start()) + 1)
    return _Parser(text).document()


class _Parser:
    """The state of one reading: where it stands, and what is open."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.newlines = [match.start() for match in re.finditer("\n", text)]
        self.marks: dict[int, Mapping[str | int, int]] = {}
        self.duplicates: list[tuple[Pointer, int]] = []
        self.path: list[str | int] = []

    def document(self) -> Marked:
        value = self.value(self.token())
        if self.text[self.position :].strip(" \t\r\n"):
            self.fail("text after the end of the document")
        return Marked(value, self.marks, tuple(self.duplicates))

    def token(self) -> re.Match[str]:
        found = _TOKEN.match(self.text, self.position)
        if found is None:
            rest = self.text[self.position :].lstrip(" \t\r\n")
            self.position = len(self.text) - len(rest)
            self.fail("not JSON" if rest else "the document ends too early")
        self.position = found.end()
        return found

    def line(self) -> int:
        return bisect_left(self.newlines, self.position) + 1

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
        table: dict[str, Any] = {}
        lines = self.open(table)
        mark = self.token()[1]
        while mark != "}":
            if mark != '"':
                self.fail("a key is missing")
            line = self.line()
            key = self.string()
            if key in table:
                self.duplicates.append(((*self.path, key), line))
            if self.token()[1] != ":":
                self.fail("a colon is missing after a key")
            self.path.append(key)
            table[key] = self.value(self.token())
            self.path.pop()
            lines[key] = line
            mark = self.next("}")
        return self.closed(table, lines)

    def array(self) -> list[Any]:
        array: list[Any] = []
        lines = self.open(array)
        found = self.token()
        while found[1] != "]":
            lines[len(array)] = self.line()
            self.path.append(len(array))
            array.append(self.value(found))
            self.path.pop()
            if self.next("]") == "]":
                break
            found = self.token()
            if found[1] == "]":
                self.fail("a comma before the end of a list")
        return self.closed(array, lines)

    def open(self, container: dict[str, Any] | list[Any]) -> dict[str | int, int]:
        if len(self.path) >= DEPTH_LIMIT:
            self.fail(f"nested deeper than {DEPTH_LIMIT} levels")
        lines: dict[str | int, int] = {}
        # Assigned, not defaulted: a duplicate key frees a container whose `id` may come again.
        self.marks[id(container)] = lines
        return lines

    def closed(self, container: _Container, lines: dict[str | int, int]) -> _Container:
        """Keep the lines of a container in less room where all are the same."""
        if len(set(lines.values())) == 1:
            self.marks[id(container)] = OneLine(container, next(iter(lines.values())))
        return container

    def next(self, end: str) -> str:
        """Read what follows a member: `end`, or a comma and the beginning of the next one."""
        mark = self.token()[1]
        if mark == end:
            return end
        if mark != ",":
            self.fail("a comma is missing")
        if end == "]":
            return ","
        mark = self.token()[1]
        if mark == end:
            self.fail("a comma before the end of a table")
        return mark or ""
