"""A syntax tree of Python text of any version, whole or broken, and the way down to a place in it."""

from __future__ import annotations

import codecs
import re
import unicodedata
from itertools import islice
from typing import NamedTuple

import tree_sitter
import tree_sitter_python
from tree_sitter import Node

from fimci.readers.code.pure import Work
from fimci.readers.code.python_syntax import prefilter

#: Bytes and tokens that are parsed; of a longer file, the beginning. Trees take memory by tokens: of clients
#: that are generated (6 MB) 35 bytes for a byte, of text that is made for that 240.
LIMIT, _TOKENS = 8_000_000, 2_000_000
#: Bytes that have no more tokens, whatever they are.
_SURELY = 2_000_000
_TOKEN = re.compile(rb"\w+|[^\w\s]")
#: A tree is followed down to here. Code that people write, and what tools generate, is below 100.
DEPTH = 400
#: Turns of a loop that a path costs, and each node on it that is new.
_A_PATH, _A_NODE = 8, 8
#: Nodes with errors that are looked at, and children of an error: broken text of people is far below.
_ERRORS, _WIDEST = 20_000, 4_000
#: Levels of indentation (CPython allows 100), and a line that can be on one beyond.
_LEVELS = 100
_DEEP = re.compile(rb"[\n\r\f][ \t]{40}")
#: Blanks before a line: of as many levels, there are as many that differ.
_BLANKS = re.compile(rb"[\n\r\f]([ \t]+)")
#: Indentation that goes on behind a backslash.
_CONTINUED = re.compile(rb"(?:(?<=[\n\r\f])|\A)[ \t]*\\\r?\n")

LANGUAGE = tree_sitter.Language(tree_sitter_python.language())
_COOKIE = re.compile(
    rb"\A(?:\xef\xbb\xbf)?(?:[ \t\f]*#[^\n]*\n|[ \t\f]*\r?\n)?[ \t\f]*#[^\n]*?coding[:=][ \t]*([-\w.]+)"
)
#: Encodings in which code is ASCII where it stands.
_TRANSPARENT = re.compile(
    r"(?:utf-?8(?:-sig)?|(?:us-)?ascii|latin-?1|iso-?8859-?\d+|cp125\d|windows-125\d|koi8-[ru]|euc-\w+|gb\w+|big5\w*|shift-?jis|mac-?\w+|mbcs)(?:-\w+)?\Z"
)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_NAME_BEYOND = re.compile(r"\w*[^\W\x00-\x7f]\w*")


class Parsed(NamedTuple):
    """A tree, the bytes that it was made of, and what was wrong with them.

    `broken` is the line of the first syntax error (0: none), `capped` says what was not read.
    """

    data: bytes
    root: Node
    broken: int
    capped: str


def cookie(data: bytes) -> str:
    """Return the encoding that a file declares (PEP 263) if its code is not readable as it stands."""
    found = _COOKIE.match(data[:1000])
    name = found[1].decode("ascii", "replace").lower().replace("_", "-") if found is not None else ""
    return "" if _TRANSPARENT.match(name) else name


def parse(data: bytes) -> Parsed:
    """Parse as much as is allowed. Never raises."""
    data, capped = _readable(data)
    if len(data) > _SURELY:
        data, too_long = _beginning(data)
        capped = too_long or capped
    if b"\\\n" in data or b"\\\r\n" in data:
        data = _CONTINUED.sub(b"", data)
    if _DEEP.search(data) is not None and len(set(_BLANKS.findall(data))) >= _LEVELS - 1:
        data, too_deep = _flattened(data)
        capped = capped or too_deep
    root = tree_sitter.Parser(LANGUAGE).parse(data).root_node
    if not root.has_error:
        return Parsed(data, root, 0, capped)
    broken = _first_error(root)
    if _too_broken(root):
        # The time that a query takes grows with the square of what lies flat in an error.
        root = tree_sitter.Parser(LANGUAGE).parse(b"").root_node
        return Parsed(b"", root, broken, "not in the syntax of Python")
    return Parsed(data, root, broken, capped)


def _beginning(data: bytes) -> tuple[bytes, str]:
    """Return what is parsed of a long text, and what is said of the rest."""
    beyond = next(islice(_TOKEN.finditer(data), _TOKENS, None), None)
    end = min(LIMIT, len(data) if beyond is None else beyond.start())
    return (data, "") if end >= len(data) else (data[:end], f"longer than {end:,} bytes")


def _too_broken(root: Node) -> bool:
    """Tell whether an error covers so much that it is more work than worth to look into it."""
    nodes, visited = [root], 0
    while nodes:
        node = nodes.pop()
        visited += 1
        if visited > _ERRORS or (node.is_error and node.child_count > _WIDEST):
            return True
        nodes.extend(child for child in node.children if child.has_error)
    return False


def _flattened(data: bytes) -> tuple[bytes, str]:
    """Take back lines that are indented deeper than Python allows, and say so.

    Beyond some 500 levels, the scanner of the grammar writes over memory that is not its own.
    """
    levels, deep = [0], False
    lines = data.split(b"\n")
    for number, line in enumerate(lines):
        rest = line.lstrip(b" \t\f\r")
        if not rest:
            continue
        blanks = line[: len(line) - len(rest)]
        width = len(blanks[max(blanks.rfind(b"\r"), blanks.rfind(b"\f")) + 1 :].expandtabs())
        while levels[-1] > width:
            levels.pop()
        if levels[-1] == width:
            continue
        if len(levels) < _LEVELS:
            levels.append(width)
        else:
            deep = True
            lines[number] = b" " * levels[-1] + rest
    return b"\n".join(lines), "indented deeper than Python allows" if deep else ""


def _readable(data: bytes) -> tuple[bytes, str]:
    """Return the text in UTF-8, and what was not understood of it.

    Python takes styled letters of identifiers for plain ones (NFKC, PEP 3131), so they become such.
    """
    name, capped = cookie(data), ""
    if name:
        try:
            text = (
                codecs.decode(data[:LIMIT].decode("latin-1"), "rot13")
                if name in {"rot13", "rot-13"}
                else data[:LIMIT].decode(name, "replace")
            )
        except (LookupError, ValueError, TypeError, AttributeError):
            return data, f"written in an unknown encoding ({name[:40]})"
        data = text.encode("utf-8", "replace")
    if data.isascii() or prefilter.STYLED.search(data) is None:
        return data, capped
    text = data[:LIMIT].decode("utf-8", "replace")
    plain = _NAME_BEYOND.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    return plain.encode("utf-8", "replace") + data[LIMIT:], capped


def _first_error(root: Node) -> int:
    """Return the line of the first error, by following those children that have one."""
    node = root
    for _ in range(DEPTH):
        inner = next((child for child in node.children if child.has_error or child.is_missing), None)
        if inner is None:
            break
        node = inner
    return node.start_point.row + 1


class Descent:
    """The way from the root down to places that are asked for one after another.

    What is kept is the path to the last place: the next is mostly near. (`Node.parent` would begin at the
    root each time, and `Node.children` makes an object of each.)
    """

    def __init__(self, root: Node, work: Work) -> None:
        """Begin at the root. Each node on the way costs `work`."""
        self._path, self._cursor, self._work = [root], root.walk(), work

    def to(self, position: int) -> list[Node]:
        """Return the nodes around a byte, from the root to the innermost. The list is used again."""
        path, cursor, turns = self._path, self._cursor, _A_PATH
        while len(path) > 1 and not path[-1].start_byte <= position < path[-1].end_byte:
            path.pop()
            cursor.goto_parent()
        while len(path) < DEPTH and cursor.goto_first_child_for_byte(position) is not None:
            child = cursor.node
            if child is None or not child.start_byte <= position < child.end_byte:
                cursor.goto_parent()
                break
            path.append(child)
            turns += _A_NODE
        self._work.spend(turns)
        return path
