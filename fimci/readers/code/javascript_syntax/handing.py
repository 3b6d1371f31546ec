"""What a call of the outside world is given: its arguments, members of objects, and who was opened before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fimci.capabilities import choices
from fimci.capabilities.uses import Flow, Value
from fimci.readers.code.javascript_syntax import bindings, calling, given, merging
from fimci.readers.code.javascript_syntax.reading import NOTHING, Reading, arguments_of, bare

if TYPE_CHECKING:
    from tree_sitter import Node

#: Members of an object that is given.
_MEMBERS = 1_000
#: What may be an object whose members are known from elsewhere.
_HOLDING = frozenset(("identifier", "object", "call_expression", "member_expression"))
#: What calls a function that it is given with what it holds.
_CALLING = frozenset(("then", "map", "forEach", "on", "once", "flatMap", "reduce"))
_GIVEN: frozenset[Flow] = frozenset({"input"})
#: Methods behind one another that only give back what they are called of.
_CHAINED = 8
_LISTS = frozenset(("map", "forEach", "flatMap"))
#: Code with names of its own for what it is given, and which of its arguments has those.
_CONTEXTS = {
    "vm.runInNewContext": 1,
    "vm.runInContext": 1,
    "vm.compileFunction": 1,
}


def arguments(reading: Reading, nodes: Sequence[Node]) -> tuple[Value, ...]:
    """Return what is given, those in a list that is spread one by one."""
    found: list[Value] = []
    for node in nodes:
        value = argument(reading, node)
        reading.scopes.work.spend(len(value.items) if node.type == "spread_element" else 0)
        found += value.items[:_MEMBERS] if node.type == "spread_element" and value.items else (value,)
    return tuple(found)


def called_with(reading: Reading, call: Node, function: Node) -> tuple[Value, ...] | None:
    """Return with what a function is called that something is given to call it; `None` where it is not."""
    callee = call.child_by_field_name("function")
    if callee is None:
        return None
    key = reading.text(callee.child_by_field_name("property") or callee)
    behind = given.LATER.get(key)
    nodes = arguments_of(call)
    if behind is not None and nodes and nodes[0].id == function.id:
        return tuple(given.values(reading, nodes[behind:])) or None
    if key not in _CALLING:
        return None
    _, receiver, _ = calling.callee_of(reading, call)
    if key in _LISTS and receiver.items:
        receiver = choices.held(merging.listed(receiver))
    flows = receiver.flows | _GIVEN
    return (Value(text=receiver.text, choices=receiver.choices, flows=flows),)


def in_context(
    reading: Reading, node: Node, name: str, nodes: Sequence[Node], values: tuple[Value, ...]
) -> tuple[Value, ...]:
    """Return code with the names that it has for what it is given: `new Function("r", "r(…)")(require)`."""
    if name.endswith("Function") and name not in _CONTEXTS:
        code, own = values[-1:], {str(one.text): at for at, one in enumerate(values[:-1]) if one.text}
        more: tuple[Value, ...] = ()
    elif name in _CONTEXTS and len(values) > 1:
        code, more = values[:1], values[1:]
        own = {str(one.text): at for at, one in enumerate(values[1].items) if one.text}
        if not own:
            members = keywords(reading, list(nodes[1:2]))
            return (_renamed(code[0], {key: one.name for key, one in members.items()}), *more)
    else:
        return values
    later = node.parent
    if not code or later is None or later.type != "call_expression" or later.children[0].id != node.id:
        return (*code, *more)
    given_to = given.values(reading, arguments_of(later))
    stands_for = {key: given_to[at].name for key, at in own.items() if at < len(given_to)}
    return (_renamed(code[0], stands_for), *more)


def _renamed(code: Value, names: dict[str, str]) -> Value:
    """Return code in which names mean what they stand for."""
    other = {key: name for key, name in names.items() if name and name != key and key.isidentifier()}
    if not other or not isinstance(code.text, str):
        return code
    made = "".join(f"var {key}={name};" for key, name in other.items() if not name.endswith(")"))
    return code._replace(text=made + code.text)


def argument(reading: Reading, argument: Node) -> Value:
    """Return what is given. What flows into the members of an object is told with them."""
    node = bindings.expression(reading, argument)
    if node.type != "object" or any(
        child.type not in {"pair", "shorthand_property_identifier", "comment"}
        for child in node.named_children[:_MEMBERS]
    ):
        return reading.value(argument)
    return Value()


def keywords(reading: Reading, arguments: list[Node]) -> dict[str, Value]:
    """Return the members of the objects that are given."""
    found: dict[str, Value] = {}
    for argument in arguments:
        node = bindings.expression(reading, argument)
        if node.type != "object":
            continue
        for child in node.named_children[:_MEMBERS]:
            if child.type == "pair":
                key = reading.text(child.child_by_field_name("key")).strip("\"'`")
                found.setdefault(key, reading.value(child.child_by_field_name("value")))
            elif child.type == "shorthand_property_identifier":
                found.setdefault(reading.text(child), reading.value(child))
    for argument in arguments:
        if argument.type in _HOLDING:  # what was put into it, or comes from other objects
            value = reading.value(argument)
            for key, member in value.fields:
                found.setdefault(key, member)
            node = bindings.expression(reading, argument)
            if node.type == "object" and not node.named_child_count and value.flows:
                found.setdefault(merging.ANY, Value(flows=value.flows))  # filled under keys that nobody knows
    return found


def origin(reading: Reading, node: Node) -> dict[str, Value]:
    """Return to where the object was opened whose method is called."""
    callee = node.child_by_field_name("function")
    owner = None if callee is None else bare(callee).child_by_field_name("object")
    return {} if owner is None else origin_of(reading, owner)


def origin_of(reading: Reading, owner: Node) -> dict[str, Value]:
    """Return to where something was opened, by what it was opened with."""
    made = _opened(reading, bindings.expression(reading, owner))
    if made.type == "member_expression":
        made = bindings.member_of(reading, made) or made
    if made.type not in {"call_expression", "new_expression"}:
        return {}
    arguments = arguments_of(made)
    values = [reading.value(argument) for argument in arguments[:2]]
    address = next((value for value in values if _tells(value)), NOTHING)
    behind_port = bool(values) and str(values[0].text).isdigit()
    return {
        "host" if behind_port else "url": address,
        **{key: value for key, value in keywords(reading, arguments).items() if "host" in key},
    }


def _opened(reading: Reading, node: Node) -> Node:
    """Return what opened something, behind the methods that only give it back: `request(…).on(…)`."""
    for _ in range(_CHAINED):
        callee = node.child_by_field_name("function") if node.type == "call_expression" else None
        inner = None if callee is None else bare(callee).child_by_field_name("object")
        key = None if inner is None or callee is None else bare(callee).child_by_field_name("property")
        if inner is None or key is None or reading.text(key) not in calling.GIVING_BACK:
            break
        node = bindings.expression(reading, inner)
    return node


def _tells(value: Value) -> bool:
    """Tell whether a value may say where something is: a text, and no port."""
    return bool(value.text or value.parts) and not str(value.text).isdigit()
