"""What a name stands for: how it was bound, and the value that it has from there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from fimci.capabilities.javascript_names import NAMES
from fimci.capabilities.uses import Value
from fimci.readers.code.javascript_syntax import folding
from fimci.readers.code.javascript_syntax.reading import (
    FUNCTIONS,
    NOTHING,
    Reading,
    arguments_of,
    bare,
    flows_of,
)

if TYPE_CHECKING:
    from tree_sitter import Node

#: So many definitions of a name, and so many calls of a function, are looked at.
MOST = 8
GLOBAL_OBJECTS = frozenset(("globalThis", "window", "self", "global"))
#: Parameters that wrappers of bundlers call by the name of what they hand over.
_HANDED = frozenset(("require", "module", "process", "Buffer", "global", "globalThis", "window"))
_REQUIRE = re.compile(r"_*(?:non_webpack_)?require\d*_*\Z")
_SAME = {
    "buffer.Buffer": "Buffer",
    "module.Module": "module",
    "module.constructor": "module",
    "require.main": "module",
    "process.mainModule": "module",
    "module.require": "require",
    "process.getBuiltinModule": "require",
    "original-fs": "fs",
    "timers.setTimeout": "setTimeout",
    "timers.setInterval": "setInterval",
    "follow-redirects.https": "https",
    "follow-redirects.http": "http",
    "import.meta.require": "require",
    "url.URL": "URL",
    "module.createRequire()": "require",
    "module.parent": "module",
    "module._load": "require",
}
#: Constructors, whose own constructor is `Function`; `?` is that of something unknown.
_CLASSES = frozenset(("Array", "Object", "RegExp", "Number", "String", "?", "Function.prototype"))
_UNWRAPPED = frozenset(("default", "promises", "__esModule", "prototype"))


class Binding(NamedTuple):
    """How a name is bound: `kind`, to which node, and by which members of it (`("exec",)`)."""

    kind: str
    node: Node
    keys: tuple[str, ...] = ()
    position: int = 0
    path: tuple[Node, ...] = ()


def module(text: str) -> str:
    """Return the name of a module as the catalogue has it."""
    name = text.removeprefix("node:")
    name = name.removesuffix("/promises") if name in {"fs/promises", "dns/promises"} else name
    return _SAME.get(name, name)


def member(value: Value, key: str) -> str:
    """Return the dotted name of a member."""
    if value.name == "globalThis":
        return "globalThis" if key in GLOBAL_OBJECTS else key
    if key in _UNWRAPPED and key != "prototype" and value.name:
        return value.name
    if key == "constructor" and value.name:
        return _constructor(value.name)
    dotted = f"{value.name}.{key}" if value.name else ""
    return _SAME.get(dotted, dotted)


def _constructor(name: str) -> str:
    if name == "module" or name.startswith("module()"):
        return "module"
    if name in {"AsyncFunction()", "GeneratorFunction()"}:
        return name.removesuffix("()")
    return "Function" if name in _CLASSES or "()." in name or name in NAMES else "?"


def of_identifier(reading: Reading, node: Node, depth: int) -> Value:
    """Return the value of a name where it stands."""
    name = reading.bytes(node)
    found = reading.scopes.find(name, node.start_byte)
    word = name.decode(errors="replace")
    if found is None or (word == "exports" and not reading.scopes.declared.get(name)):
        return _global(reading, word, depth)
    values: list[Value] = []
    for offset in found[1][:MOST]:
        bound = binding(reading, offset)
        if bound is None:
            continue
        if bound.kind == "param" and word in _HANDED and not bound.keys:
            return _global(reading, word, depth)
        values.append(of_binding(reading, bound, depth + 1))
    return merged(values) if len(found[1]) <= MOST else merged([*values, Value(flows=flows_of(values))])


def _global(reading: Reading, word: str, depth: int) -> Value:
    if word in GLOBAL_OBJECTS:
        return Value(name="globalThis")
    if word == "__dirname":
        return Value(text=".")
    if word == "undefined":
        return NOTHING
    if _REQUIRE.match(word):
        return Value(name="require")
    for spelled in (b"globalThis.", b"global.", b"window."):
        places = reading.scopes.members.get(spelled + word.encode())
        if places:
            return of_member_text(reading, places, depth)
    return Value(name=word)


def of_member_text(reading: Reading, places: list[int], depth: int) -> Value:
    """Return what is assigned to a member that is written alike elsewhere (`this.child = …`)."""
    values: list[Value] = []
    for offset in places[:MOST]:
        assignment = next(
            (node for node in reversed(reading.path(offset)) if node.type == "assignment_expression"), None
        )
        if assignment is not None:
            values.append(reading.value(assignment.child_by_field_name("right"), depth + 1))
    return merged(values)


def merged(values: list[Value]) -> Value:
    """Return what is known of a value that is one of several."""
    if not values:
        return NOTHING
    if len(values) == 1:
        return values[0]
    named = next((value for value in values if value.name), NOTHING)
    known = [value for value in values if value != NOTHING]
    if len(set(known)) == 1:
        return known[0]
    return Value(name=named.name, flows=flows_of(values), items=named.items)


def binding(  # noqa: C901, PLR0912  (one row a kind of definition)
    reading: Reading, offset: int
) -> Binding | None:
    """Return how the name at an offset is bound; `None` where it is not."""
    path = reading.path(offset)
    keys: list[str] = []
    for at in range(len(path) - 2, -1, -1):
        node, parent = path[at + 1], path[at]
        match parent.type:
            case "pair_pattern":
                keys.insert(
                    0, folding.unescaped(reading.text(parent.child_by_field_name("key")).strip("\"'`"))
                )
            case "object_pattern":
                if node.type in {"shorthand_property_identifier_pattern", "object_assignment_pattern"}:
                    keys.insert(0, reading.text(path[-1]))
            case "array_pattern":
                keys.insert(0, str(_position(parent, node)))
            case "rest_pattern":
                keys.insert(0, "...")
            case (
                "assignment_pattern"
                | "object_assignment_pattern"
                | "required_parameter"
                | "optional_parameter"
            ):
                continue
            case "variable_declarator":
                return _declared(path, at, keys)
            case "assignment_expression" | "augmented_assignment_expression":
                right = parent.child_by_field_name("right")
                kind = "value" if parent.type == "assignment_expression" else "added"
                return None if right is None else Binding(kind, right, tuple(keys))
            case "formal_parameters":
                function = path[at - 1] if at else parent
                return Binding("param", function, tuple(keys), _position(parent, node), tuple(path[:at]))
            case "arrow_function":
                return Binding("param", parent, (), 0, tuple(path[: at + 1]))
            case "for_in_statement":
                right = parent.child_by_field_name("right")
                return None if right is None else Binding("loop", right, ("...",))
            case "import_specifier" | "import_clause" | "namespace_import" | "import_require_clause":
                return _imported(reading, path, at)
            case kind if kind in FUNCTIONS:
                return Binding("function", parent)
            case _:
                return None
    return None


def _declared(path: list[Node], at: int, keys: list[str]) -> Binding | None:
    value = path[at].child_by_field_name("value")
    return None if value is None else Binding("value", value, tuple(keys))


def _imported(reading: Reading, path: list[Node], at: int) -> Binding:
    keys: tuple[str, ...] = ()
    if path[at].type == "import_specifier":
        keys = (reading.text(path[at].child_by_field_name("name")).strip("\"'"),)
    statement = next((node for node in reversed(path[:at]) if node.type == "import_statement"), path[at])
    if path[at].type == "import_require_clause":
        statement = path[at]
    return Binding("import", statement, keys)


def _position(parent: Node, node: Node) -> int:
    children = [child for child in parent.named_children[:64] if child.type != "comment"]
    return next((number for number, child in enumerate(children) if child.id == node.id), 0)


def of_binding(reading: Reading, bound: Binding, depth: int) -> Value:
    """Return the value that a binding gives."""
    match bound.kind:
        case "import":
            source = bound.node.child_by_field_name("source")
            value = Value(name=module(reading.text(source).strip("\"'")))
        case "value":
            value = reading.value(bound.node, depth)
            if not bound.keys:
                return value
            return _members(reading, value, bound.node, bound.keys, depth)
        case "added":
            value = reading.value(bound.node, depth)
            return Value(
                parts=(value.text,) if isinstance(value.text, str) else value.parts, flows=value.flows
            )
        case "loop":
            value = reading.value(bound.node, depth)
            return Value(flows=value.flows)
        case "param":
            value = _argument(reading, bound, depth)
        case _:
            return NOTHING
    return _members(reading, value, None, bound.keys, depth)


def _members(reading: Reading, value: Value, node: Node | None, keys: tuple[str, ...], depth: int) -> Value:
    for key in keys:
        inner = property_of(reading, node, key) if node is not None else None
        if inner is not None:
            value, node = reading.value(inner, depth + 1), inner
            continue
        node = None
        if value.items and key.isdigit():
            value = value.items[int(key)] if int(key) < len(value.items) else NOTHING
        elif key == "...":
            value = Value(flows=value.flows)
        else:
            value = Value(name=member(value, key), flows=value.flows)
    return value


def expression(reading: Reading, node: Node) -> Node:
    """Return the expression behind a name that is defined once, else the node itself."""
    for _ in range(MOST):
        node = bare(node)
        if node.type != "identifier":
            return node
        found = reading.scopes.find(reading.bytes(node), node.start_byte)
        bound = binding(reading, found[1][0]) if found is not None and len(found[1]) == 1 else None
        if bound is None or bound.keys or bound.kind not in {"value", "function"}:
            return node
        node = bound.node
    return node


def property_of(reading: Reading, node: Node, key: str) -> Node | None:
    """Return the value of a member where an object is written out."""
    node = expression(reading, node)
    if node.type != "object":
        return None
    for child in node.named_children[:256]:
        if child.type == "pair" and reading.text(child.child_by_field_name("key")).strip("\"'`") == key:
            return child.child_by_field_name("value")
        if child.type == "shorthand_property_identifier" and reading.text(child) == key:
            return child
        if child.type == "method_definition" and reading.text(child.child_by_field_name("name")) == key:
            return child
    return None


def function_of(reading: Reading, node: Node | None) -> Node | None:
    """Return the function of this file that an expression stands for."""
    if node is None:
        return None
    node = expression(reading, node)
    return node if node.type in FUNCTIONS else None


def _argument(reading: Reading, bound: Binding, depth: int) -> Value:
    """Return what a parameter is given, as far as the calls in this file tell."""
    function = bound.node
    number = reading.scopes.number(function)
    if number in reading.frame:
        given = reading.frame[number]
        return given[bound.position] if bound.position < len(given) else NOTHING
    values = [Value(flows=frozenset({"input"}))]
    above = [node for node in bound.path[:-1] if node.type != "parenthesized_expression"]
    parent = above[-1] if above else None
    if parent is not None and parent.type == "call_expression":
        arguments = arguments_of(parent)
        return (
            reading.value(arguments[bound.position], depth + 1)
            if bound.position < len(arguments)
            else values[0]
        )
    if parent is not None and parent.type == "arguments" and len(above) > 1:
        values.append(_handed(reading, above[-2], bound, depth))
        return _first_named(values)
    for call in calls_of(reading, function, bound.path):
        arguments = arguments_of(call)
        if bound.position < len(arguments):
            values.append(reading.value(arguments[bound.position], depth + 1))
    if values[1:] and not values[2:]:
        return values[1]._replace(flows=values[1].flows | {"input"}, literal=False)
    return _first_named(values)


def _first_named(values: list[Value]) -> Value:
    return next((value for value in values if value.name), NOTHING)._replace(flows=flows_of(values))


def _handed(reading: Reading, call: Node, bound: Binding, depth: int) -> Value:
    """Return what a callback is given by the call that it is given to."""
    callee = call.child_by_field_name("function") or call.child_by_field_name("constructor")
    if callee is None:
        return NOTHING
    callee = bare(callee)
    inner = callee.child_by_field_name("object") if callee.type == "member_expression" else None
    local = function_of(reading, callee)
    if local is not None:
        return NOTHING
    receiver = reading.value(inner, depth + 1) if inner is not None else NOTHING
    if inner is not None and reading.text(callee.child_by_field_name("property")) in {"then", "finally"}:
        return receiver if bound.position == 0 else Value(flows=receiver.flows)
    result = reading.value(call, depth + 1)
    return Value(flows=receiver.flows | result.flows)


def calls_of(reading: Reading, function: Node, path: tuple[Node, ...]) -> list[Node]:
    """Return the calls of a function by its name, as many as are looked at."""
    name = function.child_by_field_name("name")
    offset = -1 if name is None else name.start_byte
    if name is None or function.type in {"arrow_function", "function_expression"}:
        above = path[-2] if len(path) > 1 else None
        name = (
            above.child_by_field_name("name")
            if above is not None and above.type == "variable_declarator"
            else None
        )
        offset = -1 if name is None else name.start_byte
    if name is None or name.type != "identifier" or function.type == "method_definition":
        return []
    word = reading.bytes(name)
    scope = reading.scopes.innermost(offset)
    scope = reading.scopes.around[scope] if scope >= 0 and function.type.endswith("declaration") else scope
    return [
        call
        for place in called_places(reading, word, scope)
        if (call := _call_at(reading, word, place)) is not None
    ]


def called_places(reading: Reading, word: bytes, scope: int) -> list[int]:
    """Return where a name is called in a scope."""
    data = reading.source.data
    ends = len(word)
    return [
        at
        for at in reading.scopes.places(word, scope)
        if data[at + ends : at + ends + 3].lstrip()[:1] == b"("
    ][:MOST]


def _call_at(reading: Reading, word: bytes, place: int) -> Node | None:
    path = reading.path(place)
    if not path[1:] or reading.bytes(path[-1]) != word or path[-2].type != "call_expression":
        return None
    return path[-2]
