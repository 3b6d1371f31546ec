"""When code runs: while the file is loaded, or later when something is called.

Module level, class bodies, decorators and defaults run at `import`; so does a function whose name is
used there in a call, directly or through others of the file, and what takes the place of a command in
`setup.py`. What follows `if __name__ == "__main__"` runs
at `call`, what follows `if TYPE_CHECKING` never.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import islice

from tree_sitter import Node

from fimci.model import Phase
from fimci.readers.code.python_syntax import returning
from fimci.readers.code.python_syntax.callers import called_by
from fimci.readers.code.python_syntax.keeping import Keeping
from fimci.readers.code.python_syntax.parsing import Descent
from fimci.readers.code.python_syntax.registries import Registries
from fimci.readers.code.python_syntax.scopes import Scope, Scopes
from fimci.readers.code.python_syntax.words import is_member

#: Begins with the end of the line before it, to which `re` skips in C.
_GUARD = re.compile(rb"\n[ \t]*(?:el)?if\b[^\n]*(?:TYPE_CHECKING|__name__|argv)")
#: What a `setup.py` does when its owner publishes.
_PUBLISHES = re.compile(
    rb"argv\b[^\n]*[\"'](?:publish|upload|release|tag|deploy|register|test|docs?)[\"']|"
    rb"[\"'](?:publish|upload|release|tag|deploy|register|test)[\"']\s*(?:in|==)\s*(?:sys\.)?argv"
)
#: Methods that run when an object is made or used, by no name of theirs.
AT_ONCE = frozenset(
    (
        *("__init__", "__new__", "__post_init__", "__init_subclass__", "__enter__", "__call__"),
        *("__exit__", "__del__"),
        *("__set_name__", "__get__", "__set__", "__prepare__", "__instancecheck__", "__reduce__"),
        *(
            "__format__",
            "__str__",
            "__repr__",
            "__bool__",
            "__index__",
            "__hash__",
            "__len__",
            "__contains__",
        ),
        *("__add__", "__radd__", "__sub__", "__mul__", "__matmul__", "__truediv__", "__mod__", "__neg__"),
        *("__or__", "__and__", "__xor__", "__lshift__", "__rshift__", "__invert__", "__eq__", "__lt__"),
    )
)
#: Those of them that run for every object.
_MADE_BY = frozenset(("__init__", "__new__", "__post_init__", "__enter__", "__call__", "__exit__", "__del__"))
#: Methods of a command of setuptools, and where its class is given for one that an installation runs:
#: `"install": Class`, `cmdclass["install"] = Class`, `install=Class`.
_COMMAND = frozenset(("run", "initialize_options", "finalize_options", "__init__"))
_IN_PLACE = re.compile(
    rb"\b(?:install|develop|egg_info|build|build_py|build_ext|build_clib|sdist|bdist_wheel|bdist_egg|install_lib"
    rb"|editable_wheel|dist_info|install_scripts|install_data)[\"']?\]?\s*[:=]\s*\Z"
)
_NEAR = 80
#: What makes a method run where it is asked for, or written to.
_PROPERTY = re.compile(
    rb"@[ \t]*(?:(?:functools\.)?(?:cached_)?property|\w{1,60}\.(?:setter|getter))[ \t]*\r?\n"
    rb"[ \t]*(?:async[ \t]+)?\Z"
)
#: What the interpreter asks of a finder or loader at each import, once that is where it looks.
_FINDS = frozenset(("find_spec", "find_module", "find_loader", "exec_module", "create_module", "load_module"))
_FINDERS = re.compile(rb"\b(?:meta_path|path_hooks)\b")
#: What runs its method `run` when it is started.
_STARTED = re.compile(rb"\b(?:Thread|Process|Timer)\b")
#: What decorates, by the name of a function, and whether that is called for it; how many, and letters of one.
_DECORATOR = re.compile(rb"@[ \t]*(\w+)[ \t]*(\()?")
_DECORATORS, _SHORT = 10, 4_000
#: Places where a function is named that are looked at, and functions that call one another.
_MOST, _DEPTH = 200, 30


class _Blocks:
    """Blocks of a text, in the order of their beginnings; one within another is a part of that."""

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []

    def add(self, start: int, end: int) -> None:
        if not self.ends or end > self.ends[-1]:
            self.starts.append(start)
            self.ends.append(end)

    def around(self, position: int) -> bool:
        number = bisect_right(self.starts, position) - 1
        return number >= 0 and position < self.ends[number]


class Phases:
    """Tells the phase of places in one file; each function is looked into once."""

    def __init__(self, data: bytes, root: Node, scopes: Scopes) -> None:
        """Find the guarded blocks."""
        self.data, self.scopes = data, scopes
        self._descent = Descent(root, scopes.work)
        self._functions: dict[int, bool] = {}
        self._extended: dict[str, bool] = {}
        self._returned = returning.Returned(scopes)
        self._keeping, self._registries = Keeping(data, scopes), Registries(data, scopes)
        self._never, self._later = _Blocks(), _Blocks()
        for found in _GUARD.finditer(b"\n" + data):
            self._guard(found.end() - 2)

    def _guard(self, last: int) -> None:
        """Take the block of an `if` whose condition tells, up to its last byte, that it is guarded."""
        statement = next(
            (
                node
                for node in reversed(self._descent.to(last))
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
            self._never.add(body.start_byte, body.end_byte)
        elif (b"__main__" in text and b"==" in text) or _PUBLISHES.search(text) is not None:
            self._later.add(body.start_byte, body.end_byte)

    def path(self, position: int) -> list[Node]:
        """Return the nodes around a place, from the whole file down."""
        return list(self._descent.to(position))

    def never(self, position: int) -> bool:
        """Tell whether a place is only for type checkers."""
        return self._never.around(position)

    def at(self, position: int) -> Phase:
        """Return the phase of a place."""
        return "import" if self._at_import(position, 0) else "call"

    def _at_import(self, position: int, depth: int) -> bool:
        if self._later.around(position):
            return False
        scope = self.scopes.at(position)
        while scope and self.scopes.scopes[scope].kind == "class":
            scope = self.scopes.scopes[scope].parent
        if not scope or depth > _DEPTH:
            return True
        if scope not in self._functions:
            self._functions[scope] = False  # what is called by nothing but itself is not called
            self._functions[scope] = self._called(scope, depth + 1)
        return self._functions[scope]

    def _called(self, number: int, depth: int) -> bool:
        """Tell whether a function is called, given to a call or used as a decorator by what runs at import.

        A method is if its class is and its name is behind some dot; constructors need no name.
        """
        scope = self.scopes.scopes[number]
        owner = self.scopes.scopes[scope.parent]
        if scope.node.type == "lambda":
            return self._lambda(scope.node, depth) or self._given_back(number, depth)
        if self._decorated(scope, depth):
            return True
        if owner.kind != "class":
            named = self._named(scope.name, depth, member=False)
            return named or self._given_back(number, depth)
        if scope.name in _COMMAND and self._commands(owner.name):
            return True
        if scope.name == "__class_getitem__":
            return self._at_import(owner.node.start_byte, depth)
        made = self._made(owner.name, depth, below=scope.name == "__init_subclass__")
        if made and scope.name == "run" and _STARTED.search(_bases(owner.node)):
            return self._named("start", depth, member=True)
        if scope.name in _FINDS and _FINDERS.search(self.data) is not None:
            return made
        asked = _PROPERTY.search(self.data, max(0, scope.node.start_byte - _NEAR), scope.node.start_byte)
        return made and (
            scope.name in AT_ONCE or self._named(scope.name, depth, member=True, asked=asked is not None)
        )

    def _decorated(self, scope: Scope, depth: int) -> bool:
        """Tell whether a function is called by what decorates it."""
        start = scope.node.start_byte
        above = self.data[max(0, start - _NEAR) : start].rstrip().rpartition(b"\n")[2].lstrip()
        if above[:1] not in {b"@", b")", b"#"}:  # what a decorator ends with, or what is said of it
            return False
        around = self._descent.to(start)
        outer = next((node for node in reversed(around) if node.type == "decorated_definition"), None)
        if outer is None or outer.named_children[-1].id != scope.node.id:
            return False
        for decorator in outer.named_children[:-1][:_DECORATORS]:
            text = decorator.text or b""
            calls = text == b"@atexit.register" or self._calls(_DECORATOR.match(text))
            if calls and self._at_import(outer.start_byte, depth):
                return True
        return False

    def _calls(self, decorator: re.Match[bytes] | None) -> bool:
        """Tell whether a function of the file calls what it decorates."""
        name = decorator[1].decode() if decorator is not None else ""
        bound = self.scopes.bindings.get((0, name), []) if name else []
        if not bound or bound[0].kind != "function" or decorator is None:
            return False
        number = self.scopes.of(bound[0].value)
        given = {number} if not decorator[2] else self._inside(number)
        return any(self._calls_first(one) for one in given)

    def _inside(self, number: int) -> set[int]:
        """Return the functions that one gives back."""
        given = {(node.text or b"")[:_SHORT] for node in self.scopes.returns.get(number, ())}
        found = (self.scopes.bindings.get((number, name.decode("utf-8", "replace")), []) for name in given)
        return {self.scopes.of(bound[0].value) for bound in found if bound and bound[0].kind == "function"}

    def _calls_first(self, number: int) -> bool:
        """Tell whether a function calls its first parameter itself, or puts it where that is called."""
        scope = self.scopes.scopes[number]
        parameters = scope.node.child_by_field_name("parameters")
        first = parameters.named_children[:1] if parameters is not None else []
        if not first or first[0].type != "identifier":
            return False
        name = first[0].text or b""
        called = re.compile(rb"(?<![\w.])" + re.escape(name) + rb"[ \t]*\(")
        places = called.finditer(self.data, scope.start, min(scope.end, scope.start + _SHORT))
        if any(self.scopes.at(found.start()) == number for found in places):
            return True
        return self._registries.call(scope.start, scope.end, name)

    def _given_back(self, number: int, depth: int) -> bool:
        """Tell whether what a function gives back is called at import: `run("line")()`, `@run`."""
        scope = self.scopes.scopes[number]
        if depth > _DEPTH or not self._returned.back(scope):
            return False
        owner = self.scopes.scopes[scope.parent]
        name = owner.name or called_by(self._descent.to(owner.node.start_byte), owner.node)
        for count, position in enumerate(self.scopes.words.places(name.encode()) if name else ()):
            if count > _MOST:
                return False
            path = self._descent.to(position)
            call = returning.called(path)
            if call is not None and self._runs_later(returning.became(path, call), position, depth):
                return True
        return not name and self._given_back(scope.parent, depth + 1)

    def _runs_later(self, became: returning.Became, position: int, depth: int) -> bool:
        if became.call is not None:
            return self._at_import(position, depth)
        return bool(became.name) and self._named(became.name, depth, member=False)

    def _made(self, name: str, depth: int, *, below: bool) -> bool:
        """Tell whether an object of a class is made at import, of it or of one that extends it.

        `below`: that one extends it is enough.
        """
        if depth > _DEPTH or self._named(name, depth, member=False):
            return depth <= _DEPTH
        for position in islice(self.scopes.words.places(name.encode()), _MOST):
            extending = _extending(self._descent.to(position))
            if extending and extending != name:
                if below and self._at_import(position, depth):
                    return True
                if extending not in self._extended:
                    self._extended[extending] = False  # what extends itself is made by nobody else
                    self._extended[extending] = self._made(extending, depth + 1, below=False)
                if self._extended[extending]:
                    return True
        return False

    def _named(self, name: str, depth: int, *, member: bool, asked: bool = False) -> bool:
        """Tell whether a name is called at import, or (`asked`) stands there at all."""
        for count, position in enumerate(self.scopes.words.places(name.encode())):
            if count > _MOST:
                return False
            if self.defines(position):
                continue
            if (
                is_member(self.data, position) == member
                and self._at_import(position, depth)
                and (self._asks(position) if asked else self.runs(position))
            ):
                return not self.never(position)
        return False

    def _asks(self, position: int) -> bool:
        """Tell whether a property that is asked for there is so by more than what shows or compares it."""
        name = self.scopes.scopes[self.scopes.at(position)].name
        return name in _MADE_BY or name not in AT_ONCE

    def _commands(self, name: str) -> bool:
        """Tell whether a class takes the place of a command of setuptools that an installation runs."""
        return any(
            _IN_PLACE.search(self.data, max(0, position - _NEAR), position) is not None
            for position in self.scopes.words.places(name.encode())
        )

    def defines(self, position: int) -> bool:
        """Tell whether a name is that of a definition."""
        return self.data[max(0, position - 6) : position].split()[-1:] in ([b"def"], [b"class"])

    def _lambda(self, node: Node, depth: int) -> bool:
        """Tell whether a lambda is called where it stands, or given to a call."""
        path = self._descent.to(node.start_byte)
        index = next((index for index, other in enumerate(path) if other.id == node.id), 0)
        around = path[index - 1] if index else node
        name = called_by(path, node)
        if name:
            return self._named(name, depth, member=False)
        if around.type == "pair" and index > 1 and around.children[-1].id == node.id:
            key = (around.children[0].text or b"").decode("utf-8", "replace").strip("\"'")
            return key.isidentifier() and self._named(key, depth, member=True)
        if around.type == "assignment" and around.children[0].type == "attribute":
            return self._at_import(around.start_byte, depth)
        if around.type not in {"parenthesized_expression", "argument_list", "keyword_argument"}:
            return False
        return self._at_import(
            around.start_byte - 1 if around.start_byte >= node.start_byte else around.start_byte, depth
        )

    def runs(self, position: int) -> bool:
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
            if around.type == "assignment":  # a hook of others: `sys.excepthook = told`
                left, right = around.child_by_field_name("left"), around.child_by_field_name("right")
                held = left is not None and left.type == "attribute"
                return held and right is not None and right.id == inner.id
            if around.type == "keyword_argument":
                return inner.start_byte != around.start_byte and not self._is_kept(path, index - 1)
            return around.type == "decorator" or (
                around.type == "argument_list" and not self._is_kept(path, index)
            )
        return False

    def _is_kept(self, path: list[Node], index: int) -> bool:
        """Tell whether what stands among arguments is not called by who gets them; classes extend those."""
        call = path[index - 1] if index else path[0]
        if call.type == "class_definition":
            return path[index + 1].type != "keyword_argument"
        return call.type == "call" and self._keeping.keeps(call)


def _extending(path: list[Node]) -> str:
    """Return the name of a class that extends the one which is named there."""
    if path[2:] and path[-2].type == "attribute":
        path = path[:-1]
    around = path[-3] if path[2:] and path[-2].type == "argument_list" else None
    name = around.child_by_field_name("name") if around is not None else None
    if around is None or around.type != "class_definition" or name is None:
        return ""
    return (name.text or b"").decode("utf-8", "replace")


def _bases(definition: Node) -> bytes:
    bases = definition.child_by_field_name("superclasses")
    return (bases.text or b"")[:_SHORT] if bases is not None else b""
