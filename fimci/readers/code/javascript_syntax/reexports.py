"""What a file exports that other files of its package define: told from the bytes alone.

export * from "./x"                   *      → all of ./x        module.exports = require("./x")
export { a, b as c } from "./x"       a, c   → a, b of ./x       exports.a = require("./x").b
import { a } from "./x"; export { a } a      → a of ./x
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from fimci.readers.code.javascript_syntax import words
from fimci.readers.code.javascript_syntax.loads import DEFAULT, WORD, Local, loads, text

#: All that a file exports, whatever it is called there.
ALL = "*"
#: Exports that are looked at, and places of a word.
_MOST, _PLACES = 400, 4_000
_FROM = rb"[\"'](?P<target>\.[^\"'\n]{0,200})[\"']"
_STAR = re.compile(rb"export\s{0,99}\*(?:\s{0,99}as\s{1,99}" + WORD + rb")?\s{0,99}from\s{0,99}" + _FROM)
_LIST = re.compile(rb"export\s{0,99}\{([^{}]{1,4000})\}\s{0,99}from\s{0,99}" + _FROM)
#: What is loaded, and what stands before it where that is exported: all of it, or a name for it.
_REQUIRED = re.compile(
    rb"require[ \t]{0,9}\([ \t]{0,9}"
    + _FROM
    + rb"[ \t]{0,9}\)(?:\.(?P<member>"
    + WORD
    + rb"))?(?![ \t]{0,9}[.(\w$])"
)
_BEFORE = 80
_EXPORTS = re.compile(
    rb"(?:(?P<whole>\bmodule\.exports[ \t]{0,9}=)"
    rb"|(?P<star>\.\.\.|\b__exportStar\(|\bassign\((?:module\.)?exports,)"
    rb"|\bexports\.(?P<to>" + WORD + rb")[ \t]{0,9}=|\b(?P<key>" + WORD + rb")[\"']?[ \t]{0,9}:)[ \t]{0,9}\Z"
)
_PAIR = re.compile(rb"(" + WORD + rb")(?:\s{1,99}as\s{1,99}(" + WORD + rb"))?")
#: What was imported and is exported by its own name or another one.
_LISTED = re.compile(rb"(?:\bexport|\bmodule\.exports[ \t]{0,9}=)\s{0,99}\{([^{}]{1,4000})\}(?!\s{0,99}from)")
_LOCAL = re.compile(
    rb"(?:(?P<as>"
    + WORD
    + rb")\s{0,99}:\s{0,99})?(?P<local>"
    + WORD
    + rb")(?:\s{1,99}as\s{1,99}(?P<to>"
    + WORD
    + rb"))?"
)
_DEFAULT = re.compile(
    rb"(?:\bexport\s{1,99}default|\bmodule\.exports[ \t]{0,9}=|\bexports\.(?P<to>"
    + WORD
    + rb")[ \t]{0,9}=)\s{1,99}"
    rb"(?P<local>" + WORD + rb")\s{0,9}(?:;|\n|\Z)"
)
#: What compilers make of what is exported after it was imported: a member that is asked for each time.
_ASKED = re.compile(
    rb"defineProperty\((?:module\.)?exports,\s{0,9}[\"'](?P<to>"
    + WORD
    + rb")[\"'],\s{0,9}\{[^{}]{0,80}\bget\b(?::\s{0,9}(?:function\s{0,9}\w{0,40}\s{0,9})?)?\(\)"
    rb"\s{0,9}(?:=>\s{0,9})?(?:\{\s{0,99}return\s{1,9})?(?P<local>"
    + WORD
    + rb")(?:\.(?P<member>"
    + WORD
    + rb"))?[\s;,}]"
)


def reexports(data: bytes) -> dict[str, set[tuple[str, str]]]:
    """Return what is exported under a name, as files and names there."""
    found: dict[str, set[tuple[str, str]]] = {}
    if b"export" not in data or (b"require" not in data and b"from" not in data):
        return found
    for name, target, member in itertools.islice(_found(data), _MOST):
        found.setdefault(name, set()).add((target, member))
    return found


def _found(data: bytes) -> Iterator[tuple[str, str, str]]:
    yield from _handed(data)
    yield from _imported(data)


def _handed(data: bytes) -> Iterator[tuple[str, str, str]]:
    """Yield what is exported where it is loaded."""
    for at in itertools.islice(words.hits(data, b"export", 0, len(data)), _PLACES):
        every, several = _STAR.match(data, at), _LIST.match(data, at)
        if every is not None:
            yield ALL, text(every["target"]), ALL
        for pair in _PAIR.finditer(several[1]) if several is not None else ():
            yield text(pair[2] or pair[1]), text(several["target"] if several else None), text(pair[1])
    for at in itertools.islice(words.hits(data, b"require", 0, len(data)), _PLACES):
        found = _REQUIRED.match(data, at)
        before = _EXPORTS.search(data[max(0, at - _BEFORE) : at]) if found is not None else None
        if found is not None and before is not None:
            yield from _required(found, before)


def _required(found: re.Match[bytes], before: re.Match[bytes]) -> Iterator[tuple[str, str, str]]:
    target, member = text(found["target"]), text(found["member"])
    if before["to"] or before["key"]:
        yield text(before["to"] or before["key"]), target, member or DEFAULT
        return
    if not member:
        yield ALL, target, ALL
    if before["whole"]:
        yield DEFAULT, target, member or DEFAULT


def _imported(data: bytes) -> Iterator[tuple[str, str, str]]:
    """Yield what is exported after it got a name."""
    imported = {one.word: one for one in loads(data) if isinstance(one, Local)}
    for one in _LISTED.finditer(data) if imported else ():
        for pair in _LOCAL.finditer(one[1]):
            local = imported.get(pair["local"])
            if local is not None:
                yield text(pair["to"] or pair["as"] or pair["local"]), local.target, local.member or DEFAULT
    asked = itertools.islice(words.hits(data, b"defineProperty", 0, len(data)), _PLACES)
    for at in asked if imported else ():
        found = _ASKED.match(data, at)
        local = imported.get(found["local"]) if found is not None else None
        if found is not None and local is not None:
            yield text(found["to"]), local.target, text(found["member"]) or local.member or DEFAULT
    for one in _DEFAULT.finditer(data) if imported else ():
        local = imported.get(one["local"])
        if local is not None:
            yield text(one["to"]) or DEFAULT, local.target, local.member or DEFAULT
