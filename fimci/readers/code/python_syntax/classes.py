"""What the members of classes of a file are, and what their objects give that Python asks of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from tree_sitter import Node

from fimci.capabilities import choices
from fimci.capabilities.uses import Value
from fimci.readers.code.python_syntax import puts, records
from fimci.readers.code.python_syntax.callers import Callers
from fimci.readers.code.python_syntax.folding import UNKNOWN
from fimci.readers.code.python_syntax.scopes import Binding, Scopes
from fimci.readers.code.python_syntax.several import LISTED, either

#: A member that is called by reading it, and what an enumeration has of each of its members.
PROPERTY, CONSTANT = "<property>", frozenset(("value", "_value_"))
#: Methods that Python calls by itself whose result stands for the object, and those that are given a name.
LENDING = ("__enter__", "__aenter__", "__call__", "__getitem__", "__getattr__", "__iter__", "__next__")
_ASKED, _RETURNS, _PAIR = ("__getattr__", "__getattribute__", "__getitem__"), 5, 2
#: Tables of which an object gets its members.
_PUT = 20
#: Classes above one another that are looked at.
ABOVE = 20


class Names(Protocol):
    """What is asked of the names of a file (`naming.Naming`)."""

    scopes: Scopes
    value: Callable[[Node], Value]
    known: dict[tuple[int, str], Value]

    def name(self, name: str, scope: int) -> Value:
        """Return what a name means in a scope."""

    def bound(self, bindings: list[Binding], scope: int, key: tuple[int, str]) -> Value:
        """Return what is bound."""

    def member(self, owner: Value, member: str) -> Value:
        """Return a member."""

    def base(self, number: int) -> Value:
        """Return the first base of a class."""

    def read(self, binding: Binding) -> Value | None:
        """Return what a property gives."""

    def back(self, number: int) -> Value:
        """Return what a function gives back."""


class Classes:
    """Looks up members of the classes of one file."""

    def __init__(self, names: Names, callers: Callers) -> None:
        """Begin with nothing known. `callers` tells what objects are made with."""
        self.names, self.callers = names, callers
        #: What is lent by objects of classes.
        self._lent: dict[int, frozenset[str]] = {}
        self._declared: dict[int, tuple[str, ...]] = {}
        #: What is bound in each scope.
        self._of: dict[int, list[Binding]] | None = None

    def member(self, number: int, member: str, key: tuple[int, str]) -> Value | None:
        """Return what a member of a class is: by its body and methods, by who makes objects or puts it."""
        scope = self.names.scopes.scopes[number]
        bound = [
            *self.names.scopes.bindings.get((number, member), ()),
            *self.names.scopes.bindings.get((number, "." + member), ()),
        ]
        values: list[Value] = []
        if bound:
            read = self.names.read(bound[0])
            values.append(self.names.bound(bound, number, key) if read is None else read)
        if (number, "__init__") not in self.names.scopes.bindings:
            declared = self.declared(number)
            place = declared.index(member) if member in declared else -1
            given = self.callers.constructed(number, place, member) if place >= 0 else None
            values += [] if given is None else [given]
        outside = self.names.scopes.bindings.get((scope.parent, scope.name), ())
        if len(outside) > 1:
            put = choices.field(self.names.name(scope.name, scope.parent), member)
            values += [] if put is None else [put]
        if not values and (number, puts.EVERY) in self.names.scopes.bindings:
            every = self.names.scopes.bindings[number, puts.EVERY][:_PUT]
            tables = (self.names.value(binding.value) for binding in every)
            values = [found for table in tables if (found := choices.field(table, member)) is not None]
        if not values and member in CONSTANT and records.is_enumeration(scope.node):
            values = self._members(number)
        if not values:
            if member[:2] == "__":
                return None
            asked = self.asked(number, "__getattr__", member) or self.asked(
                number, "__getattribute__", member
            )
            return asked or self.special(Value(name=f"@{number}"), "__getattr__")
        value = either(values)
        if value.name == PROPERTY and value.items[0].name[:1] == "@":
            return self.names.back(int(value.items[0].name[1:].partition(".")[0]))
        return self.special(value, "__get__") or value

    def _members(self, number: int) -> list[Value]:
        """Return the members of an enumeration."""
        if self._of is None:
            self._of = {}
            for (scope, name), bound in self.names.scopes.bindings.items():
                if name[:1] not in {"_", "."} and bound[0].kind == "value":
                    self._of.setdefault(scope, []).append(bound[0])
        return [self.names.value(binding.value) for binding in self._of.get(number, [])[:LISTED]]

    def gone_through(self, value: Value) -> Value:
        """Return what there is to go through: what an object of the file gives, or the members of a class."""
        if value.items or value.name[:1] != "@":
            return value
        found = self.special(value, "__iter__")
        if found is not None:
            return found
        number = int(value.name[1:].partition(".")[0])
        scope = self.names.scopes.scopes[number]
        if scope.kind == "class" and records.is_enumeration(scope.node):
            return Value(items=tuple(self._members(number)), flows=value.flows)
        return value

    def declared(self, number: int) -> tuple[str, ...]:
        """Return the fields that a class declares, those of the class above first."""
        if number in self._declared:
            return self._declared[number]
        fields: tuple[str, ...] = ()
        at = number
        for _ in range(ABOVE):
            scope = self.names.scopes.scopes[at]
            own = records.declared(scope.node, self.names.scopes.work) if scope.kind == "class" else ()
            fields = tuple(dict.fromkeys((*own, *fields)))[:LISTED]
            base = self.names.base(at).name
            if base[:1] != "@":
                break
            at = int(base[1:].partition(".")[0])
        self._declared[number] = fields
        return fields

    def lent(self, name: str) -> frozenset[str]:
        """Return the names of what objects of a class give when they are called, asked, entered."""
        if name[:1] != "@" or "." in name:
            return frozenset()
        number = int(name[1:])
        if number not in self._lent:
            self._lent[number] = frozenset()
            known = (self.special(Value(name=name), method) for method in LENDING)
            asked = (self._owner(number, method) for method in _ASKED)
            values = (value for value in (*known, *asked) if value is not None)
            self._lent[number] = frozenset(value.name for value in values if value.name[:1] not in {"", "@"})
        return self._lent[number]

    def asked(self, number: int, method: str, key: str) -> Value | None:
        """Return a member of what a class hands on: `return getattr(other, name)`."""
        owner = self._owner(number, method)
        return None if owner is None else self.names.member(owner, key)

    def _owner(self, number: int, method: str) -> Value | None:
        """Return of what a method gives the member that it is asked for."""
        bound = self.names.scopes.bindings.get((number, method))
        if self.names.scopes.scopes[number].kind != "class" or not bound or bound[0].kind != "function":
            return None
        function = self.names.scopes.of(bound[0].value)
        for node in self.names.scopes.returns.get(function, ())[:_RETURNS]:
            given = node.child_by_field_name("arguments") if node.type == "call" else None
            if given is None or node.children[0].text != b"getattr" or given.named_child_count < _PAIR:
                continue
            asked = self.names.scopes.bindings.get((function, (given.named_children[1].text or b"").decode()))
            if asked and asked[0].kind == "parameter":
                return self.names.value(given.named_children[0])
        return None

    def special(self, value: Value, method: str) -> Value | None:
        """Return what a method of an object of the file gives that Python calls by itself."""
        if value.name[:1] != "@" or "." in value.name:
            return None
        number = int(value.name[1:])
        bound = self.names.scopes.bindings.get((number, method))
        if self.names.scopes.scopes[number].kind != "class" or not bound or bound[0].kind != "function":
            return None
        key = (number, f".{method}()")
        if key not in self.names.known:
            self.names.known[key] = UNKNOWN
            self.names.known[key] = self.names.back(self.names.scopes.of(bound[0].value))
        return self.names.known[key]
