"""What is in objects and lists that are written out, and what functions of the language take out of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fimci.capabilities import choices, private_keys
from fimci.capabilities.uses import Flow, Value, known
from fimci.readers.code.javascript_syntax.reading import Reading, first_of, flows_of

if TYPE_CHECKING:
    from tree_sitter import Node

_ITEMS = 20_000
_KEY: frozenset[Flow] = frozenset({"key"})
#: What gives back what it is given, or what is in it.
_SAME = frozenset(
    ("Object.freeze", "Object.seal", "Promise.resolve", "structuredClone", "Array.from", "Map", "Set")
)
_LISTS = frozenset(("Object.values", "Object.entries"))


def called(name: str, values: Sequence[Value]) -> Value | None:
    """Return what a function gives of an object or a list; `None` where nothing is known of it."""
    if name == "JSON.parse" and values and isinstance(values[0].text, str):
        found = choices.parsed(values[0].text)
        return found._replace(flows=values[0].flows) if found is not None else None
    if name in _SAME and values:
        return values[0]._replace(literal=False)
    if name in _LISTS and values and values[0].fields:
        pairs = name.endswith("entries")
        items = (Value(items=(Value(text=key), one)) if pairs else one for key, one in values[0].fields)
        return Value(items=tuple(items), flows=values[0].flows)
    if name == "Object.assign":
        return Value(flows=flows_of(values), fields=choices.fields(values))
    return None


def of_object(reading: Reading, node: Node, depth: int) -> Value:
    """Return what an object that is written out has in it."""
    values: list[Value] = []
    fields: list[tuple[str, Value]] = []
    for child in node.named_children[:_ITEMS]:
        match child.type:
            case "pair":
                value = reading.value(child.child_by_field_name("value"), depth + 1)
                key = _key(reading, child.child_by_field_name("key"), depth)
                values.append(value._replace(flows=value.flows - _KEY) if private_keys.signs(key) else value)
                fields.append((key, value))
            case "shorthand_property_identifier":
                values.append(reading.value(child, depth + 1))
                fields.append((reading.text(child), values[-1]))
            case "spread_element":
                values.append(reading.value(child, depth + 1))
                fields += values[-1].fields
    return Value(flows=flows_of(values), fields=tuple(fields[: choices.FIELDS]))


def _key(reading: Reading, key: Node | None, depth: int) -> str:
    """Return the name of a member, also `["ex" + "ec"]`."""
    if key is not None and key.type == "computed_property_name":
        return known(reading.value(first_of(key), depth + 1))
    return reading.text(key).strip("\"'`")


def sought(reading: Reading, function: Node | None, depth: int) -> Value | None:
    """Return the text for which `(key) => key === TEXT` looks."""
    body = None if function is None else function.child_by_field_name("body")
    if body is None or body.type != "binary_expression" or b"==" not in reading.bytes(body):
        return None
    sides = [reading.value(body.child_by_field_name(side), depth + 1) for side in ("left", "right")]
    texts = [side for side in sides if isinstance(side.text, str)]
    return texts[0]._replace(literal=False) if len(texts) == 1 else None
