"""What is known of an expression: the constant that it is, the name it refers to, where it comes from."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fimci.capabilities import choices, private_keys
from fimci.capabilities.catalogue import find
from fimci.capabilities.javascript_names import NAMES
from fimci.capabilities.uses import RUNS, Flow, Value, known
from fimci.readers.code.javascript_syntax import (
    calling,
    containers,
    escapes,
    folding,
    members,
    merging,
    names,
)
from fimci.readers.code.javascript_syntax.reading import (
    DEEPEST,
    NOTHING,
    Reading,
    bare,
    first_of,
    flows_of,
    last_of,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_ITEMS = 20_000
#: Pieces of a template: each escape is one.
_PIECES = 200_000
#: Turns of a loop that a text of several costs; by how many bits letters that are put together are fewer.
_A_CHOICE, _MADE_AT_ONCE = 8, 3
#: A text that says something; one that may be a payload.
_TELLING, _LONG = 4, 1000
#: The alphabet of a decoder that is written out.
_LETTERS, _ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", 80
#: Twice the letters of a text that is written in escapes to hide it.
_ESCAPED = 32
#: Names that a member may have.
_KEYS = 20
#: What is no step: there is nothing behind it.
_FREE = frozenset(("string", "number"))
#: Members of a request that hold what was answered.
_ANSWERS = frozenset((b"responseText", b"response", b"responseXML"))
_KEY: frozenset[Flow] = frozenset({"key"})


def evaluate(reading: Reading, node: Node, depth: int) -> Value:
    """Return what is known of an expression, within the steps and the depth that are left."""
    held = reading.memo.get(node.id)
    if held is not None:
        return held
    reading.left[0] -= node.type not in _FREE
    if depth > DEEPEST or reading.left[0] < max(0, reading.share[0]):
        return NOTHING
    reading.memo[node.id] = NOTHING
    kind = _KINDS.get(node.type)
    value = NOTHING if kind is None else kind(reading, node, depth)
    reading.memo[node.id] = value
    if value.text is not None and not value.literal:
        reading.scopes.work.spend(len(value.text) >> _MADE_AT_ONCE)
    if value.choices:
        reading.scopes.work.spend(_A_CHOICE * len(value.choices))
    if (
        isinstance(value.text, str)
        and not value.literal
        and len(value.text) >= _TELLING
        and node.type != "identifier"
    ):
        reading.folded.setdefault((reading.source.line(node.start_byte), value.text), node.start_byte)
    return value


def _string(reading: Reading, node: Node, _depth: int) -> Value:
    written = reading.text(node)[1:-1]
    text = escapes.unescaped(written)
    flows: frozenset[Flow] = frozenset()
    hides = len(written) > 2 * len(text) > _ESCAPED and text.isascii()
    if hides or (_LETTERS in text and len(text) <= _ALPHABET):
        flows = frozenset({"decoded"})
    if len(text) >= _LONG and " " not in text[:_LONG]:
        flows = frozenset({"payload"})
    return Value(text=text, flows=flows, literal=True)


def _number(reading: Reading, node: Node, _depth: int) -> Value:
    return Value(text=reading.text(node), literal=True)


def _template(reading: Reading, node: Node, depth: int) -> Value:
    pieces: list[Value] = []
    children = reading.scopes.work.first(node.named_children, _PIECES)
    for child in children:
        if child.type == "template_substitution":
            inner = first_of(child)
            pieces.append(folding.as_text(reading.value(inner, depth + 1)))
        else:
            pieces.append(Value(text=escapes.unescaped(reading.text(child))))
    value = folding.joined(pieces) if pieces else Value(text="")
    plain = all(child.type != "template_substitution" for child in children)
    return value._replace(literal=plain)


def _binary(reading: Reading, node: Node, depth: int) -> Value:
    operator = reading.text(node.child_by_field_name("operator"))
    if operator == "+":
        return _sum(reading, node, depth)
    left = reading.value(node.child_by_field_name("left"), depth + 1)
    right = reading.value(node.child_by_field_name("right"), depth + 1)
    if operator in {"||", "??"}:
        if left.name and not right.name and left.flows <= right.flows:
            return left._replace(flows=left.flows | right.flows, choices=choices.of((left, right)))
        if (left.text is None) != (right.text is None) and not (left.name or right.name):
            return merging.merged([left, right])
        parts = tuple(value.text for value in (left, right) if isinstance(value.text, str))[:1]
        may = choices.of((left, right))
        flows = left.flows | right.flows
        return Value(name=left.name or right.name, parts=parts, flows=flows, choices=may)
    if operator == "&&":
        return right._replace(flows=left.flows | right.flows, literal=False)
    return _arithmetic(operator, left, right)


def _arithmetic(operator: str, left: Value, right: Value) -> Value:
    first, second = folding.number(left), folding.number(right)
    flows = left.flows | right.flows
    if first is None or second is None:
        return Value(flows=flows)
    made = {"-": first - second, "^": first ^ second, "*": first * second, "|": first | second}.get(operator)
    return Value(text=None if made is None else str(made), flows=flows)


def _sum(reading: Reading, node: Node, depth: int) -> Value:
    """Fold a chain of `+`, which leans to the left and may be long."""
    operands: list[Node] = []
    while node.type == "binary_expression" and reading.text(node.child_by_field_name("operator")) == "+":
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None or len(operands) > _ITEMS:
            break
        operands.append(right)
        node = left if left.type == "binary_expression" else bare(left)
    operands.append(node)
    values = [folding.as_text(reading.value(operand, depth + 1)) for operand in reversed(operands)]
    if all(operand.type == "number" for operand in operands) and not values[2:]:
        numbers = [folding.number(value) for value in values]
        if None not in numbers:
            return Value(text=str(sum(number for number in numbers if number is not None)))
    return folding.joined(values)


def _array(reading: Reading, node: Node, depth: int) -> Value:
    items: list[Value] = []
    first = reading.scopes.work.first
    for child in first(node.named_children, _ITEMS):
        value = reading.value(child, depth + 1)
        if child.type != "spread_element":
            items.append(value)
        elif isinstance(value.text, str):
            items += [Value(text=letter) for letter in value.text[:_ITEMS]]
        else:
            items += value.items or (value,)
    return Value(items=tuple(first(items, _ITEMS)), flows=flows_of(items))


def _unary(reading: Reading, node: Node, depth: int) -> Value:
    value = _first(reading, node, depth)
    number = folding.number(value)
    if node.child(0) is None or number is None:
        return Value(flows=value.flows)
    sign = reading.text(node.child(0))
    made = {"-": -number, "+": number, "~": ~number}.get(sign)
    return Value(text=None if made is None else str(made), flows=value.flows)


def _first(reading: Reading, node: Node, depth: int) -> Value:
    return reading.value(first_of(node), depth + 1)


def _bare(reading: Reading, node: Node, depth: int) -> Value:
    return reading.value(bare(node), depth + 1)


def _spread(reading: Reading, node: Node, depth: int) -> Value:
    return _first(reading, node, depth)._replace(name="", parts=(), literal=False)


def _last(reading: Reading, node: Node, depth: int) -> Value:
    return reading.value(last_of(node), depth + 1)


def _ternary(reading: Reading, node: Node, depth: int) -> Value:
    branches: list[Value] = []
    other: Node | None = node
    while other is not None and other.type == "ternary_expression":
        branches.append(reading.value(other.child_by_field_name("consequence"), depth + 1))
        other = other.child_by_field_name("alternative")
    return merging.merged([*branches, reading.value(other, depth + 1)])


def _right(reading: Reading, node: Node, depth: int) -> Value:
    return reading.value(node.child_by_field_name("right"), depth + 1)


def _this(_reading: Reading, _node: Node, _depth: int) -> Value:
    return Value(name="this")


def _meta(_reading: Reading, _node: Node, _depth: int) -> Value:
    return Value(name="import.meta")


def _member(reading: Reading, node: Node, depth: int) -> Value:
    inner, key = node.child_by_field_name("object"), node.child_by_field_name("property")
    if inner is None or key is None:
        return NOTHING
    if inner.type == "this" and reading.bytes(key) in _ANSWERS:
        return Value(flows=_asked(reading, node, depth))
    word = reading.text(key)
    value = members.of(reading, node, inner, word, depth)
    if not reading.keys:
        return value
    is_key = private_keys.is_key(word, reading.keys) and value.text is None
    return value._replace(flows=value.flows | _KEY if is_key else value.flows - _KEY)


def _asked(reading: Reading, node: Node, depth: int) -> frozenset[Flow]:
    """Return where the answer comes from that `this` is in `request.onload = function () { … }`."""
    for around in reversed(reading.path(node.start_byte)):
        if around.type == "assignment_expression":
            left = around.child_by_field_name("left")
            if left is not None and left.type == "member_expression":
                return reading.value(left.child_by_field_name("object"), depth + 1).flows
    return frozenset()


def _subscript(reading: Reading, node: Node, depth: int) -> Value:
    inner, index = node.child_by_field_name("object"), node.child_by_field_name("index")
    if inner is None or index is None:
        return NOTHING
    key = folding.as_text(reading.value(index, depth + 1))
    owner = reading.value(inner, depth + 1)
    at = folding.number(key)
    if at is not None and owner.items:
        return owner.items[at] if 0 <= at < len(owner.items) else NOTHING
    if at is not None and isinstance(owner.text, str):
        return Value(text=owner.text[at : at + 1], flows=owner.flows)
    if not isinstance(key.text, str):
        for one in key.choices[:_KEYS] if owner.name and owner.name not in names.ENVIRONMENTS else ():
            found = members.of(reading, node, inner, one, depth, owner)
            row = find(NAMES, found.name)
            if row is not None and row.name in RUNS:
                reading.spelled.add(found.name)
                return found._replace(flows=found.flows | key.flows)
        inside = choices.held(owner)
        found = members.unknown(owner, key)
        return found._replace(
            name=found.name or inside.name, choices=inside.choices, fields=inside.fields, items=inside.items
        )
    if owner.name == "this":
        owner = Value(name="globalThis")
    value = members.of(reading, node, inner, key.text, depth, owner)
    if value.name and owner.name and not key.literal:
        reading.spelled.add(value.name)
    return value


_KINDS: dict[str, Callable[[Reading, Node, int], Value]] = {
    "string": _string,
    "number": _number,
    "template_string": _template,
    "binary_expression": _binary,
    "array": _array,
    "object": containers.of_object,
    "parenthesized_expression": _bare,
    "await_expression": _first,
    "yield_expression": _first,
    "as_expression": _first,
    "satisfies_expression": _first,
    "non_null_expression": _first,
    "expression_statement": _first,
    "spread_element": _spread,
    "sequence_expression": _last,
    "ternary_expression": _ternary,
    "assignment_expression": _right,
    "this": _this,
    "unary_expression": _unary,
    "meta_property": _meta,
    "member_expression": _member,
    "subscript_expression": _subscript,
    "identifier": names.of_identifier,
    "shorthand_property_identifier": names.of_identifier,
    "call_expression": calling.of_call,
    "new_expression": calling.of_call,
}


def constant(reading: Reading, node: Node) -> str:
    """Return the constant text of an expression, empty for none."""
    return known(reading.value(node))
