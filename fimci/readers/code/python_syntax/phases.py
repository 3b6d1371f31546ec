"""When code runs: while the file is loaded, or later when something is called.

Module level, class bodies, decorators and defaults run at `import`; so does a function whose name is used there in
a call, directly or through others of the file. What follows `if __name__ == "__main__"` runs at `call`, what
follows `if TYPE_CHECKING` never.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from tree_sitter import Node

from fimci.model import Phase
from fimci.readers.code.python_syntax.parsing import Descent
from fimci.readers.code.python_syntax.scopes import Scopes

_GUARD = re.compile(rb"^[ \t]*(?:el)?if\b[^\n]*(?:TYPE_CHECKING|__name__)", re.MULTILINE)
_AT_ONCE = frozenset(
    (b"__init__", b"__new__", b"__post_init__", b"__init_subclass__", b"__enter__", b"__call__")
)
_WORD = re.compile(rb"[A-Za-z_]\w*(?=\s*[(),])|(?<=@)[\w.]+")


class Phases:
    """Tells the phase of places in one file; each function is looked into once."""

    def __init__(self, data: bytes, root: Node, scopes: Scopes) -> None:
        """Find the guarded blocks."""
        self._data, self._scopes = data, scopes
        self._descent = Descent(root)
        self._running: set[int] | None = None
        self._never: list[tuple[int, int]] = []
        self._later: list[tuple[int, int]] = []
        for found in _GUARD.finditer(data):
            self._guard(found)

    def _guard(self, found: re.Match[bytes]) -> None:
        statement = next(
            (
                node
                for node in reversed(self._descent.to(found.end() - 1))
                if node.type in {"if_statement", "elif_clause"}
            ),
            None,
        )
        body = statement.child_by_field_name("consequence") if statement is not None else None
        condition = statement.child_by_field_name("condition") if statement is not None else None
        text = (condition.text or b"") if condition is not None else b""
        if body is None or b"not TYPE_CHECKING" in text:
            return
        if text.endswith(b"TYPE_CHECKING"):
            self._never.append((body.start_byte, body.end_byte))
        elif b"__main__" in text and b"==" in text:
            self._later.append((body.start_byte, body.end_byte))

    def never(self, position: int) -> bool:
        """Tell whether a place is only for type checkers."""
        return any(start <= position < end for start, end in self._never)

    def at(self, position: int) -> Phase:
        """Return the phase of a place."""
        if any(start <= position < end for start, end in self._later):
            return "call"
        scope = self._function(position)
        if not scope:
            return "import"
        if self._running is None:
            self._running = set()
            self._run()
        if self._scopes.scopes[scope].node.type == "lambda" and scope not in self._running:
            return "import" if self._lambda(self._scopes.scopes[scope].node) else "call"
        return "import" if scope in self._running else "call"

    def _function(self, position: int) -> int:
        """Return the innermost function around a place, 0 for none."""
        scope = self._scopes.at(position)
        while scope and self._scopes.scopes[scope].kind == "class":
            scope = self._scopes.scopes[scope].parent
        return scope

    def _run(self) -> None:
        """Find the functions that run at import: from what stands outside of functions, on to what those call."""
        named: dict[bytes, list[int]] = {}
        for number, scope in enumerate(self._scopes.scopes):
            if scope.kind == "function" and scope.name:
                name = scope.name.encode()
                named.setdefault(name, []).append(number)
                if name in _AT_ONCE and self._scopes.scopes[scope.parent].kind == "class":
                    named.setdefault(self._scopes.scopes[scope.parent].name.encode(), []).append(number)
        regions = list(self._outside(0, len(self._data)))
        while regions:
            start, end = regions.pop()
            for found in _WORD.finditer(self._data, start, end):
                numbers = [
                    number for number in named.get(found[0], ()) if number not in (self._running or ())
                ]
                if numbers and self._runs(found.start()) and not self._guarded(found.start()):
                    for number in numbers:
                        self._running = (self._running or set()) | {number}
                        scope = self._scopes.scopes[number]
                        regions.extend(self._outside(scope.start + 4, scope.end))

    def _guarded(self, position: int) -> bool:
        return any(start <= position < end for start, end in (*self._later, *self._never))

    def _outside(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the stretches of a function, or of the file, that do not lie in functions in it."""
        index = bisect_left(self._scopes.starts, start)
        while index < len(self._scopes.starts) and self._scopes.starts[index] < end:
            scope = self._scopes.scopes[index]
            if scope.kind == "function" and scope.start >= start:
                body = scope.node.child_by_field_name("body")
                yield start, body.start_byte if body is not None else scope.start
                start = scope.end
            index += 1
        yield start, end

    def _lambda(self, node: Node) -> bool:
        """Tell whether a lambda is called where it stands, or given to a call."""
        path = self._descent.to(node.start_byte)
        index = next((index for index, other in enumerate(path) if other.id == node.id), 0)
        around = path[index - 1].type if index else ""
        return (
            around in {"parenthesized_expression", "argument_list"}
            and self.at(path[0].start_byte if index < 1 else path[index - 1].start_byte - 1) == "import"
        )

    def _runs(self, position: int) -> bool:
        """Tell whether a name is called there, given to a call, or decorates something."""
        path = self._descent.to(position)
        if path[-1].type != "identifier":
            return False
        for index in range(len(path) - 2, 0, -1):
            around, inner = path[index], path[index + 1]
            if around.type == "attribute":
                continue
            if around.type == "call":
                return around.children[0].id == inner.id
            return around.type in {"argument_list", "decorator"} or (
                around.type == "keyword_argument" and inner.start_byte != around.start_byte
            )
        return False
