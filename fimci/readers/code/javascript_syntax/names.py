"""What a name stands for: how it was bound, and the value that it has from there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fimci.capabilities import choices, passing, private_keys, sensitive
from fimci.capabilities.catalogue import find
from fimci.capabilities.javascript_names import LINES, NAMES, SERVERS
from fimci.capabilities.uses import MARK, Flow, Value, known
from fimci.readers.code.javascript_syntax import bindings, decoders, gathering
from fimci.readers.code.javascript_syntax.reading import (
    NOTHING,
    Reading,
    arguments_of,
    bare,
    first_of,
    flows_of,
)

if TYPE_CHECKING:
    from tree_sitter import Node

GLOBAL_OBJECTS = frozenset(("globalThis", "window", "self", "global"))
#: Packages whose parts are all alike.
_WHOLE = frozenset(LINES) - {"redis", "pg"}
#: What things are put into.
_COLLECTED = frozenset(("FormData()", "URLSearchParams()"))
#: Objects whose members are variables of the environment.
ENVIRONMENTS = ("process.env", "Bun.env", "import.meta.env")
#: Capabilities of names that are read and not called.
_STATES = frozenset(("credentials", "system-information", "environment-bulk"))
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
#: Parameters of a function that are looked at.
_LISTED = 64
#: Statements of a `try` that are looked at for what may be thrown.
_ATTEMPTED = 12
_EVALUATED = frozenset(
    ("expression_statement", "lexical_declaration", "variable_declaration", "return_statement")
)
_SERVERS = frozenset(SERVERS)
_ANSWERED: frozenset[Flow] = frozenset({"network"})
_DEFAULT: frozenset[Flow] = frozenset({"default"})
_KEY: frozenset[Flow] = frozenset({"key"})
_UNWRAPPED = frozenset(("default", "promises", "__esModule", "prototype"))


def module(text: str) -> str:
    """Return the name of a module as the catalogue has it; a file of the package has a mark behind it."""
    if text.startswith((".", "/")):
        return f"{text}{MARK}"
    name = text.removeprefix("node:")
    name = name.removesuffix("/promises") if name in {"fs/promises", "dns/promises"} else name
    whole = "/".join(name.split("/")[: 2 if name.startswith("@") else 1])
    return whole if whole in _WHOLE else _SAME.get(name, name)


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


def of_member(owner: Value, key: str) -> Value:
    """Return what a member of something named is, with what reading it gives."""
    name = member(owner, key)
    if owner.name in ENVIRONMENTS:
        flow: Flow = "secret" if sensitive.secret(key) else "environment"
        return Value(name=name, flows=frozenset({flow}))
    api = find(NAMES, name) if name and not name.endswith(")") else None
    gives = api.gives if api is not None and api.name in _STATES else frozenset()
    return Value(name=name, flows=owner.flows | gives)


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
        return of_global(reading, word, depth)
    values: list[Value] = []
    for bound in _bindings(reading, node, found[1]):
        if bound.kind == "param" and word in _HANDED and not bound.keys:
            return of_global(reading, word, depth)
        values.append(of_binding(reading, bound, depth + 1))
        if bound.kind == "param" and private_keys.is_key((*bound.keys, word)[-1], reading.keys):
            values[-1] = values[-1]._replace(flows=values[-1].flows | _KEY)
    value = merged(values + bindings.written(reading, found[1][bindings.MOST :]))
    if not value.text and not value.name and not reading.frame:
        made = _put_together(reading, name, found)
        if made is not None:
            return made
    if value.text is None and (not value.name or value.name in _COLLECTED or MARK in value.name):
        return value._replace(flows=value.flows | gathering.gathered(reading, name, found[0], depth))
    return value


def _put_together(reading: Reading, name: bytes, found: tuple[int, list[int]]) -> Value | None:
    """Return what a loop puts together in a name, looked for once."""
    held = name, found[0]
    if held not in reading.looped:
        reading.looped[held] = None
        reading.looped[held] = decoders.put_together(reading, name, *found)
    return reading.looped[held]


def _bindings(reading: Reading, node: Node, places: list[int]) -> list[bindings.Binding]:
    """Return how a name is bound.

    What is made of the name itself (`i = i - 16`) counts alone, outside of it.
    """
    found = [
        bound
        for offset in places[: bindings.MOST]
        if (bound := bindings.binding(reading, offset)) is not None
    ]
    parameter = [bound for bound in found if bound.kind == "param"]
    made = [
        bound for bound in found if bound.kind == "value" and reading.bytes(node) in reading.bytes(bound.node)
    ]
    if not reading.frame or not parameter or len(made) != 1:
        return found
    within = made[0].node.start_byte <= node.start_byte < made[0].node.end_byte
    return parameter if within else made


def of_global(reading: Reading, word: str, depth: int) -> Value:
    """Return what a name means that no scope binds: a global object, or what was put into one."""
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
    for offset in places[: bindings.MOST]:
        assignment = next(
            (node for node in reversed(reading.path(offset)) if node.type == "assignment_expression"), None
        )
        if assignment is not None:
            values.append(reading.value(assignment.child_by_field_name("right"), depth + 1))
    return merged(values + bindings.written(reading, places[bindings.MOST :]))


def merged(values: list[Value]) -> Value:
    """Return what is known of a value that is one of several."""
    if not values:
        return NOTHING
    if len(values) == 1:
        return values[0]
    named = next((value for value in values if value.name), NOTHING)
    known = [value for value in values if value != NOTHING]
    if known and all(value is known[0] or _alike(value, known[0]) for value in known):
        return known[0]
    return Value(
        name=named.name,
        flows=flows_of(values),
        items=named.items,
        choices=choices.of(values),
        fields=choices.fields(values),
    )


def _alike(one: Value, other: Value) -> bool:
    """Tell whether two values are one; lists in lists are not compared, as they may be without end."""
    return not (one.items or one.fields) and one == other


def of_binding(reading: Reading, bound: bindings.Binding, depth: int) -> Value:
    """Return the value that a binding gives, or may give."""
    value = _bound(reading, bound, depth)
    if bound.default is None or value.name or value.text is not None or value.parts or value.items:
        return value
    default = reading.value(bound.default, depth + 1)
    if bound.kind == "param" and reading.scopes.number(bound.node) in reading.frame and not bound.keys:
        return default._replace(literal=False)
    parts = (text,) if (text := known(default)) else ()
    flows = value.flows | default.flows | (_DEFAULT if parts else frozenset())
    return Value(parts=parts, name=default.name, items=default.items, flows=flows)


def _bound(reading: Reading, bound: bindings.Binding, depth: int) -> Value:
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
        case "caught":
            return Value(flows=_thrown(reading, bound.node, depth))
        case "loop":
            value = reading.value(bound.node, depth)
            given = bound.node.type == "call_expression" and not (value.items or value.fields)
            text, item = gathering.telling(value), value if given else choices.held(value)
            item = _members(reading, item, None, bound.keys, depth)
            may = item.choices if item.text is None else (str(item.text),)
            return item._replace(
                text=text, flows=gathering.chosen(value), choices=() if text else may, literal=False
            )
        case "param":
            value = _argument(reading, bound, depth)
            if _takes_key(reading, bound):
                return value._replace(flows=value.flows | _KEY)
        case _:
            return NOTHING
    return _members(reading, value, None, bound.keys, depth)


def _takes_key(reading: Reading, bound: bindings.Binding) -> bool:
    """Tell whether a parameter without members is a private key by what its function is called."""
    if bound.keys or bound.position or not reading.keys:
        return False
    name = bound.node.child_by_field_name("name") or bindings.name_of(bound.node, bound.path)
    return private_keys.takes(reading.text(name), reading.keys)


def _thrown(reading: Reading, attempt: Node, depth: int) -> frozenset[Flow]:
    """Return what an error may carry: the answer to a request that was refused."""
    body = attempt.child_by_field_name("body") if attempt.type == "try_statement" else None
    found: frozenset[Flow] = frozenset()
    for statement in body.named_children[:_ATTEMPTED] if body is not None else ():
        inner = first_of(statement)
        inner = (
            inner.child_by_field_name("value") if inner is not None and "declarator" in inner.type else inner
        )
        if inner is not None and statement.type in _EVALUATED:
            found |= reading.value(inner, depth + 1).flows
    return found & _ANSWERED


def _members(reading: Reading, value: Value, node: Node | None, keys: tuple[str, ...], depth: int) -> Value:
    for key in keys:
        inner = bindings.property_of(reading, node, key) if node is not None else None
        if inner is not None:
            value, node = reading.value(inner, depth + 1), inner
            continue
        node = None
        if value.items and key.isdigit():
            value = value.items[int(key)] if int(key) < len(value.items) else NOTHING
        elif key == "...":
            value = Value(flows=value.flows)
        else:
            value = choices.field(value, key) or of_member(value, key)
    return value


def _argument(reading: Reading, bound: bindings.Binding, depth: int) -> Value:
    """Return what a parameter is given, as far as the calls in this file tell."""
    function = bound.node
    number = reading.scopes.number(function)
    if number in reading.frame:
        given = reading.frame[number]
        return given[bound.position] if bound.position < len(given) else NOTHING
    place = None if bound.keys[:1] == ("...",) else bound.position
    own: frozenset[Flow] = frozenset({"input", passing.parameter(place)})
    values = [Value(flows=own)]
    above = [node for node in bound.path[:-1] if node.type != "parenthesized_expression"]
    parent = above[-1] if above else None
    if parent is not None and parent.type == "assignment_expression" and bound.position == 0:
        values.append(_listened(reading, parent, depth))
    if parent is not None and parent.type == "call_expression":
        arguments = arguments_of(parent)
        return (
            reading.value(arguments[bound.position], depth + 1)
            if bound.position < len(arguments)
            else values[0]
        )
    if parent is not None and parent.type == "arguments" and len(above) > 1:
        values.append(_handed(reading, above[-2], bound, depth))
        return _first_named(values)._replace(text=values[-1].text if not values[-1].name else None)
    calls = bindings.calls_of(reading, function, bound.path)
    for call in calls:
        arguments = arguments_of(call)
        if bound.position < len(arguments):
            value = reading.value(arguments[bound.position], depth + 1)
            tagged = arguments[bound.position].parent == call  # a tag is given the pieces of its template
            values.append(value._replace(text=None, items=(value,)) if tagged else value)
    if not bound.position and len(calls) >= bindings.MOST - 1:
        values += bindings.written(reading, bindings.further_calls(reading, function, bound.path))
    if values[1:] and not values[2:]:
        return values[1]._replace(flows=values[1].flows | own, literal=False)
    return _first_named(values)


def _listened(reading: Reading, assignment: Node, depth: int) -> Value:
    """Return what a listener is given: `socket.onmessage = event => …`."""
    left = assignment.child_by_field_name("left")
    if left is None or left.type != "member_expression":
        return NOTHING
    if not reading.text(left.child_by_field_name("property")).startswith("on"):
        return NOTHING
    return Value(flows=reading.value(left.child_by_field_name("object"), depth + 1).flows)


def _first_named(values: list[Value]) -> Value:
    named = next((value for value in values if value.name), NOTHING)
    may, fields = choices.of(values), choices.fields(values)
    items = named.items or next((value.items for value in values if value.items), ())
    return named._replace(flows=flows_of(values), choices=may, fields=fields, items=items)


def _called_back(reading: Reading, local: Node, call: Node, bound: bindings.Binding, depth: int) -> Value:
    """Return what a callback is given by the function of the file that calls it."""
    given = next((at for at, node in enumerate(arguments_of(call)) if node.id == bound.node.id), -1)
    parameters = local.child_by_field_name("parameters")
    listed = [] if parameters is None else parameters.named_children[:_LISTED]
    named = listed[given] if 0 <= given < len(listed) else local.child_by_field_name("parameter")
    if given < 0 or named is None or named.type != "identifier":
        return NOTHING
    values: list[Value] = []
    for place in bindings.called_places(reading, reading.bytes(named), reading.scopes.number(local)):
        path = reading.path(place)
        if path[1:] and path[-2].type == "call_expression":
            arguments = arguments_of(path[-2])[bound.position : bound.position + 1]
            values += [reading.value(argument, depth + 1) for argument in arguments]
    return merged(values)


def _handed(reading: Reading, call: Node, bound: bindings.Binding, depth: int) -> Value:
    """Return what a callback is given by the call that it is given to."""
    callee = call.child_by_field_name("function") or call.child_by_field_name("constructor")
    if callee is None:
        return NOTHING
    callee = bare(callee)
    inner = callee.child_by_field_name("object") if callee.type == "member_expression" else None
    local = bindings.function_of(reading, callee)
    if local is not None:
        return _called_back(reading, local, call, bound, depth)
    receiver = reading.value(inner, depth + 1) if inner is not None else NOTHING
    if inner is not None and reading.text(callee.child_by_field_name("property")) in {"then", "finally"}:
        return receiver if bound.position == 0 else Value(flows=receiver.flows)
    result = reading.value(call, depth + 1)
    text = gathering.telling(receiver) if bound.position == 0 else None
    item = choices.held(receiver) if text is None and receiver.items else NOTHING
    asked = _ANSWERED if reading.value(callee, depth + 1).name in _SERVERS else frozenset[Flow]()
    flows = gathering.chosen(receiver) | result.flows | asked
    if text is not None or not receiver.items or bound.position > 1:
        return Value(text=text, flows=flows)
    may = item.choices if item.text is None else (str(item.text),)
    return item._replace(text=None, flows=flows, choices=may, literal=False)
