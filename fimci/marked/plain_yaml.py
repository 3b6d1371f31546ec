"""The regular part of YAML that package managers write, read row by row.

`load_all` answers like `fimci.marked.yaml.load_all`, value for value and line for line. What is
outside the regular part (anchors, tags, tabs, directives, what spans lines, keys that are no
text, …) is left to that module, so nothing is guessed here: what this parser is not sure of it
does not read.

Read are: comment lines, several documents after `---`, block mappings and lists (`- key: value`
included), flows that end on their line, scalars plain or quoted on one line, and literal blocks
(`|`, `|-`). Every scalar stays a string.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from sys import intern
from typing import Any, NamedTuple

from fimci.marked import plain_flow
from fimci.marked.document import Lines, Malformed, Marked, Pointer, text_of
from fimci.marked.plain_flow import DEEPEST, FIRST, LONGEST_KEY, QUOTED, NotPlain, unquoted

#: All of ASCII that is inside.
_ASCII = bytes((0x0A, *range(0x20, 0x7F)))
#: What is no character to YAML, or ends a line for it alone, or is read by its place (tab, byte order mark).
_OUTSIDE = re.compile(
    r"[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_PLAIN = FIRST + r"[^ :]*(?:(?::(?! |$)| +(?![ #]|:(?: |$)|$))[^ :]*)*"
#: Blanks, a dash, a key, a value: plain, quoted, a flow or the sign of a block. No row matches in two ways.
_ROW = re.compile(
    rf"( *)(?! )(- +(?! ))?(?:({_PLAIN}|{QUOTED}):(?: +(?! )|$))?({_PLAIN}|{QUOTED}|[\[{{].*|\|-?)? *$"
)
#: What a value begins with that is no plain scalar.
_SIGNS = frozenset("'\"[{|")


class _Open(NamedTuple):
    """A mapping or list that is being read: where its members begin, and its own key."""

    indent: int
    kind: type
    value: Any
    lines: Lines
    key: str | int


def load(data: bytes) -> Marked:
    """Parse one document; an empty one has the value `""`. Raises `Malformed`, with the line."""
    documents = load_all(data)
    if len(documents) > 1:
        raise Malformed(f"holds {len(documents)} documents where one is expected")
    return documents[0] if documents else Marked("", {})


def load_all(data: bytes) -> list[Marked]:
    """Parse every document of a stream, regular or not. Raises `Malformed`, with the line."""
    documents = plain(data)
    if documents is not None:
        return documents
    from fimci.marked import yaml  # noqa: PLC0415  (22 ms, where it is needed)

    return yaml.load_all(data)


def plain(data: bytes) -> list[Marked] | None:
    """Parse every document of a stream in the regular part of YAML; `None` outside of it."""
    text = characters(data)
    try:
        return None if text is None else _Reading(text).documents()
    except NotPlain:
        return None


def characters(data: bytes) -> str | None:
    """Return text that holds nothing but what YAML takes for a character wherever it stands; else `None`."""
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    if data.isascii():
        return None if data.translate(None, _ASCII) else data.decode("ascii")
    text = text_of(data)
    return None if _OUTSIDE.search(text) else text


class _Reading:
    """The state of one reading: what is open, and what the current document has so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        #: Where the next row begins, beyond the text once all are read, and how many were.
        self.position = 0
        self.number = 0
        self.begin()

    def begin(self) -> None:
        self.started = False
        self.marks: dict[int, Lines] = {}
        self.noted = plain_flow.Noted([], {})
        #: Holds the document as its only member.
        self.root: list[Any] = [""]
        self.open = [_Open(-1, list, self.root, Lines([]), 0)]
        #: The last key or index read, and whether its value, if it has one, is still to come.
        self.last: str | int = 0
        self.waiting = True

    def documents(self) -> list[Marked]:
        found: list[Marked] = []
        text, match = self.text, _ROW.match
        while self.position <= len(text):
            end = text.find("\n", self.position)
            row = text[self.position : end if end >= 0 else None]
            self.position += len(row) + 1
            self.number += 1
            if not row:
                continue
            parts = match(row)
            if parts is not None and not row.startswith("..."):
                self.row(row, parts)
            elif row == "---":
                found.extend(self.document())
                self.started = True
            elif row.lstrip(" ")[0] != "#":
                raise NotPlain
        found.extend(self.document())
        return found

    def peek(self) -> str:
        """Return the next row."""
        end = self.text.find("\n", self.position)
        return self.text[self.position : end if end >= 0 else None]

    def next(self) -> str:
        """Step over the next row and return it."""
        row = self.peek()
        self.position += len(row) + 1
        self.number += 1
        return row

    def document(self) -> Iterator[Marked]:
        """Yield what was read since the last one, if there was anything."""
        if self.started:
            yield Marked(self.root[0], self.marks, tuple(self.noted.duplicates), by_row=True)
        self.begin()

    def row(self, row: str, parts: re.Match[str]) -> None:
        """Take in one row: a dash and what follows it, a key, a value."""
        blanks, dash, key, value = parts.groups()
        indent = len(blanks)
        level, kind, members, lines, _ = self.open[-1]
        if dash is not None:
            _, _, members, lines, _ = self.place(indent, list)
            self.last = len(members)
            lines.add(self.number)
            members.append("")
            self.waiting = True
            indent += len(dash)
        if key is not None:
            # Most rows are one more member of the mapping that the row above is in.
            if self.waiting or indent != level or kind is not dict:
                _, _, members, lines, _ = self.place(indent, dict)
            if len(row) > LONGEST_KEY and parts.end(3) > LONGEST_KEY:
                raise NotPlain
            # Few keys are new: the same string is kept once.
            key = intern(unquoted(key) if key[0] in _SIGNS else key)
            if key in members:
                self.noted.duplicates.append(((*self.path(), key), self.number))
            lines.put(key, self.number)
            self.last = key
        elif value is None and dash is None:
            return  # nothing but blanks
        elif value is None or dash is None:
            raise NotPlain
        self.waiting = value is None
        if value is None or value[0] in _SIGNS:
            value = self.value(value, indent)
        members[self.last] = value

    def path(self) -> Pointer:
        """Return where the last one open stands in the document."""
        return tuple(opened.key for opened in self.open[2:])

    def place(self, indent: int, kind: type) -> _Open:
        """Open or close mappings and lists; return the one that takes what stands there."""
        top = self.open[-1]
        # A list may stand as far left as the key that it belongs to.
        beside = indent == top.indent and kind is list and top.kind is dict
        if self.waiting and (indent > top.indent or beside):
            return self.deeper(indent, kind)
        while indent < top.indent or (indent == top.indent and top.kind is not kind):
            self.open.pop()
            top = self.open[-1]
        if indent > top.indent:
            raise NotPlain
        return top

    def deeper(self, indent: int, kind: type) -> _Open:
        """Open a mapping or list: the value that is still to come."""
        if len(self.open) > DEEPEST:
            raise NotPlain
        value: Any = kind()
        opened = _Open(indent, kind, value, Lines(value), self.last)
        self.open[-1].value[self.last] = value
        self.marks[id(value)] = opened.lines
        self.open.append(opened)
        self.started = True
        return opened

    def value(self, text: str | None, indent: int) -> Any:
        """Return a value that is no plain scalar; what is still to come, or never comes, is empty."""
        if text is None:
            return ""
        if text[0] == "|":
            return self.literal(text, indent)
        if text[0] not in "{[":
            return unquoted(text)
        known = len(self.noted.duplicates)
        value = plain_flow.read(text, self.number, self.noted)
        inside = self.noted.duplicates[known:]
        if inside:
            here = (*self.path(), self.last)
            self.noted.duplicates[known:] = [((*here, *pointer), line) for pointer, line in inside]
        return value

    def literal(self, sign: str, indent: int) -> str:
        """Read the rows of a literal block."""
        block: list[str] = []
        # Where the file has no last line feed, its last row is text, and a block in it ends in another way.
        last = self.text.rfind("\n") + 1
        while self.position < last and not self.peek():
            block.append(self.next())
        row = self.peek()
        width = len(row) - len(row.lstrip(" "))
        if width <= indent or width == len(row):
            raise NotPlain
        margin = " " * width
        while self.position < last and (not row or row.startswith(margin)):
            block.append(self.next())
            row = self.peek()
        if row.startswith(margin) or row.isspace():
            raise NotPlain
        text = "\n".join(row[width:] for row in block).rstrip("\n")
        return text + "\n" * (sign == "|")
