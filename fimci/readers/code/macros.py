"""Macros of m4, of which `configure` is generated: lines that unpack something, or hand it to a shell.

All else in them is what autoconf is made of. Where one file unpacks and pipes into a shell, it does what the
macros of xz 5.6.0 did (2024): names are put together by m4, so that no variable leads from one to the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.excerpts import excerpt
from fimci.model import Capability, Place, Record, Unread
from fimci.readers.called import AUTOCONF
from fimci.readers.code import told

_UNPACKS = re.compile(
    r"\b(?:xz(?:cat|dec)?|lzma|gzip|bzip2|zstd|base64|openssl|xxd)\s(?:[^|\n]{0,60}\s)?-(?:d|-decode|-decompress|r)\b"
    r"|\b(?:unxz|xzcat|unlzma|lzcat|gunzip|zcat|bunzip2|bzcat|uudecode)\b"
)
_PIPES = re.compile(r"\|\s{0,9}[\"']?(?:\$\{?(?:CONFIG_)?SHELL\b|(?:/\S{0,40}/)?(?:ba|da|k|z)?sh\b)")
_RUNS = re.compile(r"\beval\b")
#: Arguments of a macro stand in brackets, which are its quotes.
_QUOTED = re.compile(r"\[([^\[\]\n]{1,4000})\]")
_CALL = re.compile(r"\s{0,80}\w{1,80}\(")
_LINE_LIMIT = 4_000
#: Lines, and arguments in them, that are looked at.
_LINES_LIMIT, _PIECES_LIMIT = 200, 1_000


def wants(path: str, head: bytes) -> bool:
    """Tell whether these are macros."""
    return path.endswith((".m4", *AUTOCONF)) and b"\0" not in head


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the lines can do that unpack something or pipe into a shell."""
    text = told.decoded(data.partition(b"\0")[0])
    lines = [
        (number, line[:_LINE_LIMIT])
        for number, line in enumerate(text.split("\n"), 1)
        if not line.lstrip().startswith(("#", "dnl"))
    ]
    unpacks = [(number, line) for number, line in lines if _UNPACKS.search(line)]
    pipes = [(number, line) for number, line in lines if _PIPES.search(line)]
    kept = sorted({*pipes, *(one for one in unpacks if _RUNS.search(one[1]))})
    pieces = [piece for number, line in kept[:_LINES_LIMIT] for piece in _pieces(number, line)]
    yield from told.records(path, iter(pieces[:_PIECES_LIMIT]))
    if len(kept) > _LINES_LIMIT or len(pieces) > _PIECES_LIMIT:
        yield Unread(
            path=path, why="has more commands than macros have; the rest was not read", part="commands"
        )
    if unpacks and pipes:
        number, line = pipes[0]
        yield Capability(
            path=path,
            name="encoded-payload",
            subject="unpacked -> $SHELL",
            phase="install",
            detail=f"unpacks in line {unpacks[0][0]} and pipes into a shell",
            at=Place(path, number, excerpt(line.strip())),
        )


def _pieces(number: int, line: str) -> Iterator[told.Text]:
    """Yield the commands of a line: the arguments of a macro, or all of it without the quotes of m4."""
    arguments = _QUOTED.findall(line) if _CALL.match(line) else []
    for text in arguments or [line.replace("[", "").replace("]", "")]:
        yield told.Text(text, number, phase="install")
