"""Plain terms of Elixir: a file that holds one, as Mix writes its lock, and a tuple in a program.

Shared by readers, and no reader itself.

Mix evaluates the file, so that anything in it that is no plain term (`System.cmd(…)`, `"#{…}"`) is code that
runs at every install. Nothing is evaluated here: what is no term ends the reading, with its line.

    %{…}, {…}, [a: 1]   tuple of pairs, tuple, list (of pairs, where it has keys)
    :atom, "text", 1    str, str, str
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from fimci.marked.document import DEPTH_LIMIT, Malformed

_TOKEN = re.compile(
    r"(?P<blank>[ \t\r\n]+|\#[^\n]*)|(?P<open>%\{|\{|\[)|(?P<close>[\]}])|(?P<comma>,)|(?P<arrow>=>)"
    r'|"(?P<text>(?:[^"\\]|\\.)*)"(?P<key>:(?=\s))?'
    r'|:"(?P<quoted>(?:[^"\\]|\\.)*)"|:(?P<atom>[A-Za-z_][A-Za-z0-9_@]*[?!]?)'
    r"|(?P<name>[a-z_][A-Za-z0-9_]*[?!]?):(?=\s)|(?P<word>true|false|nil)\b|(?P<number>\d[\d_]*)",
    re.DOTALL,
)
_PROGRAM = "no plain term: Mix runs the file as a program"
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_CLOSED_BY = {"%{": "}", "{": "}", "[": "]"}


class Entry(NamedTuple):
    """A pair of the outer map, and the line of its key."""

    key: str
    value: Any
    line: int


class _Open(NamedTuple):
    """A container that is not closed yet: what is in it, and the key that waits for its value."""

    sign: str
    items: list[Any]
    keys: list[tuple[str, int]]


def entries(text: str) -> Iterator[Entry]:
    """Yield the pairs of the map that a file holds, one by one. Raises `Malformed`, with the line."""
    stack: list[_Open] = []
    done, line = False, 1
    for found, line in _tokens(text):
        if done:
            raise Malformed(_PROGRAM, line)
        if not stack and found["open"] != "%{":
            raise Malformed("not a map of what is locked", line)
        entry = _take(found, stack, line)
        if entry is not None:
            yield entry
        done = not stack
    if not done:
        raise Malformed("the map has no end", line)


def term(text: str) -> tuple[Any, ...]:
    """Return the tuple with which a text begins. Raises `Malformed`, also where it is not closed."""
    outer: list[_Open] = [_Open("[", [], [])]
    for found, line in _tokens(text):
        _take(found, outer, line)
        if len(outer) == 1:
            break
    value = outer[0].items[0] if outer[0].items else None
    if len(outer) > 1 or not isinstance(value, tuple) or not value or not isinstance(value[0], str):
        raise Malformed(_PROGRAM)
    return value


def _tokens(text: str) -> Iterator[tuple[re.Match[str], int]]:
    """Yield what is no blank, with the line of it; the last blank with the last line is left out."""
    at, line = 0, 1
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise Malformed(_PROGRAM, line)
        if found["blank"] is None:
            yield found, line
        line += text.count("\n", at, found.end())
        at = found.end()


def _take(found: re.Match[str], stack: list[_Open], line: int) -> Entry | None:
    """Take one token in; return a pair of the outer map once it is whole."""
    if found["open"]:
        if len(stack) >= DEPTH_LIMIT:
            raise Malformed(f"nested deeper than {DEPTH_LIMIT} levels", line)
        stack.append(_Open(found["open"], [], []))
        return None
    if found["close"]:
        return _close(found["close"], stack, line)
    if found["comma"]:
        return None
    if found["arrow"]:
        _arrow(stack[-1], line)
        return None
    if found["name"] is not None or found["key"]:
        stack[-1].keys.append((found["name"] or _plain(found["text"], line), line))
        return None
    texts = (found["text"], found["quoted"])
    text = next((_plain(one, line) for one in texts if one is not None), None)
    return _put(stack, text if text is not None else found["atom"] or found["word"] or found["number"])


def _close(sign: str, stack: list[_Open], line: int) -> Entry | None:
    done = stack.pop()
    if sign != _CLOSED_BY[done.sign] or done.keys:
        raise Malformed(_PROGRAM, line)
    if not stack:
        return None
    value: Any = done.items if done.sign == "[" else tuple(done.items)
    return _put(stack, value)


def _put(stack: list[_Open], value: Any) -> Entry | None:
    """Put a value where it belongs: behind its key, or at the end."""
    here = stack[-1]
    if not here.keys:
        here.items.append(value)
        return None
    key, at = here.keys.pop()
    if len(stack) == 1 and here.sign == "%{":
        return Entry(key, value, at)
    here.items.append((key, value))
    return None


def _arrow(here: _Open, line: int) -> None:
    """Make a key of what stands before `=>`."""
    if here.sign != "%{" or not here.items or not isinstance(here.items[-1], str):
        raise Malformed(_PROGRAM, line)
    here.keys.append((here.items.pop(), line))


def _plain(text: str, line: int) -> str:
    """Return a text without its escapes. Raises `Malformed` where it computes something."""
    if "#{" in text:
        raise Malformed(_PROGRAM, line)
    return _ESCAPE.sub(r"\1", text) if "\\" in text else text
