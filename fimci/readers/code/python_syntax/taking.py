"""Where something comes out again of lists, tables and functions that it is put into."""

from __future__ import annotations

from tree_sitter import Node

from fimci.capabilities.uses import Value
from fimci.readers.code.python_syntax.containers import HANDLED
from fimci.readers.code.python_syntax.noting import Noted
from fimci.readers.code.python_syntax.telling import named
from fimci.readers.code.python_syntax.values import Evaluator

#: Methods and functions that give something of what they are given, and so many steps to the last of them.
TAKING = frozenset(
    ("get", "pop", "popleft", "popitem", "values", "items", "copy", "setdefault", "__getitem__", "__next__")
)
_THROUGH = frozenset(
    (
        *("list", "tuple", "dict", "set", "next", "iter", "reversed", "sorted", "zip", "enumerate", "map"),
        *("filter", "max", "min", "SimpleNamespace"),
    )
)
_OUT = 16
#: Lists and tables that something stands in.
HOLDING = frozenset(
    (
        *("list", "tuple", "dictionary", "pair", "set"),
        *("list_comprehension", "generator_expression", "set_comprehension"),
    )
)


class Taking:
    """Follows what stands in a list, a table or a call of one file up to where it is taken out."""

    def __init__(self, values: Evaluator, noted: Noted) -> None:
        """Begin with what evaluates expressions, and where names are noted."""
        self._values, self._noted = values, noted

    def put(self, path: list[Node], value: Value) -> None:
        """Take note of what something is put into on the way: `d.setdefault("o", os)`."""
        for node in path:
            if node.type == "call" and node.children[0].type == "attribute":
                self._noted.handed(node, value)

    def out(self, path: list[Node], index: int) -> int:
        """Return where something comes out of the list or table that it stands in; 0 where it does not."""
        for at in range(index - 1, max(0, index - 1 - _OUT), -1):
            around, first = path[at], path[at].children[0].id == path[at + 1].id
            taken = around.type in {"call", "subscript", "attribute"} and named(self._values.value(around))
            match around.type:
                case kind if kind in HOLDING or kind == "argument_list":
                    pass
                case "attribute" if not first or (not taken and _text(around.children[-1]) not in TAKING):
                    return 0
                case "call" if not first and not self._gives_back(around):
                    return 0
                case "attribute" | "call" | "subscript" | "parenthesized_expression":
                    pass
                case _:
                    return 0
            if taken:
                return at
        return 0

    def _gives_back(self, call: Node) -> bool:
        """Tell whether what a call is given comes out of it again, alone or with others."""
        callee = call.children[0]
        owner, _, verb = _text(callee).rpartition(".")
        if owner and verb in TAKING:
            return True
        name = self._values.value(callee).name
        return _text(callee) in _THROUGH or name in HANDLED or name[:1] in {"@", "<"}


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""
