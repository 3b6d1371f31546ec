"""What is given a function or a class and does not call it now: it looks at it, or keeps it for later.

A table of handlers is filled when a module is loaded, and what stands in it runs when somebody asks for it.
What the interpreter itself calls is another thing: `atexit.register`, `codecs.register`, a thread, a timer.
What nobody here knows is taken to call what it is given.
"""

from __future__ import annotations

import re
from itertools import islice

from tree_sitter import Node

from fimci.readers.code.python_syntax.scopes import Scopes
from fimci.readers.code.python_syntax.words import next_byte

#: By their last names: what only looks at a class or a function, says its type, or waits for an error of it.
_LOOKS = frozenset(
    (
        *("isinstance", "issubclass", "hasattr", "super", "callable", "cast", "TypeVar", "NewType"),
        *("assertRaises", "assertRaisesRegex", "assertIsInstance", "assertWarns", "raises", "warns"),
        *("signature", "getsource", "get_type_hints", "iscoroutinefunction", "isfunction", "suppress"),
    )
)
#: What fills a table of its own.
_KEEPS = re.compile(
    r"_{0,2}register(?:_\w+)?|subscribe|set_defaults|add_(?:argument|command|parser|subparsers|handler|listener"
    r"|representer|constructor|implicit_resolver|middleware|url_rule|route|api_route|option|view|formatter"
    r"|extension|plugin|provider|serializer|converter|directive|role|domain|node|builder|lexer|model)"
)
#: What the interpreter calls by itself, or what may be that under another name.
_HOOKS = re.compile(
    rb"\b(?:atexit|codecs|register_at_fork|copyreg|__import__|import_module|builtins|faulthandler|weakref)\b"
)
_ROOT = re.compile(rb"[A-Za-z_]\w*")
#: Places of a name that are looked at.
_PLACES = 50
#: Bytes that are looked at before one.
_NEAR = 6


class Keeping:
    """Tells of the calls of one file whether they call what they are given; each name is looked up once."""

    def __init__(self, data: bytes, scopes: Scopes) -> None:
        """Look at nothing before it is asked for."""
        self.data, self.scopes = data, scopes
        self._hooks: bool | None = None
        self._own: frozenset[str] | None = None
        self._asked: dict[bytes, bool] = {}

    def keeps(self, call: Node) -> bool:
        """Tell whether a call does not call what it is given."""
        callee = call.children[0]
        last = callee.child_by_field_name("attribute") if callee.type == "attribute" else callee
        if last is None or last.type != "identifier":
            return False
        word = (last.text or b"").decode("utf-8", "replace")
        if word in _LOOKS:
            return not self._is_own(word)
        if _KEEPS.fullmatch(word) is None or self._is_own(word) or self._has_hooks():
            return False
        root = _ROOT.match(callee.text or b"") if callee.type == "attribute" else None
        return root is None or not self._is_asked(root[0])

    def _is_own(self, name: str) -> bool:
        """Tell whether the file or its package says what a name is, which may call what it is given."""
        if self._own is None:
            self._own = frozenset(
                word
                for (_, word), bound in self.scopes.bindings.items()
                if any(one.kind != "import" or one.dotted.startswith(".") for one in bound)
            )
        return name in self._own

    def _has_hooks(self) -> bool:
        if self._hooks is None:
            self._hooks = _HOOKS.search(self.data) is not None
        return self._hooks

    def _is_asked(self, root: bytes) -> bool:
        """Tell whether who keeps it is called where the file is loaded: `told.register(f); told(1)`."""
        if root not in self._asked:
            places = islice(self.scopes.words.places(root), _PLACES)
            self._asked[root] = any(self._calls(at, at + len(root)) for at in places)
        return self._asked[root]

    def _calls(self, start: int, end: int) -> bool:
        before = self.data[max(0, start - _NEAR) : start].split()[-1:]
        calls = next_byte(self.data, end) in b"([" and before not in ([b"def"], [b"class"])
        return calls and not self.scopes.at(start)
