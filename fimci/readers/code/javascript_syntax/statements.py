"""Statements of pure functions, for `compiling`: declarations, conditions, loops.

What a statement leaves is `None` to go on, a tuple of one value for `return`, or one of two words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol, TypeAlias

from fimci.readers.code.javascript_syntax.library import Code, Env, Thing, truth
from fimci.readers.code.javascript_syntax.reading import Reading, first_of
from fimci.readers.code.javascript_syntax.things import put_item, put_name
from fimci.readers.code.pure import Budget, Stop

if TYPE_CHECKING:
    from tree_sitter import Node


class Compiler(Protocol):
    """What compiles the expressions in statements (`compiling.Compiler`)."""

    reading: Reading
    budget: Budget
    nodes: int

    def code(self, node: Node | None) -> Code:
        """Return what computes an expression."""

    def name(self, node: Node) -> Code:
        """Return what looks a name up."""

    def owned(self, name: str, node: Node) -> bool:
        """Tell whether a name belongs to what is computed."""

    def function(self, node: Node) -> Callable[[Env, list[Thing]], Thing]:
        """Return what computes a function."""


Run: TypeAlias = Callable[[Env], Thing]
_BREAK, _NEXT = "break", "continue"
_IGNORED = frozenset(("comment", "empty_statement", "debugger_statement"))


def parameters(compiler: Compiler, function: Node) -> Callable[[Env, list[Thing]], None]:
    """Return what gives arguments to the parameters of a function."""
    single = function.child_by_field_name("parameter")
    listed = function.child_by_field_name("parameters")
    nodes = [single] if single is not None else [] if listed is None else list(listed.named_children)
    parts: list[tuple[bool, Callable[[Env, Thing], None], Code | None]] = []
    for node in nodes:
        if node.type in {"required_parameter", "optional_parameter"}:
            inner = node.child_by_field_name("pattern")
            default = node.child_by_field_name("value")
        elif node.type == "assignment_pattern":
            inner, default = node.child_by_field_name("left"), node.child_by_field_name("right")
        else:
            inner, default = node, None
        rest = inner is not None and inner.type == "rest_pattern"
        inner = first_of(inner) if inner is not None and rest else inner
        parts.append((rest, _declared(compiler, inner), None if default is None else compiler.code(default)))

    def give(env: Env, given: list[Thing]) -> None:
        for at, (rest, put, default) in enumerate(parts):
            value = list(given[at:]) if rest else given[at] if at < len(given) else None
            put(env, default(env) if value is None and default is not None else value)

    return give


def _declared(compiler: Compiler, node: Node | None) -> Callable[[Env, Thing], None]:
    """Return what gives a value to a name, in the innermost function."""
    if node is not None and node.type == "identifier":
        name = compiler.reading.text(node)
        return lambda env, value: env.__setitem__(name, value)
    if node is not None and node.type == "array_pattern":
        parts = [_declared(compiler, child) for child in node.named_children]

        def spread(env: Env, value: Thing) -> None:
            for at, part in enumerate(parts):
                part(env, value[at] if at < len(value) else None)

        return spread
    raise Stop


def target(compiler: Compiler, node: Node | None) -> Callable[[Env, Thing], None]:
    """Return what puts a value into a name, a member, or the names of a pattern."""
    if node is None:
        raise Stop
    if node.type in {"identifier", "shorthand_property_identifier_pattern"}:
        name = compiler.reading.text(node)
        if not compiler.owned(name, node):
            raise Stop
        return lambda env, value: put_name(env, name, value)
    if node.type == "subscript_expression":
        owner = compiler.code(node.child_by_field_name("object"))
        index = compiler.code(node.child_by_field_name("index"))
        return lambda env, value: put_item(owner(env), index(env), value)
    if node.type == "array_pattern":
        parts = [target(compiler, child) for child in node.named_children]

        def spread(env: Env, value: Thing) -> None:
            for at, part in enumerate(parts):
                part(env, value[at] if at < len(value) else None)

        return spread
    raise Stop


def entries(compiler: Compiler, node: Node) -> Iterator[tuple[str, Code]]:
    """Yield the keys of an object that is written out, and what computes the values."""
    for child in node.named_children:
        key = child.child_by_field_name("key")
        if child.type == "shorthand_property_identifier":
            yield compiler.reading.text(child), compiler.name(child)
        elif child.type == "pair" and key is not None and key.type != "computed_property_name":
            yield compiler.reading.text(key).strip("\"'"), compiler.code(child.child_by_field_name("value"))
        elif child.type != "comment":
            raise Stop


def returned(code: Code) -> Run:
    """Return what leaves the value of an expression."""
    return lambda env: (code(env),)


def block(compiler: Compiler, node: Node) -> Run:
    """Return what runs statements one after the other."""
    runs = [run for child in node.named_children if (run := statement(compiler, child)) is not None]

    def run_all(env: Env) -> Thing:
        for run in runs:
            left = run(env)
            if left is not None:
                return left
        return None

    return run_all


def statement(compiler: Compiler, node: Node | None) -> Run | None:
    """Return what runs a statement; `None` where there is nothing to do."""
    if node is None or node.type in _IGNORED:
        return None
    made = _KINDS.get(node.type)
    compiler.nodes += 1
    if made is None:
        raise Stop
    return made(compiler, node)


def _expression(compiler: Compiler, node: Node) -> Run | None:
    inner = first_of(node)
    if inner is not None and inner.type == "string":  # "use strict"
        return None
    code = compiler.code(inner)

    def run(env: Env) -> None:
        code(env)

    return run


def _declaration(compiler: Compiler, node: Node) -> Run:
    parts: list[tuple[Callable[[Env, Thing], None], Code | None]] = []
    for child in node.named_children:
        if child.type == "variable_declarator":
            value = child.child_by_field_name("value")
            put = _declared(compiler, child.child_by_field_name("name"))
            parts.append((put, None if value is None else compiler.code(value)))

    def run(env: Env) -> None:
        for put, code in parts:
            put(env, None if code is None else code(env))

    return run


def _function(compiler: Compiler, node: Node) -> Run:
    name = compiler.reading.text(node.child_by_field_name("name"))
    made = compiler.function(node)

    def run(env: Env) -> None:
        env[name] = lambda given: made(env, given)

    return run


def _return(compiler: Compiler, node: Node) -> Run:
    inner = first_of(node)
    return (lambda _env: (None,)) if inner is None else returned(compiler.code(inner))


def _if(compiler: Compiler, node: Node) -> Run:
    condition = compiler.code(node.child_by_field_name("condition"))
    yes = statement(compiler, node.child_by_field_name("consequence"))
    otherwise = node.child_by_field_name("alternative")
    no = None if otherwise is None else statement(compiler, first_of(otherwise))

    def run(env: Env) -> Thing:
        taken = yes if truth(condition(env)) else no
        return None if taken is None else taken(env)

    return run


def _looped(compiler: Compiler, body: Run | None, env: Env) -> Thing:
    """Run the body of a loop once; return what it leaves, `None` to go on."""
    compiler.budget.spend()
    left = None if body is None else body(env)
    return None if left == _NEXT else left


def _for(compiler: Compiler, node: Node) -> Run:
    begin = node.child_by_field_name("initializer")
    condition, increment = node.child_by_field_name("condition"), node.child_by_field_name("increment")
    start = _started(compiler, begin)
    test = (
        None if condition is None or condition.type == "empty_statement" else _condition(compiler, condition)
    )
    step = None if increment is None else compiler.code(increment)
    body = statement(compiler, node.child_by_field_name("body"))

    def run(env: Env) -> Thing:
        if start is not None:
            start(env)
        while test is None or truth(test(env)):
            left = _looped(compiler, body, env)
            if left is not None:
                return None if left == _BREAK else left
            if step is not None:
                step(env)
        return None

    return run


def _condition(compiler: Compiler, node: Node) -> Code:
    return compiler.code(first_of(node) if node.type == "expression_statement" else node)


def _started(compiler: Compiler, node: Node | None) -> Run | None:
    if node is None or node.type == "empty_statement":
        return None
    if node.type.endswith("declaration"):
        return _declaration(compiler, node)
    return compiler.code(first_of(node) if node.type == "expression_statement" else node)


def _for_in(compiler: Compiler, node: Node) -> Run:
    left = node.child_by_field_name("left")
    declares = node.child_by_field_name("kind") is not None
    put = _declared(compiler, left) if declares else target(compiler, left)
    source = compiler.code(node.child_by_field_name("right"))
    keys = compiler.reading.text(node.child_by_field_name("operator")) == "in"
    body = statement(compiler, node.child_by_field_name("body"))

    def run(env: Env) -> Thing:
        things = source(env)
        things = (
            list(things) if not keys or isinstance(things, dict) else [str(at) for at in range(len(things))]
        )
        compiler.budget.spend(len(things))
        for thing in things:
            put(env, thing)
            left = _looped(compiler, body, env)
            if left is not None:
                return None if left == _BREAK else left
        return None

    return run


def _while(compiler: Compiler, node: Node) -> Run:
    test = compiler.code(node.child_by_field_name("condition"))
    body = statement(compiler, node.child_by_field_name("body"))
    first = node.type == "do_statement"

    def run(env: Env) -> Thing:
        once = first
        while once or truth(test(env)):
            once = False
            left = _looped(compiler, body, env)
            if left is not None:
                return None if left == _BREAK else left
        return None

    return run


def _word(word: str) -> Callable[[Compiler, Node], Run]:
    def made(_compiler: Compiler, node: Node) -> Run:
        if node.named_child_count:  # to a label
            raise Stop
        return lambda _env: word

    return made


def _try(compiler: Compiler, node: Node) -> Run:
    return block(compiler, node.child_by_field_name("body") or node)


_KINDS: dict[str, Callable[[Compiler, Node], Run | None]] = {
    "expression_statement": _expression,
    "lexical_declaration": _declaration,
    "variable_declaration": _declaration,
    "function_declaration": _function,
    "return_statement": _return,
    "if_statement": _if,
    "for_statement": _for,
    "for_in_statement": _for_in,
    "while_statement": _while,
    "do_statement": _while,
    "statement_block": block,
    "break_statement": _word(_BREAK),
    "continue_statement": _word(_NEXT),
    "try_statement": _try,
}
