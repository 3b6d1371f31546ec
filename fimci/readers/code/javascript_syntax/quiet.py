"""What a text passes on that has no word of the outside world, and is not parsed."""

from __future__ import annotations

import re

from fimci.capabilities.uses import DEFAULT, MARK, Given
from fimci.readers.code.javascript_syntax import words
from fimci.readers.code.javascript_syntax.loads import WORD, Call, loads
from fimci.readers.code.related import Place, Related, Spelling, passed_on

_CALLED = re.compile(rb"(?P<members>(?:\s{0,9}\??\.\s{0,9}" + WORD + rb"){0,2})\s{0,9}(?:\)\s{0,9}|\?\.)?\(")
#: What a call gives gets a name.
_KEPT = re.compile(
    rb"(?:\b(?:const|let|var)\s{1,9}|[,;{]\s{0,99})(?P<to>"
    + WORD
    + rb"|\{[^{}]{0,200}\}|\[[^\[\]]{0,200}\])\s{0,9}=\s{0,9}"
    rb"(?:new\s{1,9}|await\s{1,9}|\(\s{0,9}0\s{0,9},\s{0,9}|\(\s{0,9}await\s{1,9}){0,2}\Z"
)


def _meant(stands_for: str, members: bytes) -> Given:
    target, _, member = stands_for.rpartition(MARK)
    last = members.rpartition(b".")[2].strip().decode(errors="replace")
    return Given(f"{target}{MARK}{last or member or DEFAULT}")


def _made(called: Given) -> str:
    return called.rpartition(MARK)[0] + MARK


_SPELLING = Spelling(
    words.free,
    _CALLED,
    _KEPT,
    before_kept=(b"=", b"new", b"await", b",", b"("),
    before=260,
    in_a_line=False,
    meant=_meant,
    made=_made,
)


def passes(data: bytes) -> Related:
    """Return what is passed between functions of other files."""
    names: dict[bytes, str] = {}
    places: list[Place] = []
    for one in loads(data):
        if not isinstance(one, Call):
            names[one.word] = f"{one.target}{MARK}{one.member}"
            continue
        end = data.find(b"(", data.find(b")", one.at)) + 1
        if end > one.at:
            places.append(Place(one.at, end, Given(f"{one.target}{MARK}{one.member}")))
    return passed_on(data, names, places, _SPELLING) if names or places else Related()
