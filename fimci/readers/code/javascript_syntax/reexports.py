"""What a file exports that other files of its package define: told from the bytes alone.

export * from "./x"                   *      → all of ./x        module.exports = require("./x")
export { a, b as c } from "./x"       a, c   → a, b of ./x       exports.a = require("./x").b
import { a } from "./x"; export { a } a      → a of ./x
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from fimci.readers.code.javascript_syntax.loads import DEFAULT, WORD, Local, loads, text

#: All that a file exports, whatever it is called there.
ALL = "*"
#: Exports that are looked at.
_MOST = 400
_FROM = rb"[\"'](?P<target>\.[^\"'\n]{0,200})[\"']"
_REQUIRED = rb"require[ \t]{0,9}\([ \t]{0,9}[\"'](?P<%s>\.[^\"'\n]{0,200})[\"'][ \t]{0,9}\)"
_STAR = re.compile(
    rb"\bexport\s{0,99}\*(?:\s{0,99}as\s{1,99}" + WORD + rb")?\s{0,99}from\s{0,99}" + _FROM + rb"|"
    rb"(?:\bmodule\.exports[ \t]{0,9}=|\.\.\.|\b__exportStar\(|\bassign\((?:module\.)?exports,)[ \t]{0,9}"
    + _REQUIRED % b"required"
    + rb"(?![ \t]{0,9}[.(])"
)
_LIST = re.compile(rb"\bexport\s{0,99}\{([^{}]{1,4000})\}\s{0,99}from\s{0,99}" + _FROM)
_ONE = re.compile(
    rb"(?:\bexports\.(?P<to>"
    + WORD
    + rb")[ \t]{0,9}=|\b(?P<key>"
    + WORD
    + rb")[\"']?[ \t]{0,9}:)[ \t]{0,9}"
    + _REQUIRED % b"target"
    + rb"(?:\.(?P<member>"
    + WORD
    + rb"))?(?![ \t]{0,9}[.(])"
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
    for one in _STAR.finditer(data):
        target = text(one["target"] or one["required"])
        yield ALL, target, ALL
        if one[0].startswith(b"module"):
            yield DEFAULT, target, DEFAULT
    for one in _LIST.finditer(data):
        for pair in _PAIR.finditer(one[1]):
            yield text(pair[2] or pair[1]), text(one["target"]), text(pair[1])
    for one in _ONE.finditer(data):
        yield text(one["to"] or one["key"]), text(one["target"]), text(one["member"]) or DEFAULT


def _imported(data: bytes) -> Iterator[tuple[str, str, str]]:
    """Yield what is exported after it got a name."""
    imported = {one.word: one for one in loads(data) if isinstance(one, Local)}
    for one in _LISTED.finditer(data) if imported else ():
        for pair in _LOCAL.finditer(one[1]):
            local = imported.get(pair["local"])
            if local is not None:
                yield text(pair["to"] or pair["as"] or pair["local"]), local.target, local.member or DEFAULT
    for one in _DEFAULT.finditer(data) if imported else ():
        local = imported.get(one["local"])
        if local is not None:
            yield text(one["to"]) or DEFAULT, local.target, local.member or DEFAULT
