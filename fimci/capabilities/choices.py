"""Texts of which a value is one: what a function is given here and there, what a name is set to in turn."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator

from fimci.capabilities.uses import Use, Value

#: Texts that a value may be, letters of all of them, and what is judged with one of them, of one file.
MOST, _LETTERS, _IN_ALL = 200, 100_000, 10_000
#: How it is said that there are more.
CUT = "more texts than are looked at may be what one call is given"


def of(values: Iterable[Value]) -> tuple[str, ...]:
    """Return the texts that one of these values may be, one more than are looked at where there are more."""
    found: dict[str, None] = {}
    left = _LETTERS
    seen: set[int] = set()
    for value in values:
        if value.choices and id(value.choices) in seen:
            continue
        seen.add(id(value.choices))
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
    pieces: list[tuple[str, ...]] = []
    count, letters = 1, 0
    for value in values:
        pieces.append(texts(value))
        count *= len(pieces[-1])
        if not 0 < count <= MOST:
            return ()
        letters += max(map(len, pieces[-1]))
    if count == 1 or count * letters > _LETTERS:
        return ()
    return tuple(dict.fromkeys(map("".join, itertools.product(*pieces))))


def each(value: Value, make: Callable[[Value], Value | None]) -> tuple[str, ...]:
    """Return what may be made of a value, of each text that it may be."""
    made = (make(value._replace(text=text, choices=())) for text in value.choices[:MOST])
    return of(one for one in made if one is not None)


def spread(uses: Iterable[Use]) -> tuple[tuple[Use, ...], str]:
    """Return uses, each followed by what it is with one of the texts that something given to it may be.

    Beside them it is said if there is more than is looked at.
    """
    found: list[Use] = []
    left, cut = _IN_ALL, ""
    for use in uses:
        found.append(use)
        made = list(itertools.islice(_variants(use), left))
        found += made
        left -= len(made)
        if not left or _more(use):
            cut = CUT
    return tuple(found), cut


def _variants(use: Use) -> Iterator[Use]:
    for number, value in enumerate(use.arguments):
        for one in _one_by_one(value):
            yield use._replace(arguments=(*use.arguments[:number], one, *use.arguments[number + 1 :]))
    for key, value in use.keywords.items():
        for one in _one_by_one(value):
            yield use._replace(keywords={**use.keywords, key: one})


def _more(use: Use) -> bool:
    return any(
        len(one.choices) > MOST
        for value in (*use.arguments, *use.keywords.values())
        for one in (value, *value.items)
    )


def _one_by_one(value: Value) -> Iterator[Value]:
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
