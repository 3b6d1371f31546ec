"""Batch files as statements: carets and slices of variables are put together, then words are read.

There is no grammar of this language, only what its interpreter does: it replaces `%NAME%`, takes carets
out, and cuts at `&` and `|`. A block in brackets is read as if the brackets were not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.capabilities.commands.script import (
    Command,
    Kind,
    Output,
    Part,
    Redirect,
    Statement,
    Text,
    Variable,
    Word,
)

_LINE_LIMIT = 16_384
_LINES_LIMIT = 50_000
_TOKEN = re.compile(
    r"(?P<blank>[ \t,;=]+)|(?P<pipe>\|\|?|&&?|[()])|(?P<number>\d?)(?P<redirect>(?:>>?|<)&?)"
    r"|(?P<word>(?:\"[^\"]*\"?|\^.|%[^%\s]{1,60}%|[^\s|&()<>\"^]|\^)+)",
    re.DOTALL,
)
_LOOP = re.compile(
    r"\s*for\s+/f\s+(?:\"[^\"]{0,200}\"\s+)?(%%?[A-Za-z])\s+in\s*\(\s*(['`])(.{1,4000}?)\2\s*\)\s*do\b",
    re.IGNORECASE,
)
_ENDS_NAME = re.compile(r"[,;=]")
_PIECE = re.compile(
    r"%%?~?(?P<argument>[a-zA-Z]*\d)|(?P<loop>%%[A-Za-z])(?![\w%])|%(?P<name>[^%:\s]{1,60})(?::~(?P<start>-?\d{1,4})(?:,(?P<length>-?\d{1,4}))?"
    r"|:(?P<old>[^%=]{1,60})=(?P<new>[^%]{0,60}))?%|!(?P<late>[A-Za-z_]\w{0,60})!"
)
_SET = re.compile(r"\s*set\s+(?:/[pPaA]\s+)?\"?([^=\"\s%]{1,60})=(.*)", re.IGNORECASE | re.DOTALL)
_SKIPPED = re.compile(r"\s*@?\s*(?:rem\b|::|:[A-Za-z_])", re.IGNORECASE)
_BLOCK_WORDS = re.compile(
    r"\s*@?\s*(?:if\s+(?:/i\s+)?(?:not\s+)?(?:exist\s+(?:\"[^\"]*\"|\S+)|defined\s+\S+|errorlevel\s+\d+"
    r"|(?:\"[^\"]*\"|[^\s=]+)\s*(?:==|equ|neq|lss|leq|gtr|geq)\s*(?:\"[^\"]*\"|[^\s(]+))|else|for\s.{1,300}?\bdo\b)\s*",
    re.IGNORECASE,
)
_SECOND = 2


def parse(text: str) -> tuple[tuple[Statement, ...], bool]:
    """Return the statements of a batch file, and whether it was read in full."""
    lines = re.split(r"\r\n|\n|\r", text)
    found: list[Statement] = []
    for number, line in _logical(lines[:_LINES_LIMIT]):
        found.extend(_line(number, line[:_LINE_LIMIT]))
    whole = len(lines) <= _LINES_LIMIT and all(len(line) <= _LINE_LIMIT for line in lines)
    return tuple(found), whole


def _logical(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Join lines that end with a caret; leave out remarks and labels."""
    held = ""
    start = 0
    for number, line in enumerate(lines):
        start = start if held else number
        if line.endswith("^") and len(held) < _LINE_LIMIT:
            held += line[:-1]
            continue
        if not _SKIPPED.match(held + line):
            yield start, held + line
        held = ""


def _line(number: int, line: str) -> Iterator[Statement]:
    rest = line.strip().lstrip("@(").strip()
    for _ in range(8):
        loop = _LOOP.match(rest)
        if loop is not None:
            printed = Output(tuple(_commands(number, line, _uncaret(loop[3]))))
            name = "%%" + loop[1][-1].lower()
            yield Statement((Command(number, line.strip()[:200], (), ((name, (printed,)),)),))
        found = _BLOCK_WORDS.match(rest)
        if found is None:
            break
        rest = rest[found.end() :].lstrip("(@ ")
    assigned = _SET.match(_uncaret(rest)) if "=" in rest else None
    if assigned is not None and not re.search(r"[&|]", assigned[2].partition('"')[0]):
        value = assigned[2].strip().removesuffix('"')
        yield Statement((Command(number, line.strip()[:200], (), ((assigned[1].lower(), pieces(value)),)),))
        return
    yield from _commands(number, line, rest)


def _commands(number: int, line: str, rest: str) -> Iterator[Statement]:
    evidence = line.strip()[:200]
    stages: list[Command] = []
    words: list[Word] = []
    redirects: list[Redirect] = []
    awaited = number_ = ""

    def taken() -> None:
        if words or redirects:
            name = "".join(part.text for part in words[0] if isinstance(part, Text)) if words else ""
            set_ = _SET.match(" ".join(["set", _plain(words[1:])])) if name.lower() == "set" else None
            pairs = ((set_[1].lower(), pieces(set_[2])),) if set_ else ()
            stages.append(Command(number, evidence, () if set_ else tuple(words), pairs, tuple(redirects)))
            words.clear()
            redirects.clear()

    for token in _TOKEN.finditer(rest):
        kind = token.lastgroup
        if kind == "pipe":
            taken()
            if token[0] != "|" and stages:
                yield Statement(tuple(stages))
                stages = []
        elif kind == "redirect":
            awaited = "in" if "<" in token[0] else "add" if ">>" in token[0] else "out"
            number_ = token["number"]
        elif kind == "word":
            text = _uncaret(token[0]).replace('"', "")
            if awaited:
                kind_: Kind = "in" if awaited == "in" else "add" if awaited == "add" else "out"
                redirects.append(Redirect(kind_, pieces(text), number_))
                awaited = ""
            else:  # `cmd,/c` is `cmd /c`
                split = _ENDS_NAME.split(text) if not words and "%" not in text else [text]
                words += [pieces(part) for part in split if part]
    taken()
    if stages:
        yield Statement(tuple(stages))


def _plain(words: list[Word]) -> str:
    return " ".join("".join(part.text for part in word if isinstance(part, Text)) for word in words)


def pieces(text: str) -> Word:
    """Return a text as a word: `%NAME%`, `%NAME:~1,3%`, `%NAME:a=b%`, `!NAME!` are variables."""
    parts: list[Part] = []
    start = 0
    for found in _PIECE.finditer(text):
        if found.start() > start:
            parts.append(Text(text[start : found.start()], quoted=True))
        start = found.end()
        if found["argument"] is not None:
            parts.append(Text(found[0], quoted=True))
            continue
        if found["loop"] is not None:
            parts.append(Variable(found["loop"].lower(), quoted=True))
            continue
        name = (found["name"] or found["late"]).lower()
        if found["start"] is not None:
            operands = tuple(one for one in (found["start"], found["length"]) if one is not None)
            parts.append(Variable(name, ":", operands, quoted=True))
        elif found["old"] is not None:
            parts.append(Variable(name, "//", (found["old"], found["new"]), quoted=True))
        else:
            parts.append(Variable(name, quoted=True))
    if start < len(text) or not parts:
        parts.append(Text(text[start:], quoted=True))
    return tuple(parts)


def _uncaret(text: str) -> str:
    """Take carets out, but not between quotes."""
    if "^" not in text:
        return text
    halves = text.split('"')
    return '"'.join(
        re.sub(r"\^(.?)", r"\1", half) if at % _SECOND == 0 else half for at, half in enumerate(halves)
    )
