"""Texts of which a value is one: what a function is given here and there, what a name is set to in turn."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence

from fimci.capabilities.uses import Flow, Use, Value

#: Texts that a value may be (`six` gives one function more than 200), letters of all of them, and what is
#: judged with one of them, of one file.
MOST, _LETTERS, _IN_ALL = 300, 100_000, 10_000
#: Letters of texts that stand in the file, and are only kept.
_KEPT = 1_000_000
#: Members of an object that are kept, objects whose members are put together, items of such a list, lists in
#: lists of JSON, and those one of which is taken.
FIELDS, _OBJECTS, _ROW, _DEEP, _HELD = 500, 50, 20, 8, 2_000
#: Members and items that are put together at once, and for how many of them a list in a list counts.
_PAIRS, _LEVEL = 2_000, 200
#: Ways in which all words of a command are put together that may each be several.
_AT_ONCE = 64
#: How it is said that there are more.
CUT = "more texts than are looked at may be what one call is given"


def of(values: Iterable[Value]) -> tuple[str, ...]:
    """Return the texts that one of these values may be, more than are looked at where there are more.

    One that is too long hides none of those behind it.
    """
    found: dict[str, None] = {}
    left, more = _KEPT, False
    seen: set[int] = set()
    for value in values:
        if value.choices and id(value.choices) in seen:
            continue
        seen.add(id(value.choices))
        for text in texts(value):
            if text not in found:
                if len(found) > MOST:
                    return tuple(found)
                if len(text) > left:
                    more = True
                    continue
                left -= len(text)
                found[text] = None
    return (*found, *("",) * (MOST + 1 - len(found))) if more else tuple(found)


def one(values: Sequence[Value]) -> Value:
    """Return what is known of one of these values, if nobody knows of which."""
    return _one(values, [_PAIRS])


def items(values: Iterable[Value]) -> tuple[Value, ...]:
    """Return what may stand in short lists, each with all that it may be; or the first long one."""
    return _items(values, [_PAIRS])


def fields(values: Iterable[Value]) -> tuple[tuple[str, Value], ...]:
    """Return the members that one of these values may have, each with all that it may be."""
    return _fields(values, [_PAIRS])


def _one(values: Sequence[Value], left: list[int]) -> Value:
    """Return the same as `one`, as long as there is something `left`: lists in lists may be without end."""
    first = values[0]
    if all(value is first for value in values):
        return first
    flows: frozenset[Flow] = frozenset().union(*(value.flows for value in values))
    name = next((value.name for value in values if value.name), "")
    if left[0] <= 0:
        return Value(name=name, flows=flows, choices=of(values))
    left[0] -= _LEVEL
    inside, members = _items(values, left), _fields(values, left)
    left[0] += _LEVEL
    return Value(name=name, items=inside, flows=flows, choices=of(values), fields=members)


def _items(values: Iterable[Value], left: list[int]) -> tuple[Value, ...]:
    rows = [one.items for one in itertools.islice((one for one in values if one.items), _OBJECTS)]
    short = rows if max(map(len, rows), default=0) <= _ROW else rows[:1]
    if not short[1:]:
        return short[0] if short else ()
    longest = max(map(len, short))
    left[0] -= longest * len(short)
    return tuple(_one([row[at] for row in short if at < len(row)], left) for at in range(longest))


def _fields(values: Iterable[Value], left: list[int]) -> tuple[tuple[str, Value], ...]:
    tables = [one.fields for one in itertools.islice((one for one in values if one.fields), _OBJECTS)]
    if not tables[1:]:
        return tables[0] if tables else ()
    found: dict[str, list[Value]] = {}
    for table in tables:
        left[0] -= len(table)
        for key, member in table:
            found.setdefault(key, []).append(member)
    return tuple((key, _one(those, left)) for key, those in itertools.islice(found.items(), FIELDS))


def field(value: Value, key: str) -> Value | None:
    """Return a member by its name, the last one that has it."""
    return next((member for name, member in reversed(value.fields) if name == key), None)


def held(value: Value) -> Value:
    """Return what is known of something in a list or a table, if nobody knows where in it."""
    inside = itertools.chain(value.items, (member for _, member in value.fields))
    return one(list(itertools.islice(inside, _HELD)) or [Value(flows=value.flows)])


def parsed(text: str) -> Value | None:
    """Return what a text in JSON holds, `None` where it is none."""
    if not text.lstrip().startswith(("{", "[")) or len(text) > _LETTERS:
        return None
    try:
        return _value(json.loads(text), 0)
    except (ValueError, RecursionError):
        return None


def _value(found: object, depth: int) -> Value:
    if isinstance(found, str):
        return Value(text=found)
    if isinstance(found, dict) and depth < _DEEP:
        members = itertools.islice(found.items(), FIELDS)
        return Value(fields=tuple((str(key), _value(member, depth + 1)) for key, member in members))
    if isinstance(found, list) and depth < _DEEP:
        return Value(items=tuple(_value(item, depth + 1) for item in found[:FIELDS]))
    return Value()


def texts(value: Value) -> tuple[str, ...]:
    """Return the text that a value is, or those that it may be."""
    return (value.text,) if isinstance(value.text, str) else value.choices


def joined(values: Iterable[Value]) -> tuple[str, ...]:
    """Return what values may be one behind the other; none where one of them is not known."""
    pieces: list[tuple[str, ...]] = []
    count, letters = 1, 0
    given = list(values)
    if all(value.text is not None for value in given):
        return ()
    for value in given:
        pieces.append(texts(value))
        count *= len(pieces[-1])
        if not 0 < count <= MOST:
            return ()
        letters += max(map(len, pieces[-1]))
    if count * letters > _LETTERS:
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
    several = [number for number, item in enumerate(value.items) if item.text is None and item.choices]
    for number in several:
        for text in value.items[number].choices[:left]:
            yield _with(value, {number: text})
        left -= len(value.items[number].choices)
        if left <= 0:
            return
    if len(several) > 1 and math.prod(len(value.items[number].choices) for number in several) <= _AT_ONCE:
        for texts_ in itertools.product(*(value.items[number].choices for number in several)):
            yield _with(value, dict(zip(several, texts_, strict=True)))


def _with(value: Value, texts_: dict[int, str]) -> Value:
    """Return a list with texts in some places."""
    items_ = list(value.items)
    for number, text in texts_.items():
        items_[number] = items_[number]._replace(text=text, parts=(), choices=())
    return value._replace(items=tuple(items_))
