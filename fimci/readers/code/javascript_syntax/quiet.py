"""Whether a text without a word of the outside world may pass on what other files give."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.readers.code.javascript_syntax import words
from fimci.readers.code.javascript_syntax.loads import WORD, Call, loads
from fimci.readers.code.related import Place, Spelling, related

_CALLED = re.compile(rb"(?:\s{0,9}\??\.\s{0,9}" + WORD + rb"){0,2}\s{0,9}(?:\)\s{0,9}|\?\.)?\(")
#: What a call gives gets a name; what is made gets one.
_KEPT = re.compile(
    rb"(?:\b(?:const|let|var)\s{1,9}|[,;{]\s{0,99})(?P<to>"
    + WORD
    + rb"|\{[^{}]{0,200}\}|\[[^\[\]]{0,200}\])\s{0,9}=\s{0,9}"
    rb"(?:(?P<made>new)\s{1,9}|await\s{1,9}|\(\s{0,9}0\s{0,9},\s{0,9}|\(\s{0,9}await\s{1,9}){0,2}\Z"
)


def _places(data: bytes, name: bytes) -> Iterator[int]:
    return words.alone(data, name, 0, len(data))


_SPELLING = Spelling(_places, _CALLED, _KEPT, before=260)


def passes_on(data: bytes) -> bool:
    """Tell whether what one function of another file gives may be given to a second one."""
    found = list(loads(data))
    names = {one.word for one in found if not isinstance(one, Call)}
    calls = [one.at for one in found if isinstance(one, Call)]
    places = [Place(at, data.find(b"(", data.find(b")", at)) + 1) for at in calls]
    return related(data, names, [place for place in places if place.end > place.at], _SPELLING)
