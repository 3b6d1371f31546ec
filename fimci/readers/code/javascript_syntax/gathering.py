"""What goes into an object, a list or a form after it was made: `a[k] = x`, `a.push(x)`, `a.append(k, x)`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fimci.capabilities import sensitive
from fimci.capabilities.uses import Flow, Value, known
from fimci.readers.code.javascript_syntax.reading import Reading, arguments_of, flows_of

if TYPE_CHECKING:
    from tree_sitter import Node

_NONE: frozenset[Flow] = frozenset()
#: So many places where something is put in are looked at.
_MOST = 200
#: Items of a list that are gone through.
LISTED = 20_000
#: Nodes between a name and the assignment to a member of it.
_NEAR = 12
_INTO = re.compile(
    rb"\s*(?:(?:\s*\??\.\s*[\w$]+|\[[^\]\n]{1,80}\])+\s*\+?=(?![=>])"
    rb"|(?:\.\s*[\w$]+)?\.\s*(?:push|unshift|append|set|add|update)\s*\()"
)
_SECRETS = frozenset(("credentials", "crypto-wallet"))


def gathered(reading: Reading, text: bytes, scope: int, depth: int) -> frozenset[Flow]:
    """Return where what is put into a name, or a member as it is written, comes from."""
    held = text, scope
    if held in reading.gathered or reading.left[0] < 0:
        return reading.gathered.get(held, _NONE)
    reading.gathered[held] = _NONE
    data, values = reading.source.data, list[Value]()
    for at in reading.scopes.places(text, scope):
        if _INTO.match(data, at + len(text)) is None or len(values) >= _MOST:
            continue
        found = reading.scopes.find(text, at)
        if found is not None and found[0] != scope:
            continue
        values += [reading.value(node, depth + 1) for node in _put(reading.path(at), at)]
    reading.gathered[held] = flows_of(values) - {"input"}
    return reading.gathered[held]


def _put(path: list[Node], at: int) -> list[Node]:
    """Return what is assigned or given at a place."""
    for node in reversed(path[-_NEAR:]):
        if node.type in {"assignment_expression", "augmented_assignment_expression"}:
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            return [right] if left is not None and right is not None and left.start_byte == at else []
        if node.type == "call_expression":
            return arguments_of(node)[:3] if node.start_byte == at else []
    return []


def telling(value: Value) -> str | None:
    """Return the text of a list that leads to a start-up place, by itself or in the home folder."""
    for item in value.items[:LISTED]:
        text = item.text if isinstance(item.text, str) else ""
        found = (sensitive.spot(text) or sensitive.spot(f"~/{text}")) if text else None
        if found is not None and found.name == "persistence":
            return text
    return None


def chosen(value: Value) -> frozenset[Flow]:
    """Return what flows out of a list when its items are taken one by one: names of secrets lead to them."""
    for item in value.items[:LISTED]:
        for one in (item, *item.items[:8]):
            text = known(one)
            found = sensitive.spot(text) if text else None
            if (found is not None and found.name in _SECRETS) or (text.isupper() and sensitive.secret(text)):
                return value.flows | {"secret"}
    return value.flows
