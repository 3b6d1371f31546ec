"""What the parameters of a function are: what the calls of it in the same file give."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from tree_sitter import Node

from fimci.capabilities import choices
from fimci.capabilities.uses import Value
from fimci.readers.code.python_syntax.folding import flows_of
from fimci.readers.code.python_syntax.naming import either
from fimci.readers.code.python_syntax.parsing import Descent
from fimci.readers.code.python_syntax.scopes import Binding, Scope, Scopes

#: Functions of a file, calls of each, and places of its name that are looked at.
_FUNCTIONS, _CALLS, _PLACES = 2_000, 1_000, 4_000
#: Arguments of a call: more than people write, or tools do.
_ARGUMENTS = 1_000
#: What calls a function with each item of what it is given.
_MAPPING = frozenset({b"map", b"filter"})
_OWN = frozenset({b"self", b"cls"})


class _Site(NamedTuple):
    """A place where a function is named: `named`, in `call`, which it is given to or which calls it."""

    named: Node
    call: Node
    given: bool


class Callers:
    """Looks up the calls of functions in one file; `value` evaluates an expression."""

    def __init__(self, scopes: Scopes, value: Callable[[Node], Value]) -> None:
        """Begin with nothing known."""
        self._scopes, self._value = scopes, value
        self._descent = Descent(scopes.scopes[0].node, scopes.work)
        self._sites: dict[int, list[_Site]] = {}

    def given(self, number: int, parameter: Binding) -> Value | None:
        """Return what a parameter of a function may be, `None` where no call of it is found."""
        function = self._scopes.scopes[number]
        lambda_ = function.node.type == "lambda"
        if lambda_ and (once := self._at_once(function.node, parameter)) is not None:
            return once
        name = called_by(self._descent.to(function.start), function.node) if lambda_ else function.name
        if function.kind != "function" or not name:
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
                for site in self._find(name)
                if (site.named.type == "attribute") == member
                and not function.start <= site.named.start_byte < function.end  # it knows no more itself
            ]
            if not self._sites[number]:
                self._sites[number] = list(self._given_back(function))
        place = parameter.place - self._bound(function.node)
        values = [
            value
            for site in self._sites[number]
            if self._value(site.named).name == f"@{target}"
            and (value := self._argument(site, place, parameter)) is not None
        ]
        return either(values) if values else None

    def _given_back(self, function: Scope) -> Iterator[_Site]:
        """Yield the calls of a function that the one around it gives back: `send(address)(text)`."""
        outer = self._scopes.scopes[function.parent]
        given = (node.text for node in self._scopes.returns.get(function.parent, ()))
        if outer.kind != "function" or not outer.name or function.name.encode() not in given:
            return
        for site in self._find(outer.name):
            around = site.call.parent
            if around is not None and around.type == "call" and around.children[0].id == site.call.id:
                yield _Site(site.call, around, given=False)

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
        function, values = self._scopes.scopes[number], _arguments(arguments)[0]
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

    def _find(self, name: str) -> Iterator[_Site]:
        found = 0
        for count, position in enumerate(self._scopes.words.places(name.encode())):
            if count > _PLACES or found >= _CALLS:
                return
            site = _site(self._descent.to(position))
            if site is not None:
                found += 1
                yield site

    def _argument(self, site: _Site, place: int, parameter: Binding) -> Value | None:
        """Return the argument at a place; of a call that is given the function, those behind it."""
        arguments = site.call.child_by_field_name("arguments")
        if arguments is None or place < 0:
            return None
        values, keywords = _arguments(arguments)
        if site.given:
            handed = keywords.get("args")
            starts = [index for index, node in enumerate(values) if node.id == site.named.id]
            values = values[starts[0] + 1 :] if starts else []
            values = list(handed.named_children) if handed is not None else values
        if parameter.value.type == "dictionary_splat_pattern":
            given = tuple((name, self._value(node)) for name, node in keywords.items())
            return Value(flows=flows_of(value for _, value in given), fields=given)
        if parameter.dotted in keywords and not site.given:
            return self._value(keywords[parameter.dotted])
        if parameter.value.type == "list_splat_pattern" and not site.given:
            items = tuple(map(self._value, values[place:]))
            return Value(items=items, flows=flows_of(items))
        spread = [node for node in values[: place + 1] if node.type.endswith("_splat")]
        if spread:
            return self._value(spread[-1])._replace(text=None, items=(), choices=())
        value = self._value(values[place]) if place < len(values) else None
        maps = site.given and site.call.children[0].text in _MAPPING
        return choices.held(value) if maps and value is not None else value


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
    if around.type == "keyword_argument":
        index -= 1
        around = path[index - 1]
    if around.type == "argument_list" and index > 1 and path[index - 2].type == "call":
        return _Site(named, path[index - 2], given=True)
    return None


def _arguments(given: Node) -> tuple[list[Node], dict[str, Node]]:
    values: list[Node] = []
    keywords: dict[str, Node] = {}
    for node in given.named_children[:_ARGUMENTS]:
        value = node.child_by_field_name("value")
        if node.type == "keyword_argument" and value is not None:
            keywords[_text(node.child_by_field_name("name"))] = value
        elif node.type != "comment":
            values.append(node)
    return values, keywords


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""
