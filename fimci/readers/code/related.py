"""Whether what one call gives may be given to another one, or back: from the bytes of a text alone.

send(grab())      k = grab() … send(k)      grab().then(send)      line = Line() … line.send(k)
return grab()     k = grab() … return k
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

#: Names, calls of each, calls in all, and bytes of what a call is given, that are looked at.
_NAMES, _EACH, _ALL, _NEAR = 200, 40, 400, 300
_WORD = re.compile(rb"[A-Za-z_$][\w$]*")
_THEN = re.compile(rb"\){1,4}\s{0,99}\.then\s{0,9}\(")
_BRACKETS = re.compile(rb"[()]")
_RETURNS = re.compile(
    rb"(?:\breturn\b|=>)[ \t]{0,9}(?:await[ \t]{1,9})?(?:\([ \t]{0,9}0[ \t]{0,9},[ \t]{0,9})?\Z"
)
_RETURNED = re.compile(rb"\breturn[ \t]{1,9}(?:await[ \t]{1,9})?([A-Za-z_$][\w$]*)")
_BACK = 40


class Place(NamedTuple):
    """A call: where it is written, and where its arguments begin."""

    at: int
    end: int


class Spelling(NamedTuple):
    """How a language is written: where a name stands, what makes a call of it, what keeps what a call gives.

    `kept` ends where the call begins; its group `to` has the names, and `made` is set where they are objects.
    """

    places: Callable[[bytes, bytes], Iterator[int]]
    called: re.Pattern[bytes]
    kept: re.Pattern[bytes]
    before: int


def related(data: bytes, names: Iterable[bytes], more: Iterable[Place], spelling: Spelling) -> bool:
    """Tell whether what a call of one of these names gives may be given to another call of one."""
    places = [*more, *_calls(data, names, spelling)]
    kept, made = _kept(data, places, spelling)
    if made:
        places += _calls(data, made, spelling)
        kept |= _kept(data, places, spelling)[0]
    if kept and any(found[1] in kept for found in _RETURNED.finditer(data)):
        return True
    places = sorted(set(places))
    for place, behind in itertools.zip_longest(places, places[1:]):
        given = _given(data[place.end : place.end + _NEAR])
        if behind is not None and behind.at < place.end + len(given):
            return True
        if not kept.isdisjoint(_WORD.findall(given)):
            return True
        if _RETURNS.search(data, max(0, place.at - _BACK), place.at) is not None:
            return True
        if _THEN.match(data, place.end + len(given)) is not None:
            return True
    return False


def _kept(data: bytes, places: Iterable[Place], spelling: Spelling) -> tuple[set[bytes], set[bytes]]:
    """Return the names that get what is called at these places, and those of them that may be objects."""
    kept: set[bytes] = set()
    made: set[bytes] = set()
    for place in places:
        bound = spelling.kept.search(data[max(0, place.at - spelling.before) : place.at])
        if bound is not None:
            those = _WORD.findall(bound["to"])
            kept.update(those)
            made.update(those if bound["made"] is not None else ())
    return kept, made


def _calls(data: bytes, names: Iterable[bytes], spelling: Spelling) -> list[Place]:
    found: list[Place] = []
    for name in sorted(names)[:_NAMES]:
        for at in itertools.islice(spelling.places(data, name), _EACH):
            called = spelling.called.match(data, at + len(name))
            if called is not None:
                found.append(Place(at, called.end()))
        if len(found) > _ALL:
            break
    return found


def _given(text: bytes) -> bytes:
    """Return what a call is given, up to the bracket that ends it, as much of it as is there."""
    depth = 1
    for found in _BRACKETS.finditer(text):
        depth += 1 if found[0] == b"(" else -1
        if not depth:
            return text[: found.start()]
    return text
