"""What promises are resolved with, and what is made of that step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fimci.capabilities.uses import Value
from fimci.readers.code.javascript_syntax import bindings, callers, merging
from fimci.readers.code.javascript_syntax.reading import NOTHING, Reading, arguments_of, first_of

if TYPE_CHECKING:
    from tree_sitter import Node

#: What gives what the function gives that is told of what was promised.
CHAINED = frozenset(("then", "catch", "finally"))


def chained(reading: Reading, told: Node, depth: int) -> Value | None:
    """Return what a function makes of what was promised, where more than its origin is known."""
    function = bindings.function_of(reading, told)
    found = NOTHING if function is None else reading.results(reading, function, depth + 1)
    return found._replace(literal=False) if found.text or found.items or found.fields else None


def made(reading: Reading, arguments: Sequence[Node], depth: int) -> Value:
    """Return what a promise is resolved with, by the calls of its first parameter."""
    function = bindings.function_of(reading, arguments[0]) if arguments else None
    if function is None:
        return NOTHING
    parameters = function.child_by_field_name("parameters")
    single = function.child_by_field_name("parameter") or (
        None if parameters is None else first_of(parameters)
    )
    if single is None:
        return NOTHING
    word = reading.bytes(single)
    values: list[Value] = []
    for place in callers.called_places(reading, word, reading.scopes.number(function)):
        path = reading.path(place)
        call = path[-2] if path[1:] else None
        if call is not None and call.type == "call_expression":
            values += [reading.value(argument, depth + 1) for argument in arguments_of(call)[:1]]
    found = merging.merged(values)
    return found._replace(flows=found.flows - {"input"}, literal=False)
