"""What is in objects and lists that are written out, and what functions of the language take out of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fimci.capabilities import choices, private_keys
from fimci.capabilities.uses import Flow, Value, known
from fimci.readers.code.javascript_syntax import bindings, folding, gathering, merging
from fimci.readers.code.javascript_syntax.merging import ANY
from fimci.readers.code.javascript_syntax.reading import FUNCTIONS, Reading, first_of, flows_of

if TYPE_CHECKING:
    from tree_sitter import Node

_ITEMS = 20_000
_KEY: frozenset[Flow] = frozenset({"key"})
#: What gives back what it is given, or what is in it.
_SAME = frozenset(
    (
        *(
            "Object.freeze",
            "Object.seal",
            "Promise.resolve",
            "structuredClone",
            "Array.from",
            "Set",
            "WeakSet",
        ),
        *("Promise.all", "Promise.reject", "Object.defineProperty", "Object.setPrototypeOf", "WeakRef"),
    )
)
_TABLES = frozenset(("Map", "WeakMap"))
_LISTS = frozenset(("Object.values", "Object.entries"))
_ERRORS = frozenset(("Error", "TypeError", "RangeError", "SyntaxError", "EvalError"))
#: Methods that the language calls where an object is used, and those of descriptions and handlers.
_CALLED = frozenset(
    ("get", "toString", "valueOf", "[Symbol.toPrimitive]", "[Symbol.iterator]", "apply", "construct")
)


def called(  # noqa: C901, PLR0912  (one row a function)
    name: str, values: Sequence[Value]
) -> Value | None:
    """Return what a function gives of an object or a list; `None` where nothing is known of it."""
    if name in _TABLES:
        return Value(items=values[0].items, name=merging.TABLE, flows=flows_of(values)) if values else None
    if name == "Symbol" and values and isinstance(values[0].text, str):
        return Value(text=f"Symbol({values[0].text})")
    if not values:
        return None
    first = values[0]
    if name == "JSON.parse" and isinstance(first.text, str):
        found = choices.parsed(first.text)
        return found._replace(flows=first.flows) if found is not None else None
    if name in _LISTS and first.fields:
        pairs = name.endswith("entries")
        items = (Value(items=(Value(text=key), one)) if pairs else one for key, one in first.fields)
        return Value(items=tuple(items), flows=first.flows)
    if name == "Object.keys" and first.fields:
        return Value(items=tuple(Value(text=key) for key, _ in first.fields), flows=first.flows)
    if name == "Object.fromEntries" and first.items:
        return Value(fields=_entries(first), flows=first.flows)
    if name == "Object.assign":
        return Value(flows=flows_of(values), fields=choices.fields(values))
    if name == "Object.setPrototypeOf" and values[1:] and values[1].name and not first.name:
        return values[1]._replace(literal=False, fields=first.fields)
    if name == "Object.create" and first.name:
        return first._replace(literal=False)
    if name == "Object.create" and first.fields:
        more = tuple((key, gathering.described(one)) for key, one in values[1].fields) if values[1:] else ()
        return Value(flows=flows_of(values), fields=(*first.fields, *more))
    if name in _SAME:
        return first._replace(literal=False)
    if name in _ERRORS:
        return Value(flows=flows_of(values), fields=(("message", first),))
    if name == "Buffer.concat":
        return _concatenated(first)
    if name in {"Promise.race", "Promise.any"} and first.items:
        return choices.held(first)
    return None


def _entries(value: Value) -> tuple[tuple[str, Value], ...]:
    """Return the members that pairs of names and values make."""
    pairs = (item.items for item in value.items[: choices.FIELDS] if len(item.items) == 2)  # noqa: PLR2004
    return tuple((pair[0].text, pair[1]) for pair in pairs if isinstance(pair[0].text, str))


def _concatenated(value: Value) -> Value | None:
    """Return the bytes of several buffers."""
    texts = [folding.as_text(item).text for item in value.items]
    if not texts or not all(isinstance(text, str) for text in texts):
        return None
    return folding.joined([folding.as_text(item) for item in value.items])


def of_object(reading: Reading, node: Node, depth: int) -> Value:
    """Return what an object that is written out has in it."""
    values: list[Value] = []
    fields: list[tuple[str, Value]] = []
    for child in reading.scopes.work.first(node.named_children, _ITEMS):
        match child.type:
            case "pair":
                inner = child.child_by_field_name("value")
                value = reading.value(inner, depth + 1)
                key = _key(reading, child.child_by_field_name("key"), depth)
                values.append(value._replace(flows=value.flows - _KEY) if private_keys.signs(key) else value)
                fields.append((key, value))
                if inner is not None and inner.type in FUNCTIONS:
                    fields += _given_back(reading, child, inner, depth)
            case "method_definition":
                fields += _given_back(reading, child, child, depth)
            case "shorthand_property_identifier":
                values.append(reading.value(child, depth + 1))
                fields.append((reading.text(child), values[-1]))
            case "spread_element":
                values.append(reading.value(child, depth + 1))
                fields += values[-1].fields
    above = next((value.name for key, value in fields if key == "__proto__"), "")
    return Value(name=above, flows=flows_of(values), fields=tuple(fields[: choices.FIELDS]))


def _given_back(reading: Reading, member: Node, function: Node, depth: int) -> list[tuple[str, Value]]:
    """Return what a method gives that nobody needs to call by its name, and what a getter gives."""
    name = reading.text(member.child_by_field_name("key") or member.child_by_field_name("name")).strip("\"'`")
    getter = member.type == "method_definition" and bindings.is_getter(member)
    if name not in _CALLED and not getter:
        return []
    found = reading.results(reading, function, depth + 1)
    return [(name if getter else f"{name}()", found)]


def proxied(values: Sequence[Value]) -> Value:
    """Return what stands behind a proxy: what its handler gives for any member, or what it is put around."""
    handler = values[1] if values[1:] else Value()
    given = choices.field(handler, "get()")
    if values[0].name or given is None or given == Value(flows=given.flows):
        return values[0]._replace(literal=False)
    return values[0]._replace(fields=(*values[0].fields, (ANY, given)), literal=False)


def _key(reading: Reading, key: Node | None, depth: int) -> str:
    """Return the name of a member, also `["ex" + "ec"]`."""
    if key is not None and key.type == "computed_property_name":
        return known(reading.value(first_of(key), depth + 1)) or reading.text(key)
    return reading.text(key).strip("\"'`")


def sought(reading: Reading, function: Node | None, depth: int) -> Value | None:
    """Return the text for which `(key) => key === TEXT` looks."""
    body = None if function is None else function.child_by_field_name("body")
    if body is None or body.type != "binary_expression" or b"==" not in reading.bytes(body):
        return None
    sides = [reading.value(body.child_by_field_name(side), depth + 1) for side in ("left", "right")]
    texts = [side for side in sides if isinstance(side.text, str)]
    return texts[0]._replace(literal=False) if len(texts) == 1 else None
