"""TOML with lines: values from `tomli`, positions from a scan of the same text.

The scan runs only over text that `tomli` has accepted, so it need not judge, only count. Every
position it finds is looked up in the parsed value; one that leads nowhere is dropped.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Any

import tomli

from fimci.marked.document import DEPTH_LIMIT, Malformed, Marked, text_of

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r"""[ \t]*(?:([A-Za-z0-9_-]+)|"((?:[^"\\]|\\.)*)"|'([^']*)')[ \t]*""")
_STRING = re.compile(
    r'"""(?:[^\\"]|\\.|"{1,2}(?!"))*"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_BARE = re.compile(r"[^,\]}\n#]*")
#: TOML's integers have 64 bits; one of far more (`0xfff…`) could not even be shown in decimal.
_INTEGER_BITS = 4096


def load(data: bytes) -> Marked:
    """Parse TOML text. Raises `Malformed`, with the line."""
    text = text_of(data)
    try:
        value = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        raise Malformed(error.msg.lower(), error.lineno) from None
    except (RecursionError, ValueError) as error:  # deep nesting; an integer of too many digits
        raise Malformed(str(error).lower() or "nested too deeply") from None
    scan = _Scan(text, value)
    scan.document()
    return Marked(value, scan.marks)


class _Scan:
    """The state of one scan: where it stands in the text, and where in the value."""

    def __init__(self, text: str, value: dict[str, Any]) -> None:
        self.text = text.replace("\r\n", " \n") if "\r" in text else text
        self.value = value
        self.position = 0
        self.newlines = [match.start() for match in re.finditer("\n", self.text)]
        self.marks: dict[int, dict[str | int, int]] = {}
        self.counts: dict[int, int] = {}

    def document(self) -> None:
        here: Any = self.value
        depth = 0
        while self.skip() < len(self.text):
            if self.text.startswith("[", self.position):
                here, depth = self.header()
            else:
                self.pair(here, depth)

    def skip(self) -> int:
        found = _BLANK.match(self.text, self.position)
        self.position = found.end() if found else self.position
        return self.position

    def header(self) -> tuple[Any, int]:
        """Read `[a.b]` or `[[a.b]]`; return the table that it opens, and how deep that is."""
        line = self.line()
        double = self.text.startswith("[[", self.position)
        self.position += 2 if double else 1
        keys = self.keys()
        self.position += 2 if double else 1
        here: Any = self.value
        for key in keys[:-1]:
            here = self.enter(here, key, line)
            here = self.current(here)
        last = self.enter(here, keys[-1], line)
        if double and isinstance(last, list):
            index = self.counts.get(id(last), 0)
            self.counts[id(last)] = index + 1
            return self.enter(last, index, line, again=True), len(keys) + 1
        return last, len(keys)

    def current(self, here: Any) -> Any:
        """Return the table that was opened last in an array of tables."""
        if isinstance(here, list) and here:
            return here[max(self.counts.get(id(here), 1) - 1, 0)]
        return here

    def pair(self, here: Any, depth: int, within: int = 0) -> None:
        """Read `a.b = value` into the table `here`, which itself is `within` a line."""
        line = self.line()
        keys = self.keys()
        for key in keys:
            here = self.enter(here, key, line, within)
        self.position += 1
        self.element(here, depth + len(keys), line)

    def keys(self) -> list[str]:
        keys: list[str] = []
        while True:
            found = _KEY.match(self.text, self.position)
            if found is None:
                self.position = len(self.text)
                return keys or [""]
            bare, basic, literal = found.groups()
            if basic is not None and "\\" in basic:
                basic = next(iter(tomli.loads(f'"{basic}" = 0')))
            keys.append(bare if bare is not None else basic if basic is not None else literal)
            self.position = found.end()
            if len(keys) > DEPTH_LIMIT:
                raise Malformed(f"nested deeper than {DEPTH_LIMIT} levels", self.line())
            if not self.text.startswith(".", self.position):
                return keys
            self.position += 1

    def element(self, here: Any, depth: int, within: int) -> None:
        """Step over one value, marking what it holds."""
        if depth > DEPTH_LIMIT:
            raise Malformed(f"nested deeper than {DEPTH_LIMIT} levels", self.line())
        self.skip()
        opening = self.text[self.position : self.position + 1]
        if isinstance(here, int) and here.bit_length() > _INTEGER_BITS:
            raise Malformed("a number of too many digits", self.line())
        if opening not in {"[", "{"}:
            found = _STRING.match(self.text, self.position) or _BARE.match(self.text, self.position)
            self.position = found.end() if found else len(self.text)
            return
        self.position += 1
        closing = "]" if opening == "[" else "}"
        index = 0
        while self.skip() < len(self.text) and self.text[self.position] != closing:
            if opening == "[":
                line = self.line()
                self.element(self.enter(here, index, line, within), depth + 1, line)
                index += 1
            else:
                self.pair(here, depth + 1, within)
            self.skip()
            if self.text.startswith(",", self.position):
                self.position += 1
        self.position += 1

    def enter(self, here: Any, key: str | int, line: int, within: int = 0, *, again: bool = False) -> Any:
        """Mark a key or item and return what it leads to, `None` if nothing.

        What stands in the line of what holds it needs no mark: it is found there (`Marked.line`).
        """
        try:
            there = here[key]
        except (TypeError, LookupError):
            return None
        if line == within:
            return there
        lines = self.marks.setdefault(id(here), {})
        if again:
            lines[key] = line
        else:
            lines.setdefault(key, line)
        return there

    def line(self) -> int:
        return bisect_left(self.newlines, self.position) + 1
