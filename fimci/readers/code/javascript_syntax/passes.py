"""What is passed on between files: what functions give back, and what they give to those of other files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from fimci.capabilities import chains, command_lines, passing
from fimci.capabilities.uses import MARK, Flow, Given, origin
from fimci.readers.code.javascript_syntax import bindings, calling
from fimci.readers.code.javascript_syntax.reading import FUNCTIONS, Reading, arguments_of, bare

if TYPE_CHECKING:
    from tree_sitter import Node

#: What stands between something of another file and the call of it.
_BETWEEN = frozenset(
    ("member_expression", "subscript_expression", "parenthesized_expression", "non_null_expression")
)
_CALLS = frozenset(("call_expression", "new_expression"))
_FIELDS = ("function", "constructor", "object")
#: What gives a name to a value, and where that stands; what a text may be a part of.
_NAMES = {"pair": "key", "assignment_expression": "left", "variable_declarator": "name"}
_TEXTS = frozenset(("string", "template_string", "binary_expression", "parenthesized_expression", "array"))
#: Functions of a file that are looked at for what they return.
_MOST = 2_000
#: Turns of a loop that a place of an object costs which another file made.
_A_PLACE = 4


def of_function(reading: Reading, function: Node) -> Iterator[tuple[str, str]]:
    """Yield what a function gives back that matters to others."""
    value = calling.results(reading, function)
    for flow in passing.mattering(value.flows | command_lines.fetches(value)):
        yield flow, passing.BACK


def of_constant(reading: Reading, at: int) -> Iterator[tuple[str, str]]:
    """Yield the name that a command gets which runs what it fetches: of a member, or of a variable."""
    path = reading.path(at)
    for number in range(len(path) - 1, 0, -1):
        node = path[number - 1]
        field = _NAMES.get(node.type)
        if field is not None:
            name = reading.text(node.child_by_field_name(field)).rpartition(".")[2].strip("\"'`")
            for flow in command_lines.fetches(reading.value(path[number])) if name else ():
                yield name, flow
        if node.type not in _TEXTS:
            return


def of_call(reading: Reading, at: int) -> Iterator[tuple[int, str, str]]:
    """Yield what is given to functions of another file that are called at a place, and to what they give."""
    path = reading.path(at)
    yield from _along(reading, path)
    made = _kept(reading, path)
    if made is not None:
        word = reading.bytes(made)
        scope = reading.scopes.innermost(made.start_byte)
        if (word, scope) in reading.passed:
            return
        reading.passed.add((word, scope))
        for place in reading.scopes.every_place(word, scope):
            reading.scopes.work.spend(_A_PLACE)
            behind = reading.source.data[place + len(word) : place + len(word) + 9].lstrip()
            if place != made.start_byte and behind[:1] in {b".", b"?"}:
                yield from _along(reading, reading.path(place))


def _start(reading: Reading, path: list[Node]) -> int:
    """Return where on a path the name stands, or the call that loads it."""
    last = len(path) - 1
    if last >= 0 and path[last].type == "identifier":
        return last
    for at in range(last, max(0, last - 5), -1):
        if path[at].type == "call_expression" and reading.value(path[at]).name.endswith(MARK):
            return at
    return last


def _along(reading: Reading, path: list[Node]) -> Iterator[tuple[int, str, str]]:
    at = _start(reading, path)
    while at > 0:
        node, parent = path[at], path[at - 1]
        if parent.type == "arguments" and at > 1:
            yield from _handed(reading, node, path[at - 2])
            return
        first = next((one for field in _FIELDS if (one := parent.child_by_field_name(field))), None)
        if parent.type not in _BETWEEN | _CALLS or (first is not None and first.id != node.id):
            return
        if parent.type in _CALLS:
            sink = origin(reading.value(node).name)
            if sink is not None:
                yield from _given(reading, parent, sink)
        at -= 1


def _given(reading: Reading, call: Node, sink: Given) -> Iterator[tuple[int, str, str]]:
    for number, argument in enumerate(arguments_of(call)):
        for flow in passing.mattering(_flows(reading, argument)):
            yield call.start_byte, flow, passing.given_to(number, sink)


def _handed(reading: Reading, node: Node, call: Node) -> Iterator[tuple[int, str, str]]:
    """Yield what a function is given by whom it is handed to: `grab().then(send)`."""
    sink = origin(reading.value(node).name)
    callee = call.child_by_field_name("function")
    owner = None if callee is None else callee.child_by_field_name("object")
    if sink is not None and owner is not None:
        for flow in passing.mattering(reading.value(owner).flows):
            yield call.start_byte, flow, passing.given_to(0, sink)


def _flows(reading: Reading, argument: Node) -> frozenset[Flow]:
    """Return what flows into an argument; members that say who asks are what a service wants."""
    node = bindings.expression(reading, argument)
    if node.type in FUNCTIONS:
        return frozenset()
    if node.type != "object":
        value = reading.value(argument)
        return value.flows.union(command_lines.fetches(value), *(item.flows for item in value.items))
    found: frozenset[Flow] = frozenset()
    for child in node.named_children:
        reading.scopes.work.spend(1)
        key = reading.text(child.child_by_field_name("key")).strip("\"'`")
        if child.type == "pair" and key not in chains.SIGNED:
            found |= reading.value(child.child_by_field_name("value")).flows
        elif child.type != "pair" and reading.text(child) not in chains.SIGNED:
            found |= reading.value(child).flows
    return found


def _kept(reading: Reading, path: list[Node]) -> Node | None:
    """Return the name that gets what another file makes: `const line = new Line()`."""
    declared = next((node for node in reversed(path) if node.type == "variable_declarator"), None)
    if declared is None:
        return None
    name, value = declared.child_by_field_name("name"), declared.child_by_field_name("value")
    if name is None or value is None or name.type != "identifier":
        return None
    made = bare(value)
    return name if made.type in _CALLS and MARK in reading.value(made).name else None


def limited(numbers: Iterable[int]) -> tuple[list[int], bool]:
    """Return as many functions as are looked at, and whether there are more."""
    found = sorted(numbers)
    return found[:_MOST], len(found) > _MOST
