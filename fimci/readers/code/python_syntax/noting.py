"""Which names are looked for, because something that means something got them."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from fimci.capabilities.uses import Value
from fimci.readers.code.python_syntax.classes import LENDING
from fimci.readers.code.python_syntax.prefilter import means, members
from fimci.readers.code.python_syntax.puts import captured, through
from fimci.readers.code.python_syntax.scopes import Scopes
from fimci.readers.code.python_syntax.values import Evaluator

#: What looks through a folder or a database, or reads a file of a package: it matters where, and which.
WALKS = frozenset(
    (
        "os.walk",
        "os.listdir",
        "os.scandir",
        "glob.glob",
        "glob.iglob",
        "sqlite3.connect",
        "shutil.make_archive",
        "os.dup2",
        "zipfile.ZipFile.write",
        "tarfile.TarFile.add",
        *("configparser.ConfigParser", "configparser.ConfigParser.read"),
        *("pkgutil.get_data", "importlib.resources.read_text", "importlib.resources.read_binary"),
        *("sys.path", "sys.path.insert", "sys.path.append"),
        *("configparser.RawConfigParser", "configparser.RawConfigParser.read"),
    )
)
#: What stands in a list or in those of it, and how deep that is looked at.
_ITEMS, _DEEP = 20_000, 3
#: Methods that are called where a class is.
_MAKES = frozenset(("__init__", "__new__", "__call__"))
#: Turns of a loop that a name costs that something is bound to.
_A_TARGET = 40
#: What takes several things apart.
_PATTERNS = frozenset(
    ("pattern_list", "tuple_pattern", "list_pattern", "as_pattern_target", "list_splat_pattern")
)
#: Methods that put what they are given into their object.
_PUTTING = frozenset(
    (
        "append",
        "appendleft",
        "add",
        "insert",
        "extend",
        "update",
        "setdefault",
        "put",
        "put_nowait",
        "push",
        "set",
    )
)
#: How the module of what is built in is called.
_BUILT_INS = frozenset((b"builtins", b"__builtins__"))


class Noted:
    """The names of one file that are looked for, each with what it stands for; members begin with a dot."""

    def __init__(self, scopes: Scopes, values: Evaluator) -> None:
        """Begin with none."""
        self.scopes, self.values = scopes, values
        self.known: set[tuple[str, str]] = set()
        self.new: set[tuple[str, str]] = set()
        #: Statements whose targets were noted, each with what they are bound to.
        self.bound: set[tuple[int, str]] = set()
        #: Parameters by the function that has them, once somebody asks.
        self.taken_by: dict[int, list[tuple[int, str]]] = {}

    def taken(self) -> list[tuple[str, str]]:
        """Return what is to be looked for now."""
        names, self.new = sorted(self.new), set()
        self.known.update(names)
        return names

    def put(self, call: Node) -> None:
        """Take note of the member that `setattr` gives a value to, or of the name, of the own module."""
        given = self.values.call(call).arguments
        if len(given) > 2 and isinstance(given[1].text, str):  # noqa: PLR2004  (of what, which, what)
            self.name("." + given[1].text, given[2])
            self.name(given[1].text, given[2])

    def below(self, definition: Node, value: Value) -> None:
        """Take note of how a class speaks of itself that is made from one of the outside world."""
        for name in ("self", "cls", "super", _text(definition.child_by_field_name("name"))):
            self.name(name, value)

    def assigned(self, around: Node, value: Value) -> None:
        """Take note of what is bound there; of a table, that one of its entries is `value`."""
        if around.type == "match_statement":
            self._captured(around)
            return
        fields = (around.child_by_field_name(field) for field in ("right", "value"))
        source = next((node for node in fields if node is not None), around.named_children[0])
        if source.type != "dictionary":
            value = self.values.value(source)
        if (around.id, value.name) in self.bound:
            return
        self.bound.add((around.id, value.name))
        targets = (around.child_by_field_name(field) for field in ("left", "name", "alias"))
        self.target(next((node for node in targets if node is not None), None), value)

    def target(self, node: Node | None, value: Value) -> None:
        """Take note of what a value is bound to."""
        for inner in _flat(node):
            self.scopes.work.spend(_A_TARGET)
            if inner.type == "identifier":
                self.name(_text(inner), value)
                if self.scopes.scopes[self.scopes.at(inner.start_byte)].kind == "class":
                    self.name("." + _text(inner), value)
            elif inner.type == "attribute":
                member = _text(inner.child_by_field_name("attribute"))
                self.name("." + member, value)
                if inner.children[0].text in _BUILT_INS:
                    self.name(member, value)
            elif inner.type == "subscript" and inner.children[-2].type == "string":
                self._item(inner, value)

    def _item(self, node: Node, value: Value) -> None:
        """Take note of a table that something is put into, or of the name in `globals()`."""
        owner = node.children[0]
        name = self.values.value(node.children[-2]).text
        if owner.type == "identifier":
            self.name(_text(owner), value)
        elif owner.type == "call" and isinstance(name, str):
            self.name(name, value)
            self.name("." + name, value)
        elif isinstance(name, str):
            self.name("." + name, value)

    def name(self, name: str, value: Value) -> None:
        """Take note of a name, of all that its value may be that means something."""
        for member, item in value.fields:
            if item.name and member.isidentifier():
                self.name("." + member, item)
        outside = self.values.naming.outside(value.name) if value.name[:1] == "@" else ""
        lent = self.values.naming.classes.lent(value.name) if value.name[:1] == "@" else frozenset[str]()
        for dotted in {outside, *lent, *self.names_in(value)}:
            key = (name, "" if dotted == "<globals>" else dotted)
            if (
                name.strip(".")
                and dotted
                and (not key[1] or means(dotted) or members(dotted) or dotted in WALKS)
                and key not in self.known
            ):
                self.new.add(key)

    def names_in(self, value: Value) -> Iterator[str]:
        """Yield what a value is, and what stands in it: in a list, in a table, in those of a list."""
        pending, seen = [(value, 0)], 0
        while pending:
            one, depth = pending.pop()
            seen += 1
            if seen > _ITEMS:
                self.scopes.work.cut = True
                return
            yield one.name
            if depth < _DEEP and (one.items or one.fields):
                self.scopes.work.spend(len(one.items) + len(one.fields))
                pending += [(item, depth + 1) for item in one.items]
                pending += [(item, depth + 1) for _, item in one.fields]

    def handed(self, call: Node, value: Value) -> None:
        """Take note of who gets what a call is given: parameters in the file, or what it is put into."""
        callee = call.child_by_field_name("function")
        if callee is None:
            return
        if callee.type == "attribute" and _text(callee.child_by_field_name("attribute")) in _PUTTING:
            self.target(callee.child_by_field_name("object"), value)
            self._members(callee, call, value)
        name = self.values.value(callee).name
        number = int(name[1:].partition(".")[0]) if name[:1] == "@" else -1
        for scope, parameter in self._parameters().pop(number, ()):  # of all calls, so once is enough
            self.name(parameter, self.values.naming.name(parameter, scope))

    def _members(self, callee: Node, call: Node, value: Value) -> None:
        """Take note of the members that `x.__dict__.update(name=…)` and `vars(x).update(name=…)` give."""
        owner, given = callee.child_by_field_name("object"), call.child_by_field_name("arguments")
        if owner is None or given is None or through(owner) is None:
            return
        for argument in given.named_children[:_ITEMS]:
            self.scopes.work.spend(1)
            if argument.type == "keyword_argument":
                self.name("." + _text(argument.child_by_field_name("name")), value)

    def returned(self, statement: Node, value: Value) -> None:
        """Take note of a function by what it gives back, of a class by what its objects lend."""
        scope = self.scopes.scopes[self.scopes.at(statement.start_byte)]
        around = self.scopes.scopes[scope.parent]
        self.name(f".{scope.name}" if around.kind == "class" else scope.name, value)
        if scope.name in LENDING and around.kind == "class":
            self.name(around.name, Value(name=f"@{scope.parent}"))

    def _captured(self, match: Node) -> None:
        """Take note of the names that the patterns of a `match` bind."""
        if (match.id, "") not in self.bound:
            self.bound.add((match.id, ""))
            for one in captured(match):
                self.scopes.work.spend(_A_TARGET)
                self.target(one.name, self.values.value(one.subject))

    def _parameters(self) -> dict[int, list[tuple[int, str]]]:
        """Return the parameters of each function, those of a constructor also by their class."""
        if not self.taken_by:
            self.taken_by[-1] = []
            for (number, name), bound in self.scopes.bindings.items():
                if bound[0].kind != "parameter":
                    continue
                self.taken_by.setdefault(number, []).append((number, name))
                scope = self.scopes.scopes[number]
                if scope.name in _MAKES and scope.parent:
                    self.taken_by.setdefault(scope.parent, []).append((number, name))
        return self.taken_by


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def _flat(node: Node | None) -> Iterator[Node]:
    pending = [] if node is None else [node]
    while pending:
        inner = pending.pop()
        if inner.type in _PATTERNS:
            pending += inner.named_children
        else:
            yield inner
