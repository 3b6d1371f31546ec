"""Texts of which a value is one: what a function is given here and there, what a name is set to in turn."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator

from fimci.capabilities.uses import Use, Value

#: Texts that a value may be, and letters of all of them.
MOST, _LETTERS = 200, 100_000
#: How it is said that there are more.
CUT = "more texts than are looked at may be what one call is given"


def of(values: Iterable[Value]) -> tuple[str, ...]:
    """Return the texts that one of these values may be, one more than are looked at where there are more."""
    found: dict[str, None] = {}
    left = _LETTERS
    for value in values:
        for text in texts(value):
            if text not in found:
                left -= len(text)
                if left < 0 or len(found) > MOST:
                    return tuple(found)
                found[text] = None
    return tuple(found)


def texts(value: Value) -> tuple[str, ...]:
    """Return the text that a value is, or those that it may be."""
    return (value.text,) if isinstance(value.text, str) else value.choices


def joined(values: Iterable[Value]) -> tuple[str, ...]:
    """Return what values may be one behind the other; none where one of them is not known."""
    pieces = [texts(value) for value in values]
    count = math.prod(map(len, pieces))
    if not 1 < count <= MOST or count * sum(len(max(piece, key=len)) for piece in pieces) > _LETTERS:
        return ()
    return tuple(dict.fromkeys(map("".join, itertools.product(*pieces))))


def each(value: Value, make: Callable[[Value], Value | None]) -> tuple[str, ...]:
    """Return what may be made of a value, of each text that it may be."""
    made = (make(value._replace(text=text, choices=())) for text in value.choices[:MOST])
    return of(one for one in made if one is not None)


def spread(uses: Iterable[Use]) -> Iterator[Use]:
    """Yield uses, each followed by what it is with one of the texts that something given to it may be."""
    for use in uses:
        yield use
        for number, value in enumerate(use.arguments):
            for one in _variants(value):
                yield use._replace(arguments=(*use.arguments[:number], one, *use.arguments[number + 1 :]))
        for key, value in use.keywords.items():
            for one in _variants(value):
                yield use._replace(keywords={**use.keywords, key: one})


def more(uses: Iterable[Use]) -> bool:
    """Tell whether there are more texts than are looked at."""
    return any(
        len(one.choices) > MOST
        for use in uses
        for value in (*use.arguments, *use.keywords.values())
        for one in (value, *value.items)
    )


def _variants(value: Value) -> Iterator[Value]:
    if value.text is not None:
        return
    for text in value.choices[:MOST]:
        yield value._replace(text=text, parts=(), choices=())
    left = MOST
    for number, item in enumerate(value.items):
        for text in item.choices[:left] if item.text is None else ():
            one = item._replace(text=text, parts=(), choices=())
            yield value._replace(items=(*value.items[:number], one, *value.items[number + 1 :]))
        left -= len(item.choices)
        if left <= 0:
            return
