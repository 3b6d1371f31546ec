"""Whether a module without a word of the outside world may pass on what other modules give."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from fimci.readers.code.python_syntax.words import is_member, occurrences
from fimci.readers.code.related import Spelling, related

_CALLED = re.compile(rb"(?:[ \t]{0,9}\.[ \t]{0,9}\w{1,99}){0,4}[ \t]{0,9}\(")
#: What a call gives gets a name; any may be an object.
_KEPT = re.compile(
    rb"(?:^|[;:(,])[ \t]{0,99}(?P<to>\w[\w, ]{0,99}?)[ \t]{0,9}:?=[ \t]{0,9}(?:await[ \t]{1,9})?(?P<made>)\Z",
    re.MULTILINE,
)


def _places(data: bytes, name: bytes) -> Iterator[int]:
    return (at for at in occurrences(data, name) if not is_member(data, at))


_SPELLING = Spelling(_places, _CALLED, _KEPT, before=200)


def passes_on(data: bytes, names: Iterable[bytes]) -> bool:
    """Tell whether what is called by one of these names may be given to a second one."""
    return related(data, names, (), _SPELLING)
