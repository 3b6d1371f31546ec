"""When a place in a text runs: at once when the file is loaded, or when something is called later.

What is not known to run later runs at once: the callbacks of a call that runs at once, timers and listeners
that are registered then, and the modules inside a bundle.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from fimci.model import Phase
from fimci.readers.code.javascript_syntax import bindings, callers, keeping
from fimci.readers.code.javascript_syntax.reading import Reading

if TYPE_CHECKING:
    from tree_sitter import Node

_DEEPEST = 40
#: What lines call by themselves; what a user clicks on is called later.
_LISTENERS = frozenset(("onmessage", "onopen", "onload", "onloadend", "onreadystatechange", "ondata"))

#: What loads modules: what is put there runs with the next one.
_LOADS = re.compile(
    rb"extensions\s*\[\s*[\"'`]\.(?:[cm]?js|json|node)[\"'`]\s*\]\Z"
    rb"|\.(?:_load|_resolveFilename|_findPath|prototype\.(?:require|_compile))\Z"
)
_NEAR = 60
#: Places where the name of a getter stands, and what shows that it is a longer name, or gets something.
_ASKED = 200
_WORD = re.compile(rb"[\w$]")
_ASSIGNS = re.compile(rb"\]?\s{0,9}(?:=(?!=)|:)")
#: Methods that are called by no name: where an object becomes a text or a number, is gone through or awaited.
_IMPLICIT = frozenset(
    (
        "toString",
        "valueOf",
        "toJSON",
        "then",
        "[Symbol.toPrimitive]",
        "[Symbol.iterator]",
    )
)


def phase_at(reading: Reading, offset: int, memo: dict[int, Phase]) -> Phase:
    """Return the phase in which an offset runs. `memo` holds the phases of functions."""
    return _of(reading, reading.scopes.innermost(offset), memo, 0)


def _of(reading: Reading, number: int, memo: dict[int, Phase], depth: int) -> Phase:
    if number < 0:
        return "import"
    if number not in memo:
        memo[number] = "call"
        if depth < _DEEPEST and _at_once(reading, number, memo, depth):
            memo[number] = "import"
    return memo[number]


def _at_once(reading: Reading, number: int, memo: dict[int, Phase], depth: int) -> bool:
    function = reading.scopes.functions[number]
    around = reading.scopes.around[number]
    if function.type == "class_static_block":
        return _of(reading, around, memo, depth + 1) == "import"
    path = path_of(reading, function)
    if not path:
        return False
    for node in reversed(path[:-1]):
        match node.type:
            case "parenthesized_expression" | "unary_expression" | "await_expression" | "sequence_expression":
                continue
            case "member_expression":
                continue
            case "arguments" if keeping.keeps(reading, node):
                break
            case "call_expression" | "new_expression" | "arguments":
                return _of(reading, around, memo, depth + 1) == "import"
            case "pair" | "assignment_expression" if _of_bundle(reading, node) or _is_listener(reading, node):
                return _of(reading, around, memo, depth + 1) == "import"
            case (
                "object"
                | "pair"
                | "array"
                | "assignment_expression"
                | "ternary_expression"
                | "spread_element"
            ):
                continue
            case _:
                break
    return _called_at_once(reading, function, path, memo, depth)


def _is_listener(reading: Reading, assignment: Node) -> bool:
    """Tell whether a function is put where a connection calls it: `socket.onmessage = …`."""
    left = assignment.child_by_field_name("left")
    if left is not None and _LOADS.search(reading.bytes(left)[-_NEAR:]):
        return True
    key = None if left is None or left.type != "member_expression" else left.child_by_field_name("property")
    return key is not None and reading.text(key) in _LISTENERS


def _of_bundle(reading: Reading, pair: Node) -> bool:
    """Tell whether a function is a module of a bundle: its key is a number or a path."""
    key = pair.child_by_field_name("key")
    text = reading.text(key).strip("\"'`")
    return key is not None and (key.type == "number" or text.isdigit() or "/" in text)


def path_of(reading: Reading, function: Node) -> list[Node]:
    """Return the nodes from the root to a function, none where it is nested too deep."""
    path = reading.path(function.start_byte)
    at = next((number for number, node in enumerate(path) if node.id == function.id), -1)
    return path[: at + 1]


def _called_at_once(
    reading: Reading, function: Node, path: list[Node], memo: dict[int, Phase], depth: int
) -> bool:
    if _is_implicit(reading, path):
        outer = reading.scopes.around[reading.scopes.number(function)]
        return _of(reading, outer, memo, depth + 1) == "import"
    calls = [call.start_byte for call in callers.calls_of(reading, function, tuple(path))]
    if function.type == "method_definition" and bindings.is_setter(function):
        calls += reading.scopes.assigned_to(reading.bytes(function.child_by_field_name("name") or function))
    if function.type == "method_definition" and bindings.is_getter(function):
        calls += _asked_for(reading, function, path)
    for at in (*calls, *callers.handed_places(reading, function, tuple(path))):
        if function.start_byte <= at < function.end_byte:
            continue  # by calling itself it runs no sooner
        if _of(reading, reading.scopes.innermost(at), memo, depth + 1) == "import":
            return True
    return False


def _asked_for(reading: Reading, getter: Node, path: list[Node]) -> Iterator[int]:
    """Yield where a member is asked for that has the name of a getter, if an object of its class is made."""
    name = reading.bytes(getter.child_by_field_name("name") or getter).strip(b"\"'")
    around = path[-3] if path[2:] and path[-2].type == "class_body" else None
    if around is not None and not any(child.type == "static" for child in getter.children[:2]):
        own = reading.bytes(around.child_by_field_name("name") or around)[:_NEAR]
        if next(reading.scopes.written(b"new " + own), None) is None:
            return
    data = reading.source.data
    for text in (b"." + name, b'["' + name + b'"', b"['" + name + b"'", b"{" + name):
        for at in islice(reading.scopes.written(text), _ASKED):
            if _WORD.match(data, at + len(text)) is None and not _ASSIGNS.match(data, at + len(text)):
                yield at


def _is_implicit(reading: Reading, path: list[Node]) -> bool:
    """Tell whether it is a method of an object that the language calls where that is merely used.

    Classes have such methods for whoever uses them; an object that is written out is made to be used.
    """
    if len(path) < 2:  # noqa: PLR2004  (an object around it)
        return False
    method = path[-1] if path[-1].type == "method_definition" else path[-2]
    around = path[-2] if method is path[-1] else path[-3] if path[2:] else None
    key = method.child_by_field_name("name" if method is path[-1] else "key")
    return (
        around is not None
        and around.type == "object"
        and method.type in {"method_definition", "pair"}
        and reading.text(key).strip("\"'") in _IMPLICIT
    )
