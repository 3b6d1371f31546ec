"""What becomes of a function that another one gives back: `send(address)(text)`, `run = wrap(f)`, `@wrap`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tree_sitter import Node

from fimci.readers.code.python_syntax.scopes import Scope, Scopes

#: Nodes around a name that may be a member.
_MEMBER = "attribute"


class Became(NamedTuple):
    """What is done with what a call gives: it is called, given to a call, or gets a name.

    `decorated` is the function that a name stands for where it is decorated.
    """

    call: Node | None = None
    given: bool = False
    name: str = ""
    decorated: Node | None = None


class Returned:
    """Tells which functions of a file others give back; each of those is looked at once."""

    def __init__(self, scopes: Scopes) -> None:
        """Begin with nothing known."""
        self._scopes = scopes
        self._given: dict[int, tuple[set[int], set[bytes]]] = {}

    def back(self, function: Scope) -> bool:
        """Tell whether a function is given back by the one around it."""
        outer = self._scopes.scopes[function.parent]
        if outer.kind != "function":
            return False
        if function.parent not in self._given:
            self._given[function.parent] = self._read(outer, function.parent)
        nodes, names = self._given[function.parent]
        if function.node.type == "lambda":
            return function.node.id in nodes
        return function.name.encode() in names

    def _read(self, outer: Scope, number: int) -> tuple[set[int], set[bytes]]:
        given = [outer.node.child_by_field_name("body"), *self._scopes.returns.get(number, ())]
        self._scopes.work.spend(len(given))
        nodes = [node for one in given if (node := _bare(one)) is not None]
        return {node.id for node in nodes}, {node.text or b"" for node in nodes if node.type == "identifier"}


def became(path: Sequence[Node], call: Node) -> Became:
    """Return what becomes of what a call gives, or of what it decorates. `path` leads to it."""
    if call.type == "decorated_definition":
        return _decorated(call)
    at = next((index for index, node in enumerate(path) if node.id == call.id), 0)
    while at and path[at - 1].type == "parenthesized_expression":
        at -= 1
    around = path[at - 1] if at else call
    if around.type == "call" and around.children[0].id == path[at].id:
        return Became(around)
    if around.type == "decorator" and at > 1:
        return Became(path[at - 2])
    if around.type == "argument_list" and at > 1:
        return Became(path[at - 2], given=True)
    if around.type in {"assignment", "named_expression"}:
        left = around.child_by_field_name("left") or around.child_by_field_name("name")
        if left is not None and left.type == "identifier" and left.id != path[at].id:
            return Became(name=_text(left))
    return Became()


def called(path: Sequence[Node]) -> Node | None:
    """Return the call, or the decorated definition, that the name at the end of a path is called by."""
    at = len(path) - 1
    if at and path[at - 1].type == _MEMBER and path[at - 1].children[0].id != path[at].id:
        at -= 1
    around = path[at - 1] if at else None
    if around is not None and around.type == "decorator" and at > 1:
        return path[at - 2]
    calls = around is not None and around.type == "call" and around.children[0].id == path[at].id
    return around if calls else None


def _decorated(definition: Node) -> Became:
    function = definition.child_by_field_name("definition")
    name = function.child_by_field_name("name") if function is not None else None
    return Became(name=_text(name), decorated=function) if name is not None else Became()


def _bare(node: Node | None) -> Node | None:
    while node is not None and node.type == "parenthesized_expression" and node.named_child_count == 1:
        node = node.named_children[0]
    return node


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
