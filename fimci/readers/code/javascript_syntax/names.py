"""What a name stands for: how it was bound, and the value that it has from there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fimci.capabilities import choices, private_keys, sensitive
from fimci.capabilities.catalogue import find
from fimci.capabilities.javascript_names import NAMES
from fimci.capabilities.javascript_network import LINES, SERVERS
from fimci.capabilities.uses import MARK, Flow, Value, known
from fimci.readers.code.javascript_syntax import (
    bindings,
    callers,
    decoders,
    folding,
    gathering,
    given,
    kept,
    merging,
)
from fimci.readers.code.javascript_syntax.defined import Binding
from fimci.readers.code.javascript_syntax.reading import (
    FUNCTIONS,
    NOTHING,
    Reading,
    first_of,
)

if TYPE_CHECKING:
    from tree_sitter import Node

GLOBAL_OBJECTS = frozenset(("globalThis", "window", "self", "global"))
#: Members by which a page comes to a global object and to a document, its own or that of a frame.
OF_PAGES = {
    "defaultView": "globalThis",
    "contentWindow": "globalThis",
    "ownerDocument": "document",
    "contentDocument": "document",
}
#: Packages whose parts are all alike.
_WHOLE = frozenset(LINES) - {"redis", "pg"}
#: What things are put into.
_COLLECTED = frozenset(("FormData()", "URLSearchParams()", merging.TABLE))
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
    "module.prototype.require": "require",
    "require.cache.*.require": "require",
    "module._load": "require",
}
#: Constructors, whose own constructor is `Function`; `?` is that of something unknown.
_CLASSES = frozenset(("Array", "Object", "RegExp", "Number", "String", "?", "Function.prototype"))
#: Parameters of a function that are looked at.
_LISTED = 64
#: Statements of a `try` that are looked at for what may be thrown.
_ATTEMPTED = 12
#: What is added to a text in so many steps at most.
_STEPS = 64
_STATEMENTS = frozenset(("expression_statement", "lexical_declaration", "variable_declaration"))
_LOOPS = frozenset(("for_statement", "for_in_statement", "while_statement", "do_statement", "switch_body"))
_LITERAL = frozenset(("object", "array"))
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
    if key in OF_PAGES:
        return OF_PAGES[key]
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
    if found is None and word == "arguments":
        return _arguments(reading, node, depth)
    if found is None or (word == "exports" and not reading.scopes.declared.get(name)):
        return of_global(reading, word, depth)
    values: list[Value] = []
    every = _bindings(reading, node, found[1])
    if every[1:] and not reading.frame and (added := _added(reading, every, found[1], depth)) is not None:
        return added
    for bound in every:
        if bound.kind == "param" and word in _HANDED and not bound.keys:
            return of_global(reading, word, depth)
        values.append(of_binding(reading, bound, depth + 1))
        if bound.kind == "param" and private_keys.is_key((*bound.keys, word)[-1], reading.keys):
            values[-1] = values[-1]._replace(flows=values[-1].flows | _KEY)
    value = merging.merged(values + bindings.written(reading, found[1][bindings.MOST :]))
    if not value.text and not value.name and not reading.frame:
        made = _put_together(reading, name, found)
        if made is not None:
            return made
    if value.text is None and (not value.name or value.name in _COLLECTED or MARK in value.name):
        put = gathering.gathered(reading, name, found[0], depth)
        reading.scopes.work.spend(len(put.items) + len(put.fields) and (len(value.items) + len(value.fields)))
        return value._replace(
            flows=value.flows | put.flows,
            items=(*value.items, *put.items)[: gathering.LISTED],
            fields=(*value.fields, *put.fields)[: choices.FIELDS],
        )
    return value


def _arguments(reading: Reading, node: Node, depth: int) -> Value:
    """Return what `arguments` is: all that the function around is given."""
    path = reading.path(node.start_byte)
    for at in range(len(path) - 1, -1, -1):
        if path[at].type in FUNCTIONS and path[at].type != "arrow_function":
            bound = Binding("param", path[at], ("...",), 0, tuple(path[: at + 1]))
            return given.argument(reading, bound, depth)._replace(name="")
    return NOTHING


def _added(reading: Reading, every: list[Binding], places: list[int], depth: int) -> Value | None:
    """Return a text to which more is added step by step, outside of loops: `a = "x"; a += "y"`."""
    if every[0].kind != "value" or every[0].keys or any(bound.kind != "added" for bound in every[1:]):
        return None
    if len(places) != len(every) or len(every) > _STEPS:
        return None
    paths = [reading.path(at) for at in places]
    reading.scopes.work.spend(sum(map(len, paths)))
    blocks = {_block(path) for path in paths}
    if len(blocks) != 1 or None in blocks:
        return None
    values = [folding.as_text(reading.value(bound.node, depth + 1)) for bound in every]
    return folding.joined(values) if values[0].text is not None and not values[0].name else None


def _block(path: list[Node]) -> int | None:
    """Return which block the statement around a place is one of; `None` for what may run more than once."""
    for at in range(len(path) - 1, 0, -1):
        if path[at].type in _STATEMENTS:
            above = path[at - 1]
            return (
                above.id if above.type in {"program", "statement_block"} and not _repeats(path[:at]) else None
            )
    return None


def _repeats(path: list[Node]) -> bool:
    for node in reversed(path):
        if node.type in FUNCTIONS:
            return False
        if node.type in _LOOPS:
            return True
    return False


def _put_together(reading: Reading, name: bytes, found: tuple[int, list[int]]) -> Value | None:
    """Return what a loop puts together in a name, looked for once."""
    held = name, found[0]
    if held not in reading.looped:
        reading.looped[held] = None
        reading.looped[held] = decoders.put_together(reading, name, *found)
    return reading.looped[held]


def _bindings(reading: Reading, node: Node, places: list[int]) -> list[Binding]:
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
            return kept.assigned(reading, places, depth)
    return Value(name=word)


def of_binding(reading: Reading, bound: Binding, depth: int) -> Value:
    """Return the value that a binding gives, or may give."""
    value = _bound(reading, bound, depth)
    if bound.default is None or value.name or value.text is not None or value.parts or value.items:
        return value
    default = reading.value(bound.default, depth + 1)
    if bound.kind == "param" and reading.scopes.number(bound.node) in reading.frame and not bound.keys:
        return default._replace(literal=False)
    if bound.kind == "value" and bound.node.type in _LITERAL and value == NOTHING:
        return default._replace(literal=False)  # there is no such member
    parts = (text,) if (text := known(default)) else ()
    without = bound.kind == "param" and bool(callers.calls_of(reading, bound.node, bound.path))
    may = (default.text,) if without and isinstance(default.text, str) else ()
    flows = value.flows | default.flows | (_DEFAULT if parts else frozenset())
    return Value(
        parts=parts, name=default.name, items=default.items, flows=flows, choices=value.choices or may
    )


def _bound(reading: Reading, bound: Binding, depth: int) -> Value:
    match bound.kind:
        case "import":
            source = bound.node.child_by_field_name("source")
            value = Value(name=module(reading.text(source).strip("\"'")))
        case "value":
            if bound.keys:
                return _within(reading, bound.node, bound.keys, depth)
            return reading.value(bound.node, depth)
        case "added":
            value = reading.value(bound.node, depth)
            return Value(
                parts=(value.text,) if isinstance(value.text, str) else value.parts, flows=value.flows
            )
        case "caught":
            value = _thrown(reading, bound.node, depth)
        case "loop":
            return _taken(reading, bound, depth)
        case "param":
            value = given.argument(reading, bound, depth)
            if _takes_key(reading, bound):
                return value._replace(flows=value.flows | _KEY)
        case _:
            return NOTHING
    keys = bound.keys[1:] if bound.kind == "param" and bound.keys[:1] == ("...",) else bound.keys
    return _members(value, keys)


def _taken(reading: Reading, bound: Binding, depth: int) -> Value:
    """Return what a loop takes out of something, one by one."""
    held = bound.node.id, bound.keys
    if held in reading.taken and not reading.frame:
        return reading.taken[held]
    value = reading.value(bound.node, depth)
    made = bound.node.type == "call_expression" and not (value.items or value.fields)
    whole = merging.listed(value)
    if _of_keys(bound) and value.fields:
        whole = Value(items=tuple(Value(text=key) for key, _ in value.fields), flows=value.flows)
    text, item = gathering.telling(value), value if made else choices.held(whole)
    item = _members(item, bound.keys)
    may = item.choices if item.text is None else (str(item.text),)
    flows = gathering.chosen(value)
    found = item._replace(text=text, flows=flows, choices=() if text else may, literal=False)
    if not reading.frame and reading.memo.get(bound.node.id) is value:
        reading.taken[held] = found
    return found


def _of_keys(bound: Binding) -> bool:
    """Tell whether a loop goes through the names of members: `for (const key in object)`."""
    loop = bound.node.parent
    operator = loop.child_by_field_name("operator") if loop is not None else None
    return operator is not None and operator.type == "in"


def _takes_key(reading: Reading, bound: Binding) -> bool:
    """Tell whether a parameter without members is a private key by what its function is called."""
    if bound.keys or bound.position or not reading.keys:
        return False
    name = bound.node.child_by_field_name("name") or callers.name_of(bound.node, bound.path)
    return private_keys.takes(reading.text(name), reading.keys)


def _thrown(reading: Reading, attempt: Node, depth: int) -> Value:
    """Return what an error may carry: what is thrown, or the answer to a request that was refused."""
    thrown: list[Value] = []
    body = attempt.child_by_field_name("body") if attempt.type == "try_statement" else None
    found: frozenset[Flow] = frozenset()
    for statement in body.named_children[:_ATTEMPTED] if body is not None else ():
        inner = first_of(statement)
        if inner is not None and statement.type == "throw_statement":
            thrown.append(reading.value(inner, depth + 1))
        inner = (
            inner.child_by_field_name("value") if inner is not None and "declarator" in inner.type else inner
        )
        if inner is not None and statement.type in _EVALUATED:
            found |= reading.value(inner, depth + 1).flows
    value = merging.merged(thrown)
    return value._replace(flows=value.flows | (found & _ANSWERED))


def _within(reading: Reading, node: Node, keys: tuple[str, ...], depth: int) -> Value:
    """Return a member of a member of something; of what is written out, nothing that stands beside it."""
    for at, key in enumerate(keys):
        rest = bindings.REST in keys[at : at + 2]
        inner = None if rest else bindings.property_of(reading, node, key)
        if inner is None:
            return _members(reading.value(node, depth + (at > 0)), keys[at:])
        node = inner
    return reading.value(node, depth + 1)


def _members(value: Value, keys: tuple[str, ...]) -> Value:
    taken = 0
    for at, key in enumerate(keys):
        if key.isdigit() and keys[at + 1 : at + 2] == (bindings.REST,):
            taken = int(key)
        elif value.items and key.isdigit():
            value = value.items[int(key)] if int(key) < len(value.items) else NOTHING
        elif key == bindings.REST:
            value = Value(items=value.items[taken:], fields=value.fields, flows=value.flows)
        else:
            value = choices.field(value, key) or of_member(value, key)
    return value
