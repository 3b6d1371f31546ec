"""Whether a text without a word of the outside world may pass on what other files give: from its bytes alone.

send(grab())      const k = await grab(); send(k)      grab().then(send)      const line = new Line(); line.send(k)
"""

from __future__ import annotations

import itertools
import re
from typing import NamedTuple

from fimci.readers.code.javascript_syntax import words
from fimci.readers.code.javascript_syntax.loads import WORD, Call, loads

#: Names, calls of each, calls in all, and bytes of what a call is given, that are looked at.
_NAMES, _EACH, _ALL, _NEAR = 200, 40, 400, 300
_CALLED = re.compile(rb"(?:\s{0,9}\??\.\s{0,9}" + WORD + rb"){0,2}\s{0,9}(?:\)\s{0,9}|\?\.)?\(")
#: What a call gives gets a name; what is made gets one.
_KEPT = re.compile(
    rb"(?:\b(?:const|let|var)\s+|[,;{]\s*)(?P<to>" + WORD + rb"|\{[^{}]{0,200}\}|\[[^\[\]]{0,200}\])\s*=\s*"
    rb"(?:(?P<made>new)\s+|await\s+|\(\s*0\s*,\s*|\(\s*await\s+){0,2}\Z"
)
_BEFORE = 260
_WORD = re.compile(WORD)
_THEN = re.compile(rb"\)\s{0,99}\.then\s{0,9}\(")


class _Place(NamedTuple):
    """A call of something of another file: where it is written, and where its arguments begin."""

    at: int
    end: int


def passes_on(data: bytes) -> bool:
    """Tell whether what one function of another file gives may be given to a second one."""
    found = list(loads(data))
    names = {one.word for one in found if not isinstance(one, Call)}
    places = [
        _Place(one.at, at + 1)
        for one in found
        if isinstance(one, Call) and (at := data.find(b"(", one.at)) > 0
    ]
    places += _calls(data, names)
    kept: set[bytes] = set()
    made: set[bytes] = set()
    for place in places:
        bound = _KEPT.search(data[max(0, place.at - _BEFORE) : place.at])
        if bound is not None:
            (made if bound["made"] else kept).update(_WORD.findall(bound["to"]))
    places = sorted({*places, *_calls(data, made)})
    for number, place in enumerate(places):
        given = data[place.end : place.end + _NEAR]
        if _THEN.search(given) is not None or _holds(given, kept):
            return True
        behind = places[number + 1] if number + 1 < len(places) else None
        if behind is not None and behind.at - place.end <= _NEAR and _is_open(data[place.end : behind.at]):
            return True
    return False


def _calls(data: bytes, names: set[bytes]) -> list[_Place]:
    found: list[_Place] = []
    for name in sorted(names)[:_NAMES]:
        for at in itertools.islice(words.alone(data, name, 0, len(data)), _EACH):
            called = _CALLED.match(data, at + len(name))
            if called is not None:
                found.append(_Place(at, called.end()))
        if len(found) > _ALL:
            break
    return found


def _holds(given: bytes, names: set[bytes]) -> bool:
    """Tell whether one of these names is among the arguments of a call."""
    if not names:
        return False
    depth = 1
    for at in range(len(given)):
        depth += (given[at] == ord("(")) - (given[at] == ord(")"))
        if not depth:
            given = given[:at]
            break
    return not names.isdisjoint(_WORD.findall(given))


def _is_open(between: bytes) -> bool:
    """Tell whether the arguments of a call have not ended yet."""
    depth = 1
    for letter in between:
        depth += (letter == ord("(")) - (letter == ord(")"))
        if not depth:
            return False
    return b";" not in between
