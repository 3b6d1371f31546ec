"""Texts that the file decodes itself: functions that take a constant, and loops that put a text together.

Only what looks like a decoder is computed, and only where plain folding knows no more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from fimci.capabilities.uses import Flow, Value
from fimci.readers.code.javascript_syntax import bindings, statements
from fimci.readers.code.javascript_syntax.compiling import Compiler
from fimci.readers.code.javascript_syntax.library import Thing
from fimci.readers.code.javascript_syntax.reading import FUNCTIONS, Reading, flows_of
from fimci.readers.code.javascript_syntax.things import native, told
from fimci.readers.code.pure import Stop

if TYPE_CHECKING:
    from tree_sitter import Node

#: A decoder is no longer than this, in bytes.
_SMALL = 4000
#: Without one of these nothing is decoded.
_MARKS = re.compile(
    rb"charCodeAt|codePointAt|fromCharCode|fromCodePoint|parseInt|atob|Buffer|decodeURI|unescape|reverse|indexOf"
    rb"|\.replace\(|\^|\bfind\b|splice|filter|Uint8Array|Number\(|reduce"
)
#: Places where something is put into a name.
_PLACES = 8
#: A payload that is told, and pieces of a text that would stand in the file if nothing was decoded.
_PAYLOAD, _PIECE, _LOOKED_AT, _ITEMS, _MOST = 16, 6, 1200, 200, 200
_DECODED: frozenset[Flow] = frozenset({"decoded"})
#: What values of another language do not fit.
_MISFITS = (
    Stop,
    TypeError,
    ValueError,
    LookupError,
    ArithmeticError,
    AttributeError,
    RecursionError,
    re.error,
)


def _line(reading: Reading, node: Node) -> int:
    """Return the line of what makes an expression or function look like a decoder; 0 where nothing does."""
    found = None if node.end_byte - node.start_byte > _SMALL else _MARKS.search(reading.bytes(node))
    return 0 if found is None else reading.source.line(node.start_byte + found.start())


def called(reading: Reading, function: Node, values: Sequence[Value]) -> Value | None:
    """Return what a function of the file makes of constants; `None` where that is not known."""
    line = _line(reading, function)
    if not line or any(_unknown(value) for value in values):
        return None

    def work(compiler: Compiler) -> Thing:
        made = compiler.function(function)
        return made({}, [native(value) for value in values])

    return _attempt(reading, work, frozenset(), line)


def computed(reading: Reading, node: Node, *, sure: bool = False) -> Value | None:
    """Return what an expression with functions in it makes; `None` where that is not known.

    `sure`: it makes something of a constant, also where it does not look like a decoder.
    """
    line = reading.source.line(node.start_byte) if sure else _line(reading, node)
    if not line:
        return None

    def work(compiler: Compiler) -> Thing:
        compiler.within.append((node.start_byte, node.end_byte))
        return compiler.code(node)({})

    return _attempt(reading, work, frozenset(), line)


def put_together(reading: Reading, name: bytes, scope: int, places: Sequence[int]) -> Value | None:
    """Return the text or list that a loop puts together in a name; `None` where there is no such loop."""
    begin = bindings.binding(reading, places[0])
    if begin is None or begin.kind != "value" or begin.keys:
        return None
    puts = [*places[1:_PLACES], *_pushed(reading, name, scope)]
    loops = {loop.id: loop for at in puts if (loop := _loop(reading.path(at))) is not None}
    loop = next(iter(loops.values())) if len(loops) == 1 else None
    line = 0 if loop is None else _line(reading, loop)
    if loop is None or not line:
        return None
    word, counted = name.decode(errors="replace"), _counted(reading, loop)
    own = counted | {word}
    around = loop

    def work(compiler: Compiler) -> Thing:
        compiler.within.append((around.start_byte, around.end_byte))
        env = {
            one: compiler.code(node)({}) for one in own if (node := _before(reading, one, around)) is not None
        }
        run = statements.statement(compiler, around)
        if run is None or word not in env:
            raise Stop
        run(env)
        return env[word]

    made = _attempt(reading, work, own, line)
    # A loop that puts nothing together went over what is put together elsewhere, by a callback.
    return None if made is not None and made.text == "" else made


def _pushed(reading: Reading, name: bytes, scope: int) -> list[int]:
    data, end = reading.source.data, len(name)
    return [at for at in reading.scopes.places(name, scope) if _INTO.match(data, at + end)][:_PLACES]


def _before(reading: Reading, word: str, loop: Node) -> Node | None:
    """Return what a name of a loop is before it."""
    found = reading.scopes.find(word.encode(), loop.start_byte)
    bound = None if found is None else bindings.binding(reading, found[1][0])
    if bound is None or bound.kind != "value" or loop.start_byte <= bound.node.start_byte < loop.end_byte:
        return None
    return bound.node


_INTO = re.compile(rb"\.(?:push|unshift)\(|\[[^\]\n]{1,80}\]\s*=(?!=)")
_LOOPS = frozenset(("for_statement", "for_in_statement", "while_statement", "do_statement"))
_ASSIGNED = re.compile(
    rb"([A-Za-z_$][\w$]*)\s*(?:\[[^\]]{0,80}\]\s*)?(?:[-+*/%^|&]|<<|>>)?=(?!=)|([A-Za-z_$][\w$]*)\s*(?:\+\+|--)|(?:\+\+|--)\s*([A-Za-z_$][\w$]*)|([A-Za-z_$][\w$]*)\.(?:push|shift|unshift|pop)\("
)


def _loop(path: list[Node]) -> Node | None:
    """Return the outermost loop around a place, within its function."""
    found: Node | None = None
    for node in reversed(path):
        if node.type in _LOOPS:
            found = node
        elif node.type in {"statement_block", "expression_statement"}:
            continue
        elif node.type in FUNCTIONS or (found is not None and node.type == "program"):
            break
    return found


def _counted(reading: Reading, loop: Node) -> frozenset[str]:
    """Return the names that a loop assigns to."""
    found = _ASSIGNED.finditer(reading.bytes(loop))
    return frozenset(
        next(group for group in one.groups() if group is not None).decode(errors="replace") for one in found
    )


def _unknown(value: Value) -> bool:
    return value.text is None and not value.items


def _attempt(
    reading: Reading, work: Callable[[Compiler], Thing], own: frozenset[str], line: int
) -> Value | None:
    reading.budget.begin()
    try:
        value = told(work(Compiler(reading, reading.budget, own)))
    except _MISFITS:
        return None
    if value is None or not (value.text or value.items):
        return None
    made = _hidden(reading, value)
    data = made.text.encode(errors="replace") if isinstance(made.text, str) else made.text
    if made.flows and data is not None and len(data) >= _PAYLOAD and len(reading.decoded) < _MOST:
        reading.decoded[line, "characters", data] = None
    return made


def _hidden(reading: Reading, value: Value) -> Value:
    """Return a computed text, with `decoded` where nothing of it stands in the file."""
    items = tuple(_hidden(reading, item) for item in value.items[:_ITEMS])
    data = value.text.encode(errors="replace") if isinstance(value.text, str) else value.text
    if data is None:
        return Value(items=items, flows=flows_of(items))
    last = min(max(0, len(data) - _PIECE), _LOOKED_AT)
    stands = any(data[at : at + _PIECE] in reading.source.data for at in range(0, last + 1, _PIECE))
    return value if stands else value._replace(flows=_DECODED)
