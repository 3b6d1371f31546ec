r"""The lines of a requirements file, taken apart as pip does it: pure text, no meaning yet.

pip splits wherever `str.splitlines` does (a form feed or U+2028 ends a comment), joins lines at a
closing backslash, cuts comments that follow a blank, and hands everything from the first word that begins
with a dash to `optparse`, which accepts abbreviations (`--extra https://…`) and attached values
(`-ihttps://…`). Who reads less than that can be walked past.
See "Requirements File Format" in pip's documentation.
"""

from __future__ import annotations

import codecs
import optparse
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import NamedTuple, NoReturn

from fimci.marked.document import Malformed

#: How an option is written, by the name of its setting.
WITH_VALUE: Mapping[str, tuple[str, ...]] = {
    "index-url": ("-i", "--index-url", "--pypi-url"),
    "extra-index-url": ("--extra-index-url",),
    "constraint": ("-c", "--constraint"),
    "requirement": ("-r", "--requirement"),
    "editable": ("-e", "--editable"),
    "find-links": ("-f", "--find-links"),
    "no-binary": ("--no-binary",),
    "only-binary": ("--only-binary",),
    "all-releases": ("--all-releases",),
    "only-final": ("--only-final",),
    "trusted-host": ("--trusted-host",),
    "use-feature": ("--use-feature",),
    "hash": ("--hash",),
    "config-settings": ("-C", "--config-settings"),
}
WITHOUT_VALUE = ("no-index", "prefer-binary", "require-hashes", "no-require-hashes", "pre")

#: UTF-32 first: its mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"coding[:=]\s*([-\w.]+)")
#: Where each byte is what it seems. `utf-7` and the like exist to hide something.
_PLAIN = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "ascii": "ascii",
    "us-ascii": "ascii",
    "latin-1": "latin-1",
    "iso-8859-1": "latin-1",
    "cp1252": "cp1252",
}
#: A release of a hundred files has a line of 8,000 characters; `optparse` is not linear.
LENGTH_LIMIT = 65_536

_QUOTES = re.compile(r"[\"'\\]")
_BLANKS = re.compile(r"[ \t\r\n]+")
_COMMENT = re.compile(r"(?:^|\s)#")


class Line(NamedTuple):
    """One logical line, without its comment: where it begins, and the physical lines in it."""

    number: int
    text: str
    pieces: tuple[tuple[int, str], ...]

    def where(self, text: str) -> int:
        """Return the number of the first physical line with this text, else of the first."""
        return next((number for number, piece in self.pieces if text in piece), self.number)


class Parsed(NamedTuple):
    """A logical line in parts: what is wanted, the options by name, and words that pip ignores."""

    line: Line
    wanted: str
    options: Mapping[str, list[str]]
    ignored: tuple[str, ...]


class Refused(Exception):  # noqa: N818  (what pip does with the line, not an error of the program)
    """Neither a requirement nor an option; the message says why."""


def decode(data: bytes) -> str:
    """Return the text. Raises `Malformed` where the encoding is unknown, or not kept."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], encoding)
    for number, line in enumerate(data.split(b"\n", 2)[:2], start=1):
        found = _DECLARED.search(line) if line.startswith(b"#") else None
        if found is not None:
            name = found[1].decode("ascii", "replace")
            known = _PLAIN.get(name.lower().replace("_", "-"))
            if known is None:
                raise Malformed(f"declares the encoding {name[:40]}", number)
            return _decoded(data, known)
    return _decoded(data, "utf-8")


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Malformed(f"not {encoding.upper()}", data.count(b"\n", 0, error.start) + 1) from None


def logical(text: str) -> Iterator[Line]:
    """Yield what is left once lines are joined and comments cut; empty ones are left out."""
    open_line: list[tuple[int, str]] = []
    number = 1
    for whole in text.splitlines(keepends=True):
        piece = whole.splitlines()[0]
        comment = piece.lstrip().startswith("#")
        open_line.append((number, " " + piece if comment else piece))
        number += whole.count("\n")
        if comment or not piece.endswith("\\"):
            yield from _joined(open_line)
            open_line = []
    if open_line:
        yield from _joined(open_line)


def _joined(pieces: list[tuple[int, str]]) -> Iterator[Line]:
    """Yield the line that these make, unless it is empty."""
    *continued, last = (piece for _, piece in pieces)
    end = last if not last.endswith("\\") or last.lstrip().startswith("#") else last.strip("\\")
    text = "".join(piece.strip("\\") for piece in continued) + end
    comment = _COMMENT.search(text)
    text = (text[: comment.start()] if comment else text).strip()
    if text:
        yield Line(pieces[0][0], text, tuple(pieces))


def parse(line: Line, parser: optparse.OptionParser) -> Parsed:
    """Take a line apart. Raises `Refused` where pip would stop, or find nothing."""
    if len(line.text) > LENGTH_LIMIT:
        raise Refused(f"longer than {LENGTH_LIMIT:,} characters")
    words = line.text.split(" ")
    first = next((index for index, word in enumerate(words) if word.startswith("-")), len(words))
    values = optparse.Values()
    arguments = _arguments(" ".join(words[first:]))
    _, ignored = parser.parse_args(arguments, values)
    options = {name: value if isinstance(value, list) else ["true"] for name, value in vars(values).items()}
    if not options and words[0].startswith("-"):
        raise Refused("neither a requirement nor an option")
    return Parsed(line, " ".join(words[:first]), options, tuple(ignored))


def _arguments(text: str) -> list[str]:
    """Split as a shell would; most lines have nothing to quote, and `shlex` takes its time."""
    if not _QUOTES.search(text):
        return [word for word in _BLANKS.split(text) if word]
    try:
        return shlex.split(text)
    except ValueError as error:
        raise Refused(str(error).lower()) from None


def option_parser() -> optparse.OptionParser:
    """Return a parser with pip's options, which raises `Refused` where others would exit."""
    parser = _Parser(add_help_option=False)
    for name, spellings in WITH_VALUE.items():
        parser.add_option(*spellings, dest=name, action="append")
    for name in WITHOUT_VALUE:
        parser.add_option(f"--{name}", dest=name, action="store_true")
    return parser


class _Parser(optparse.OptionParser):
    """`optparse` ends the process on an error; a reader goes on with the next line."""

    def error(self, msg: str) -> NoReturn:
        raise Refused(msg.lower())
