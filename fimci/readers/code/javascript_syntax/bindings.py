"""How names are bound, what is written out behind them, and where functions of the file are called."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from fimci.capabilities.uses import Value
from fimci.readers.code.javascript_syntax import escapes
from fimci.readers.code.javascript_syntax.defined import Binding
from fimci.readers.code.javascript_syntax.reading import (
    ARGUMENTS,
    FUNCTIONS,
    Reading,
    arguments_of,
    bare,
    first_of,
    listed_in,
)
from fimci.readers.code.javascript_syntax.scopes import LONGEST_MEMBER, plain

if TYPE_CHECKING:
    from tree_sitter import Node

#: Definitions of a name, calls of a function, and of a member, that are looked at; names that lead to names.
MOST, MEMBERS, _FAR = 100, 400, 40
#: Classes above a class that are looked at, members of members, and what functions give back of each other.
ABOVE = 4
#: Turns of a loop that a member of an object costs.
_A_MEMBER = 4
#: A name that is set to a text, or called with one.
_WRITTEN = re.compile(
    rb"[\w$.]{1,200}\s{0,9}[=(]\s{0,9}(?P<quote>[\"'`])(?P<text>(?:[^\"'`\\\n]|\\.){0,4000})(?P=quote)"
)
CLASSES = frozenset(("class_declaration", "class", "abstract_class_declaration"))
#: What a method may be called on.
_OWNERS = frozenset(
    (
        *("identifier", "this", "new_expression", "parenthesized_expression", "call_expression"),
        *("member_expression", "object", "array", "super"),
    )
)
_ACCESS = frozenset(("member_expression", "subscript_expression"))
_CONSTANT = frozenset(("string", "number"))
#: What has members of its own, besides objects.
_TABLES = frozenset(("enum_declaration", "internal_module", "module"))
#: What `new` is used with, besides classes.
_MAKERS = frozenset(("function_declaration", "function_expression"))
_OWNING = CLASSES | _MAKERS | {"object"}
_MADE = frozenset(("object", "new_expression", "identifier", "this"))
#: What a member leads to.
_RESOLVED = FUNCTIONS | CLASSES | {"object", "array"}
#: Stands for the rest of what is taken apart.
REST = "..."
#: Words before the name of a method.
_WORDS = 6


def binding(reading: Reading, offset: int) -> Binding | None:
    """Return how the name at an offset is bound; `None` where it is not."""
    if offset not in reading.bound:
        reading.bound[offset] = _binding(reading, offset)
    return reading.bound[offset]


def _binding(  # noqa: C901, PLR0912  (one row a kind of definition)
    reading: Reading, offset: int
) -> Binding | None:
    path = reading.path(offset)
    keys: list[str] = []
    default: Node | None = None
    for at in range(len(path) - 2, -1, -1):
        node, parent = path[at + 1], path[at]
        match parent.type:
            case "pair_pattern":
                keys.insert(0, key_of(reading, parent.child_by_field_name("key")))
            case "object_pattern":
                if node.type in {"shorthand_property_identifier_pattern", "object_assignment_pattern"}:
                    keys.insert(0, reading.text(path[-1]))
            case "array_pattern":
                keys.insert(0, str(sum(child.type == "," for child in _before(parent, node))))
            case "rest_pattern":
                keys.insert(0, REST)
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
            case kind if kind in CLASSES or kind in _TABLES:
                return Binding("class", parent)
            case _:
                return None
    return None


def key_of(reading: Reading, key: Node | None) -> str:
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


def _before(parent: Node, node: Node) -> list[Node]:
    """Return what stands before one of the nodes in another one; holes of a pattern have their commas."""
    return list(itertools.takewhile(lambda child: child.id != node.id, parent.children))


def _position(parent: Node, node: Node) -> int:
    children = [child for child in parent.named_children if child.type != "comment"]
    return next((number for number, child in enumerate(children) if child.id == node.id), 0)


def expression(reading: Reading, node: Node, depth: int = 0) -> Node:
    """Return the expression behind a name that is defined once, else the node itself."""
    for _ in range(_FAR):
        node = bare(node)
        if node.type in _ACCESS:
            inner = member_of(reading, node, depth + 1) if depth < ABOVE else None
            return node if inner is None or inner.type not in _RESOLVED else inner
        if node.type != "identifier":
            return node
        found = reading.scopes.find(reading.bytes(node), node.start_byte)
        bound = binding(reading, found[1][0]) if found is not None and len(found[1]) == 1 else None
        if bound is None or bound.keys or bound.kind not in {"value", "function", "class"}:
            return node
        node = bound.node
    return node


def member_of(reading: Reading, node: Node, depth: int = 0) -> Node | None:
    """Return what stands in a member: in an object that is written out, or put there in one place."""
    owner, index = node.child_by_field_name("object"), node.child_by_field_name("index")
    if owner is None or owner.type not in _OWNERS or (index is not None and index.type not in _CONSTANT):
        return None
    key = reading.text(index).strip("\"'`") if index is not None else _member_name(reading, node)
    found = property_of(reading, owner, key, depth)
    if found is None and owner.type in {"identifier", "this", "member_expression"}:
        return put_at(reading, plain(reading.bytes(node)))
    return found


def _member_name(reading: Reading, node: Node) -> str:
    return reading.text(node.child_by_field_name("property"))


def put_at(reading: Reading, text: bytes) -> Node | None:
    """Return what is assigned to a member, by its text, where that is done in one place."""
    places = reading.scopes.members.get(text, ()) if len(text) <= LONGEST_MEMBER else ()
    if len(places) != 1:
        return None
    path = reading.path(places[0])
    found = next((node for node in reversed(path) if node.type == "assignment_expression"), None)
    return None if found is None else found.child_by_field_name("right")


def property_of(reading: Reading, node: Node, key: str, depth: int = 0) -> Node | None:
    """Return the value of a member where an object is written out, or a class that it comes from."""
    node = made_of(reading, expression(reading, node, depth), depth)
    if node.type in _MAKERS:
        name = node.child_by_field_name("name")
        return None if name is None else put_at(reading, reading.bytes(name) + b".prototype." + key.encode())
    above = _above(node) if node.type in CLASSES and depth < ABOVE else None
    if node.type == "array":
        if node.id not in reading.tables:
            reading.scopes.work.cut |= node.named_child_count > ARGUMENTS
            reading.tables[node.id] = {str(at): item for at, item in enumerate(listed_in(node))}
        return reading.tables[node.id].get(key)
    if node.type in CLASSES or node.type in _TABLES:
        node = node.child_by_field_name("body") or node
    elif node.type != "object":
        return None
    if node.id not in reading.tables:
        reading.tables[node.id] = dict(_properties(reading, node))
    found = reading.tables[node.id].get(key)
    return property_of(reading, above, key, depth + 1) if found is None and above is not None else found


def made_of(reading: Reading, node: Node, depth: int = 0) -> Node:
    """Return the class, function or object that an expression is an instance of, else the node itself."""
    if node.type == "new_expression":
        return expression(reading, node.child_by_field_name("constructor") or node, depth)
    if node.type == "this":
        return owner_of(reading, node) or node
    if node.type == "super" and depth < ABOVE:
        owner = owner_of(reading, node)
        above = _above(owner) if owner is not None and owner.type in CLASSES else None
        return node if above is None else expression(reading, above, depth + 1)
    if node.type == "call_expression" and reading.bytes(node).startswith(b"Object."):
        given = arguments_of(node)
        return expression(reading, given[0], depth + 1) if given and depth < ABOVE else node
    if node.type == "call_expression" and depth < ABOVE:
        return _given_back(reading, node, depth + 1) or node
    return node


def _given_back(reading: Reading, call: Node, depth: int) -> Node | None:
    """Return the object that a function of the file gives back: `make().run()`, `b.set(x).run()`."""
    if call.id not in reading.backs:
        reading.backs[call.id] = None
        reading.backs[call.id] = _back(reading, call, depth)
    return reading.backs[call.id]


def _back(reading: Reading, call: Node, depth: int) -> Node | None:
    callee = call.child_by_field_name("function")
    function = None if callee is None else expression(reading, callee, depth)
    if callee is None or function is None or function.type not in FUNCTIONS:
        return None
    body = function.child_by_field_name("body")
    if body is not None and body.type != "statement_block":
        made = bare(body)
    else:
        places = reading.scopes.returned(reading.scopes.number(function))
        around = reading.path(places[0]) if len(places) == 1 else []
        statement = next((node for node in reversed(around) if node.type == "return_statement"), None)
        back = None if statement is None else first_of(statement)
        if back is None:
            return None
        made = bare(back)
    if made.type == "this":
        owner = bare(callee).child_by_field_name("object")
        return None if owner is None else made_of(reading, expression(reading, owner, depth), depth)
    found = made_of(reading, expression(reading, made, depth), depth) if made.type in _MADE else None
    return found if found is None or found.type in _OWNING else None


def owner_of(reading: Reading, node: Node) -> Node | None:
    """Return what `this` is at a place: the class, the object that is written out, the constructor."""
    path = reading.path(node.start_byte)
    reading.scopes.work.spend(len(path))
    for at in range(len(path) - 1, 0, -1):
        kind, above = path[at].type, path[at - 1]
        if kind in CLASSES:
            return path[at]
        if kind == "method_definition" and above.type == "object":
            return above
        if kind == "function_expression" and above.type == "pair":
            return path[at - 2] if at > 1 else None
        if kind == "function_expression" and above.type == "assignment_expression":
            return _prototype(reading, above) or path[at]
        if kind in {"function_declaration", "function_expression"}:
            return path[at]
    return None


def _prototype(reading: Reading, assignment: Node) -> Node | None:
    """Return the constructor in `R.prototype.run = function () { … }`."""
    left = assignment.child_by_field_name("left")
    owner, dot, _ = reading.text(left).partition(".prototype.")
    if not dot or left is None:
        return None
    found = reading.scopes.find(owner.encode(), left.start_byte)
    bound = binding(reading, found[1][0]) if found is not None and len(found[1]) == 1 else None
    return bound.node if bound is not None and bound.kind in {"function", "value", "class"} else None


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
            case "field_definition" | "public_field_definition" | "enum_assignment":
                value = child.child_by_field_name("value")
                name = child.child_by_field_name("property") or child.child_by_field_name("name")
                if value is not None:
                    yield reading.text(name), value
            case "method_definition":
                if not is_setter(child):
                    yield reading.text(child.child_by_field_name("name")), child
            case "export_statement":  # of a namespace
                yield from _exported(reading, child.child_by_field_name("declaration"))


def _exported(reading: Reading, declared: Node | None) -> Iterator[tuple[str, Node]]:
    for child in () if declared is None else (declared, *declared.named_children):
        name, value = child.child_by_field_name("name"), child.child_by_field_name("value")
        if name is not None and (value is not None or child.type in FUNCTIONS or child.type in CLASSES):
            yield reading.text(name), child if value is None else value


def is_setter(method: Node) -> bool:
    """Tell whether a method is called by assigning to it."""
    return any(child.type == "set" for child in method.children[:_WORDS])


def is_getter(method: Node) -> bool:
    """Tell whether a method is called by asking for it."""
    return any(child.type == "get" for child in method.children[:_WORDS])


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
