"""One workflow or action while it is read: its document, its lines, and records at their places.

Shared by the readers of this room, and no reader itself.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from fimci.excerpts import EXCERPT
from fimci.marked.document import Marked
from fimci.model import Place, Setting, Unread

#: A literal block begins on the next line.
_BLOCK = re.compile(r"(?::|&[\w-]+)\s+\|[-+1-9]{0,2}\s*(?:#.*)?$")


class Sheet(NamedTuple):
    """One file while it is read: its document, its lines, and how often each name was used."""

    path: str
    document: Marked
    lines: list[str]
    used: Counter[str]

    def place(self, *pointer: str | int, block: bool = False) -> Place:
        """Return where `pointer` stands; `block`: and on which line its literal text begins."""
        line = self.document.line(pointer)
        text = self.lines[line - 1].strip() if line <= len(self.lines) else ""
        parts = (("text", line + 1),) if block and _BLOCK.search(text) else ()
        return Place(self.path, line, text[:EXCERPT], parts)

    def setting(self, name: str, value: str, *pointer: str | int) -> Setting:
        """Return a switch that stands at `pointer`."""
        return Setting(path=self.path, name=name, value=value, at=self.place(*pointer))

    def unread(self, why: str, *pointer: str | int) -> Unread:
        """Return what could not be read at `pointer`."""
        part = ".".join(str(part) for part in pointer)[:EXCERPT]
        return Unread(path=self.path, why=why, part=part, line=self.document.line(pointer))

    def occurrence(self, name: str) -> str:
        """Return the place of the next use of a name: the n-th is the same wherever it moves."""
        self.used[name] += 1
        return f"{self.path}#{name}[{self.used[name]}]"
