"""Pure functions of JavaScript, computed on the syntax tree: the decoders that malware writes for itself.

An expression becomes a Python closure once, and is then computed as often as its loop wants within the steps
of the budget (`fimci.readers.code.pure`). Names that do not belong to it are constants of the file, functions
of the file, or those of `builders`; whatever else there is stops the attempt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from fimci.readers.code.javascript_syntax import (
    accessors,
    bindings,
    builders,
    escapes,
    library,
    patterns,
    statements,
)
from fimci.readers.code.javascript_syntax.library import Code, Env, Thing, number, text, truth
from fimci.readers.code.javascript_syntax.operators import OPERATORS, UNARY
from fimci.readers.code.javascript_syntax.reading import FUNCTIONS, Reading, arguments_of, first_of
from fimci.readers.code.javascript_syntax.things import (
    item_of,
    looked_up,
    native,
    of_table,
    size_of,
)
from fimci.readers.code.pure import Budget, Stop

if TYPE_CHECKING:
    from tree_sitter import Node

#: Expressions inside each other, calls inside each other, and nodes of one attempt.
_DEEPEST, _CALLS, _NODES = 40, 8, 6_000
#: What it costs to compile a node: as much as to copy so many letters.
_COMPILED = 1_000


class Compiler:
    """Turns expressions of one text into closures. `own` are the names that belong to what is computed."""

    def __init__(self, reading: Reading, budget: Budget, own: frozenset[str]) -> None:
        """Begin with names that belong to what is computed, besides those that it declares."""
        self.reading, self.budget, self.own = reading, budget, own
        self.nodes = 0
        self.depth = 0
        self.calls = 0
        #: The ranges of what is computed: what is declared in them belongs to it.
        self.within: list[tuple[int, int]] = []
        self._functions: dict[int, Callable[[Env, list[Thing]], Thing]] = {}
        self._kinds: Mapping[str, Callable[[Node], Code]] = {
            "number": self._number,
            "string": self._string,
            "template_string": self._template,
            "regex": self._pattern,
            "identifier": self.name,
            "undefined": self._nothing,
            "null": self._nothing,
            "true": lambda _node: lambda _env: True,
            "false": lambda _node: lambda _env: False,
            "array": self._array,
            "object": self._object,
            "binary_expression": self._binary,
            "unary_expression": self._unary,
            "ternary_expression": self._ternary,
            "sequence_expression": self._sequence,
            "assignment_expression": self._assignment,
            "augmented_assignment_expression": self._augmented,
            "update_expression": self._update,
            "member_expression": self._member,
            "subscript_expression": self._subscript,
            "call_expression": self._call,
            "new_expression": self._call,
            **dict.fromkeys(
                ("parenthesized_expression", "as_expression", "non_null_expression"), self._inner
            ),
            **dict.fromkeys(("arrow_function", "function_expression"), self._closure),
        }

    def code(self, node: Node | None) -> Code:
        """Return what computes an expression."""
        kind = None if node is None else self._kinds.get(node.type)
        self.nodes += 1
        if node is None or kind is None or self.nodes > _NODES or self.depth > _DEEPEST:
            raise Stop
        self.budget.spend(_COMPILED)
        self.depth += 1
        made = kind(node)
        self.depth -= 1
        return made

    def _inner(self, node: Node) -> Code:
        return self.code(first_of(node))

    def _nothing(self, _node: Node) -> Code:
        return lambda _env: None

    def _number(self, node: Node) -> Code:
        value = number(self.reading.text(node).replace("_", ""))
        return lambda _env: value

    def _string(self, node: Node) -> Code:
        value = escapes.unescaped(self.reading.text(node)[1:-1])
        return lambda _env: value

    def _template(self, node: Node) -> Code:
        pieces = [
            self.code(first_of(child))
            if child.type == "template_substitution"
            else _constant(escapes.unescaped(self.reading.text(child)))
            for child in node.named_children
        ]
        return lambda env: "".join(text(piece(env)) for piece in pieces)

    def _pattern(self, node: Node) -> Code:
        value = patterns.pattern(
            self.reading.text(node.child_by_field_name("pattern")),
            self.reading.text(node.child_by_field_name("flags")),
        )
        return lambda _env: value

    def name(self, node: Node) -> Code:
        """Return what looks a name up."""
        name = self.reading.text(node)
        if self.owned(name, node):
            return lambda env: looked_up(env, name)
        function = bindings.function_of(self.reading, node)
        if function is not None:
            return self._closure(function)
        value = native(self.reading.value(node))
        return lambda _env: value

    def owned(self, name: str, node: Node) -> bool:
        """Tell whether a name belongs to what is computed."""
        if name in self.own:
            return True
        found = self.reading.scopes.find(name.encode(), node.start_byte)
        return found is not None and any(
            start <= at < end for at in found[1][: bindings.MOST] for start, end in self.within
        )

    def _array(self, node: Node) -> Code:
        parts = [
            (
                child.type == "spread_element",
                self._inner(child) if child.type == "spread_element" else self.code(child),
            )
            for child in node.named_children
            if child.type != "comment"
        ]

        def made(env: Env) -> Thing:
            items: list[Thing] = []
            for spread, part in parts:
                value = part(env)
                if spread:
                    self.budget.spend(len(value))
                    items += list(value)
                else:
                    items.append(value)
            return items

        return made

    def _object(self, node: Node) -> Code:
        parts = list(statements.entries(self, node))
        return lambda env: {key: part(env) for key, part in parts}

    def _binary(self, node: Node) -> Code:
        sign = self.reading.text(node.child_by_field_name("operator"))
        left, right = (
            self.code(node.child_by_field_name("left")),
            self.code(node.child_by_field_name("right")),
        )
        spend = self.budget.spend
        match sign:
            case "||":
                return lambda env: one if truth(one := left(env)) else right(env)
            case "&&":
                return lambda env: right(env) if truth(one := left(env)) else one
            case "??":
                return lambda env: right(env) if (one := left(env)) is None else one
        function = OPERATORS.get(sign)
        if function is None:
            raise Stop

        def made(env: Env) -> Thing:
            value = function(left(env), right(env))
            spend(len(value) if isinstance(value, str) else 0)
            return value

        return made

    def _unary(self, node: Node) -> Code:
        function = UNARY.get(self.reading.text(node.child_by_field_name("operator")))
        inner = self.code(node.child_by_field_name("argument"))
        if function is None:
            raise Stop
        return lambda env: function(inner(env))

    def _ternary(self, node: Node) -> Code:
        condition, yes, no = (
            self.code(node.child_by_field_name(field))
            for field in ("condition", "consequence", "alternative")
        )
        return lambda env: yes(env) if truth(condition(env)) else no(env)

    def _sequence(self, node: Node) -> Code:
        parts = [self.code(child) for child in node.named_children if child.type != "comment"]
        return lambda env: [part(env) for part in parts][-1]

    def _assignment(self, node: Node) -> Code:
        put = statements.target(self, node.child_by_field_name("left"))
        right = self.code(node.child_by_field_name("right"))

        def made(env: Env) -> Thing:
            self.budget.spend()
            value = right(env)
            put(env, value)
            return value

        return made

    def _augmented(self, node: Node) -> Code:
        left = node.child_by_field_name("left")
        put, before, right = (
            statements.target(self, left),
            self.code(left),
            self.code(node.child_by_field_name("right")),
        )
        function = OPERATORS.get(self.reading.text(node.child_by_field_name("operator"))[:-1])
        if function is None:
            raise Stop

        def made(env: Env) -> Thing:
            value = function(before(env), right(env))
            self.budget.spend(len(value) if isinstance(value, str) else 0)
            put(env, value)
            return value

        return made

    def _update(self, node: Node) -> Code:
        inner = node.child_by_field_name("argument")
        put, before = statements.target(self, inner), self.code(inner)
        sign = self.reading.text(node.child_by_field_name("operator"))
        step = 1 if sign == "++" else -1
        first = inner is not None and inner.start_byte > node.start_byte

        def made(env: Env) -> Thing:
            self.budget.spend()
            value = number(before(env))
            put(env, value + step)
            return value + step if first else value

        return made

    def _member(self, node: Node) -> Code:
        owner, key = (
            self.code(node.child_by_field_name("object")),
            self.reading.text(node.child_by_field_name("property")),
        )
        if key in {"length", "byteLength"}:
            return lambda env: size_of(owner(env))
        return lambda env: of_table(owner(env), key)

    def _subscript(self, node: Node) -> Code:
        owner, index = (
            self.code(node.child_by_field_name("object")),
            self.code(node.child_by_field_name("index")),
        )

        def made(env: Env) -> Thing:
            self.budget.spend()
            return item_of(owner(env), index(env))

        return made

    def _call(self, node: Node) -> Code:
        callee = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        if callee is None:
            raise Stop
        given = (
            self._array(node.child_by_field_name("arguments") or node)
            if arguments_of(node)
            else _no_arguments
        )
        if callee.type in {"identifier", "member_expression", "subscript_expression"}:
            name = (
                ""
                if callee.type == "identifier" and self.owned(self.reading.text(callee), callee)
                else self._global(callee)
            )
            known = builders.FUNCTIONS.get(name)
            if known is not None:
                return self._known(known, given)
            if callee.type != "identifier":
                return self._method(callee, given)
            word = accessors.word_of(self.reading, callee)
            if word is not None:
                return lambda env: word(given(env))
        function = self.code(callee)

        def made(env: Env) -> Thing:
            called = function(env)
            if not callable(called):
                raise Stop
            return called(given(env))

        return made

    def _known(self, known: Callable[[list[Thing]], Thing], given: Code) -> Code:
        def made(env: Env) -> Thing:
            value = known(given(env))
            self.budget.spend(len(value) if isinstance(value, (str, list, bytearray)) else 0)
            return value

        return made

    def _global(self, callee: Node) -> str:
        """Return the name that everybody knows what is called by."""
        owner = callee.child_by_field_name("object")
        root = owner
        while root is not None and root.type == "member_expression":
            root = root.child_by_field_name("object")
        if root is not None and root.type not in {"identifier", "new_expression"}:
            return ""
        if root is not None and root.type == "identifier" and self.owned(self.reading.text(root), root):
            return ""
        return self.reading.value(callee).name

    def _method(self, callee: Node, given: Code) -> Code:
        owner = self.code(callee.child_by_field_name("object"))
        key = callee.child_by_field_name("property")
        index = None if key is not None else self.code(callee.child_by_field_name("index"))
        word = self.reading.text(key)

        def made(env: Env) -> Thing:
            name = word if index is None else text(index(env))
            held = owner(env)
            inner = held.get(name) if isinstance(held, dict) else None
            if inner is not None:
                return inner(given(env))
            return library.method(self.budget, held, name, given(env))

        return made

    def _closure(self, node: Node) -> Code:
        self.function(node)
        return lambda env: lambda given: self.function(node)(env, given)

    def function(self, node: Node) -> Callable[[Env, list[Thing]], Thing]:
        """Return what computes a function, with the names around it and what it is given."""
        if node.id in self._functions:
            return self._functions[node.id]
        if (
            node.type not in FUNCTIONS
            or node.type.startswith("generator")
            or self.reading.bytes(node)[:5] == b"async"
        ):
            raise Stop
        self._functions[node.id] = _unfinished
        self.within.append((node.start_byte, node.end_byte))
        parameters = statements.parameters(self, node)
        body = node.child_by_field_name("body")
        run = (
            statements.block(self, body)
            if body is not None and body.type == "statement_block"
            else statements.returned(self.code(body))
        )

        def called(env: Env, given: list[Thing]) -> Thing:
            self.budget.spend()
            self.calls += 1
            if self.calls > _CALLS:
                raise Stop
            inner: Env = {"": env}
            parameters(inner, given)
            value = run(inner)
            self.calls -= 1
            return value[0] if isinstance(value, tuple) and value else None

        self._functions[node.id] = called
        return called


def _unfinished(_env: Env, _given: list[Thing]) -> Thing:
    raise Stop


def _no_arguments(_env: Env) -> Thing:
    return []


def _constant(value: Thing) -> Code:
    return lambda _env: value
