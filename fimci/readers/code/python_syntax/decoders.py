"""Texts that the file decodes itself: functions that take a constant, and loops that put a text together.

Only what looks like a decoder is computed, and only where plain folding knows no more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from tree_sitter import Node

from fimci.capabilities.uses import Flow, Value
from fimci.readers.code.pure import Budget, Stop
from fimci.readers.code.python_syntax import statements
from fimci.readers.code.python_syntax.compiling import Compiler, native, told
from fimci.readers.code.python_syntax.library import Thing
from fimci.readers.code.python_syntax.parsing import Descent
from fimci.readers.code.python_syntax.scopes import Binding, Scopes

#: A decoder is no longer than this, in bytes.
_SMALL = 3000
#: Without one of these nothing is decoded.
_MARKS = re.compile(
    rb"\bchr\b|\bord\b|\^|fromhex|\bint\(|unhexlify|b\d\ddecode|translate|\[::-1\]|reversed|\bbytes\b|\breduce\b"
)
#: By how many bits bytes that are read for a piece are fewer than turns of a loop.
_SOUGHT_AT_ONCE = 6
_PAYLOAD, _PIECE, _LOOKED_AT, _MOST = 16, 6, 1200, 200
_DECODED: frozenset[Flow] = frozenset({"decoded"})
#: What values of another language do not fit.
_MISFITS = (Stop, TypeError, ValueError, LookupError, ArithmeticError, AttributeError, RecursionError)


class Decoders:
    """Computes the decoders of one file; `value` evaluates what stands outside of them."""

    def __init__(self, scopes: Scopes, value: Callable[[Node], Value]) -> None:
        """Begin with the whole budget."""
        self._scopes, self._value, self._budget = scopes, value, Budget()
        self.decoded: list[tuple[int, str, bytes]] = []
        self._descent = Descent(scopes.scopes[0].node, scopes.work)

    def called(self, function: Node, values: Sequence[Value]) -> Value | None:
        """Return what a function of the file makes of constants; `None` where that is not known."""
        line = _line(function)
        if not line or any(value.text is None and not value.items for value in values):
            return None

        def work(compiler: Compiler) -> Thing:
            made = compiler.function(function)
            return made({}, [native(value, number=_numeric(value)) for value in values])

        return self._attempt(work, frozenset(), line)

    def computed(self, node: Node) -> Value | None:
        """Return what an expression with a loop in it makes; `None` where that is not known."""
        line = _line(node)
        return self._attempt(lambda compiler: compiler.code(node)({}), frozenset(), line) if line else None

    def constant(self, node: Node) -> Value | None:
        """Return what an expression makes of constants, whatever it looks like."""
        if node.end_byte - node.start_byte > _SMALL:
            return None
        line = node.start_point.row + 1
        return self._attempt(lambda compiler: compiler.code(node)({}), frozenset(), line)

    def put_together(self, name: str, bindings: Sequence[Binding]) -> Value | None:
        """Return the text or list that a loop puts together in a name."""
        first, *rest = bindings
        if first.kind != "value" or first.place >= 0 or not rest:
            return None
        loops = {
            loop.id: loop
            for one in rest[:_MOST]
            if (loop := _loop(self._descent.to(one.value.start_byte))) is not None
        }
        loop = next(iter(loops.values())) if len(loops) == 1 else None
        line = _line(loop) if loop is not None else 0
        if loop is None or not line:
            return None
        around = loop
        scope = self._scopes.at(around.start_byte)
        own = statements.bound(around) | {name}

        def work(compiler: Compiler) -> Thing:
            env = {}
            for word in own:
                known = (
                    self._scopes.bindings.get((scope, word)) or self._scopes.bindings.get((0, word), [])
                )[:1]
                if known and known[0].kind == "value" and known[0].position < around.start_byte:
                    env[word] = compiler.code(known[0].value)({})
            run = statements.statement(compiler, around)
            if run is None:
                raise Stop
            run(env)
            return env[name]

        return self._attempt(work, frozenset(own), line)

    def _attempt(self, work: Callable[[Compiler], Thing], own: frozenset[str], line: int) -> Value | None:
        self._budget.begin()
        try:
            value = told(work(Compiler(self._scopes, self._value, self._budget, own)))
        except _MISFITS:
            return None
        if value is None or not (value.text or value.items or value.fields):
            return None
        data = value.text.encode("utf-8", "replace") if isinstance(value.text, str) else value.text
        if data is None or self._stands(data):
            return value
        if len(data) >= _PAYLOAD and len(self.decoded) < _MOST:
            self.decoded.append((line, "characters", data))
        return value._replace(flows=_DECODED)

    def _stands(self, data: bytes) -> bool:
        """Tell whether pieces of a text stand in the file."""
        last = min(max(0, len(data) - _PIECE), _LOOKED_AT)
        whole, work = self._scopes.words.data, self._scopes.work
        for at in range(0, last + 1, _PIECE):
            found = whole.find(data[at : at + _PIECE])
            work.spend((len(whole) if found < 0 else found) >> _SOUGHT_AT_ONCE)
            if found >= 0:
                return True
        return False


def _numeric(value: Value) -> bool:
    return value.literal and isinstance(value.text, str) and value.text.isdecimal()


def _line(node: Node) -> int:
    """Return the line of what makes an expression or function look like a decoder; 0 where nothing does."""
    if node.end_byte - node.start_byte > _SMALL:
        return 0
    data = node.text or b""
    found = _MARKS.search(data)
    return 0 if found is None else node.start_point.row + 1 + data.count(b"\n", 0, found.start())


def _loop(path: Sequence[Node]) -> Node | None:
    """Return the outermost loop around a place, within its function."""
    found: Node | None = None
    for node in reversed(path):
        if node.type in {"for_statement", "while_statement"}:
            found = node
        elif node.type in {"function_definition", "class_definition", "lambda"}:
            break
    return found
