"""What is known of a value that is one of several, and of what a table holds."""

from __future__ import annotations

from collections.abc import Sequence

from fimci.capabilities import choices
from fimci.capabilities.uses import Value
from fimci.readers.code.javascript_syntax.reading import NOTHING, flows_of

#: What a table is by name: its items are pairs.
TABLE = "Map()"
#: Stands for any member.
ANY = "*()"
#: Items of a table that are gone through.
_PAIR, _LISTED = 2, 2_000


def merged(values: Sequence[Value]) -> Value:
    """Return what is known of a value that is one of several."""
    if not values:
        return NOTHING
    if len(values) == 1:
        return values[0]
    named = next((value for value in values if value.name), NOTHING)
    known = [value for value in values if not _is_unknown(value)]
    if known and all(value is known[0] or _alike(value, known[0]) for value in known):
        return _beside(known[0], values, sure=len(known) == len(values))
    return Value(
        name=named.name,
        flows=flows_of(values),
        items=named.items or next((value.items for value in values if value.items), ()),
        choices=choices.of(values),
        fields=choices.fields(values),
    )


def _is_unknown(value: Value) -> bool:
    return value == Value(flows=value.flows)


def _beside(value: Value, values: Sequence[Value], *, sure: bool) -> Value:
    """Return a value that may be something else, which nobody knows (`unsure`)."""
    flows = flows_of(values)
    if value.text is not None and not sure:
        flows |= {"unsure"}
    return value if flows == value.flows else value._replace(flows=flows, literal=False)


def _alike(one: Value, other: Value) -> bool:
    """Tell whether two values are one; lists in lists are not compared, as they may be without end."""
    if one.items or one.fields:
        return False
    return one == other._replace(flows=one.flows, literal=one.literal)


def listed(value: Value) -> Value:
    """Return what a list or a table gives one by one: of a table what its keys lead to."""
    iterated = choices.field(value, "[Symbol.iterator]()") if value.fields else None
    if iterated is not None:
        return iterated
    if value.name != TABLE:
        return value
    items = tuple(item.items[1] if len(item.items) == _PAIR else item for item in value.items[:_LISTED])
    return Value(items=items, flows=value.flows)
