"""The syntax of yarn's first lockfile, read row by row: names, values and blocks by indentation.

    # yarn lockfile v1

    "@scope/left@^1.0.0", left@~1.0.0:
      version "1.0.1"
      dependencies:
        right "^2.0.0"

The client's own parser takes more than it writes (several facts in one row, blocks after a blank
line are dropped without a word). What is not in the form that it writes is refused here, so that
nothing is read in another way than by the client.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from fimci.marked.document import DEPTH_LIMIT, Lines, Malformed, Marked, Pointer, rows

_QUOTED = r'"(?:[^"\\\x00-\x1f]|\\.)*"'
#: What begins like a word of its own (`true`) or with another sign is always quoted.
_BARE = r"(?!true|false)[A-Za-z/.-][^\x00-\x20:,\x7f]*"
_NAME = rf"(?:{_QUOTED}|{_BARE})"
_ROW = re.compile(
    rf"( *)({_NAME}(?:, *{_NAME})*)(?:(:)|:? +({_NAME}|[0-9]+|true|false)) *(?:#.*)?", re.DOTALL
)
_NAMES = re.compile(_NAME)
_VERSION = re.compile(r" *# *yarn lockfile v([0-9]+) *")
_KNOWN = "1"
#: Blanks of one step inwards.
_STEP = 2


class _Open(NamedTuple):
    """A block that is being read: its rows by name, their lines, and its own name."""

    table: dict[str, Any]
    lines: Lines
    name: str


def load(data: bytes) -> Marked:
    """Parse a lockfile: blocks become tables, everything else text. Raises `Malformed`, with the line.

    A block that several names share is one table, in the place of each of them.
    """
    table: dict[str, Any] = {}
    marks = {id(table): Lines(table)}
    top = _Open(table, marks[id(table)], "")
    duplicates: list[tuple[Pointer, int]] = []
    opened = [top]
    for number, row in enumerate(rows(data), 1):
        parts = _ROW.fullmatch(row.removesuffix("\r"))
        if parts is None:
            _aside(row.removesuffix("\r"), number)
            # Of a block, the client forgets what comes after a gap.
            if not (row.startswith(" ") and "#" in row):
                del opened[1:]
            continue
        level, odd = divmod(len(parts[1]), _STEP)
        if odd or level >= len(opened) or level >= DEPTH_LIMIT:
            raise Malformed("a row that belongs to no block", number)
        del opened[level + 1 :]
        block = opened[-1]
        value: Any = {} if parts[3] else text(parts[4], number)
        found = parts[2]
        names = [found] if found[0] != '"' and "," not in found else _split(found, number)
        for name in names:
            if name in block.table:
                duplicates.append(((*(outer.name for outer in opened[1:]), name), number))
            block.lines.put(name, number)
            block.table[name] = value
        if parts[3]:
            marks[id(value)] = Lines(value)
            opened.append(_Open(value, marks[id(value)], names[0]))
    return Marked(top.table, marks, tuple(duplicates))


def text(token: str, line: int) -> str:
    """Return the text of a name or value, quoted or not. Raises `Malformed`."""
    if token[0] != '"':
        return token
    if "\\" not in token:
        return token[1:-1]
    try:
        return str(json.loads(token))
    except ValueError:
        raise Malformed("a text in quotation marks that is none", line) from None


def _split(names: str, line: int) -> list[str]:
    return [text(token, line) for token in _NAMES.findall(names)]


def _aside(row: str, number: int) -> None:
    """Accept a row that says nothing: an empty one, a comment. Raises `Malformed` for any other."""
    plain = row.strip(" ")
    if plain and plain[0] != "#":
        raise Malformed("a row that is not as yarn writes it", number)
    version = _VERSION.fullmatch(row)
    if version is not None and version[1] != _KNOWN:
        raise Malformed(f"of version {version[1][:10]}, which is not known (1)", number)
