"""What a member is: written out in an object or a class, put there later, or known by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fimci.capabilities import choices
from fimci.capabilities.uses import MARK, Flow, Value
from fimci.readers.code.javascript_syntax import addressed, bindings, gathering, kept, merging, names
from fimci.readers.code.javascript_syntax.reading import (
    FUNCTIONS,
    NOTHING,
    Reading,
    bare,
    first_token,
    flows_of,
)
from fimci.readers.code.javascript_syntax.scopes import TOP, plain

if TYPE_CHECKING:
    from tree_sitter import Node

_ITEMS = 20_000
#: Parts of an address that are texts by themselves.
_OF_ADDRESS = frozenset(("href", "origin", "host", "hostname"))
#: Members that only tell how much there is.
_MEASURES = frozenset(("length", "byteLength", "size"))
_LITERALS = {
    "array": "Array()",
    "object": "Object()",
    "regex": "RegExp()",
    "number": "Number()",
    "string": "String()",
}

#: What members of are looked for where something is assigned to them.
_EXPORTED = frozenset(("exports", "module.exports"))
_KEEPING = _EXPORTED | {"", "this"}
_INPUT: frozenset[Flow] = frozenset({"input"})
#: How parameters are called that are requests, and what their members hold that somebody sent.
_REQUESTS = (b"req", b"request")
_SENT = frozenset(("body", "rawBody", "query", "params", "headers", "cookies"))
_ASKED: frozenset[Flow] = frozenset({"asked"})
#: Bytes of a method in which it says that it is a getter.
_GETTER = 40


def unknown(owner: Value, key: Value) -> Value:
    """Return the value of a member whose name is not known."""
    if owner.name in names.ENVIRONMENTS:
        flows = key.flows & {"environment-bulk", "secret"} or frozenset[Flow]({"environment"})
        return Value(name=f"{owner.name}.*", flows=flows)
    if owner.name in {"localStorage", "sessionStorage"}:
        return names.of_member(owner, "*")
    name = f"{owner.name}.*" if owner.name in {"require.cache", "require.extensions"} else ""
    return Value(name=name, flows=owner.flows | (key.flows - {"input"}))


def _written_out(reading: Reading, member: Node, depth: int) -> Value:
    """Return what a member is that stands in an object or a class; a getter is called by reading it."""
    if member.type not in FUNCTIONS:
        return reading.value(member, depth + 1)
    words = reading.bytes(member)[:_GETTER].split()
    getter = member.type == "method_definition" and words[0] in {b"get", b"static"} and b"get" in words[:2]
    return reading.results(reading, member, depth) if getter else NOTHING


def of(  # noqa: PLR0913, PLR0917  (a member needs its owner as a node and as a value)
    reading: Reading, node: Node, inner: Node, key: str, depth: int, owner: Value | None = None
) -> Value:
    """Return the value of a member by its name."""
    written = bindings.property_of(reading, inner, key)
    if written is not None:
        value = _written_out(reading, written, depth)
        places = reading.scopes.members.get(plain(reading.bytes(node))) if not value.name else None
        return merging.merged([value, kept.assigned(reading, places, depth)]) if places else value
    owner = reading.value(inner, depth + 1) if owner is None else owner
    held = choices.field(owner, key) or choices.field(owner, merging.ANY)
    found = held or _of_owner(reading, node, inner, key, depth, owner)
    if key in _SENT and "input" in owner.flows and reading.bytes(inner).endswith(_REQUESTS):
        return found._replace(flows=found.flows | _ASKED)
    return found


def _of_owner(  # noqa: PLR0913, PLR0917  (as above)
    reading: Reading, node: Node, inner: Node, key: str, depth: int, owner: Value
) -> Value:
    """Return the value of a member that is not written out where its object is."""
    if owner.name in names.ENVIRONMENTS:
        return _of_environment(reading, owner, key, depth)
    if owner.name == "globalThis" and key not in names.GLOBAL_OBJECTS:
        put = names.of_global(reading, key, depth)
        return put if put.name or put.text is not None else names.of_member(owner, key)
    if owner.name == "URL()" and key in _OF_ADDRESS and isinstance(owner.text, str):
        return addressed.part(owner, key)
    if key in _MEASURES:
        return Value(text=str(len(owner.text)) if isinstance(owner.text, str) else None)
    if key == "constructor":
        return _constructor(reading, inner, owner)
    if owner.name in _KEEPING or MARK in owner.name:
        return _kept(reading, node, inner, key, depth, owner)
    return names.of_member(owner, key)


def _kept(  # noqa: PLR0913, PLR0917  (as above)
    reading: Reading, node: Node, inner: Node, key: str, depth: int, owner: Value
) -> Value:
    """Return the value of a member by what is assigned to it anywhere."""
    places, parameter = kept.kept(reading, node, inner, key)
    if parameter is not None:
        return names.of_identifier(reading, parameter, depth + 1)
    if places:
        found = kept.assigned(reading, places, depth)
        if found.name or found.text is not None:
            return found
        put = gathering.gathered(reading, plain(reading.bytes(node)), TOP, depth)
        flows = found.flows | _others(reading, inner, owner, depth) | put.flows
        items, fields = (*found.items, *put.items), (*found.fields, *put.fields)
        return found._replace(flows=flows, items=items, fields=fields)
    if owner.name in _EXPORTED or MARK in owner.name:
        return names.of_member(owner, key)
    name = names.OF_PAGES.get(key) or _of_literal(inner, key)
    return Value(name=name, flows=_others(reading, inner, owner, depth))


def _of_environment(reading: Reading, owner: Value, key: str, depth: int) -> Value:
    """Return a variable of the environment, which is what the program itself puts there."""
    value = names.of_member(owner, key)
    places = reading.scopes.members.get(f"{owner.name}.{key}".encode())
    if places:
        put = kept.assigned(reading, places, depth)
    else:
        gathered = gathering.gathered(reading, owner.name.encode(), TOP, depth)
        put = choices.field(gathered, key) or NOTHING
    return value._replace(text=put.text, choices=put.choices, flows=value.flows | put.flows)


def _others(reading: Reading, inner: Node, owner: Value, depth: int) -> frozenset[Flow]:
    """Return what flows into a member that an object does not write out: what it is spread of."""
    node = bindings.expression(reading, inner)
    if node.type != "object":
        return owner.flows
    spread = [
        child
        for child in reading.scopes.work.first(node.named_children, _ITEMS)
        if child.type == "spread_element"
    ]
    return flows_of([reading.value(child, depth + 1) for child in spread])


def _of_literal(inner: Node, key: str) -> str:
    """Name the methods of what is written out: `[].filter` leads to `Function`."""
    kind = _LITERALS.get(bare(inner).type, "")
    return f"{kind}.{key}" if kind else ""


def _constructor(reading: Reading, inner: Node, owner: Value) -> Value:
    node = bindings.expression(reading, inner)
    if node.type in FUNCTIONS:
        first = reading.text(first_token(node))
        kind = "Async" if first == "async" else ""
        return Value(name=f"{kind}{'Generator' if 'generator' in node.type else ''}Function")
    if node.type in _LITERALS:
        return Value(name=_LITERALS[node.type].removesuffix("()"))
    name = names.member(owner, "constructor") or "?"
    return Value(name=name, flows=owner.flows & _INPUT)
