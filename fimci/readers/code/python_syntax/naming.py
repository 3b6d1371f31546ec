"""What names, members and items refer to: bindings of the file, what is imported, what is built in.

Names of things in the file itself begin with `@` and go on with the number of their scope. `builtins` is the
module, `<globals>` what `globals()` returns.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tree_sitter import Node

from fimci.capabilities import choices, passing, private_keys, sensitive
from fimci.capabilities.python_aliases import RESULTS, canonical
from fimci.capabilities.python_names import NAMES, ROOTS
from fimci.capabilities.uses import MARK, Flow, Value, known, of_module
from fimci.readers.code.python_syntax import computing, containers, puts
from fimci.readers.code.python_syntax.callers import Callers
from fimci.readers.code.python_syntax.classes import ABOVE, CONSTANT, Classes
from fimci.readers.code.python_syntax.folding import UNKNOWN, flows_of, joined
from fimci.readers.code.python_syntax.prefilter import members
from fimci.readers.code.python_syntax.scopes import ENTERED, MOST_ADDED, Binding, Scopes
from fimci.readers.code.python_syntax.several import LISTED, back, either, one_of, possibly

#: Bindings of one name that are looked at, and additions to a text.
MOST, _ADDED = 1_000, 5_000
#: Decorators of one function.
_DECORATORS = 10
#: What `globals()` returns.
GLOBALS = "<globals>"
#: What shows through: these members are what they belong to.
_SAME_THING = frozenset({"__dict__", "__call__", "__func__", "__wrapped__", "__self__"})
#: Modules that other modules hold by chance (`subprocess.os.system`).
_HELD = frozenset({"os", "sys", "subprocess", "builtins", "socket", "importlib", "__builtins__"})
#: Where all names are that are built in, or those of the file.
_WHOLE = frozenset({"builtins", GLOBALS})
_ENVIRON = frozenset({"os.environ", "os.environb"})
_BULK: frozenset[Flow] = frozenset({"environment-bulk"})
#: What a request is of which parameters or modules have one, and members of Django's that nothing else has.
_REQUESTS = frozenset(("flask.request", "quart.request", "bottle.request"))
_SENT = frozenset(("GET", "POST", "COOKIES"))
#: The same of a message, where a program talks to people or devices by one of these.
_MESSAGES = frozenset(("content", "clean_content", "payload", "text"))
_CHATS = re.compile(
    rb"^\s{0,40}(?:import|from)\s+(?:discord|nextcord|disnake|guilded|telebot|telegram|pyrogram|telethon|aiogram|paho)\b",
    re.MULTILINE,
)
_ASKED: frozenset[Flow] = frozenset({"asked"})
_VARIABLE: frozenset[Flow] = frozenset({"environment"})
_SECRET: frozenset[Flow] = frozenset({"secret"})
_PROPERTY = re.compile(rb"@\s*(?:functools\s*\.\s*)?(?:cached_)?property\s*\Z")
#: How the object of a method is called.
_OWN = frozenset((b"self", b"cls"))
_INPUT: frozenset[Flow] = frozenset({"input"})
_DEFAULT: frozenset[Flow] = frozenset({"default"})
_KEY: frozenset[Flow] = frozenset({"key"})


class Naming:
    """Resolves the names of one file; `value` evaluates an expression."""

    def __init__(
        self,
        scopes: Scopes,
        value: Callable[[Node], Value],
        callers: Callers,
    ) -> None:
        """Begin with nothing known. `callers` tells what a parameter is in the calls of its function."""
        self.scopes, self.value, self.callers = scopes, value, callers
        self.classes = Classes(self, callers)
        #: What is known of a name in a scope; of members of a class, under `.name` in its scope.
        self.known: dict[tuple[int, str], Value] = {}
        self._first = self.known
        #: The same for scopes within, once it is known.
        self.outer: dict[tuple[int, str], Value] = {}
        #: More is put into one thing than is looked at.
        self.cut = False
        #: Names that were found out from texts that are not written as they are.
        self.spoken: set[str] = set()
        #: Where the file lies, by which modules of its own package are known.
        self.path = ""
        #: Which members of a parameter are what somebody sent.
        chats = _CHATS.search(scopes.scopes[0].node.text or b"") is not None
        self.sent = _SENT | _MESSAGES if chats else _SENT
        #: Which names mean a private key here.
        self.keys = private_keys.spoken_of(scopes.scopes[0].node.text or b"")

    def name(self, name: str, scope: int) -> Value:
        """Return what a name means in a scope: the innermost binding, else what is built in."""
        key = (scope, name)
        if key in self.known:
            return self.known[key]
        self.known[key] = UNKNOWN
        number, found = scope, None
        while True:
            if number == scope or self.scopes.scopes[number].kind != "class":
                found = self.scopes.bindings.get((number, name))
            if found or not number:
                break
            number = self.scopes.scopes[number].parent
        if found and number != scope:
            value = self._outer(name, number, found, key)
        else:
            value = self.bound(found, number, key) if found else self._built_in(name)
        self.known[key] = value
        return value

    def _outer(self, name: str, number: int, found: list[Binding], key: tuple[int, str]) -> Value:
        """Return what a name of a scope further out means, found out once for all scopes within."""
        made = self.outer.get((number, name))
        if made is None:
            made = self.bound(found, number, key)
            if not number:
                made = passing.of_nobody(made)
            if self.known is self._first:
                self.outer[number, name] = made
        return made

    def _built_in(self, name: str) -> Value:
        if name == "__builtins__":
            return Value(name="builtins")
        for binding in self.scopes.bindings.get((0, "*"), ()):
            dotted = canonical(f"{binding.dotted}.{name}")
            if dotted in NAMES or dotted in RESULTS:
                return Value(name=dotted)
        return Value(name=name) if "." not in name else UNKNOWN

    def bound(self, bindings: list[Binding], scope: int, key: tuple[int, str]) -> Value:
        """Return what is bound; as `key` it is known without what is put into it while that is looked at."""
        added = [binding for binding in bindings if binding.kind == "added"]
        if added:
            others = [binding for binding in bindings if binding.kind != "added"]
            whole = self.bound(others, scope, key) if others else UNKNOWN
            self.known[key] = whole
            self.cut = self.cut or len(added) + len(others) >= MOST_ADDED
            return containers.filled(
                whole, [(one.dotted, self._key_of(one), self.value(one.value)) for one in added]
            )
        if len(bindings) == 1:
            return self._binding(bindings[0], scope)
        first = bindings[0]
        if (
            first.kind == "value"
            and len(bindings) <= _ADDED
            and all(item.kind == "augment" for item in bindings[1:])
        ):
            return joined([self._binding(item, scope) for item in bindings])
        return possibly([self._binding(item, scope) for item in bindings[-MOST:]])

    def _key_of(self, added: Binding) -> Value:
        """Return under which key something is put."""
        if added.key is None or isinstance(added.key, str):
            return Value(text=added.key)
        return self.value(added.key)

    def _binding(self, binding: Binding, scope: int) -> Value:
        if binding.kind == "import":
            name = canonical(binding.dotted)
            if self.path and own(self.path, name) and name.partition(".")[0] not in ROOTS:
                return Value(name=f"{name}{MARK}")
            return Value(name=name, flows=_BULK if name in _ENVIRON else frozenset())
        if binding.kind in {"function", "class"}:
            return self._decorated(binding.value) or Value(name=f"@{self.scopes.of(binding.value)}")
        if binding.kind == "parameter":
            return self._parameter(binding, scope)
        bare = binding.value.type == "yield" and not binding.value.named_child_count
        value = self.callers.sent() if bare else self.value(binding.value)
        if binding.kind == "element":
            # What a generator gives one by one is what it gives.
            item = UNKNOWN if binding.value.type != "call" else value._replace(name="")
            value = self.classes.gone_through(value)
            item = one_of(list(value.items[:LISTED])) if value.items else item
            if value.name == "pathlib.Path" and not value.items:  # of a folder that is gone through
                item = Value(name=value.name, parts=value.parts)
            other = of_module(value.name)  # of a list of another module
            flows = value.flows | item.flows | (frozenset() if other is None else {other})
            value = item._replace(flows=flows, literal=False)
        if binding.dotted == ENTERED:
            value = self.classes.special(value, "__enter__") or value
            value = value if value.name or not value.items else either(value.items)
        if binding.key is not None:
            named = self._key_of(binding).text
            value = (choices.field(value, named) if isinstance(named, str) else None) or Value(
                flows=value.flows
            )
        if binding.place >= 0:
            value = containers.taken(value, (binding.place, *binding.deeper))
        return value._replace(literal=False) if value.literal else value

    def _decorated(self, definition: Node) -> Value | None:
        """Return what takes the place of a function: what decorates it may give back one of others."""
        around = definition.parent
        if around is None or around.type != "decorated_definition":
            return None
        for decorator in around.named_children[:-1][:_DECORATORS]:
            given = self.value(decorator.named_children[0]).name if decorator.named_child_count else ""
            if given[:1] == "@" and "." not in given and self.scopes.scopes[int(given[1:])].kind != "class":
                found = self.back(int(given[1:]))
                if found.name in NAMES:
                    return Value(name=found.name, flows=found.flows)
        return None

    def _parameter(self, binding: Binding, scope: int) -> Value:
        around = self.scopes.scopes[scope].parent
        if not binding.place and self.scopes.scopes[around].kind == "class" and not self._is_static(scope):
            return Value(name=f"@{around}")
        default = self.value(binding.value) if binding.value.start_byte != binding.position else UNKNOWN
        given = self.callers.given(scope, binding)
        flows = default.flows | self._key(binding.dotted) | _INPUT
        place = None if _takes_all(binding.value) else binding.place - self._of_object(scope)
        flows |= {passing.parameter(place)}
        if given is None and (text := known(default)):
            return default._replace(text=None, parts=(text,), flows=flows | _DEFAULT)
        if given is None:
            return default._replace(text=None, flows=flows)
        return given._replace(flows=given.flows | flows, literal=False)

    def _is_static(self, scope: int) -> bool:
        """Tell whether a method is not given its object."""
        around = self.scopes.scopes[scope].node.parent
        if around is None or around.type != "decorated_definition":
            return False
        return any(child.text == b"@staticmethod" for child in around.children[:-1])

    def _of_object(self, scope: int) -> int:
        """Return how many parameters of a function a call does not name: the object of a method."""
        function = self.scopes.scopes[scope]
        parameters = function.node.child_by_field_name("parameters")
        first = parameters.named_children[:1] if parameters is not None else []
        return int(bool(first) and first[0].text in _OWN)

    def _key(self, name: str) -> frozenset[Flow]:
        return _KEY if private_keys.is_key(name, self.keys) else frozenset()

    def member(self, owner: Value, member: str) -> Value:
        """Return `owner.member`."""
        value = self._member(owner, member)
        if not self.keys:
            return value
        return value._replace(flows=(value.flows - _KEY) | self._key(member))

    def _member(self, owner: Value, member: str) -> Value:
        if member == "__globals__":
            return Value(name=GLOBALS)
        field = choices.field(owner, member)
        if field is not None:
            return field
        if not owner.name:
            if member in self.sent and "input" in owner.flows:
                return Value(flows=owner.flows | _ASKED)
            # A constant has no other members than that of an enumeration.
            return owner if member in CONSTANT and choices.texts(owner) else Value(flows=owner.flows)
        if member in _SAME_THING:
            return owner
        if owner.name.startswith("@"):
            return self._own_member(owner, member)
        if owner.name == "pathlib.Path" and member in {"parent", "parents"}:
            return Value(name=owner.name, flows=owner.flows)
        if member == "__file__" and MARK not in owner.name:
            return computing.file_of(owner.name)
        name = canonical(f"{owner.name}.{member}")
        known_as = name in NAMES or name in RESULTS or members(name)
        if member in _HELD and owner.name != "sys" and not known_as:
            return Value(name=member.strip("_") if member == "__builtins__" else member)
        flows = _BULK if name in _ENVIRON else _ASKED if owner.name in _REQUESTS else frozenset[Flow]()
        return Value(name=name, flows=owner.flows | flows)

    def _own_member(self, owner: Value, member: str) -> Value:
        base = owner
        for _ in range(ABOVE):
            if not base.name.startswith("@"):
                break
            number = int(base.name[1:].partition(".")[0])
            found = (
                self._member_here(number, member) if self.scopes.scopes[number].kind == "class" else UNKNOWN
            )
            if found is not UNKNOWN:
                return found
            base = self.base(number)
        outside = base.name and not base.name.startswith("@")
        return self.member(base, member) if outside else Value(flows=owner.flows)

    def _member_here(self, number: int, member: str) -> Value:
        key = (number, "." + member)
        if key not in self.known:
            self.known[key] = UNKNOWN
            self.known[key] = self.classes.member(number, member, key) or UNKNOWN
        return self.known[key]

    def back(self, number: int) -> Value:
        """Return what a function gives back, whatever it is given."""
        nodes = self.results(number)
        return back(nodes, [self.value(node) for node in nodes])

    def results(self, number: int) -> list[Node]:
        """Return what stands behind the `return` and `yield` of a function, and what a lambda is."""
        node = self.scopes.scopes[number].node
        body = node.child_by_field_name("body")
        if node.type == "lambda" and body is not None:
            return [body]
        return self.scopes.returns.get(number, [])[:MOST]

    def above(self, number: int) -> Value:
        """Return what `super()` is in a class."""
        return self.base(number) if number else UNKNOWN

    def environ(self) -> Value:
        """Return the variables of the process that the file sets itself."""
        return self.name(puts.ENVIRON, 0) if (0, puts.ENVIRON) in self.scopes.bindings else UNKNOWN

    def outside(self, name: str) -> str:
        """Return what a class of the file is made from that is none of the file, by the name of that."""
        for _ in range(ABOVE):
            if name[:1] != "@" or "." in name:
                break
            name = self.base(int(name[1:])).name
        return "" if name[:1] == "@" else name

    def variable(self, key: Value, otherwise: Value | None = None) -> Value | None:
        """Return a variable of the process that the file sets, or what it is by default; else nothing."""
        name = key.text.decode("latin-1") if isinstance(key.text, bytes) else key.text
        found = choices.field(self.environ(), name) if name is not None else None
        if found is None and (otherwise is None or not choices.texts(otherwise)):
            return None
        flows = _VARIABLE | (_SECRET if name and sensitive.secret(name) else frozenset())
        if found is not None:
            return found._replace(flows=found.flows | flows, literal=False)
        return Value(
            flows=flows | flows_of((otherwise or UNKNOWN,)), choices=choices.of((otherwise or UNKNOWN,))
        )

    def read(self, binding: Binding) -> Value | None:
        """Return what a property gives, which is called by reading it."""
        around = binding.value.parent if binding.kind == "function" else None
        if around is None or around.type != "decorated_definition":
            return None
        if not any(_PROPERTY.match(child.text or b"") for child in around.children[:-1]):
            return None
        number = self.scopes.of(binding.value)
        return self.back(number) if self.scopes.returns.get(number) else None

    def base(self, number: int) -> Value:
        """Return the first base of a class that is not of this file."""
        scope = self.scopes.scopes[number]
        bases = scope.node.child_by_field_name("superclasses") if scope.kind == "class" else None
        values = (
            [self.value(base) for base in bases.named_children[:MOST] if base.type != "keyword_argument"]
            if bases is not None
            else []
        )
        return next((value for value in values if value.name), UNKNOWN)

    def item(self, owner: Value, key: Value) -> Value:
        """Return `owner[key]` for a key that is a text."""
        text = key.text.decode("latin-1") if isinstance(key.text, bytes) else key.text
        if owner.name in _ENVIRON:
            found = self.variable(key)
            if found is not None:
                return found
            secret = any(map(sensitive.secret, choices.texts(key)))
            return Value(flows=_VARIABLE | (_SECRET if secret else frozenset()))
        if text is None and owner.name in _WHOLE and key.choices:
            several = (self.item(owner, Value(text=one)) for one in key.choices[:MOST])
            return next((one for one in several if one.name in NAMES), Value(flows=owner.flows))
        if text is None or not owner.name:
            return Value(flows=owner.flows)
        if owner.name == "sys.modules":
            return self.tell(Value(name=canonical(text)), key)
        if owner.name == GLOBALS:
            found = self.name(text, 0)
            if found.name == text and f"os.{text}" in NAMES:
                found = Value(name=f"os.{text}")  # those of a class of `os`, to which all classes lead
            return self.tell(found, key)
        of_class = owner.name[:1] == "@" and "." not in owner.name
        given = self.classes.asked(int(owner.name[1:]), "__getitem__", text) if of_class else None
        given = given or self.classes.special(owner, "__getitem__")
        if given is not None:
            return given
        if text.isidentifier():
            return self.tell(self.member(owner, text), key)
        return Value(flows=owner.flows)

    def tell(self, value: Value, text: Value) -> Value:
        """Take note of a name that came from a text, if that text is not written as it is."""
        if value.name and not text.literal:
            self.spoken.add(value.name)
        return value


def own(path: str, module: str) -> bool:
    """Tell whether a module is one of the package that a file lies in, as far as its path tells."""
    return module.startswith(".") or module.partition(".")[0] in path.split("/")[:-1]


def _takes_all(parameter: Node) -> bool:
    """Tell whether a parameter is `*these` or `**those`, with a type or without."""
    inner = parameter.named_children[0] if parameter.type == "typed_parameter" else parameter
    return inner.type in {"list_splat_pattern", "dictionary_splat_pattern"}
