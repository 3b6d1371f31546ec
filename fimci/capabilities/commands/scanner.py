"""The words of a shell script: quotes, variables, substitutions, here-documents. One pass, no backtracking.

tree-sitter-bash was measured first: it takes the next line for arguments after `| sh`, and 32 kB of `a|a|…`
make it allocate until the process dies. What is not closed ends at the end of the text, as it would not run.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from fimci.capabilities.commands import escapes
from fimci.capabilities.commands.script import Output, Part, Statement, Text, Variable, Word

#: Words that are read, and substitutions and groups inside each other.
WORD_LIMIT = 200_000
DEPTH_LIMIT = 30
_NESTED_LIMIT = 20_000

_PLAIN = re.compile(r"[^\s\\'\"$`;&|<>()]+")
_QUOTED_PLAIN = re.compile(r"[^\\\"$`]+")
_BODY_PLAIN = re.compile(r"[^\\$`]+")
_SINGLE = re.compile(r"'([^']*)'?")
_ANSI_C = re.compile(r"\$'((?:[^'\\]|\\.)*)'?", re.DOTALL)
_NAMED = re.compile(r"\$([A-Za-z_]\w*|[0-9@*#?$!-])")
_BACKTICKS = re.compile(r"`((?:[^`\\]|\\.)*)`?", re.DOTALL)
_BACKTICK_ESCAPE = re.compile(r"\\([`\\$])")
_EXPANSION = re.compile(
    r"(?P<prefix>[#!]?)(?P<name>[A-Za-z_]\w*|[0-9]+|[@*#?$!_-])(?:\[(?P<index>[^\]]*)\])?(?P<rest>.*)\Z",
    re.DOTALL,
)
_OPERATOR = re.compile(r":[-=+?]|[-=+?]|:|//?[#%]?|##?|%%?|\^\^?|,,?|@")
#: An apostrophe in a text between other marks begins nothing.
_BRACKET = re.compile(r"""\\.|"(?:[^"\\$`(){}]|\$\w)*"|'[^']*'|[(){}]""", re.DOTALL)
_ARRAY = re.compile(r"[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=\Z")
_BLANK = re.compile(r"(?:[ \t\r]|\\\r?\n)+")
_BLANKS = re.compile(r"(?:\s|\\\n|#[^\n]*)*")

#: Reads statements up to a closing mark: `)` or nothing.
Statements: TypeAlias = Callable[["Scan", str], tuple[Statement, ...]]


@dataclass(slots=True)
class Scan:
    """A text while it is read. `jumps`: behind these line ends stand here-documents, read already."""

    text: str
    statements: Statements
    at: int = 0
    depth: int = 0
    base: int = 0
    words: int = 0
    whole: bool = True
    jumps: dict[int, int] = field(default_factory=dict)
    ends: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Note where lines end."""
        self.ends = [found.start() for found in re.finditer("\n", self.text)]

    def line(self, at: int) -> int:
        """Return the line of a position, from 0."""
        return self.base + bisect_left(self.ends, at)

    def here(self, *marks: str) -> bool:
        """Tell whether one of these stands here."""
        return self.text.startswith(marks, self.at)

    def blank(self) -> None:
        """Step over blanks and lines that go on, not over the end of a line."""
        found = _BLANK.match(self.text, self.at)
        if found is not None:
            self.at = found.end()

    def stop(self) -> None:
        """Read no further."""
        self.whole = False
        self.at = len(self.text)


def word(scan: Scan) -> Word:
    """Read one word; nothing where none begins here."""
    parts: list[Part] = []
    text = scan.text
    scan.words += 1
    if scan.words > WORD_LIMIT:
        scan.stop()
    while scan.at < len(text):
        found = _PLAIN.match(text, scan.at)
        if found is not None:
            parts.append(Text(found[0]))
            scan.at = found.end()
            continue
        mark = text[scan.at]
        if mark == "\\":
            skipped = text[scan.at + 1 : scan.at + 2]
            parts += [Text(skipped, quoted=True)] if skipped != "\n" else []
            scan.at += 2
        elif mark == "'":
            parts.append(_single(scan))
        elif mark == '"' or scan.here('$"'):
            scan.at += 1 if mark == '"' else 2
            parts.extend(quoted(scan) or [Text("", quoted=True)])
        elif mark in "$`":
            parts.extend(_dollar(scan))
        elif scan.here("<(", ">(") and not parts:
            scan.at += 1
            parts.append(Output(_bracketed(scan), file=True))
        elif mark == "(" and _continues(parts):
            parts.extend(_array(scan) if _ARRAY.search(_written(parts)) else [Text(nested(scan, 1))])
        else:
            break
    return tuple(parts)


def quoted(scan: Scan, end: str = '"', plain: re.Pattern[str] = _QUOTED_PLAIN) -> list[Part]:
    """Read up to a closing quote, or all of a here-document (where `end` is empty)."""
    parts: list[Part] = []
    text = scan.text
    while scan.at < len(text):
        found = plain.match(text, scan.at)
        if found is not None:
            parts.append(Text(found[0], quoted=True))
            scan.at = found.end()
        elif text[scan.at] == "\\":
            parts.append(Text(escapes.quoted(text[scan.at : scan.at + 2]), quoted=True))
            scan.at += 2
        elif end and scan.here(end):
            scan.at += 1
            break
        else:
            parts.extend(
                part._replace(quoted=True) if isinstance(part, Variable) else part for part in _dollar(scan)
            )
    return parts


def body(scan: Scan, *, literal: bool, strips: bool, delimiter: str) -> Word:
    """Read the here-document that begins behind this line; the scan will step over it there."""
    end = scan.text.find("\n", scan.at)
    if end < 0:
        return (Text("", quoted=True),)
    start = scan.jumps.get(end, end + 1)
    indent = r"[ \t]*" if strips else ""
    closing = re.compile(rf"^{indent}{re.escape(delimiter)}\r?$", re.MULTILINE)
    found = closing.search(scan.text, start)
    scan.jumps[end] = min(len(scan.text), found.end() + 1) if found else len(scan.text)
    content = scan.text[start : found.start() if found else len(scan.text)]
    if literal:
        return (Text(content, quoted=True),)
    inner = _inside(scan, content, scan.line(start))
    parts = tuple(quoted(inner, "", _BODY_PLAIN))
    scan.words, scan.whole = inner.words, scan.whole and inner.whole
    return parts or (Text("", quoted=True),)


def nested(scan: Scan, width: int) -> str:
    """Step over brackets and return what is in them, with them; `width` is the length of the opening."""
    start, depth = scan.at, width
    scan.at += width
    last = min(len(scan.text), start + _NESTED_LIMIT)
    pair = "{}" if scan.text[start + width - 1] == "{" else "()"
    while depth and scan.at < last:
        found = _BRACKET.search(scan.text, scan.at, last)
        if found is None:
            scan.at = last
            break
        scan.at = found.end()
        depth += (found[0] == pair[0]) - (found[0] == pair[1])
    return scan.text[start : scan.at]


def outputs(scan: Scan, text: str) -> list[Part]:
    """Return the substitutions inside a text that is not looked at otherwise: arithmetic, defaults."""
    if "$(" not in text and "`" not in text:
        return []
    inner = _inside(scan, text, scan.line(scan.at))
    found = [part for part in quoted(inner, "", _BODY_PLAIN) if isinstance(part, Output)]
    scan.words, scan.whole = inner.words, scan.whole and inner.whole
    return list(found)


def _inside(scan: Scan, text: str, line: int) -> Scan:
    inner = Scan(text, scan.statements, depth=scan.depth + 1, base=line, words=scan.words)
    if inner.depth > DEPTH_LIMIT:
        inner.stop()
    return inner


def _single(scan: Scan) -> Text:
    found = _SINGLE.match(scan.text, scan.at)
    assert found is not None  # noqa: S101  (for the type checker: a quote stands here)
    scan.at = found.end()
    return Text(found[1], quoted=True)


def _dollar(scan: Scan) -> list[Part]:
    """Read what begins with a dollar or a backtick."""
    text = scan.text
    if text[scan.at] == "`":
        return _backticks(scan)
    ansi = _ANSI_C.match(text, scan.at)
    if ansi is not None:
        scan.at = ansi.end()
        return [Text(escapes.ansi_c(ansi[1]), quoted=True)]
    if scan.here("$(("):
        start = scan.at
        scan.at += 1
        inside = nested(scan, 2)[2:]
        if inside.endswith("))"):
            return [Variable("?"), *outputs(scan, inside)]
        scan.at = start  # a group in brackets is the first of what is in it
    if scan.here("$("):
        scan.at += 1
        return [Output(_bracketed(scan))]
    if scan.here("${"):
        scan.at += 1
        return _expansion(scan, nested(scan, 1)[1:-1])
    named = _NAMED.match(text, scan.at)
    if named is not None:
        scan.at = named.end()
        return [Variable(named[1])]
    scan.at += 1
    return [Text("$")]


def _bracketed(scan: Scan) -> tuple[Statement, ...]:
    """Read statements in brackets."""
    scan.at += 1
    if scan.depth >= DEPTH_LIMIT:
        scan.stop()
        return ()
    scan.depth += 1
    found = scan.statements(scan, ")")
    scan.depth -= 1
    return found


def _backticks(scan: Scan) -> list[Part]:
    found = _BACKTICKS.match(scan.text, scan.at)
    assert found is not None  # noqa: S101  (for the type checker: a backtick stands here)
    inner = _inside(scan, _BACKTICK_ESCAPE.sub(r"\1", found[1]), scan.line(scan.at))
    scan.at = found.end()
    statements = scan.statements(inner, "")
    scan.words, scan.whole = inner.words, scan.whole and inner.whole
    return [Output(statements)]


def _expansion(scan: Scan, inside: str) -> list[Part]:
    found = _EXPANSION.match(inside)
    if found is None:
        return [Variable("?"), *outputs(scan, inside)]
    rest = found["rest"]
    operator = _OPERATOR.match(rest)
    sign = operator[0] if operator else found["prefix"]
    operands = tuple(rest[len(sign) :].split(":" if sign == ":" else "/")) if operator else ()
    if found["index"] is not None and not operator:
        sign, operands = "[", (found["index"],)
    return [Variable(found["name"], sign, operands), *outputs(scan, rest)]


def _written(parts: list[Part]) -> str:
    first = parts[0] if len(parts) == 1 else None
    return first.text if isinstance(first, Text) else ""


def _continues(parts: list[Part]) -> bool:
    """Tell whether a bracket belongs to the word before it: an array, or a pattern like `@(a|b)`."""
    last = parts[-1] if parts else None
    return isinstance(last, Text) and not last.quoted and last.text.endswith(("=", "?", "*", "+", "@", "!"))


def _array(scan: Scan) -> list[Part]:
    """Read the items of an array, one blank between them."""
    scan.at += 1
    parts: list[Part] = []
    while scan.at < len(scan.text):
        found = _BLANKS.match(scan.text, scan.at)
        scan.at = found.end() if found else scan.at
        if scan.here(")"):
            scan.at += 1
            break
        item = word(scan)
        if not item:
            scan.at += 1
        parts.extend((*([Text(" ", quoted=True)] if parts else []), *item))
    return parts
