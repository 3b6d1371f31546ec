"""What goes into an object, a list or a form after it was made: `a[k] = x`, `a.push(x)`, `a.append(k, x)`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from fimci.capabilities import choices, sensitive
from fimci.capabilities.uses import Flow, Value, known
from fimci.readers.code.javascript_syntax.reading import NOTHING, Reading, arguments_of, flows_of

if TYPE_CHECKING:
    from tree_sitter import Node

#: So many places where something is put in are looked at.
_MOST = 500
#: Items of a list that are gone through.
LISTED = 20_000
#: Nodes between a name and the assignment to a member of it.
_NEAR = 12
_INTO = re.compile(
    rb"\s*(?:(?:\s*\??\.\s*[\w$]+|\[[^\]\n]{1,80}\])+\s*\+?=(?![=>])"
    rb"|(?:\.\s*[\w$]+)?\.\s*(?:push|unshift|append|set|add|update)\s*\()"
)
#: Who puts something into an object that is given first, and how far before that it stands.
_GIVEN = re.compile(
    rb"(?:Object\s*\.\s*(?:assign|definePropert(?:y|ies))"
    rb"|Reflect\s*\.\s*(?:set|defineProperty))\s*\(\s*\Z"
)
_BEFORE = 60
_SECRETS = frozenset(("credentials", "crypto-wallet"))
_ASSIGNMENTS = frozenset(("assignment_expression", "augmented_assignment_expression"))


class Put(NamedTuple):
    """What is put somewhere: under a name (`key`), as one more (`key` is `None`), or nobody knows where.

    `value` is empty where it is only known where that comes from (`flows`).
    """

    flows: frozenset[Flow]
    key: str | None = None
    value: Value = NOTHING


def gathered(reading: Reading, text: bytes, scope: int, depth: int) -> Value:
    """Return what is put into a name, or a member as it is written, and where that comes from."""
    held = text, scope
    if held in reading.gathered or reading.left[0] < 0:
        return reading.gathered.get(held, NOTHING)
    reading.gathered[held] = NOTHING
    data, puts = reading.source.data, list[Put]()
    for at in reading.scopes.places(text, scope):
        if not _puts(data, at, at + len(text)):
            continue
        if len(puts) >= _MOST:
            reading.cut.add(choices.CUT)
            break
        found = reading.scopes.find(text, at)
        if found is not None and found[0] != scope:
            continue
        puts += _put(reading, reading.path(at), at, len(text), depth)
    reading.gathered[held] = _together(puts)
    return reading.gathered[held]


def _puts(data: bytes, at: int, end: int) -> bool:
    """Tell by what stands around a name whether something is put into it."""
    if _INTO.match(data, end) is not None:
        return True
    if data[end : end + 1] != b"," or data[at - 1 : at] not in {b"(", b" ", b"\n"}:
        return False
    return _GIVEN.search(data, max(0, at - _BEFORE), at) is not None


def _together(puts: list[Put]) -> Value:
    members: dict[str, list[Value]] = {}
    for put in puts:
        if put.key is not None and put.value != NOTHING:
            members.setdefault(put.key, []).append(put.value)
    flows: frozenset[Flow] = frozenset().union(*(put.flows for put in puts)) - {"input"}
    items = [put.value for put in puts if put.key is None and put.value != NOTHING]
    while str(len(items)) in members:  # under their numbers: `a[0] = x`
        items.append(choices.one(members.pop(str(len(items)))))
    return Value(
        items=tuple(items[:LISTED]),
        flows=flows,
        fields=tuple((key, choices.one(values)) for key, values in members.items())[: choices.FIELDS],
    )


def _put(reading: Reading, path: list[Node], at: int, length: int, depth: int) -> list[Put]:
    """Return what is assigned or given at a place."""
    for node in reversed(path[-_NEAR:]):
        if node.type in _ASSIGNMENTS:
            right = right_of([node], at)
            left = node.child_by_field_name("left")
            if right is None or left is None:
                return []
            value = reading.value(right, depth + 1)
            key = _key(reading, left, at + length, depth) if node.type == "assignment_expression" else None
            return [Put(value.flows, key, value if key is not None else NOTHING)]
        if node.type == "call_expression":
            if node.start_byte == at:
                return _called(reading, node, at + length, depth)
            given = arguments_of(node)
            return _given(reading, node, depth) if given and given[0].start_byte == at else []
    return []


def right_of(path: list[Node], at: int) -> Node | None:
    """Return what is assigned at a place."""
    for node in reversed(path[-_NEAR:]):
        if node.type in _ASSIGNMENTS:
            left = node.child_by_field_name("left")
            within = left is not None and left.start_byte <= at < left.end_byte
            return node.child_by_field_name("right") if within else None
    return None


def _key(reading: Reading, left: Node, end: int, depth: int) -> str | None:
    """Return under which name something is put: `a.b = …`, `a["b"] = …`, `a[b] = …`."""
    owner = left.child_by_field_name("object")
    if owner is None or owner.end_byte != end:
        return None
    index = left.child_by_field_name("index")
    if index is None:
        return reading.text(left.child_by_field_name("property"))
    text = reading.value(index, depth + 1).text
    return text if isinstance(text, str) else None


def _called(reading: Reading, call: Node, end: int, depth: int) -> list[Put]:
    """Return what a method puts into what it is called on."""
    callee = call.child_by_field_name("function")
    owner = None if callee is None else callee.child_by_field_name("object")
    values = [reading.value(node, depth + 1) for node in arguments_of(call)[:3]]
    key = "" if callee is None else reading.text(callee.child_by_field_name("property"))
    if owner is None or owner.end_byte != end or key in {"append", "update"}:
        return [Put(flows_of(values))]
    if key in {"push", "unshift", "add"}:
        return [Put(value.flows, None, value) for value in values]
    if key == "set" and values[1:]:
        return [Put(flows_of(values), None, Value(items=tuple(values[:2]), flows=values[1].flows))]
    return [Put(flows_of(values))]


def _given(reading: Reading, call: Node, depth: int) -> list[Put]:
    """Return what `Object.assign`, `defineProperty` and their like put into an object."""
    arguments = arguments_of(call)
    values = [reading.value(node, depth + 1) for node in arguments[1:4]]
    name = reading.text(call.child_by_field_name("function")).rpartition(".")[2].strip()
    if name in {"assign", "defineProperties"}:
        pairs = [pair for value in values for pair in value.fields]
        members = pairs if name == "assign" else [(key, described(value)) for key, value in pairs]
        return [Put(flows_of(values)), *(Put(value.flows, key, value) for key, value in members)]
    if len(values) < 2 or not isinstance(values[0].text, str):  # noqa: PLR2004  (a name and a value)
        return []
    value = values[1] if name == "set" else described(values[1])
    return [Put(values[1].flows, values[0].text, value)]


def described(description: Value) -> Value:
    """Return the member that a description is of: its value, or what its getter gives."""
    found = choices.field(description, "value") or choices.field(description, "get()")
    return NOTHING if found is None else found


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
