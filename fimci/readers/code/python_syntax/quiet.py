"""What a module passes on that has no word of the outside world, and is not parsed."""

from __future__ import annotations

import re

from fimci.capabilities.uses import MARK, Given
from fimci.readers.code.python_syntax import reexports
from fimci.readers.code.python_syntax.words import alone, is_member
from fimci.readers.code.related import Related, Spelling, passed_on

_CALLED = re.compile(rb"(?P<members>(?:[ \t]{0,9}\.[ \t]{0,9}\w{1,99}){0,4})[ \t]{0,9}\(")
#: What a call gives gets a name.
_KEPT = re.compile(
    rb"(?:^|[;:(,])[ \t]{0,99}(?P<to>\w[\w, ]{0,99}?)[ \t]{0,9}:?=[ \t]{0,9}(?:await[ \t]{1,9})?\Z",
    re.MULTILINE,
)


def _stands(data: bytes, at: int, length: int) -> bool:
    return alone(data, at, length) and not is_member(data, at)


def _meant(stands_for: str, members: bytes) -> Given:
    dotted = stands_for + re.sub(rb"\s", b"", members).decode(errors="replace")
    return Given(f"{dotted}{MARK}{dotted.rpartition('.')[2]}")


def _made(called: Given) -> str:
    return called.rpartition(MARK)[0]


_SPELLING = Spelling(
    _stands,
    _CALLED,
    _KEPT,
    before_kept=(b"=", b"await"),
    before=200,
    in_a_line=True,
    meant=_meant,
    made=_made,
)


def passes(path: str, data: bytes) -> Related:
    """Return what is passed between functions of other modules."""
    names: dict[bytes, str] = {}
    for _, module, members in reexports.imports(path, data):
        for name, local in members:
            if name != reexports.ALL:
                names[local.encode()] = f"{module}{'' if module.endswith('.') else '.'}{name}"
    return passed_on(data, names, [], _SPELLING) if names else Related()
