"""Statements of pure functions, for `compiling`: assignments, conditions, loops.

What a statement leaves is `None` to go on, a tuple of one value for `return`, or one of two words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

from tree_sitter import Node

from fimci.readers.code.pure import Budget, Stop

Thing: TypeAlias = Any
Env: TypeAlias = dict[str, Thing]
Code: TypeAlias = Callable[[Env], Thing]
_BREAK, _NEXT = "break", "continue"
_IGNORED = frozenset(("comment", "pass_statement"))
_BOUND = re.compile(
    rb"(?m)^\s*(?:for\s+)?([A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)\s*(?:[-+*/%^|&]|//|<<|>>)?(?:=(?!=)|\s+in\b)"
)


class Compiler(Protocol):
    """What compiles the expressions in statements (`compiling.Compiler`)."""

    budget: Budget
    own: set[str]

    def code(self, node: Node | None) -> Code:
        """Return what computes an expression."""

    def operated(self, sign: str, left: Code, right: Code) -> Code:
        """Return what applies an operator."""


def bound(body: Node | None) -> set[str]:
    """Return the names that statements give a value to."""
    data = body.text if body is not None else None
    return {
        word.strip().decode("utf-8", "replace")
        for found in _BOUND.finditer(data or b"")
        for word in found[1].split(b",")
    }


def parameters(compiler: Compiler, function: Node) -> Callable[[Env, list[Thing]], None]:
    """Return what gives arguments to the parameters of a function."""
    listed = function.child_by_field_name("parameters")
    parts: list[tuple[Callable[[Env, Thing], None], Code | None]] = []
    for node in listed.named_children if listed is not None else ():
        name = node.child_by_field_name("name") or (
            node.named_children[0] if node.type == "typed_parameter" else node
        )
        default = node.child_by_field_name("value")
        parts.append((target(compiler, name), None if default is None else compiler.code(default)))

    def give(env: Env, given: list[Thing]) -> None:
        if len(given) > len(parts):
            raise Stop
        for at, (put, default) in enumerate(parts):
            if at >= len(given) and default is None:
                raise Stop
            env_value = given[at] if at < len(given) else default(env) if default is not None else None
            put(env, env_value)

    return give


def target(compiler: Compiler, node: Node | None) -> Callable[[Env, Thing], None]:
    """Return what puts a value into a name, an item, or the names of a pattern."""
    if node is None:
        raise Stop
    if node.type == "identifier":
        name = (node.text or b"").decode("utf-8", "replace")
        compiler.own.add(name)
        return lambda env, value: env.__setitem__(name, value)
    if node.type in {"pattern_list", "tuple_pattern"}:
        parts = [target(compiler, child) for child in node.named_children]

        def spread(env: Env, value: Thing) -> None:
            for part, item in zip(parts, value, strict=True):
                part(env, item)

        return spread
    if node.type == "subscript":
        owner, index = (
            compiler.code(node.child_by_field_name("value")),
            compiler.code(node.named_children[-1]),
        )

        def put(env: Env, value: Thing) -> None:
            held = owner(env)
            if not isinstance(held, (list, dict)):
                raise Stop
            held[index(env)] = value

        return put
    raise Stop


def bounds(compiler: Compiler, node: Node) -> list[Code]:
    """Return what computes the three bounds of a slice."""
    parts: list[Code] = [_nothing, _nothing, _nothing]
    place = 0
    for child in node.children:
        if child.type == ":":
            place += 1
        else:
            parts[place] = compiler.code(child)
    return parts


def _nothing(_env: Env) -> Thing:
    return None


def returned(code: Code) -> Code:
    """Return what leaves the value of an expression."""
    return lambda env: (code(env),)


def block(compiler: Compiler, node: Node | None) -> Code:
    """Return what runs statements one after the other."""
    children = node.named_children if node is not None else []
    runs = [run for child in children if (run := statement(compiler, child)) is not None]

    def run_all(env: Env) -> Thing:
        for run in runs:
            left = run(env)
            if left is not None:
                return left
        return None

    return run_all


def statement(compiler: Compiler, node: Node) -> Code | None:
    """Return what runs a statement; `None` where there is nothing to do."""
    if node.type in _IGNORED:
        return None
    made = _KINDS.get(node.type)
    if made is None:
        raise Stop
    return made(compiler, node)


def _expression(compiler: Compiler, node: Node) -> Code | None:
    inner = node.named_children[0]
    if inner.type == "string":  # what the function is for
        return None
    if inner.type == "assignment":
        return _assignment(compiler, inner)
    if inner.type == "augmented_assignment":
        return _augmented(compiler, inner)
    code = compiler.code(inner)

    def run(env: Env) -> None:
        code(env)

    return run


def _assignment(compiler: Compiler, node: Node) -> Code:
    right = compiler.code(node.child_by_field_name("right"))
    put = target(compiler, node.child_by_field_name("left"))

    def run(env: Env) -> None:
        compiler.budget.spend()
        put(env, right(env))

    return run


def _augmented(compiler: Compiler, node: Node) -> Code:
    left, sign = node.child_by_field_name("left"), node.child_by_field_name("operator")
    put = target(compiler, left)
    word = (sign.text or b"").decode()[:-1] if sign is not None else ""
    code = compiler.operated(word, compiler.code(left), compiler.code(node.child_by_field_name("right")))

    def run(env: Env) -> None:
        put(env, code(env))

    return run


def _return(compiler: Compiler, node: Node) -> Code:
    return returned(compiler.code(node.named_children[0]) if node.named_child_count else _nothing)


def _if(compiler: Compiler, node: Node) -> Code:
    ways: list[tuple[Code, Code]] = [
        (
            compiler.code(node.child_by_field_name("condition")),
            block(compiler, node.child_by_field_name("consequence")),
        )
    ]
    for other in node.children_by_field_name("alternative"):
        if other.type == "else_clause":
            ways.append((lambda _env: True, block(compiler, other.child_by_field_name("body"))))
        else:
            ways.append(
                (
                    compiler.code(other.child_by_field_name("condition")),
                    block(compiler, other.child_by_field_name("consequence")),
                )
            )

    def run(env: Env) -> Thing:
        for condition, way in ways:
            if condition(env):
                return way(env)
        return None

    return run


def _for(compiler: Compiler, node: Node) -> Code:
    source = compiler.code(node.child_by_field_name("right"))
    put = target(compiler, node.child_by_field_name("left"))
    body = block(compiler, node.child_by_field_name("body"))

    def run(env: Env) -> Thing:
        for item in list(source(env)):
            compiler.budget.spend()
            put(env, item)
            left = body(env)
            if left is not None and left != _NEXT:
                return None if left == _BREAK else left
        return None

    return run


def _while(compiler: Compiler, node: Node) -> Code:
    condition = compiler.code(node.child_by_field_name("condition"))
    body = block(compiler, node.child_by_field_name("body"))

    def run(env: Env) -> Thing:
        while condition(env):
            compiler.budget.spend()
            left = body(env)
            if left is not None and left != _NEXT:
                return None if left == _BREAK else left
        return None

    return run


def _word(word: str) -> Callable[[Compiler, Node], Code]:
    return lambda _compiler, _node: lambda _env: word


_KINDS: dict[str, Callable[[Compiler, Node], Code | None]] = {
    "expression_statement": _expression,
    "return_statement": _return,
    "if_statement": _if,
    "for_statement": _for,
    "while_statement": _while,
    "break_statement": _word(_BREAK),
    "continue_statement": _word(_NEXT),
}
