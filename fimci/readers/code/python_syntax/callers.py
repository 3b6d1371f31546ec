"""What the parameters of a function are: what the calls of it in the same file give."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from tree_sitter import Node

from fimci.capabilities import choices
from fimci.capabilities.uses import Value
from fimci.readers.code.pure import Work
from fimci.readers.code.python_syntax import handing, returning
from fimci.readers.code.python_syntax.folding import UNKNOWN, flows_of
from fimci.readers.code.python_syntax.parsing import Descent
from fimci.readers.code.python_syntax.scopes import Binding, Scopes
from fimci.readers.code.python_syntax.several import either
from fimci.readers.code.python_syntax.words import next_byte

#: Functions of a file, calls of each, and places of its name that are looked at.
_FUNCTIONS, _CALLS, _PLACES = 2_000, 1_000, 4_000
#: Arguments of a call: more than people write, or tools do.
_ARGUMENTS = 1_000
#: Classes that one is made from, or that are made from one.
_BASES = 20
#: Sendings to generators.
_SENT = 100
_OWN = frozenset({b"self", b"cls"})
#: What is called where an object is, and functions around one another that give back the next one.
_CALLED, _DEEP = "__call__", 4
#: What stands behind a name that is called or given, and before one that is defined.
_BEHIND, _DEFINING = frozenset(b"(,)\n\r#\\"), (b"def ", b"class ")


class _Site(NamedTuple):
    """A place where a function is named: `named`, in `call`, which it is given to or which calls it.

    `means`: what that is known as, where it is the name of what another function took the place of.
    """

    named: Node
    call: Node
    given: bool
    means: str = ""


class Callers:
    """Looks up the calls of functions in one file; `value` evaluates an expression."""

    def __init__(self, scopes: Scopes, value: Callable[[Node], Value]) -> None:
        """Begin with nothing known."""
        self._scopes, self._value = scopes, value
        self._descent = Descent(scopes.scopes[0].node, scopes.work)
        #: What becomes of what functions give back, and where names stand.
        self._returned = returning.Returned(scopes)
        self._later: dict[int, list[_Site]] = {}
        self._places: dict[str, list[_Site]] = {}
        #: What generators are sent.
        self._sent: Value | None = None
        self._given: dict[int, tuple[list[Node], dict[str, Node]]] = {}
        #: By the numbers of functions, and of classes that have no constructor below zero.
        self._sites: dict[int, list[_Site]] = {}
        #: Where constructors of classes above are called, by what these are.
        self._above: dict[str, list[_Site]] | None = None
        #: Classes by the names of those that they are made from.
        self._classes: dict[bytes, list[int]] | None = None

    def given(self, number: int, parameter: Binding) -> Value | None:
        """Return what a parameter of a function may be, `None` where no call of it is found."""
        function = self._scopes.scopes[number]
        lambda_ = function.node.type == "lambda"
        if lambda_ and (once := self._at_once(function.node, parameter)) is not None:
            return once
        name = called_by(self._descent.to(function.start), function.node) if lambda_ else function.name
        if function.kind != "function":
            return None
        target = number
        if name == "__init__":
            target, name = function.parent, self._scopes.scopes[function.parent].name
        if number not in self._sites:
            if len(self._sites) >= _FUNCTIONS:
                return None
            self._sites[number] = []
            member = target == number and self._scopes.scopes[function.parent].kind == "class"
            self._sites[number] = [
                site
                for site in (self._find(name) if name else ())
                if (site.named.type == "attribute") == member
                and not function.start <= site.named.start_byte < function.end  # it knows no more itself
            ]
            if not self._sites[number]:
                self._sites[number] = list(self._given_back(number))
        place = parameter.place - self._bound(function.node)
        values = self._at(self._sites[number], target, place, parameter)
        if target != number:
            values += self._from_below(number, parameter)
        return either(values) if values else None

    def sent(self) -> Value:
        """Return what generators are sent, which is what a bare `yield` in them is."""
        if self._sent is None:
            self._sent = UNKNOWN
            sites = islice((site for site in self._find("send") if site.named.type == "attribute"), _SENT)
            given = [
                self._listed(node)[0] for site in sites if (node := site.call.children[-1]).named_child_count
            ]
            values = [self._value(nodes[0]) for nodes in given if nodes]
            self._sent = either(values) if values else UNKNOWN
        return self._sent

    def constructed(self, number: int, place: int, name: str) -> Value | None:
        """Return what a field of a class may be that has no constructor of its own."""
        scope = self._scopes.scopes[number]
        field = Binding("parameter", scope.start, scope.node, place, dotted=name)
        values = self._at(self._made(number), number, place, field)
        return either(values) if values else None

    def _made(self, number: int) -> list[_Site]:
        """Return where a class may be called."""
        name = self._scopes.scopes[number].name
        if -number not in self._sites:
            if len(self._sites) >= _FUNCTIONS or not name:
                return []
            self._sites[-number] = [site for site in self._find(name) if not site.given]
        return self._sites[-number]

    def _at(self, sites: Sequence[_Site], target: int, place: int, parameter: Binding) -> list[Value]:
        return [
            value
            for site in sites
            if self._value(site.named).name == (site.means or f"@{target}")
            and (value := self._argument(site, place, parameter)) is not None
        ]

    def _from_below(self, number: int, parameter: Binding) -> list[Value]:
        """Return what a constructor is given by those of the classes below, and by who makes one of these."""
        function = self._scopes.scopes[number]
        values: list[Value] = []
        if self._above is None:
            self._above = {}
            for site in self._find(function.name):
                if site.named.type == "attribute":
                    self._above.setdefault(self._value(site.named).name, []).append(site)
        for site in self._above.get(f"@{number}", ()):
            given = site.call.child_by_field_name("arguments")
            first = given.named_children[:1] if given is not None else []
            place = parameter.place - int(not first or first[0].text not in _OWN)
            value = self._argument(site, place, parameter)
            values += [] if value is None else [value]
        above = self._scopes.scopes[function.parent].name
        for below in self._below(above.encode()):
            values += self._at(
                self._made(below), below, parameter.place - self._bound(function.node), parameter
            )
        return values

    def _below(self, name: bytes) -> Iterator[int]:
        """Yield the classes without a constructor that are made from one of this name."""
        if self._classes is None:
            self._classes = {}
            for number, scope in enumerate(self._scopes.scopes):
                bases = scope.node.child_by_field_name("superclasses") if scope.kind == "class" else None
                for base in bases.named_children[:_BASES] if bases is not None else ():
                    if scope.name and (number, "__init__") not in self._scopes.bindings:
                        self._classes.setdefault(base.text or b"", []).append(number)
        yield from self._classes.get(name, ())[:_BASES]

    def _given_back(self, number: int, depth: int = 0) -> Sequence[_Site]:
        """Return the calls of a function that the one around it gives back, and of objects of a class.

        `send(address)(text)`, `run = wrap(f)` and `run(text)`, `@wrap`, `Run()(text)`.
        """
        function = self._scopes.scopes[number]
        called = function.name == _CALLED and self._scopes.scopes[function.parent].kind == "class"
        if depth > _DEEP or not (called or self._returned.back(function)):
            return ()
        if function.parent not in self._later:
            self._later[function.parent] = []
            self._later[function.parent] = list(islice(self._became(function.parent, depth), _CALLS))
        return self._later[function.parent]

    def _became(self, number: int, depth: int) -> Iterator[_Site]:
        """Yield where what a function gives back is called, or objects of a class are."""
        seen: set[str] = set()
        made = f"@{number}" if self._scopes.scopes[number].kind == "class" else ""
        for site in self._outer(number, depth):
            became = returning.became(self._descent.to(site.named.start_byte), site.call)
            if became.call is not None:
                yield _Site(site.call, became.call, became.given, made)
            elif became.name and became.name not in seen:
                seen.add(became.name)
                means = f"@{self._scopes.of(became.decorated)}" if became.decorated is not None else made
                yield from (one._replace(means=means) for one in self._find(became.name))

    def _outer(self, number: int, depth: int) -> Iterator[_Site]:
        """Yield the calls of the function or the class around one, as far as it has a name."""
        outer = self._scopes.scopes[number]
        name = outer.name or called_by(self._descent.to(outer.start), outer.node)
        if not name:
            yield from self._given_back(number, depth + 1)
            return
        found = 0
        for site in self._find(name):
            if not site.given:
                yield site
                found += 1
        if not found:
            yield from self._given_back(number, depth + 1)

    def _at_once(self, function: Node, parameter: Binding) -> Value | None:
        """Return what a lambda is given that is called where it stands."""
        path = self._descent.to(function.start_byte)
        at = next((index for index, node in enumerate(path) if node.id == function.id), 0)
        while at and path[at - 1].type == "parenthesized_expression":
            at -= 1
        call = path[at - 1] if at else function
        if call.type == "argument_list" and at > 1 and path[at - 2].type == "call":
            return self._called_back(path[at - 2], path[at], parameter)
        if call.type != "call" or call.children[0].id != path[at].id:
            return None
        return self._argument(_Site(path[at], call, given=False), parameter.place, parameter)

    def _called_back(self, call: Node, argument: Node, parameter: Binding) -> Value | None:
        """Return what a lambda is given by the function of the file that it is given to."""
        name = self._value(call.children[0]).name
        arguments = call.child_by_field_name("arguments")
        if not name.startswith("@") or arguments is None or "." in name:
            return None
        number = int(name[1:])
        function, values = self._scopes.scopes[number], self._listed(arguments)[0]
        place = next((index for index, node in enumerate(values) if node.id == argument.id), -1)
        place += self._bound(function.node)
        for (scope, word), bound in list(self._scopes.bindings.items()):
            if scope == number and bound[0].kind == "parameter" and bound[0].place == place:
                sites = [
                    site
                    for site in self._find(word)
                    if function.start <= site.named.start_byte < function.end and not site.given
                ]
                found = [self._argument(site, parameter.place, parameter) for site in sites]
                return either([value for value in found if value is not None]) if any(found) else None
        return None

    def _bound(self, function: Node) -> int:
        """Return how many parameters a call does not name: the object of a method."""
        parameters = function.child_by_field_name("parameters")
        first = parameters.named_children[:1] if parameters is not None else []
        return int(bool(first) and first[0].text in _OWN)

    def _find(self, name: str) -> Sequence[_Site]:
        """Return where a function of a name is called or given: of all methods of one name the same."""
        if name not in self._places:
            self._places[name] = list(self._sought(name))
        return self._places[name]

    def _sought(self, name: str) -> Iterator[_Site]:
        found, word, data = 0, name.encode(), self._scopes.words.data
        for count, position in enumerate(self._scopes.words.places(word)):
            if count > _PLACES or found >= _CALLS:
                return
            # Most places are neither; to find out from the tree takes ten times as long.
            if next_byte(data, position + len(word)) not in _BEHIND or data.endswith(_DEFINING, 0, position):
                continue
            site = _site(self._descent.to(position))
            if site is not None:
                found += 1
                yield site

    def _argument(self, site: _Site, place: int, parameter: Binding) -> Value | None:
        """Return the argument at a place; of a call that is given the function, those behind it."""
        if site.call.type == "decorated_definition":
            function = site.call.child_by_field_name("definition")
            return Value(name=f"@{self._scopes.of(function)}") if function is not None and not place else None
        arguments = site.call.child_by_field_name("arguments")
        if arguments is None or place < 0:
            return None
        values, keywords = self._listed(arguments)
        if parameter.value.type == "dictionary_splat_pattern":
            return self._named(values, keywords)
        if site.given:
            return self._handed(site, place, parameter)
        if parameter.dotted in keywords:
            return self._value(keywords[parameter.dotted])
        if any(node.type.endswith("_splat") for node in values):
            return self._spread(values, place, parameter)
        if parameter.value.type == "list_splat_pattern":
            items = tuple(map(self._value, values[place:]))
            return Value(items=items, flows=flows_of(items))
        return self._value(values[place]) if place < len(values) else None

    def _listed(self, given: Node) -> tuple[list[Node], dict[str, Node]]:
        """Return the arguments of a call, by place and by name; each call is asked for each parameter."""
        if given.id not in self._given:
            self._given[given.id] = _arguments(given, self._scopes.work)
        return self._given[given.id]

    def _named(self, values: Sequence[Node], keywords: Mapping[str, Node]) -> Value:
        """Return the table that all named arguments are."""
        tables = [self._value(node) for node in values if node.type == "dictionary_splat"]
        given = [pair for table in tables for pair in table.fields]
        given += [(name, self._value(node)) for name, node in keywords.items()]
        flows = flows_of((*tables, *(value for _, value in given)))
        return Value(flows=flows, fields=tuple(given[: choices.FIELDS]))

    def _spread(self, values: Sequence[Node], place: int, parameter: Binding) -> Value | None:
        """Return an argument among those of `f(*these, **those)`."""
        listed: list[Value] = []
        spread: list[Value] = []
        for node in values:
            value = self._value(node)
            if not node.type.endswith("_splat"):
                listed.append(value)
                continue
            spread.append(value)
            found = choices.field(value, parameter.dotted) if node.type == "dictionary_splat" else None
            if found is not None:
                return found
            listed += value.items if node.type == "list_splat" else ()
        if parameter.value.type == "list_splat_pattern" and len(listed) > place:
            return Value(items=tuple(listed[place:]), flows=flows_of((*listed, *spread)))
        if place < len(listed):
            return listed[place]
        return spread[-1]._replace(text=None, items=(), choices=(), name="", fields=())

    def _handed(self, site: _Site, place: int, parameter: Binding) -> Value | None:
        """Return the argument that a function gets from whom it is handed to."""
        call = self._value(site.call.children[0]).name or (site.call.children[0].text or b"").decode()
        arguments = site.call.child_by_field_name("arguments")
        values, keywords = self._listed(arguments) if arguments is not None else ([], {})
        starts = [index for index, node in enumerate(values) if node.id == site.named.id]
        after = [self._value(node) for node in values[starts[0] + 1 :]] if starts else []
        named = {name: self._value(node) for name, node in keywords.items() if node.id != site.named.id}
        given = handing.given(call, after, named)
        if parameter.dotted in given.keywords:
            return given.keywords[parameter.dotted]
        if parameter.value.type == "list_splat_pattern":
            return Value(items=given.arguments[place:], flows=flows_of(given.arguments))
        return given.arguments[place] if place < len(given.arguments) else None


def called_by(path: Sequence[Node], lambda_: Node) -> str:
    """Return the name that a lambda gets where it stands, if any. `path` leads into it."""
    at = next((index for index, node in enumerate(path) if node.id == lambda_.id), 0)
    around = path[at - 1] if at else lambda_
    if around.type not in {"assignment", "named_expression"}:
        return ""
    left = around.child_by_field_name("left") or around.child_by_field_name("name")
    return _text(left) if left is not None and left.type == "identifier" else ""


def _site(path: list[Node]) -> _Site | None:
    index = len(path) - 1
    if path[index].type != "identifier" or index < 2:  # noqa: PLR2004  (a call and what is around)
        return None
    if path[index - 1].type == "attribute" and path[index - 1].children[0].id != path[index].id:
        index -= 1
    named, around = path[index], path[index - 1]
    if around.type == "call" and around.children[0].id == named.id:
        return _Site(named, around, given=False)
    if around.type == "decorator" and index > 1:
        return _Site(named, path[index - 2], given=False)
    if around.type == "keyword_argument":
        index -= 1
        around = path[index - 1]
    if around.type == "argument_list" and index > 1 and path[index - 2].type == "call":
        return _Site(named, path[index - 2], given=True)
    return None


def _arguments(given: Node, work: Work) -> tuple[list[Node], dict[str, Node]]:
    values: list[Node] = []
    keywords: dict[str, Node] = {}
    for node in work.first(given.named_children, _ARGUMENTS):
        value = node.child_by_field_name("value")
        if node.type == "keyword_argument" and value is not None:
            keywords[_text(node.child_by_field_name("name"))] = value
        elif node.type != "comment":
            values.append(node)
    return values, keywords


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""
