"""What is passed on between modules: what functions give back, and what they give to those of other ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tree_sitter import Node

from fimci.capabilities import chains, command_lines, passing
from fimci.capabilities.uses import MARK, Value, of_module
from fimci.readers.code import sought
from fimci.readers.code.python_syntax.folding import flows_of
from fimci.readers.code.python_syntax.parsing import Descent
from fimci.readers.code.python_syntax.prefilter import FETCHES
from fimci.readers.code.python_syntax.values import Evaluator
from fimci.readers.code.python_syntax.words import is_member

#: What is a command as it is written, and items of a list of them.
_TEXTS = frozenset(("string", "concatenated_string", "binary_operator", "list", "tuple", "call"))
_TABLE = "dictionary"
_ITEMS = 100


class Passes:
    """Looks up what one module passes on."""

    def __init__(self, data: bytes, root: Node, values: Evaluator) -> None:
        """Begin with what evaluates expressions."""
        self.data, self.values = data, values
        self._descent = Descent(root, values.scopes.work)
        #: Names whose places were gone through.
        self._seen: set[bytes] = set()

    def of_function(self, number: int) -> Iterator[tuple[str, str]]:
        """Yield what a function gives back that matters to others."""
        for flow in _mattering(self.values.calling.gives(number)):
            yield flow, passing.BACK

    def constants(self) -> Iterator[tuple[str, str]]:
        """Yield the names of the module that stand for a command which runs what it fetches.

        So do those of its classes, and what stands under a name in a table.
        """
        if not sought.any_of(self.data, FETCHES):
            return
        scopes = self.values.scopes
        for (scope, name), bound in scopes.bindings.items():
            constant = bound[0].kind == "value" and bound[0].value.type in {*_TEXTS, _TABLE}
            if constant and (not scope or scopes.scopes[scope].kind == "class"):
                value = self.values.naming.name(name, scope)
                named = [(name, one) for one in (value, *value.items[:_ITEMS])]
                for key, one in (*named, *value.fields[:_ITEMS]):
                    yield from ((key, flow) for flow in command_lines.fetches(one))

    def of_call(self, position: int) -> Iterator[tuple[int, str, str]]:
        """Yield what is given to functions of another module that are called at a place."""
        path = list(self._descent.to(position))
        yield from self._along(path)
        made = self._kept(path)
        word = (made.text or b"") if made is not None else b""
        if made is not None and word not in self._seen:
            self._seen.add(word)
            length = len(word)
            for place in self.values.scopes.words.places(word):
                called = self.data[place + length : place + length + 1] == b"."
                if called and not is_member(self.data, place):
                    yield from self._along(list(self._descent.to(place)))

    def _along(self, path: list[Node]) -> Iterator[tuple[int, str, str]]:
        at = len(path) - 1
        while at > 0:
            node, parent = path[at], path[at - 1]
            if parent.type in {"argument_list", "keyword_argument"}:
                yield from self._handed(node, path[:at])
                return
            if parent.type not in {"attribute", "call", "parenthesized_expression", "await"}:
                return
            if parent.type in {"attribute", "call"} and parent.children[0].id != node.id:
                return
            if parent.type == "call":
                yield from self._given(parent, node, None)
            at -= 1

    def _handed(self, node: Node, path: list[Node]) -> Iterator[tuple[int, str, str]]:
        """Yield what a function is given by whom it is handed to: `map(send, …)`, `Thread(target=send)`."""
        call = next((one for one in reversed(path[-3:]) if one.type == "call"), None)
        if call is not None:
            yield from self._given(call, node, node)

    def _given(self, call: Node, callee: Node, but: Node | None) -> Iterator[tuple[int, str, str]]:
        sink = of_module(self.values.value(callee).name)
        given = call.child_by_field_name("arguments")
        if sink is None or given is None:
            return
        for number, argument in enumerate(given.named_children):
            self.values.scopes.work.spend(1)
            if but is not None and argument.start_byte <= but.start_byte < argument.end_byte:
                continue
            named = argument.child_by_field_name("name") if argument.type == "keyword_argument" else None
            if named is not None and (named.text or b"").decode(errors="replace") in chains.SIGNED:
                continue
            inner = argument.child_by_field_name("value") if named is not None else argument
            place = None if named is not None or but is not None else number
            for flow in _mattering(self.values.value(inner)) if inner is not None else ():
                yield call.start_byte, flow, passing.given_to(place, sink)

    def _kept(self, path: list[Node]) -> Node | None:
        """Return the name that gets what another module makes: `line = Line()`."""
        around = next((node for node in reversed(path) if node.type == "assignment"), None)
        left = around.child_by_field_name("left") if around is not None else None
        right = around.child_by_field_name("right") if around is not None else None
        if left is None or right is None or left.type != "identifier" or right.type != "call":
            return None
        return left if MARK in self.values.value(right).name else None


def _mattering(value: Value) -> Iterable[str]:
    """Return the flows of chains."""
    return passing.mattering(flows_of((value, *value.items)) | command_lines.fetches(value))
