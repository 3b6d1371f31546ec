"""Where a file calls functions of other files of its package, and which of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.capabilities.uses import MARK, origin
from fimci.readers.code.closing import closed
from fimci.readers.code.javascript_syntax import words
from fimci.readers.code.javascript_syntax.loads import DEFAULT, WORD, Call, Local, loads, text
from fimci.readers.code.javascript_syntax.loads import handed as is_handed
from fimci.readers.code.javascript_syntax.reading import Reading

_MEMBER = rb"(?:\s*\??\.\s*" + WORD + rb"|\s*\[\s*[\"']" + WORD + rb"[\"']\s*\]){0,5}"
_CALLED = re.compile(rb"(" + _MEMBER + rb")\s*(?:\?\.)?[(`]")
_LAST = re.compile(rb"(" + WORD + rb")[\"']?\s*\]?\s*\Z")
#: What calls a function whose member it is, and what ties it to something.
_CALLING = re.compile(rb"\s*\??\.\s*(call|apply|bind)\Z")
#: One that is given to who calls it, and what gets what a call gives: `const r = new Run(…)`, `this.r = …`.
_GIVEN = re.compile(rb"((?:\s*\??\.\s*" + WORD + rb"){0,5})\s*[,)\]]")
_KEPT = re.compile(rb"(?<![\w$])(" + WORD + rb")\s*=\s*(?:await\s+)?(?:new\s+)?(?:" + WORD + rb"\.){0,3}\Z")
_BELOW = re.compile(rb"\bclass\s+(" + WORD + rb")\s+extends\s+(?:" + WORD + rb"\.){0,3}\Z")
_MADE = re.compile(rb"\bnew\s+\Z")
#: What a longer word has before its end.
_LETTER = re.compile(rb"[\w$]")
_NEAR = 200
#: `(0, send_1.send)(…)`, as compilers write a call of what was imported; up to the name, and behind it.
_COMMA = re.compile(rb"\(\s*0\s*,\s*\Z")
_COMMA_CALLED = re.compile(rb"\s*(?:\.\s*(" + WORD + rb")\s*)?\)\s*\(")
#: Nodes from a name to the call of a member of it.
_NEAREST = 4
#: Turns of a loop that a place of a name costs.
_A_PLACE = 4


def called(reading: Reading) -> Iterator[Call]:
    """Yield where functions of other files are called."""
    for one in dict.fromkeys(loads(reading.source.data)):
        if any(node.type == "comment" for node in reading.path(one.at)[-1:]):
            continue  # types, as `@import { Left } from "./left"`, and prose
        if isinstance(one, Call):
            yield one
        else:
            yield from _places(reading, one)


def _places(reading: Reading, local: Local) -> Iterator[Call]:
    data = reading.source.data
    scope = reading.scopes.innermost(local.at)
    own = reading.scopes.find(local.word, local.at)
    seen: set[bytes] = set()
    for at in reading.scopes.every_place(local.word, scope):
        reading.scopes.work.spend(_A_PLACE)
        if at == local.at:
            continue
        end = at + len(local.word)
        found = _CALLED.match(data, end)
        if found is not None and found[0][-1:] == b"`" and not _is_tag(reading, at):
            found = None
        if found is None and _COMMA.search(data, max(0, at - 20), at):
            found = _COMMA_CALLED.match(data, end)
        handed = _GIVEN.match(data, end) if found is None else None
        if handed is not None and not is_handed(data, at, handed.end() - 1):
            handed = None
        used = found or handed
        if used is not None and _means(reading, local, at, own):
            member = _last(_without(data, used, at))
            yield Call(at, local.target, member or local.member or DEFAULT)
            yield from _of_made(reading, local, at, used.end() - 1 if found is not None else 0, seen)
        elif used is None and data[end : end + 1] == b"[" and (member := _computed(reading, at)):
            yield Call(at, local.target, member)
        elif used is None and (below := _BELOW.search(data, max(0, at - _NEAR), at)) is not None:
            yield from _of_below(reading, local, below[1], seen)


def _is_tag(reading: Reading, at: int) -> bool:
    """Tell whether a name before a template is its tag, and does not stand in a comment."""
    path = reading.path(at)
    return (
        bool(path)
        and path[-1].type == "identifier"
        and any(node.type == "call_expression" for node in path[-_NEAREST:])
    )


def _without(data: bytes, used: re.Match[bytes], at: int) -> bytes:
    """Return the members up to a function, without what calls it: `run` of `run.call(…)`, `run.bind(…)()`."""
    members = used[1] or b""
    calling = _CALLING.search(members)
    if calling is None:
        return members
    opens = used.end() - 1
    ends = closed(data, opens) if calling[1] == b"bind" else 0
    tied = bool(ends) and (data[ends : ends + 1] == b"(" or is_handed(data, at, ends))
    return members[: calling.start()] if tied or calling[1] != b"bind" else members


def _computed(reading: Reading, at: int) -> str:
    """Return the member that is called under a name that is put together: `b["r" + "un"]()`."""
    path = reading.path(at)
    if len(path) < 3 or path[-2].type != "subscript_expression" or path[-3].type != "call_expression":  # noqa: PLR2004
        return ""
    name = reading.value(path[-2]).name
    sink = origin(name) if path[-3].children[0].id == path[-2].id and MARK in name else None
    return "" if sink is None else str(sink).rpartition(MARK)[2]


def _last(members: bytes | None) -> str:
    """Return the last of several members."""
    found = _LAST.search(members or b"")
    return "" if found is None else text(found[1])


def _of_made(reading: Reading, local: Local, at: int, opens: int, seen: set[bytes]) -> Iterator[Call]:
    """Yield the calls of methods of what a call gives, at once or by the name that it gets.

    `new Run().go()`, `const r = new Run()` and `this.r = new Run()`, and `r.go()` anywhere in the file.
    """
    data = reading.source.data
    ends = closed(data, opens) if opens else 0
    called = _CALLED.match(data, ends) if ends else None
    if called is not None and (member := _last(called[1])):
        yield Call(at, local.target, member)
    kept = _KEPT.search(data, max(0, at - _NEAR), at)
    if kept is None or kept[1] in seen:
        return
    word = kept[1]
    seen.add(word)
    own = None if data[kept.start(1) - 1 : kept.start(1)] == b"." else reading.scopes.find(word, at)
    for place in reading.scopes.written(word + b"."):
        reading.scopes.work.spend(_A_PLACE)
        if _LETTER.match(data, place - 1, place) or (
            own is not None and not words.free(data, place, len(word))
        ):
            continue
        called = _CALLED.match(data, place + len(word))
        member = "" if called is None else _last(called[1])
        found = reading.scopes.find(word, place) if member and own is not None else None
        if member and (found is None or own is None or found[0] == own[0]):
            yield Call(place, local.target, member)


def _of_below(reading: Reading, local: Local, word: bytes, seen: set[bytes]) -> Iterator[Call]:
    """Yield where an object of a class is made that is made from one of another file."""
    data = reading.source.data
    for place in reading.scopes.written(word):
        reading.scopes.work.spend(_A_PLACE)
        if _MADE.search(data, max(0, place - _NEAR), place) and words.free(data, place, len(word)):
            yield Call(place, local.target, local.member or DEFAULT)
            yield from _of_made(reading, local, place, place + len(word), seen)


def _means(reading: Reading, local: Local, at: int, own: tuple[int, list[int]] | None) -> bool:
    """Tell whether a name still means at a place what was loaded: in minified code one letter means many."""
    found = reading.scopes.find(local.word, at)
    return own is None or found is None or found[0] == own[0]
