"""The lines in which two contents differ, as places: few, short, and never of what is no text."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from fimci.model import Place
from fimci.printable import cut

#: Lines of a text that are compared, and characters of one that are shown; lines that are shown at all.
_LINES, _WIDE, _SHOWN = 4_000, 160, 20


def difference(path: str, before: bytes | None, after: bytes | None) -> tuple[Place, ...]:
    """Return what was taken away (`-`) and put there (`+`), at the lines where that is."""
    if before is None or after is None or b"\0" in before or b"\0" in after:
        return ()
    old, new = (data.decode("utf-8", "replace").splitlines() for data in (before, after))
    if len(old) > _LINES or len(new) > _LINES:
        return ()
    return tuple(place for place, _ in zip(_places(path, old, new), range(_SHOWN), strict=False))


def _places(path: str, old: list[str], new: list[str]) -> Iterator[Place]:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=True)
    for word, first, end, begin, until in matcher.get_opcodes():
        if word == "equal":
            continue
        for number in range(first, end):
            yield Place(path, number + 1, "-" + cut(old[number], _WIDE))
        for number in range(begin, until):
            yield Place(path, number + 1, "+" + cut(new[number], _WIDE))
