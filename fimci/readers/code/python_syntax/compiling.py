"""Pure functions of Python, computed on the syntax tree: the decoders that malware writes for itself.

An expression becomes a closure once, and is then computed within the steps of the budget
(`fimci.readers.code.pure`). Names that it does not bind are constants of the file, functions of the file, or
those of `library`; whatever else there is stops the attempt.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import TypeAlias

from tree_sitter import Node

from fimci.capabilities.choices import FIELDS
from fimci.capabilities.uses import Value
from fimci.readers.code.pure import LARGEST, Budget, Stop
from fimci.readers.code.python_syntax import library, statements
from fimci.readers.code.python_syntax.folding import integer
from fimci.readers.code.python_syntax.library import WIDTH, Thing, sized, whole
from fimci.readers.code.python_syntax.scopes import Scopes

#: The names of a call and their values (`""` leads to those around), and what computes something.
Env: TypeAlias = dict[str, Thing]
Code: TypeAlias = Callable[[Env], Thing]

_DEEPEST, _CALLS, _NODES = 40, 8, 6_000
#: What it costs to compile a node: as much as to copy so many letters.
_COMPILED = 1_000
_TOO_FAR = 64


def _times(one: Thing, two: Thing) -> Thing:
    if isinstance(one, int) and isinstance(two, int):
        return whole(one) * whole(two)
    count, things = (one, two) if isinstance(one, int) else (two, one)
    if not 0 <= whole(count) * max(1, sized(things)) <= LARGEST:
        raise Stop
    return things * count


def _shifted(one: Thing, two: Thing) -> Thing:
    if not 0 <= two <= WIDTH:
        raise Stop
    return whole(one) << two


def _power(one: Thing, two: Thing) -> Thing:
    if not 0 <= whole(two) <= _TOO_FAR or abs(whole(one)) > 1 << _TOO_FAR:
        raise Stop
    return one**two


def _rest(one: Thing, two: Thing) -> Thing:
    if not isinstance(one, int):  # a template
        raise Stop
    return whole(one) % whole(two)


_OPERATORS: Mapping[str, Callable[[Thing, Thing], Thing]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": _times,
    "//": operator.floordiv,
    "%": _rest,
    "**": _power,
    "^": operator.xor,
    "|": operator.or_,
    "&": operator.and_,
    "<<": _shifted,
    ">>": operator.rshift,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda one, two: one in two,
    "not in": lambda one, two: one not in two,
    "is": operator.eq,
    "is not": operator.ne,
}


class Compiler:
    """Turns expressions of one text into closures. `own` are the names that belong to what is computed."""

    def __init__(
        self, scopes: Scopes, value: Callable[[Node], Value], budget: Budget, own: frozenset[str]
    ) -> None:
        """`value` evaluates what stands outside of what is computed."""
        self.scopes, self.value, self.budget, self.own = scopes, value, budget, set(own)
        self._nodes = self._depth = self._calls = 0
        self._functions: dict[int, Callable[[Env, list[Thing]], Thing]] = {}
        self._kinds: Mapping[str, Callable[[Node], Code]] = {
            "identifier": self.name,
            "binary_operator": self._binary,
            "comparison_operator": self._compared,
            "boolean_operator": self._either,
            "not_operator": self._not,
            "unary_operator": self._minus,
            "conditional_expression": self._choice,
            "call": self._call,
            "attribute": self._member,
            "subscript": self._subscript,
            "lambda": self._closure,
            "dictionary": self._table,
            **dict.fromkeys(("string", "integer", "concatenated_string"), self._literal),
            **dict.fromkeys(("true", "false", "none"), self._word),
            **dict.fromkeys(("list", "tuple", "expression_list"), self._list),
            **dict.fromkeys(
                ("list_comprehension", "generator_expression", "dictionary_comprehension"),
                self._comprehension,
            ),
            **dict.fromkeys(("parenthesized_expression",), self._inner),
        }

    def code(self, node: Node | None) -> Code:
        """Return what computes an expression."""
        kind = None if node is None else self._kinds.get(node.type)
        self._nodes += 1
        if node is None or kind is None or self._nodes > _NODES or self._depth > _DEEPEST:
            raise Stop
        self.budget.spend(_COMPILED)
        self._depth += 1
        made = kind(node)
        self._depth -= 1
        return made

    def _inner(self, node: Node) -> Code:
        return self.code(node.named_children[0])

    def _literal(self, node: Node) -> Code:
        if node.type == "string" and any(child.type == "interpolation" for child in node.named_children):
            raise Stop
        return self._constant(node)

    def _constant(self, node: Node) -> Code:
        value = native(self.value(node), number=node.type == "integer")
        return lambda _env: value

    def _word(self, node: Node) -> Code:
        value = {"true": True, "false": False}.get(node.type)
        return lambda _env: value

    def name(self, node: Node) -> Code:
        """Return what looks a name up."""
        name = text(node)
        if name in self.own:
            return lambda env: _looked_up(env, name)
        value = self.value(node)
        if value.name.startswith("@") and value.name[1:].isdigit():
            return self._closure(self.scopes.scopes[int(value.name[1:])].node)
        known = library.FUNCTIONS.get(value.name)
        if known is not None:
            return lambda _env: known
        return self._constant(node)

    def _list(self, node: Node) -> Code:
        parts = [self.code(child) for child in node.named_children if child.type != "comment"]
        return lambda env: [part(env) for part in parts]

    def _table(self, node: Node) -> Code:
        parts = [
            (self.code(pair.child_by_field_name("key")), self.code(pair.child_by_field_name("value")))
            for pair in node.named_children
            if pair.type != "comment"
        ]
        return lambda env: {key(env): value(env) for key, value in parts}

    def operated(self, sign: str, left: Code, right: Code) -> Code:
        """Return what applies an operator."""
        function, spend = _OPERATORS.get(sign), self.budget.spend
        if function is None:
            raise Stop

        def made(env: Env) -> Thing:
            value = function(left(env), right(env))
            spend(sized(value))
            return whole(value) if isinstance(value, int) else value

        return made

    def _binary(self, node: Node) -> Code:
        left, right = (
            self.code(node.child_by_field_name("left")),
            self.code(node.child_by_field_name("right")),
        )
        return self.operated(text(node.child_by_field_name("operator")), left, right)

    def _compared(self, node: Node) -> Code:
        parts = node.named_children
        signs = [text(child) for child in node.children if child.id not in {part.id for part in parts}]
        codes = [self.code(part) for part in parts]
        steps = [
            self.operated(sign, left, right)
            for sign, left, right in zip(signs, codes, codes[1:], strict=False)
        ]
        return lambda env: all(step(env) for step in steps)

    def _either(self, node: Node) -> Code:
        left, right = (
            self.code(node.child_by_field_name("left")),
            self.code(node.child_by_field_name("right")),
        )
        if text(node.child_by_field_name("operator")) == "and":
            return lambda env: left(env) and right(env)
        return lambda env: left(env) or right(env)

    def _not(self, node: Node) -> Code:
        inner = self.code(node.child_by_field_name("argument"))
        return lambda env: not inner(env)

    def _minus(self, node: Node) -> Code:
        inner = self.code(node.child_by_field_name("argument"))
        sign = text(node.child_by_field_name("operator"))
        return lambda env: -inner(env) if sign == "-" else ~inner(env) if sign == "~" else inner(env)

    def _choice(self, node: Node) -> Code:
        yes, condition, no = map(self.code, node.named_children[:3])
        return lambda env: yes(env) if condition(env) else no(env)

    def _comprehension(self, node: Node) -> Code:
        puts: list[tuple[Callable[[Env, Thing], None] | None, Code]] = []
        for child in node.named_children[1:]:
            if child.type == "for_in_clause":
                source = self.code(child.child_by_field_name("right"))
                puts.append((statements.target(self, child.child_by_field_name("left")), source))
            elif child.type == "if_clause":
                puts.append((None, self.code(child.named_children[0])))
            else:
                raise Stop
        kind, inner = node.type, node.child_by_field_name("body")
        pair = inner is not None and inner.type == "pair"
        body = self._list(inner) if pair and inner is not None else self.code(inner)

        def run(env: Env, at: int, made: list[Thing]) -> None:
            if at == len(puts):
                made.append(body(env))
                return
            put, source = puts[at]
            if put is None:
                if source(env):
                    run(env, at + 1, made)
                return
            for item in list(source(env)):
                self.budget.spend()
                put(env, item)
                run(env, at + 1, made)

        def computed(env: Env) -> Thing:
            made: list[Thing] = []
            run({"": env}, 0, made)
            return dict(made) if kind == "dictionary_comprehension" else made

        return computed

    def _subscript(self, node: Node) -> Code:
        owner = self.code(node.child_by_field_name("value"))
        keys = node.children_by_field_name("subscript")
        if len(keys) != 1:
            raise Stop
        if keys[0].type == "slice":
            parts = statements.bounds(self, keys[0])

            def cut(env: Env) -> Thing:
                held = owner(env)
                self.budget.spend(sized(held))
                return held[slice(*(part(env) for part in parts))]

            return cut
        index = self.code(keys[0])

        def made(env: Env) -> Thing:
            self.budget.spend()
            return owner(env)[index(env)]

        return made

    def _call(self, node: Node) -> Code:
        function, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is None or given is None:
            raise Stop
        children = [given] if given.type == "generator_expression" else given.named_children
        if any(child.type in {"keyword_argument", "list_splat", "dictionary_splat"} for child in children):
            raise Stop
        parts = [self.code(child) for child in children if child.type != "comment"]
        if function.type == "attribute":
            known = self._known(function)
            if known is None:
                owner = self.code(function.child_by_field_name("object"))
                name = text(function.child_by_field_name("attribute"))
                return lambda env: library.method(
                    self.budget, owner(env), name, [part(env) for part in parts]
                )
            called: Code = lambda _env: known  # noqa: E731  (as `code` gives it)
        else:
            called = self.code(function)

        def made(env: Env) -> Thing:
            value = called(env)([part(env) for part in parts])
            self.budget.spend(sized(value))
            return value

        return made

    def _member(self, node: Node) -> Code:
        known = self._known(node)
        return self._constant(node) if known is None else lambda _env: known

    def _known(self, attribute: Node) -> Callable[[list[Thing]], Thing] | None:
        owner = attribute.child_by_field_name("object")
        outside = owner is not None and owner.type == "identifier" and text(owner) not in self.own
        return library.FUNCTIONS.get(self.value(attribute).name) if outside else None

    def _closure(self, node: Node) -> Code:
        made = self.function(node)
        return lambda env: lambda given: made(env, given)

    def function(self, node: Node) -> Callable[[Env, list[Thing]], Thing]:
        """Return what computes a function, with the names around it and what it is given."""
        if node.id in self._functions:
            return self._functions[node.id]
        if node.type not in {"function_definition", "lambda"}:
            raise Stop
        self._functions[node.id] = _unfinished
        parameters = statements.parameters(self, node)
        body = node.child_by_field_name("body")
        if node.type == "lambda":
            run = statements.returned(self.code(body))
        else:
            self.own |= statements.bound(body)
            run = statements.block(self, body)

        def called(env: Env, given: list[Thing]) -> Thing:
            self.budget.spend()
            self._calls += 1
            if self._calls > _CALLS:
                raise Stop
            inner: Env = {"": env}
            parameters(inner, given)
            value = run(inner)
            self._calls -= 1
            return value[0] if isinstance(value, tuple) else None

        self._functions[node.id] = called
        return called


def _unfinished(_env: Env, _given: list[Thing]) -> Thing:
    raise Stop


def _looked_up(env: Env, name: str) -> Thing:
    while name not in env:
        if "" not in env:
            raise Stop
        env = env[""]
    return env[name]


def text(node: Node | None) -> str:
    """Return the text of a node."""
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def native(value: Value, *, number: bool) -> Thing:
    """Return a constant as a value of the language."""
    if number:
        made = integer(value)
        if made is None:
            raise Stop
        return whole(made)
    if value.text is not None:
        return value.text
    if value.items:
        return [_item(item) for item in value.items]
    raise Stop


def _item(value: Value) -> Thing:
    """Return an item of a list that is written out, whose numbers are texts of digits."""
    numeric = value.literal and isinstance(value.text, str) and value.text.isdecimal()
    return native(value, number=numeric or (value.literal and str(value.text)[:2] == "0x"))


def told(thing: Thing) -> Value | None:
    """Return a value of the language as a constant; `None` where it is none."""
    if isinstance(thing, (str, bytes)):
        return Value(text=thing)
    if isinstance(thing, int) and not isinstance(thing, bool):
        return Value(text=str(thing))
    if isinstance(thing, dict):
        fields = [(key, told(value)) for key, value in thing.items() if isinstance(key, str)]
        return Value(fields=tuple((key, value) for key, value in fields if value is not None)[:FIELDS])
    if isinstance(thing, list):
        items = [told(item) for item in thing[:LARGEST]]
        return Value(items=tuple(item for item in items if item is not None)) if None not in items else None
    return None
