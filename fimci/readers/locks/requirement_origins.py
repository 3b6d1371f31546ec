"""The comments of pip-compile and uv that say what each package is there for.

Below a requirement (`# via requests`, or `# via` and one name a line), or at the end of its line.
A name is another package; `-r requirements.in` is the file that wants it itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

#: `NAME==1.0 # via left, right` and `NAME==1.0 \\` begin an entry; a comment below belongs to it.
_ENTRY = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?![A-Za-z0-9._+:/-])")
_INLINE = re.compile(r"\s#\s*via\s+(.+)")
_VIA = re.compile(r"\s+#\s+(via\b\s*)?(.*)")
#: What wants a package in one line of the comment: a file, or names.
_FILE = re.compile(r"-[rc]\s+(\S+)")


class Origin(NamedTuple):
    """A package (as written), the line that says so, and the file that wants it or the package that does."""

    name: str
    line: int
    file: str
    package: str


def origins(lines: list[str]) -> Iterator[Origin]:
    """Yield what the comments of a compiled file say; lines are physical ones."""
    name, open_ = "", False
    for number, line in enumerate(lines, 1):
        if line[:1].strip("# \t"):
            found = _ENTRY.match(line)
            name, open_ = (found[1] if found else ""), False
            inline = _INLINE.search(line) if name else None
            if inline is not None:
                yield from _wanting(name, number, inline[1])
            continue
        found = _VIA.match(line)
        if found is None or not name or not (found[1] or open_):
            continue
        open_ = True
        yield from _wanting(name, number, found[2])


def _wanting(name: str, number: int, text: str) -> Iterator[Origin]:
    for one in text.split(","):
        named = one.strip()
        file = _FILE.match(named)
        if file is not None:
            yield Origin(name, number, file[1], "")
        elif named and " " not in named:
            yield Origin(name, number, "", named)
