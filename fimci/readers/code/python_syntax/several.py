"""One of several values, and what stands for all of them."""

from __future__ import annotations

from collections.abc import Sequence

from tree_sitter import Node

from fimci.capabilities import choices, sensitive
from fimci.capabilities.python_names import ROOTS
from fimci.capabilities.uses import Flow, Value, known
from fimci.readers.code.python_syntax.folding import flows_of

#: Items of a list.
LISTED = 20_000
_SECRET: frozenset[Flow] = frozenset({"secret"})
_UNSURE: frozenset[Flow] = frozenset({"unsure"})


def is_secret_place(value: Value) -> bool:
    """Tell whether a text is the path of a credential."""
    place = sensitive.spot(known(value)) if value.text is not None else None
    return place is not None and place.name in {"credentials", "crypto-wallet"}


def one_of(values: Sequence[Value]) -> Value:
    """Return an item of a list: of the names of files, one that matters where there is one."""
    found = next(
        (value for value in values if isinstance(value.text, str) and sensitive.spot(f"~/{value.text}")), None
    )
    return found if found is not None and found.text and "." in found.text else either(values)


def either(values: Sequence[Value]) -> Value:
    """Return what may be one of several: the first name with a meaning, a text only where there is one."""
    if len(values) == 1:
        return values[0]
    flows = flows_of(values)
    names = [value.name for value in values if value.name]
    name = next(
        (name for name in names if name[0] != "@" and name.partition(".")[0] in ROOTS),
        names[-1] if names else "",  # a function that is defined again is the last one
    )
    texts = {value.text for value in values if value.text is not None}
    if len(texts) > 1 and any(is_secret_place(value) for value in values):
        flows |= _SECRET
    items, fields = choices.items(values), choices.fields(values)
    if name.startswith("io.") and any(value.name != name for value in values):
        items = ()  # a file whose text is known, or another one
    parts = next((value.parts for value in values if value.parts), ())
    if len(texts) == 1:
        return Value(texts.pop(), parts=parts, name=name, items=items, flows=flows, fields=fields)
    may = choices.of(values)
    return Value(parts=parts, name=name, items=items, flows=flows, choices=may, fields=fields)


def possibly(values: Sequence[Value]) -> Value:
    """Return what `a or b` is: a text is known, beside something that nobody knows (`unsure`)."""
    found = either(values)
    if found.text is None or _means(found) or not any(map(_is_unknown, values)):
        return found
    return found._replace(name="", flows=found.flows | _UNSURE, literal=False)


def _is_unknown(value: Value) -> bool:
    return value.text is None and not (value.items or value.fields or value.choices or _means(value))


def _means(value: Value) -> bool:
    return value.name[:1] == "@" or value.name.partition(".")[0] in ROOTS


def back(nodes: Sequence[Node], values: Sequence[Value]) -> Value:
    """Return what `return`s give, one of them, or `yield`s, one after another."""
    if not any(node.type == "yield" for node in nodes):
        return either(values)
    items: list[Value] = []
    for node, value in zip(nodes, values, strict=True):
        spread = node.type == "yield" and len(node.children) > 2  # noqa: PLR2004  (`yield from it`)
        items += value.items if spread and value.items else (value,)
    return Value(items=tuple(items[:LISTED]), flows=flows_of(items))
