"""Shell scripts as statements: what tree-sitter-bash makes of a text, in the common form.

A node that is no statement of its own (a list, a branch, a test, an error) is looked through, so that a
command is found wherever it stands, and also where the grammar gave up on what is around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from fimci.capabilities.commands import escapes
from fimci.capabilities.commands.script import (
    Command,
    Group,
    Output,
    Part,
    Redirect,
    Stage,
    Statement,
    Text,
    Variable,
    Word,
)

if TYPE_CHECKING:
    from tree_sitter import Node

#: Nodes that are looked at, and substitutions and groups inside each other.
NODE_LIMIT = 400_000
DEPTH_LIMIT = 30
_EVIDENCE = 300

_EXPANSION = re.compile(
    r"\$\{(?P<prefix>[#!]?)(?P<name>[A-Za-z_]\w*|[0-9]+|[@*#?$!_-])(?:\[(?P<index>[^\]]*)\])?(?P<rest>.*)\}\Z",
    re.DOTALL,
)
_NEW_LINE = re.compile(rb"(?<!\\)\n")
_OPERATOR = re.compile(r":[-=+?]|[-=+?]|:|//?[#%]?|##?|%%?|\^\^?|,,?|@")
_GROUPS = {"subshell", "compound_statement"}
_SUBSTITUTIONS = {"command_substitution", "process_substitution"}
_DECLARES = {"declaration_command", "unset_command"}
_REDIRECTS = {"file_redirect", "heredoc_redirect", "herestring_redirect"}
_WORDS = {
    *("word", "string", "raw_string", "ansi_c_string", "concatenation", "number", "simple_expansion"),
    *(
        "expansion",
        "arithmetic_expansion",
        "brace_expression",
        "translated_string",
        "array",
        "extglob_pattern",
    ),
    *("regex", "heredoc_body", *_SUBSTITUTIONS),
}


class _Source(NamedTuple):
    """A text while it is read: its bytes, and what may still be looked at (a list of one number)."""

    data: bytes
    budget: list[int]

    def text(self, start: int, end: int) -> str:
        return self.data[start:end].decode("utf-8", "replace")


def parse(text: str) -> tuple[tuple[Statement, ...], bool]:
    """Return the statements of a script, and whether it was read in full."""
    import tree_sitter  # noqa: PLC0415  (a grammar of 2 MB, where there are commands)
    import tree_sitter_bash  # noqa: PLC0415  (the same)

    data = text.encode("utf-8", "replace")
    tree = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language())).parse(data)
    source = _Source(data, [NODE_LIMIT])
    found = tuple(_statements(source, tree.root_node, 0))
    return found, source.budget[0] > 0


def _statements(source: _Source, top: Node, depth: int) -> Iterator[Statement]:
    """Yield the statements below a node, in the order of the text."""
    if depth > DEPTH_LIMIT:
        source.budget[0] = 0
        return
    waiting: list[Node | Statement] = list(reversed(top.children))
    while waiting and source.budget[0] > 0:
        node = waiting.pop()
        source.budget[0] -= 1
        if isinstance(node, Statement):
            yield node
            continue
        kind = node.type
        if kind in {
            "command",
            "redirected_statement",
            "pipeline",
            "function_definition",
            *_GROUPS,
            *_DECLARES,
        }:
            stages, after = _stages(source, node, depth)
            yield Statement(stages)
            waiting.extend(reversed(after))
        elif kind in {"variable_assignment", "variable_assignments"}:
            yield Statement((_assignment(source, node, depth),))
        elif kind in _SUBSTITUTIONS:
            yield from _statements(source, node, depth + 1)
        else:
            if kind == "for_statement":
                yield Statement((_loop_variable(source, node, depth),))
            if node.child_count:
                waiting.extend(reversed(node.children))


def _stages(source: _Source, node: Node, depth: int) -> tuple[tuple[Stage, ...], list[Node | Statement]]:
    """Return what is joined by pipes at a node, and statements that stand inside it but come after it."""
    if node.type == "pipeline":
        stages: list[Stage] = []
        after: list[Node | Statement] = []
        for child in node.children:
            if child.is_named:
                inner, more = _stages(source, child, depth)
                stages.extend(inner)
                after.extend(more)
        return tuple(stages), after
    if node.type == "redirected_statement":
        return _redirected(source, node, depth)
    if node.type == "command":
        first, *others = _commands(source, node, depth)
        return (first,), [Statement((one,)) for one in others]
    if node.type in _DECLARES or node.type.startswith("variable_assignment"):
        return (_assignment(source, node, depth),), []
    name = ""
    if node.type == "function_definition":
        named = node.child_by_field_name("name")
        name = source.text(named.start_byte, named.end_byte) if named else ""
    return (Group(tuple(_statements(source, node, depth + 1)), function=name),), []


def _redirected(source: _Source, node: Node, depth: int) -> tuple[tuple[Stage, ...], list[Node | Statement]]:
    bodies = [child for child in node.children if child.type not in _REDIRECTS]
    redirects: list[Redirect] = []
    piped: list[Stage] = []
    after: list[Node | Statement] = []
    for child in node.children:
        if child.type in _REDIRECTS:
            _redirect(source, child, depth, redirects)
        if child.type == "heredoc_redirect":
            for inner in child.children:
                if inner.type == "pipeline":
                    piped.extend(_stages(source, inner, depth)[0])
                elif inner.type in {"command", "redirected_statement", "list"}:
                    after.append(inner)
    stages, more = _stages(source, bodies[0], depth) if bodies else ((Command(node.start_point.row, ""),), [])
    last = stages[-1] if stages else Group(())
    last = last._replace(redirects=(*last.redirects, *redirects))
    return (*stages[:-1], last, *piped), [*more, *bodies[1:], *after]


def _redirect(source: _Source, node: Node, depth: int, found: list[Redirect]) -> None:
    """Collect the redirects at a node; a here-document carries those that stand behind it."""
    if node.type == "herestring_redirect":
        found.extend(
            Redirect("text", _word(source, child, depth)) for child in node.children if child.is_named
        )
        return
    marks = [child.type for child in node.children if not child.is_named]
    for child in node.children:
        if child.type == "heredoc_body":
            found.append(Redirect("text", _word(source, child, depth)))
        elif child.type in _REDIRECTS:
            _redirect(source, child, depth, found)
        elif node.type == "file_redirect" and child.type in _WORDS:
            kind = "in" if marks and marks[0].startswith("<") else "out"
            found.append(Redirect("in" if kind == "in" else "out", _word(source, child, depth)))


def _commands(source: _Source, node: Node, depth: int) -> list[Command]:
    """Return the command at a node. The grammar at times takes the next line for arguments: cut there."""
    children = node.children
    cuts = [
        at
        for at in range(1, len(children))
        if _NEW_LINE.search(source.data, children[at - 1].end_byte, children[at].start_byte)
    ]
    return [
        _command(source, children[start:end], depth)
        for start, end in zip([0, *cuts], [*cuts, len(children)], strict=True)
    ]


def _command(source: _Source, children: list[Node], depth: int) -> Command:
    words: list[Word] = []
    assigned: list[tuple[str, Word]] = []
    redirects: list[Redirect] = []
    for child in children:
        if child.type == "variable_assignment":
            assigned.extend(_assigned(source, child, depth))
        elif child.type in _REDIRECTS:
            _redirect(source, child, depth, redirects)
        elif child.type in _WORDS or child.type == "command_name":
            words.append(_word(source, child, depth))
    if not children:
        return Command(0, "")
    start, end = children[0].start_byte, children[-1].end_byte
    text = source.text(start, min(end, start + _EVIDENCE))
    return Command(children[0].start_point.row, text, tuple(words), tuple(assigned), tuple(redirects))


def _evidence(source: _Source, node: Node) -> str:
    return source.text(node.start_byte, min(node.end_byte, node.start_byte + _EVIDENCE))


def _assignment(source: _Source, node: Node, depth: int) -> Command:
    """Return a command that only sets variables; `declare` and its like keep their words."""
    inner = [child for child in node.children if child.type == "variable_assignment"]
    found = [pair for child in inner or [node] for pair in _assigned(source, child, depth)]
    words: tuple[Word, ...] = ()
    if node.type in _DECLARES:
        words = tuple(
            _word(source, child, depth) for child in node.children if child.type != "variable_assignment"
        )
    return Command(node.start_point.row, _evidence(source, node), words, tuple(found))


def _assigned(source: _Source, node: Node, depth: int) -> Iterator[tuple[str, Word]]:
    name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    if name is None:
        return
    label = source.text(name.start_byte, name.end_byte).partition("[")[0]
    word = _word(source, value, depth) if value is not None else ()
    if any(child.type == "+=" for child in node.children):
        word = (Variable(label, quoted=True), *word)
    yield label, word


def _loop_variable(source: _Source, node: Node, depth: int) -> Command:
    name = node.child_by_field_name("variable")
    label = source.text(name.start_byte, name.end_byte) if name is not None else ""
    words = [_word(source, child, depth) for child in node.children if child.type in _WORDS]
    joined = tuple(part for word in words for part in (*word, Text(" ", quoted=True)))
    return Command(node.start_point.row, _evidence(source, node), (), ((label, joined[:-1]),))


def _word(source: _Source, node: Node, depth: int) -> Word:
    """Return the parts of a word. What is deeper than anybody writes counts as unknown."""
    source.budget[0] -= 1
    kind, text = node.type, source.text(node.start_byte, node.end_byte)
    if depth > DEPTH_LIMIT:
        source.budget[0] = 0
        return (Variable("?"),)
    if kind == "raw_string":
        return (Text(text[1:-1], quoted=True),)
    if kind == "ansi_c_string":
        return (Text(escapes.ansi_c(text[2:-1]), quoted=True),)
    if kind in {"string", "translated_string", "heredoc_body"}:
        return _quoted(source, node, depth)
    if kind in {"concatenation", "command_name", "brace_expression"}:
        return tuple(part for child in node.children for part in _word(source, child, depth + 1))
    if kind == "array":
        parts = [_word(source, child, depth + 1) for child in node.children if child.is_named]
        return tuple(part for word in parts for part in (*word, Text(" ", quoted=True)))[:-1]
    return _expanded(source, node, text, depth)


def _expanded(source: _Source, node: Node, text: str, depth: int) -> Word:
    kind = node.type
    if kind in _SUBSTITUTIONS:
        return (Output(tuple(_statements(source, node, depth + 1)), file=kind == "process_substitution"),)
    if kind == "simple_expansion":
        return (Variable(text[1:]),)
    if kind == "expansion":
        return tuple(_expansion(source, node, text, depth))
    if kind == "arithmetic_expansion":
        return (Variable("?"),)
    return (Text(escapes.word(text)),)


def _quoted(source: _Source, node: Node, depth: int) -> Word:
    """Return the parts between quotes. Blanks beside an expansion are in no node of their own."""
    start, end = node.start_byte, node.end_byte
    if node.type != "heredoc_body":
        start += 2 if source.data[start : start + 1] == b"$" else 1
        end = max(start, end - 1)
    parts: list[Part] = []
    for child in node.children:
        if child.type in {"simple_expansion", "expansion", "command_substitution", "arithmetic_expansion"}:
            if child.start_byte > start:
                parts.append(Text(escapes.quoted(source.text(start, child.start_byte)), quoted=True))
            parts.extend(
                part._replace(quoted=True) if isinstance(part, Variable) else part
                for part in _word(source, child, depth + 1)
            )
            start = child.end_byte
    if end > start or not parts:
        parts.append(Text(escapes.quoted(source.text(start, end)), quoted=True))
    return tuple(parts)


def _expansion(source: _Source, node: Node, text: str, depth: int) -> Iterator[Part]:
    found = _EXPANSION.match(text)
    if found is None:
        yield Variable("?")
    else:
        rest = found["rest"]
        operator = _OPERATOR.match(rest)
        sign = operator[0] if operator else found["prefix"]
        operands = tuple(rest[len(sign) :].split(":" if sign == ":" else "/")) if operator else ()
        if found["index"] is not None and not operator:
            sign, operands = "[", (found["index"],)
        yield Variable(found["name"], sign, operands)
    for child in node.children:
        if child.type in _SUBSTITUTIONS or child.type == "string":
            yield from (part for part in _word(source, child, depth + 1) if isinstance(part, Output))
