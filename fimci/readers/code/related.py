"""What is passed from one function of another file to a second one, told from the bytes of a text alone.

send(grab())      k = grab() … send(k)      grab().then(send)      line = Line() … line.send(k)

For texts that are not parsed, since nothing of the outside world is in them: which function of the text it is
in nobody asks then.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from fimci.capabilities import chains, passing
from fimci.capabilities.uses import Given
from fimci.readers.code.pure import Spent, Work

#: Names, calls, and bytes of what a call is given, that are looked at; bytes of a file for one more call.
_NAMES, _CALLS, _NEAR, _BYTES_A_CALL = 20_000, 4_000, 4_000, 10
#: Names up to which the text is gone through for each.
_FEW = 50
TOO_MANY = "more calls of other files than are followed"
#: Bytes of the member before it.
_BEFORE = 60
#: Blanks, and a word, before a name.
_BLANKS = 20
_WORD = re.compile(rb"[A-Za-z_$][\w$]*")
_THEN = re.compile(rb"\){1,4}\s{0,99}\.then\s{0,9}\(")
_BRACKETS = re.compile(rb"[()]")
_DELIMITERS = re.compile(rb"[()\[\]{},]")
#: The member of an object that something is, and what is no more than its size.
_KEY = re.compile(rb"([\w$-]{1,40})[\"']?\s{0,9}([:=])\s{0,9}(?:await\s{1,9})?\Z")
_SIZE = re.compile(rb"\)?\.(?:length|size)\b|\)?\.(?:byteLength)\b")
#: Stands for a function of which nobody knows the name.
SOMEWHERE = "?"


class Place(NamedTuple):
    """A call: where it is written, where its arguments begin, and what is called."""

    at: int
    end: int
    called: Given


class Spelling(NamedTuple):
    """How a language is written: what makes a call of a name, what keeps what a call gives.

    `stands` tells whether a name stands by itself at an offset, of so many bytes.
    `called` has `members`. `kept` ends where the call begins, behind one of `before_kept`, and looks at so
    many bytes `before`; `to` has the names that it gets. `meant` is the function that is called by
    the members of what a name stands for, `made` by those of what that gives.
    """

    stands: Callable[[bytes, int, int], bool]
    called: re.Pattern[bytes]
    kept: re.Pattern[bytes]
    before_kept: tuple[bytes, ...]
    before: int
    meant: Callable[[str, bytes], Given]
    made: Callable[[Given], str]


_Kept: TypeAlias = dict[bytes, set[Given]]


class Related(NamedTuple):
    """What is passed between what some names stand for, as `Function.passes` has it, and what cap was hit."""

    passes: frozenset[tuple[str, str]] = frozenset()
    capped: str = ""


def passed_on(data: bytes, names: Mapping[bytes, str], more: list[Place], spelling: Spelling) -> Related:
    """Return what is passed between what these names stand for; `more` are calls that need no name."""
    found: set[tuple[str, str]] = set()
    try:
        _pass(data, names, more, spelling, found)
    except Spent:
        return Related(frozenset(found), TOO_MANY)
    return Related(frozenset(found))


def _pass(
    data: bytes,
    names: Mapping[bytes, str],
    more: list[Place],
    spelling: Spelling,
    found: set[tuple[str, str]],
) -> None:
    """Fill in what is passed. Raises `Spent` where there is more than is looked at."""
    work = Work(len(data))
    places = more + _calls(data, names, spelling, work)
    made = {word: spelling.made(min(those)) for word, those in _kept(data, places, spelling).items()}
    places = sorted({*places, *_calls(data, made, spelling, work)})
    kept = _kept(data, places, spelling)
    ends: dict[int, int] = {}
    for place in places:
        ends[place.end] = place.end + len(_given(data, place.end))
        work.spend(ends[place.end] - place.end)
    for number, place in enumerate(places):
        end = ends[place.end]
        work.spend(1 + end - place.end)
        for word in _WORD.finditer(data, place.end, end):
            for source in sorted(kept.get(word[0], ())):
                work.spend(word.start() - place.end)
                found |= _edge(data, place, source, word.span())
        for other in _within(places, number, end):
            work.spend(1 + abs(other.at - place.end))
            found |= _edge(data, place, other.called, (other.at, ends[other.end]))
        then = _THEN.match(data, end)
        if then is not None:
            end = then.end() + len(_given(data, then.end()))
            handlers = [other.called for other in _within(places, number, end)]
            words = _WORD.findall(data, then.end(), end)
            handlers += [spelling.meant(names[word], b"") for word in words if word in names]
            work.spend(1 + end - place.end + len(handlers))
            found |= {(place.called, passing.given_to(0, handler)) for handler in handlers}


def _edge(data: bytes, place: Place, source: Given, span: tuple[int, int]) -> set[tuple[str, str]]:
    """Return that a call is given something, if that is not its size, nor says who asks."""
    start, end = span
    named = data[max(place.end, start - _BLANKS) : start].rstrip().endswith((b":", b"=", b"await"))
    key = _KEY.search(data, max(place.end, start - _BEFORE), start) if named else None
    if _SIZE.match(data, end) is not None or (key is not None and key[1].decode() in chains.SIGNED):
        return set()
    position = None if key is not None and key[2] == b"=" else _position(data[place.end : start])
    return {(source, passing.given_to(position, place.called))}


def _position(before: bytes) -> int | None:
    """Return as which argument something is given, behind what stands before it; `None` in a spread."""
    depth = commas = start = 0
    for found in _DELIMITERS.finditer(before):
        if found[0] != b",":
            depth += 1 if found[0] in b"([{" else -1
        elif not depth:
            commas, start = commas + 1, found.end()
    return None if before[start:].lstrip().startswith((b"*", b"...")) else commas


def _within(places: list[Place], number: int, end: int) -> Iterator[Place]:
    for at in range(number + 1, len(places)):
        if places[at].at >= end:
            return
        yield places[at]


def _kept(data: bytes, places: list[Place], spelling: Spelling) -> _Kept:
    """Return the names that get what is called at these places."""
    found: _Kept = {}
    for place in places:
        # Of a hundred calls a few are kept, which their last letters tell for a tenth of the search.
        if not data[max(0, place.at - _BLANKS) : place.at].rstrip().endswith(spelling.before_kept):
            continue
        bound = spelling.kept.search(data[max(0, place.at - spelling.before) : place.at])
        for word in _WORD.findall(bound["to"]) if bound is not None else ():
            found.setdefault(word, set()).add(place.called)
    return found


def _calls(data: bytes, names: Mapping[bytes, str], spelling: Spelling, work: Work) -> list[Place]:
    """Return where these names are called. Raises `Spent` where there are more than are looked at."""
    if len(names) > _NAMES:
        raise Spent
    most = max(_CALLS, len(data) // _BYTES_A_CALL)
    found: list[Place] = []
    for name, at in _sites(data, names):
        work.spend(1)
        called = spelling.called.match(data, at + len(name))
        if called is not None and spelling.stands(data, at, len(name)):
            place = Place(at, called.end(), spelling.meant(names[name], called["members"]))
            found += [place, *_chained(data, place, spelling, work)]
            if len(found) > most:
                raise Spent
    return found


def _sites(data: bytes, names: Mapping[bytes, str]) -> Iterator[tuple[bytes, int]]:
    """Yield where names are written, maybe as a part of others: many are found in one pass."""
    sought = sorted(names)
    if len(names) > _FEW:
        yield from ((word[0], word.start()) for word in _WORD.finditer(data) if word[0] in names)
        sought = [name for name in sought if _WORD.fullmatch(name) is None]
    for name in sought:
        at = data.find(name)
        while at >= 0:
            yield name, at
            at = data.find(name, at + len(name))


def _chained(data: bytes, place: Place, spelling: Spelling, work: Work) -> Iterator[Place]:
    """Yield the call of a member of what a call gives: `new Line().send(…)`."""
    end = place.end + len(_given(data, place.end))
    work.spend(end - place.end)
    called = spelling.called.match(data, end + 1)
    if called is not None and called["members"]:
        yield Place(place.at, called.end(), spelling.meant(spelling.made(place.called), called["members"]))


def _given(data: bytes, start: int) -> bytes:
    """Return what a call is given, up to the bracket that ends it, as much of it as is looked at."""
    text = data[start : start + _NEAR]
    depth = 1
    for found in _BRACKETS.finditer(text):
        depth += 1 if found[0] == b"(" else -1
        if not depth:
            return text[: found.start()]
    return text
