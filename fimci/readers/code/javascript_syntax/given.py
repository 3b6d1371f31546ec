"""What the parameters of functions are given, as far as a file tells: by calls, and by who calls back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from fimci.capabilities import choices, passing
from fimci.capabilities.javascript_network import SERVERS
from fimci.capabilities.uses import Flow, Value, known
from fimci.readers.code.javascript_syntax import bindings, callers, containers, events, gathering, merging
from fimci.readers.code.javascript_syntax.defined import Binding
from fimci.readers.code.javascript_syntax.reading import (
    ARGUMENTS,
    NOTHING,
    Reading,
    arguments_of,
    bare,
    flows_of,
)

if TYPE_CHECKING:
    from tree_sitter import Node

#: Parameters of a function that are looked at; items of a list that is spread.
_LISTED, _ITEMS = 64, 20_000
_SERVERS = frozenset(SERVERS)
_ANSWERED: frozenset[Flow] = frozenset({"network"})
#: What calls a function later with all that is given behind it, and how far behind.
LATER = {"setTimeout": 2, "setInterval": 2, "setImmediate": 1, "nextTick": 1, "queueMicrotask": 1}
#: Methods of texts that call what they are given with what they find.
_FINDING = frozenset(("replace", "replaceAll"))
_PROMISES = frozenset(("then", "finally", "catch"))


def argument(reading: Reading, bound: Binding, depth: int) -> Value:
    """Return what a parameter is given, as far as the calls in this file tell."""
    function = bound.node
    reading.scopes.work.cut |= bound.position >= ARGUMENTS
    number = reading.scopes.number(function)
    if number in reading.frame:
        return _at(reading.frame[number], bound)
    place = None if bound.keys[:1] == ("...",) else bound.position
    own = Value(flows=frozenset({"input", passing.parameter(place)}))
    above = [node for node in bound.path[:-1] if node.type != "parenthesized_expression"]
    parent = above[-1] if above else None
    found = [own]
    if parent is not None and parent.type == "assignment_expression" and bound.position == 0:
        found.append(_listened(reading, parent, depth))
    if parent is not None and parent.type == "call_expression":
        given = _of_call(reading, parent, depth)
        return _at(given, bound) if bound.position < len(given) else own
    if parent is not None and parent.type == "arguments" and len(above) > 1:
        value = handed(reading, above[-2], function, bound.position, depth)
        return _first_named([*found, value])._replace(text=value.text if not value.name else None)
    found += _by_calls(reading, bound, depth)
    if found[1:] and not found[2:]:
        return found[1]._replace(flows=found[1].flows | own.flows, literal=False)
    return _first_named(found)


def _by_calls(reading: Reading, bound: Binding, depth: int) -> list[Value]:
    """Return what a function is given by the calls of its name, and by who is given the function."""
    function = bound.node
    calls = callers.calls_of(reading, function, bound.path)
    plain, found = bound.keys[:1] != ("...",), list[Value]()
    for call in calls:
        listed = _plain(reading, call) if plain else []
        if bound.position < len(listed):
            found.append(reading.value(listed[bound.position], depth + 1))
            continue
        given = _of_call(reading, call, depth)
        if bound.position < len(given):
            found.append(_at(given, bound))
    found += _assigned(reading, function, depth)
    for at in callers.handed_places(reading, function, bound.path):
        around = reading.path(at)
        if around[2:] and around[-2].type == "arguments":
            found.append(handed(reading, around[-3], around[-1], bound.position, depth))
    if not bound.position and len(calls) >= bindings.MOST - 1:
        found += bindings.written(reading, callers.further_calls(reading, function, bound.path))
    return found


def _plain(reading: Reading, call: Node) -> list[Node]:
    """Return the arguments of a call as far as each goes to one parameter, up to a list that is spread."""
    if call.id not in reading.plain:
        inner = None if call.id in reading.shifted else call.child_by_field_name("arguments")
        nodes = [] if inner is None or inner.type == "template_string" else inner.named_children[:_LISTED]
        found = [node for node in nodes if node.type != "comment"]
        spread = next((at for at, node in enumerate(found) if node.type == "spread_element"), len(found))
        reading.plain[call.id] = found[:spread]
    return reading.plain[call.id]


def _at(given: Sequence[Value], bound: Binding) -> Value:
    """Return what a parameter is given by one call; the rest of them is a list."""
    if bound.keys[:1] == ("...",):
        rest = tuple(given[bound.position :])
        return Value(items=rest, flows=flows_of(rest))
    return given[bound.position] if bound.position < len(given) else NOTHING


def _of_call(reading: Reading, call: Node, depth: int) -> list[Value]:
    """Return what a call of a function of the file gives to it."""
    nodes, more = callers.given_by(reading, call)
    listed = None if more is None else callers.listed_by(reading, more)
    if more is not None and listed is None:
        given = reading.scopes.work.first(reading.value(more, depth + 1).items, _ITEMS)
        reading.scopes.work.spend(len(given))
        return list(given)
    if call.child_by_field_name("arguments") is not None and nodes and nodes[0].parent == call:
        value = reading.value(nodes[0], depth + 1)  # a tag is given the pieces of its template
        return list(template(reading, nodes[0], value, depth))
    return values(reading, nodes if listed is None else listed, depth)


def template(reading: Reading, node: Node, value: Value, depth: int) -> Iterator[Value]:
    """Yield what a tag is given: the pieces of its template, and what stands between them."""
    yield Value(items=(value,), fields=(("raw", Value(items=(value,))),))
    for child in reading.scopes.work.first(node.named_children, _ITEMS):
        if child.type == "template_substitution" and child.named_child_count:
            yield reading.value(child.named_child(0), depth + 1)


def values(reading: Reading, nodes: Sequence[Node], depth: int = 0) -> list[Value]:
    """Return what is known of arguments, those in a list that is spread one by one."""
    found: list[Value] = []
    for node in nodes:
        value = reading.value(node, depth + 1)
        if node.type == "spread_element" and value.items:
            reading.scopes.work.spend(len(value.items))
            found += reading.scopes.work.first(value.items, _ITEMS)
        else:
            found.append(value)
    return found


def _assigned(reading: Reading, function: Node, depth: int) -> list[Value]:
    """Return what a setter is given: `set run(value) { … }`, `o.run = …`."""
    if function.type != "method_definition" or not bindings.is_setter(function):
        return []
    key = reading.bytes(function.child_by_field_name("name") or function)
    return [
        reading.value(right, depth + 1)
        for at in reading.scopes.assigned_to(key)[: bindings.MOST]
        if (right := gathering.right_of(reading.path(at), at)) is not None
    ]


def _listened(reading: Reading, assignment: Node, depth: int) -> Value:
    """Return what a listener is given: `socket.onmessage = event => …`."""
    left = assignment.child_by_field_name("left")
    if left is None or left.type != "member_expression":
        return NOTHING
    if not reading.text(left.child_by_field_name("property")).startswith("on"):
        return NOTHING
    owner = reading.value(left.child_by_field_name("object"), depth + 1)
    return Value(
        flows=owner.flows | events.typed(reading.text(left.child_by_field_name("property"))[2:], owner)
    )


def _first_named(values: list[Value]) -> Value:
    named = next((value for value in values if value.name), NOTHING)
    may, fields = choices.of(values), choices.fields(values)
    items = named.items or next((value.items for value in values if value.items), ())
    return named._replace(flows=flows_of(values), choices=may, fields=fields, items=items)


def _called_back(reading: Reading, local: Node, place: int, position: int, depth: int) -> Value:
    """Return what a callback is given by the function of the file that calls it."""
    parameters = local.child_by_field_name("parameters")
    listed = [] if parameters is None else parameters.named_children
    named = listed[place] if 0 <= place < len(listed) else local.child_by_field_name("parameter")
    if place < 0 or named is None or named.type != "identifier":
        return NOTHING
    found: list[Value] = []
    for at in callers.called_places(reading, reading.bytes(named), reading.scopes.number(local)):
        path = reading.path(at)
        if path[1:] and path[-2].type == "call_expression":
            arguments = arguments_of(path[-2])[position : position + 1]
            found += [reading.value(one, depth + 1) for one in arguments]
    return merging.merged(found)


def handed(reading: Reading, call: Node, function: Node, position: int, depth: int) -> Value:
    """Return what a callback is given by the call that it is given to."""
    callee = call.child_by_field_name("function") or call.child_by_field_name("constructor")
    if callee is None:
        return NOTHING
    callee = bare(callee)
    place = next((at for at, node in enumerate(arguments_of(call)) if node.id == function.id), -1)
    inner = callee.child_by_field_name("object") if callee.type == "member_expression" else None
    local = bindings.function_of(reading, callee)
    if local is not None:
        return _called_back(reading, local, place, position, depth)
    key = reading.text(callee.child_by_field_name("property")) if inner is not None else reading.text(callee)
    if key in LATER and not place:
        more = values(reading, arguments_of(call)[LATER[key] :], depth)
        return more[position] if position < len(more) else NOTHING
    receiver = reading.value(inner, depth + 1) if inner is not None else NOTHING
    if key in _PROMISES and inner is not None and (key != "catch" or receiver.text is not None):
        return receiver if position == 0 else Value(flows=receiver.flows)
    if key == "addEventListener" and place == 1 and not position:
        typed = events.typed(known(reading.value(arguments_of(call)[0], depth + 1)), receiver)
        if typed:
            return Value(flows=receiver.flows | typed)
    if key in events.LISTENING and place == 1:
        emitted = events.given(reading, call, position, depth)
        if emitted:
            return merging.merged(emitted)
    found = _of_text(reading, call, receiver, position, depth)
    return _from_list(reading, call, receiver, position, depth) if found is None else found


def _of_text(reading: Reading, call: Node, receiver: Value, position: int, depth: int) -> Value | None:
    """Return what a callback is given of a text: what a pattern finds there, or what stands in its JSON.

    `"…".replace(/.+/, found => …)`, `JSON.parse("…", (key, value) => …)`; what is found may be all of it.
    """
    callee = bare(call.child_by_field_name("function") or call)
    key = reading.text(callee.child_by_field_name("property"))
    if key in _FINDING and not position and receiver.text is not None:
        return Value(flows=receiver.flows, choices=choices.of((receiver,)))
    if key == "parse" and receiver.name == "JSON" and position == 1:
        first = arguments_of(call)[0]
        parsed = containers.called("JSON.parse", [reading.value(first, depth + 1)])
        inside = () if parsed is None else (*parsed.items, *(one for _, one in parsed.fields))
        return Value(flows=flows_of(inside), choices=choices.of(inside))
    return None


def _from_list(reading: Reading, call: Node, receiver: Value, position: int, depth: int) -> Value:
    """Return what a callback is given of a list whose method calls it, or of what else that is."""
    callee = call.child_by_field_name("function") or call
    result = reading.value(call, depth + 1)
    text = gathering.telling(receiver) if position == 0 else None
    item = choices.held(merging.listed(receiver)) if text is None and receiver.items else NOTHING
    asked = _ANSWERED if reading.value(callee, depth + 1).name in _SERVERS else frozenset[Flow]()
    flows = gathering.chosen(receiver) | result.flows | asked
    if text is not None or not receiver.items or position > 1:
        return Value(text=text, flows=flows)
    may = item.choices if item.text is None else (str(item.text),)
    return item._replace(text=None, flows=flows, choices=may, literal=False)
