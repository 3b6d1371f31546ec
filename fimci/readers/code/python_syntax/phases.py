"""When code runs: while the file is loaded, or later when something is called.

Module level, class bodies, decorators and defaults run at `import`; so does a function whose name is used there in
a call, directly or through others of the file. What follows `if __name__ == "__main__"` runs at `call`, what
follows `if TYPE_CHECKING` never.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from fimci.model import Phase
from fimci.readers.code.python_syntax.parsing import Descent
from fimci.readers.code.python_syntax.scopes import Scopes

_GUARD = re.compile(rb"^[ \t]*(?:el)?if\b[^\n]*(?:TYPE_CHECKING|__name__)", re.MULTILINE)
_AT_ONCE = frozenset(
    (b"__init__", b"__new__", b"__post_init__", b"__init_subclass__", b"__enter__", b"__call__")
)
#: Places where a function is named that are looked at.
_MOST = 200


class Phases:
    """Tells the phase of places in one file; each function is looked into once."""

    def __init__(self, data: bytes, root: Node, scopes: Scopes) -> None:
        """Find the guarded blocks."""
        self._data, self._scopes = data, scopes
        self._descent = Descent(root)
        self._functions: dict[int, Phase] = {}
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
        scope = self._scopes.at(position)
        while scope and self._scopes.scopes[scope].kind == "class":
            scope = self._scopes.scopes[scope].parent
        return self._of(scope) if scope else "import"

    def _of(self, scope: int) -> Phase:
        if scope not in self._functions:
            self._functions[scope] = "call"  # while it is looked into: what only calls itself is not called
            self._functions[scope] = "import" if self._called(scope) else "call"
        return self._functions[scope]

    def _called(self, number: int) -> bool:
        """Tell whether a function is named in a call (or as a decorator) in something that runs at import."""
        scope = self._scopes.scopes[number]
        name = scope.name.encode()
        if scope.node.type == "lambda":
            return self._lambda(scope.node)
        owner = self._scopes.scopes[scope.parent]
        prefix = rb"\b"
        if owner.kind == "class":
            if name in _AT_ONCE:
                name = owner.name.encode()
            else:
                prefix = rb"\.\s*"
        pattern = re.compile(prefix + rb"(" + re.escape(name) + rb")\b")
        for count, found in enumerate(pattern.finditer(self._data)):
            if count > _MOST:
                return False
            position = found.start(1)
            if scope.start <= position < scope.end and owner.kind != "class":
                continue
            if self._runs(position) and not self.never(position) and self.at(position) == "import":
                return True
        return False

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
