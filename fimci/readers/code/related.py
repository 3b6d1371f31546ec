"""What is passed from one function of another file to a second one, told from the bytes of a text alone.

send(grab())      k = grab() … send(k)      grab().then(send)      line = Line() … line.send(k)

For texts that are not parsed, since nothing of the outside world is in them: which function of the text it is
in nobody asks then.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
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
#: Turns of a loop that it costs to find out as which argument something is given.
_AN_EDGE = 10
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


class Place(NamedTuple):
    """A call: where it is written, where its arguments begin, and what is called."""

    at: int
    end: int
    called: Given


class Spelling(NamedTuple):
    """How a language is written: what makes a call of a name, what keeps what a call gives.

    `stands` tells whether a name stands by itself at an offset, of so many bytes.
    `called` has `members`. `kept` ends where the call begins, behind one of `before_kept`, and looks at so
    many bytes `before`, of the same line if `in_a_line`; `to` has the names that it gets. `meant` is the
    function that is called by the members of what a name stands for, `made` by those of what that gives.
    """

    stands: Callable[[bytes, int, int], bool]
    called: re.Pattern[bytes]
    kept: re.Pattern[bytes]
    before_kept: tuple[bytes, ...]
    before: int
    in_a_line: bool
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
    text = _Text(data, Work(len(data)))
    places = more + _calls(text, names, spelling)
    made = {word: spelling.made(min(those)) for word, those in _kept(data, places, spelling).items()}
    places = sorted({*places, *_calls(text, made, spelling)})
    kept = _kept(data, places, spelling)
    words = _words_given(text, places, kept) if kept else []
    for number, place in enumerate(places):
        end = text.end(place.end)
        text.work.spend(1)
        call = _Call(data, place, end)
        for start, word in words[bisect_left(words, (place.end,)) : bisect_left(words, (end,))]:
            for source in kept[word]:
                text.work.spend(_AN_EDGE)
                found |= call.edge(source, start, start + len(word))
        for other in _within(places, number, end):
            text.work.spend(_AN_EDGE)
            found |= call.edge(other.called, other.at, text.end(other.end))
        then = _THEN.match(data, end)
        if then is not None:
            end = text.end(then.end())
            handlers = [other.called for other in _within(places, number, end)]
            given = _WORD.findall(data, then.end(), end)
            handlers += [spelling.meant(names[word], b"") for word in given if word in names]
            text.work.spend(1 + end - place.end + len(handlers))
            found |= {(place.called, passing.given_to(0, handler)) for handler in handlers}


def _words_given(text: _Text, places: list[Place], kept: _Kept) -> list[tuple[int, bytes]]:
    """Return where names of these stand in what calls are given, each place once, however many are around."""
    found: list[tuple[int, bytes]] = []
    reached = 0
    for place in places:
        end = text.end(place.end)
        if end > reached:
            words = _WORD.finditer(text.data, max(reached, place.end), end)
            found += [(word.start(), word[0]) for word in words if word[0] in kept]
            reached = end
    return found


class _Text:
    """Bytes, the work that they are worth, and where calls end: each is sought once."""

    def __init__(self, data: bytes, work: Work) -> None:
        self.data, self.work = data, work
        self._ends: dict[int, int] = {}

    def end(self, start: int) -> int:
        """Return where what a call is given ends, at its bracket or where no more of it is looked at."""
        end = self._ends.get(start)
        if end is None:
            end = self._ends[start] = _closing(self.data, start)
            self.work.spend(end - start)
        return end


class _Call:
    """One call: as which of its arguments something is given."""

    def __init__(self, data: bytes, place: Place, end: int) -> None:
        self.data, self.place, self.end = data, place, end
        #: Where its arguments begin, once somebody asks.
        self._begin: list[int] = []

    def edge(self, source: Given, start: int, end: int) -> set[tuple[str, str]]:
        """Return that it is given something, if that is not its size, nor says who asks."""
        data, first = self.data, self.place.end
        named = data[max(first, start - _BLANKS) : start].rstrip().endswith((b":", b"=", b"await"))
        key = _KEY.search(data, max(first, start - _BEFORE), start) if named else None
        if _SIZE.match(data, end) is not None or (key is not None and key[1].decode() in chains.SIGNED):
            return set()
        position = None if key is not None and key[2] == b"=" else self._position(start)
        return {(source, passing.given_to(position, self.place.called))}

    def _position(self, at: int) -> int | None:
        """Return as which argument something is given that stands there; `None` in a spread."""
        if not self._begin:
            self._begin = _arguments(self.data, self.place.end, self.end)
        number = max(0, bisect_right(self._begin, at) - 1)  # it may stand before: `f(a)(b)`
        before = self.data[self._begin[number] : at].lstrip()
        return None if before.startswith((b"*", b"...")) else number


def _arguments(data: bytes, start: int, end: int) -> list[int]:
    """Return where the arguments of a call begin, the first of them behind its bracket."""
    begin, depth = [start], 0
    for found in _DELIMITERS.finditer(data, start, end):
        if found[0] != b",":
            depth += 1 if found[0] in b"([{" else -1
        elif not depth:
            begin.append(found.end())
    return begin


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
        start = max(0, place.at - spelling.before)
        if spelling.in_a_line:
            start = data.rfind(b"\n", start, place.at) + 1 or start
        bound = spelling.kept.search(data[start : place.at])
        for word in _WORD.findall(bound["to"]) if bound is not None else ():
            found.setdefault(word, set()).add(place.called)
    return found


def _calls(text: _Text, names: Mapping[bytes, str], spelling: Spelling) -> list[Place]:
    """Return where these names are called. Raises `Spent` where there are more than are looked at."""
    if len(names) > _NAMES:
        raise Spent
    data = text.data
    most = max(_CALLS, len(data) // _BYTES_A_CALL)
    found: list[Place] = []
    for name, at in _sites(data, names):
        text.work.spend(1)
        called = spelling.called.match(data, at + len(name))
        if called is not None and spelling.stands(data, at, len(name)):
            place = Place(at, called.end(), spelling.meant(names[name], called["members"]))
            found += [place, *_chained(text, place, spelling)]
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


def _chained(text: _Text, place: Place, spelling: Spelling) -> Iterator[Place]:
    """Yield the call of a member of what a call gives: `new Line().send(…)`."""
    called = spelling.called.match(text.data, text.end(place.end) + 1)
    if called is not None and called["members"]:
        yield Place(place.at, called.end(), spelling.meant(spelling.made(place.called), called["members"]))


def _closing(data: bytes, start: int) -> int:
    """Return where the bracket stands that ends a call, or how far it is looked for."""
    end = min(start + _NEAR, len(data))
    depth = 1
    for found in _BRACKETS.finditer(data, start, end):
        depth += 1 if found[0] == b"(" else -1
        if not depth:
            return found.start()
    return end
