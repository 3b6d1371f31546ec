"""Backslashes of shells, by where they stand."""

from __future__ import annotations

import re

_IN_WORD = re.compile(r"\\(\n|.)", re.DOTALL)
_IN_QUOTES = re.compile(r"\\([$`\"\\\n])")
_ANSI_C = re.compile(
    r"\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|0?([0-7]{1,3})|(.))", re.DOTALL
)
_LETTERS = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "E": "\x1b",
    "f": "\f",
    "v": "\v",
}
_LAST = 0x10FFFF


def word(text: str) -> str:
    """Take the backslashes out of an unquoted word; one before the end of a line joins it to the next."""
    return _IN_WORD.sub(_kept, text) if "\\" in text else text


def quoted(text: str) -> str:
    """Take those out of a text in double quotes that mean something there."""
    return _IN_QUOTES.sub(_kept, text) if "\\" in text else text


def ansi_c(text: str) -> str:
    r"""Read `$'…'`, and the text of `printf` and `echo -e`: `\x41`, `\101`, `\u0041`, `\n`."""
    return _ANSI_C.sub(_character, text) if "\\" in text else text


def _kept(found: re.Match[str]) -> str:
    return "" if found[1] == "\n" else found[1]


def _character(found: re.Match[str]) -> str:
    for group, base in ((1, 16), (2, 16), (3, 16), (4, 8)):
        if found[group]:
            code = int(found[group], base)
            return chr(code) if code <= _LAST else ""
    return _LETTERS.get(found[5], found[5])
