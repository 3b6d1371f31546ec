"""What is taken out of tables and lists: by their methods, and by functions that go through them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fimci.capabilities import choices
from fimci.capabilities.uses import Flow, Value

#: What gives one of those that are in what it is given, and what gives them all.
_ONE = frozenset({"next", "max", "min", "random.choice", "secrets.choice"})
_ALL = frozenset({"list", "tuple", "set", "sorted", "iter", "frozenset", "copy.copy", "copy.deepcopy"})
_MADE = frozenset({"dict", "types.SimpleNamespace", "argparse.Namespace"})
_LOOKED_UP = frozenset({"get", "pop", "setdefault"})


def called(name: str, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value | None:
    """Return what a function gives of a list or a table; `None` where nothing is known of it."""
    first = arguments[0] if arguments else Value()
    if name in _MADE and (keywords or first.fields):
        fields = (*first.fields, *((key, value) for key, value in keywords.items() if key != "**"))
        return Value(flows=_flows((first, *keywords.values())), fields=fields)
    if name == "json.loads" and isinstance(first.text, str):
        found = choices.parsed(first.text)
        return found._replace(flows=first.flows) if found is not None else None
    if not (first.items or first.fields):
        return None
    if name in _ONE and len(arguments) <= 1 + (name == "next"):
        return _without(choices.held(first), first)
    if name in _ALL:
        return first._replace(literal=False) if first.items else None
    if name == "enumerate":
        return Value(items=tuple(Value(items=(Value(), item)) for item in first.items), flows=first.flows)
    if name == "zip":
        rows = zip(*(value.items for value in arguments if value.items), strict=False)
        return Value(items=tuple(Value(items=row) for row in rows), flows=_flows(arguments))
    return None


def method(name: str, owner: Value, arguments: Sequence[Value]) -> Value | None:
    """Return what a method gives of a list or a table; `None` where nothing is known of it."""
    if name == "values" and owner.fields:
        return Value(items=tuple(value for _, value in owner.fields), flows=owner.flows)
    if name == "items" and owner.fields:
        pairs = (Value(items=(Value(text=key), value)) for key, value in owner.fields)
        return Value(items=tuple(pairs), flows=owner.flows)
    if name == "copy" and (owner.fields or owner.items):
        return owner
    if name not in _LOOKED_UP or owner.name or not (owner.fields or owner.items):
        return None
    key = arguments[0].text if arguments else None
    found = choices.field(owner, key) if isinstance(key, str) else _without(choices.held(owner), owner)
    return found or (arguments[1] if len(arguments) > 1 else None)


def _without(found: Value, owner: Value) -> Value:
    """Return one of several: what stands where is not known."""
    return found._replace(flows=found.flows | owner.flows, literal=False)


def _flows(values: Sequence[Value]) -> frozenset[Flow]:
    return frozenset().union(*(value.flows for value in values))
