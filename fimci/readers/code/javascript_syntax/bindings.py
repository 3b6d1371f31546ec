"""How names are bound, what is written out behind them, and where functions of the file are called."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from fimci.capabilities.uses import Value
from fimci.readers.code.javascript_syntax import escapes
from fimci.readers.code.javascript_syntax.reading import FUNCTIONS, Reading, bare, first_of

if TYPE_CHECKING:
    from tree_sitter import Node

#: Definitions of a name, calls of a function, and of a member, that are looked at; names that lead to names.
MOST, _MEMBERS, _FAR = 100, 400, 40
#: Classes above a class that are looked at.
_ABOVE = 4
#: Turns of a loop that a member of an object costs.
_A_MEMBER = 4
#: A name that is set to a text, or called with one.
_WRITTEN = re.compile(
    rb"[\w$.]{1,200}\s{0,9}[=(]\s{0,9}(?P<quote>[\"'`])(?P<text>(?:[^\"'`\\\n]|\\.){0,4000})(?P=quote)"
)
CLASSES = frozenset(("class_declaration", "class"))
#: What a method may be called on.
_OWNERS = frozenset(("identifier", "this", "new_expression", "parenthesized_expression"))


class Binding(NamedTuple):
    """How a name is bound: `kind`, to which node, and by which members of it (`("exec",)`).

    `default` is what it is if nothing is given.
    """

    kind: str
    node: Node
    keys: tuple[str, ...] = ()
    position: int = 0
    path: tuple[Node, ...] = ()
    default: Node | None = None


def binding(  # noqa: C901, PLR0912  (one row a kind of definition)
    reading: Reading, offset: int
) -> Binding | None:
    """Return how the name at an offset is bound; `None` where it is not."""
    path = reading.path(offset)
    keys: list[str] = []
    default: Node | None = None
    for at in range(len(path) - 2, -1, -1):
        node, parent = path[at + 1], path[at]
        match parent.type:
            case "pair_pattern":
                keys.insert(0, _key(reading, parent.child_by_field_name("key")))
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
                default = default or (None if keys else _default(parent))
            case "variable_declarator":
                return _declared(path, at, keys, default)
            case "assignment_expression" | "augmented_assignment_expression":
                right = parent.child_by_field_name("right")
                sign = reading.text(parent.child_by_field_name("operator"))
                kind = "value" if sign in {"", "=", "??=", "||=", "&&="} else "added"
                return None if right is None else Binding(kind, right, tuple(keys))
            case "catch_clause":
                return Binding("caught", path[at - 1]) if at else None
            case "formal_parameters":
                function = path[at - 1] if at else parent
                position = _position(parent, node)
                return Binding("param", function, tuple(keys), position, tuple(path[:at]), default)
            case "arrow_function":
                return Binding("param", parent, (), 0, tuple(path[: at + 1]))
            case "for_in_statement":
                right = parent.child_by_field_name("right")
                return None if right is None else Binding("loop", right, tuple(keys))
            case "import_specifier" | "import_clause" | "namespace_import" | "import_require_clause":
                return _imported(reading, path, at)
            case kind if kind in FUNCTIONS:
                return Binding("function", parent)
            case kind if kind in CLASSES:
                return Binding("class", parent)
            case _:
                return None
    return None


def _key(reading: Reading, key: Node | None) -> str:
    """Return the member that a pattern takes, also `{["ex" + "ec"]: run}`."""
    if key is not None and key.type == "computed_property_name":
        text = reading.value(first_of(key)).text
        return text if isinstance(text, str) else ""
    return escapes.unescaped(reading.text(key).strip("\"'`"))


def _default(node: Node) -> Node | None:
    """Return what a name in a pattern is unless it is given: `{ url = "…" }`, `(url: string = "…")`."""
    return node.child_by_field_name("right" if node.type.endswith("pattern") else "value")


def _declared(path: list[Node], at: int, keys: list[str], default: Node | None) -> Binding | None:
    value = path[at].child_by_field_name("value")
    return None if value is None else Binding("value", value, tuple(keys), default=default)


def _imported(reading: Reading, path: list[Node], at: int) -> Binding:
    keys: tuple[str, ...] = ()
    if path[at].type == "import_specifier":
        keys = (reading.text(path[at].child_by_field_name("name")).strip("\"'"),)
    statement = next((node for node in reversed(path[:at]) if node.type == "import_statement"), path[at])
    if path[at].type == "import_require_clause":
        statement = path[at]
    return Binding("import", statement, keys)


def _position(parent: Node, node: Node) -> int:
    children = [child for child in parent.named_children if child.type != "comment"]
    return next((number for number, child in enumerate(children) if child.id == node.id), 0)


def expression(reading: Reading, node: Node) -> Node:
    """Return the expression behind a name that is defined once, else the node itself."""
    for _ in range(_FAR):
        node = bare(node)
        if node.type == "member_expression":
            owner = node.child_by_field_name("object")
            key = reading.text(node.child_by_field_name("property"))
            inner = None if owner is None or owner.type not in _OWNERS else property_of(reading, owner, key)
            if inner is None or (inner.type not in FUNCTIONS and inner.type != "object"):
                return node
            return inner
        if node.type != "identifier":
            return node
        found = reading.scopes.find(reading.bytes(node), node.start_byte)
        bound = binding(reading, found[1][0]) if found is not None and len(found[1]) == 1 else None
        if bound is None or bound.keys or bound.kind not in {"value", "function", "class"}:
            return node
        node = bound.node
    return node


def property_of(reading: Reading, node: Node, key: str, depth: int = 0) -> Node | None:
    """Return the value of a member where an object is written out, or a class that it comes from."""
    node = expression(reading, node)
    if node.type == "new_expression":
        node = expression(reading, node.child_by_field_name("constructor") or node)
    if node.type == "this":
        node = next(
            (around for around in reversed(reading.path(node.start_byte)) if around.type in CLASSES), node
        )
    above = _above(node) if node.type in CLASSES and depth < _ABOVE else None
    if node.type in CLASSES:
        node = node.child_by_field_name("body") or node
    elif node.type != "object":
        return None
    if node.id not in reading.tables:
        reading.tables[node.id] = dict(_properties(reading, node))
    found = reading.tables[node.id].get(key)
    return property_of(reading, above, key, depth + 1) if found is None and above is not None else found


def _properties(reading: Reading, node: Node) -> Iterator[tuple[str, Node]]:
    """Yield the members of an object or class that is written out; the last of a name counts."""
    for child in node.named_children:
        reading.scopes.work.spend(_A_MEMBER)
        match child.type:
            case "pair":
                value = child.child_by_field_name("value")
                if value is not None:
                    yield reading.text(child.child_by_field_name("key")).strip("\"'`"), value
            case "shorthand_property_identifier":
                yield reading.text(child), child
            case "field_definition" | "public_field_definition":
                value = child.child_by_field_name("value")
                name = child.child_by_field_name("property") or child.child_by_field_name("name")
                if value is not None:
                    yield reading.text(name), value
            case "method_definition":
                yield reading.text(child.child_by_field_name("name")), child


def _above(node: Node) -> Node | None:
    """Return what a class extends."""
    found = next((child for child in node.children if child.type == "class_heritage"), None)
    inner = first_of(found) if found is not None else None
    return (
        inner.child_by_field_name("value") if inner is not None and inner.type == "extends_clause" else inner
    )


def function_of(reading: Reading, node: Node | None) -> Node | None:
    """Return the function of this file that an expression stands for."""
    if node is None:
        return None
    node = expression(reading, node)
    return node if node.type in FUNCTIONS else None


def calls_of(reading: Reading, function: Node, path: tuple[Node, ...], depth: int = 0) -> list[Node]:
    """Return the calls of a function by its name, as many as are looked at."""
    name = name_of(function, path)
    if name is None:
        return _calls_of_returned(reading, function, path, depth)
    if name.type != "identifier":
        return _calls_of_member(reading, function, reading.text(name))
    word = reading.bytes(name)
    return [
        call
        for place in called_places(reading, word, _scope_of(reading, function, name))
        if (call := _call_at(reading, word, place)) is not None
    ]


def _calls_of_returned(reading: Reading, function: Node, path: tuple[Node, ...], depth: int) -> list[Node]:
    """Return the calls of a function that another one gives back: `send(address)(text)`."""
    at = next((at for at in range(len(path) - 1, -1, -1) if path[at].id == function.id), 0)
    around = path[at - 1] if at else None
    if around is None or depth > _ABOVE:
        return []
    outer = around if around.type == "arrow_function" else None
    if around.type == "return_statement":
        outer = next((node for node in reversed(path[: at - 1]) if node.type in FUNCTIONS), None)
    if outer is None:
        return []
    above = tuple(path[: next(number for number, node in enumerate(path) if node.id == outer.id) + 1])
    found = []
    for call in calls_of(reading, outer, above, depth + 1):
        parent = call.parent
        if parent is not None and parent.type == "call_expression" and parent.children[0].id == call.id:
            found.append(parent)
    return found


def handed_places(reading: Reading, function: Node, path: tuple[Node, ...]) -> list[int]:
    """Return where a function is given to what calls it later: timers, promises, listeners."""
    name = name_of(function, path)
    if name is None or name.type != "identifier":
        return []
    word, data = reading.bytes(name), reading.source.data
    return [
        at
        for at in reading.scopes.places(word, _scope_of(reading, function, name))
        if data[at + len(word) : at + len(word) + 3].lstrip()[:1] in {b",", b")"}
        and HANDING.search(data, max(0, at - _BEFORE), at) is not None
    ][:MOST]


#: What stands before a function that is called later, and how far before it.
HANDING = re.compile(
    rb"(?:setTimeout|setInterval|setImmediate|nextTick|queueMicrotask|\.then|\.catch|\.finally|\.once|\.on"
    rb"|\.addListener|\.forEach|\.map|\.flatMap|\.filter|\.some|\.every|\.find)\s*\("
    rb"(?:\s*[\"'][\w:-]{0,40}[\"']\s*,)?\s*\Z"
)
_BEFORE = 80


def name_of(function: Node, path: tuple[Node, ...]) -> Node | None:
    """Return what a function is called by: a name, or the key of a member."""
    name = function.child_by_field_name("name")
    if name is not None and function.type not in {"arrow_function", "function_expression"}:
        return name if name.type == "identifier" or function.type == "method_definition" else None
    above = path[-2] if len(path) > 1 else None
    if above is not None and above.type == "pair":
        return above.child_by_field_name("key")
    declared = above.child_by_field_name("name") if above is not None else None
    return (
        declared
        if above is not None
        and above.type == "variable_declarator"
        and declared is not None
        and declared.type == "identifier"
        else None
    )


def _scope_of(reading: Reading, function: Node, name: Node) -> int:
    scope = reading.scopes.innermost(name.start_byte)
    return reading.scopes.around[scope] if scope >= 0 and function.type.endswith("declaration") else scope


def _calls_of_member(reading: Reading, function: Node, key: str) -> list[Node]:
    """Return the calls of a function that is a member of an object that is written out."""
    found: list[Node] = []
    word = f".{key}(".encode()
    for at in itertools.islice(reading.scopes.written(word), _MEMBERS):
        path = reading.path(at + 1)
        call = path[-3] if len(path) > 2 else None  # noqa: PLR2004  (name, member, call)
        callee = None if call is None else call.child_by_field_name("function")
        owner = function_of(reading, callee)
        if call is not None and owner is not None and owner.id == function.id:
            found.append(call)
    return found


def written(reading: Reading, places: Iterable[int]) -> list[Value]:
    """Return the texts that stand behind names, where these are set to one or given one.

    There are so many of them that nothing else about these is found out; one more stands for it.
    """
    found: list[Value] = []
    for at in places:
        match = _WRITTEN.match(reading.source.data, at)
        reading.scopes.work.spend(_A_MEMBER)
        if match is not None:
            found.append(Value(text=escapes.unescaped(match["text"].decode(errors="replace"))))
    return [*found, Value()] if found else found


def further_calls(reading: Reading, function: Node, path: tuple[Node, ...]) -> list[int]:
    """Return where a function is called by its name beyond the calls that are looked at."""
    name = name_of(function, path)
    if name is None or name.type != "identifier":
        return []
    word, data = reading.bytes(name), reading.source.data
    every = reading.scopes.every_place(word, _scope_of(reading, function, name))
    return [at for at in every if data[at + len(word) : at + len(word) + 1] == b"("][MOST:]


def called_places(reading: Reading, word: bytes, scope: int) -> list[int]:
    """Return where a name is called in a scope."""
    data = reading.source.data
    ends = len(word)
    return [
        at
        for at in reading.scopes.places(word, scope)
        if data[at + ends : at + ends + 3].lstrip()[:1] in {b"(", b"`"}
    ][:MOST]


def _call_at(reading: Reading, word: bytes, place: int) -> Node | None:
    path = reading.path(place)
    if not path[1:] or reading.bytes(path[-1]) != word or path[-2].type != "call_expression":
        return None
    return path[-2]
