"""What a file gets from other files of its package: which names stand for it, told from the bytes alone."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

from fimci.readers.code.javascript_syntax import words

#: What a file exports that exports one function, and what is called by loading it.
DEFAULT = "default"
#: Loads of own files that are looked at.
_MOST = 20_000
WORD = rb"[A-Za-z_$][\w$]*"
#: `require("./x")` and what is done with it at once; the pattern or name in front that it gets, and how far
#: in front that begins. Each is tried where its word was found: a pattern of several words is slow.
_REQUIRED = re.compile(
    rb"(?:require|import)\s*\(\s*[\"'](?P<target>\.[^\"'\n]{0,200})[\"']\s*\)"
    rb"(?:\s*\.\s*then\s*\(\s*(?:async\s*)?(?:function\s*)?\(?\s*(?P<then>" + WORD + rb"|\{[^{}]{0,400}\})"
    rb"|(?:\s*\.\s*(?P<member>"
    + WORD
    + rb"))?(?:\s*\.\s*(?:call|apply)(?=\()|\s*\.\s*bind\([^()]{0,200}\)(?=\())?\s*(?P<called>\(?))"
)
#: What calls later what it is given.
_HANDING = re.compile(
    rb"(?:setTimeout|setInterval|setImmediate|nextTick|queueMicrotask|\.then|\.catch|\.finally|\.once|\.on"
    rb"|\.addListener|\.forEach|\.map|\.flatMap|\.filter|\.some|\.every|\.find|Reflect\.apply)\s{0,9}\("
    rb"(?:\s{0,9}[\"'][\w:-]{0,40}[\"']\s{0,9},)?\s{0,9}\Z"
)
_CLOSE = 80
#: What stands before and behind one of a list that is gone through, each of which is called.
_LIST = re.compile(
    rb"(?:\bfor\s{0,9}\(\s{0,9}(?:const|let|var)\s{1,9}(" + WORD + rb")\s{1,9}of\s{0,9})?\[[^\[\]]{0,200}\Z"
)
_LISTED = re.compile(
    rb"[^\[\]]{0,200}\](?:\s{0,9}\.\s{0,9}(?:forEach|map|some|every)\s{0,9}\(\s{0,9}(?:async\s{0,9})?\(?\s{0,9}"
    rb"(?P<each>" + WORD + rb")\s{0,9}\)?\s{0,9}=>|\s{0,9}\))"
    rb"\s{0,9}\{?\s{0,9}(?:return\s|await\s)?\s{0,9}(?P<one>" + WORD + rb")\s{0,9}\("
)
_FAR = 300
_COMMA, _COMMA_CALLED = re.compile(rb"\(\s{0,9}0\s{0,9},\s{0,9}\Z"), re.compile(rb"\s{0,9}\)\s{0,9}\(")
_GETS = re.compile(
    rb"(?:\b(?:const|let|var)\s+|,\s*)(?P<to>" + WORD + rb"|\{(?:[^{}]|\{[^{}]{0,200}\}){0,400}\})\s*=\s*"
    rb"(?:await\s+|(?:[\w$]+\.)?_{1,2}\w*(?:[iI]mport|[iI]nterop|ESM)\w*\()?\Z"
)
_BEFORE = 460
#: What it gets does not begin with a blank, or a run of blanks could be divided in very many ways.
_IMPORTED = re.compile(
    rb"import(?:\s+|(?=[{*]))(?P<to>[^\s\"';(][^\"';]{0,600}?)(?<![\w$])"
    rb"from\s{0,100}[\"'](?P<target>\.[^\"'\n]{0,200})[\"']"
)
#: A name of its own for a member, or any name.
_CLAUSE = re.compile(
    rb"(?:(?P<own>" + WORD + rb")\s*(?::|\bas\b)\s*|(?:\*\s*as\s+))?(?P<local>" + WORD + rb")"
)
#: A statement that begins a line, or follows another one there, and calls something, or has it called.
_STATEMENT = re.compile(
    rb"(?:^|;[ \t]*)(?:(?:const|let|var)[ \t]+[^=;\n]{1,80}=[ \t]*)?(?:(?:await|void|new)[ \t]+)?"
    rb"(?:(?:setTimeout|setImmediate|queueMicrotask|process\.nextTick)[ \t]*\([ \t]*"
    rb"|process\.on(?:ce)?[ \t]*\([ \t]*[\"']\w{1,40}[\"'],[ \t]*"
    rb"|Promise\.\w{1,20}\([^()\n]{0,80}\)\.then\([ \t]*|Reflect\.apply\([ \t]*|\(0,[ \t]*"
    rb"|(?:for[ \t]*\((?:const|let|var)[ \t]+[\w$]{1,40}[ \t]+of[ \t]+)?\[[ \t]*)?"
    rb"(?:(?P<required>require|import)[ \t]*\([ \t]*[\"']\.[^\"'\n]{0,200}[\"'][ \t]*\)(?=(?:\."
    + WORD
    + rb"){1,2}[ \t]*[(,)`\]]|[ \t]*[()])|(?P<name>"
    + WORD
    + rb"))(?:\."
    + WORD
    + rb"|\[[\"']"
    + WORD
    + rb"[\"']\]){0,5}[ \t]*[(,)`\]]",
    re.MULTILINE,
)
_FUNCTION = re.compile(
    rb"^(?:export[ \t]+)?(?:(?:async[ \t]+)?function[ \t]*\*?|class(?=[ \t]+"
    + WORD
    + rb"[ \t]+extends))[ \t]*("
    + WORD
    + rb")",
    re.MULTILINE,
)
#: What an editor calls of its extensions.
_HOOK = b"activate"
#: What starts a program of its own, whose calls are those of who runs it.
_PROGRAM = b"#!"


class Local(NamedTuple):
    """A name that something of another file has: `member` of it, or (empty) the whole; where it is bound."""

    word: bytes
    at: int
    target: str
    member: str


class Call(NamedTuple):
    """A call of what was loaded, in one expression: where, and of which member."""

    at: int
    target: str
    member: str


def loads(data: bytes) -> Iterator[Local | Call]:
    """Yield the names that a text has for other files, and what it calls without a name."""
    for found in itertools.chain(_found(data, b"require", _REQUIRED), _found(data, b"import", _REQUIRED)):
        target, member = text(found["target"]), text(found["member"])
        if found["then"]:
            yield from _bound(found["then"], found.start("then"), target, "")
            continue
        begins = found.start()
        comma = _COMMA_CALLED.match(data, found.end()) and _COMMA.search(
            data, max(0, begins - _CLOSE), begins
        )
        if found["called"] or comma or (member and handed(data, begins, found.end())):
            yield Call(found.start("target"), target, member or DEFAULT)
            continue
        start = max(0, found.start() - _BEFORE)
        gets = _GETS.search(data[start : found.start()])
        if gets is not None:
            yield from _bound(gets["to"], start + gets.start("to"), target, member)
    for found in _found(data, b"import", _IMPORTED):
        yield from _bound(found["to"], found.start("to"), text(found["target"]), "")


def handed(data: bytes, start: int, end: int) -> bool:
    """Tell whether what stands there is given to what calls it, alone or with others."""
    if _HANDING.search(data, max(0, start - _CLOSE), start) is not None:
        return True
    behind = _LISTED.match(data, end) if data[end : end + 1] in {b",", b"]", b" ", b"\n"} else None
    before = _LIST.search(data, max(0, start - _FAR), start) if behind is not None else None
    return before is not None and behind is not None and behind["one"] == (behind["each"] or before[1])


def _found(data: bytes, word: bytes, pattern: re.Pattern[bytes]) -> Iterator[re.Match[bytes]]:
    """Yield where a pattern that begins with a word matches, as often as is looked at."""
    matches = (pattern.match(data, at) for at in words.hits(data, word, 0, len(data)))
    return itertools.islice((found for found in matches if found is not None), _MOST)


def more_than_looked_at(data: bytes) -> bool:
    """Tell whether a text loads more own files than are looked at."""
    return any(
        data.count(word) > _MOST
        and sum(1 for at in words.hits(data, word, 0, len(data)) if pattern.match(data, at)) > _MOST
        for word, pattern in ((b"require", _REQUIRED), (b"import", _IMPORTED))
    )


def calls_at_once(data: bytes) -> bool:
    """Tell whether a text may call a function of another file outside of all functions, as far as lines tell.

    So may what an editor calls at its start.
    """
    if is_program(data):
        return False
    if _HOOK in data:
        return True
    statements = list(_STATEMENT.finditer(data))
    if any(found["required"] for found in statements):
        return True
    names = {found["name"] for found in statements}
    if not names:
        return False
    return not names.isdisjoint(_FUNCTION.findall(data)) or any(
        isinstance(one, Local) and one.word in names for one in loads(data)
    )


def is_program(data: bytes) -> bool:
    """Tell whether a text is a program by itself."""
    return data.startswith(_PROGRAM)


def _bound(pattern: bytes, start: int, target: str, member: str) -> Iterator[Local]:
    """Yield the names of a pattern or of an import: `run`, `{ run, send: post }`, `* as x`, `x, { run }`."""
    for found in _CLAUSE.finditer(pattern):
        own = found["own"] or (found["local"] if _within(pattern, found.start()) else None)
        yield Local(found["local"], start + found.start("local"), target, text(own) or member)


def _within(pattern: bytes, at: int) -> bool:
    """Tell whether a place is between braces."""
    return pattern.rfind(b"{", 0, at) > pattern.rfind(b"}", 0, at)


def text(data: bytes | None) -> str:
    """Return a part of the text, nothing for none."""
    return "" if data is None else data.decode(errors="replace")
