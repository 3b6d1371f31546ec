"""Where names stand that mean something: found in the bytes, followed through what they are bound to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from tree_sitter import Node

from fimci.capabilities.python_aliases import RESULTS, canonical
from fimci.capabilities.python_names import NAMES, ROOTS
from fimci.capabilities.uses import MARK, STARTS, Use, Value
from fimci.readers.code import sought
from fimci.readers.code.pure import Spent
from fimci.readers.code.python_syntax.containers import SAME
from fimci.readers.code.python_syntax.noting import WALKS, Noted
from fimci.readers.code.python_syntax.operators import ITEM
from fimci.readers.code.python_syntax.parsing import Descent, Parsed
from fimci.readers.code.python_syntax.phases import Phases
from fimci.readers.code.python_syntax.prefilter import FETCHES, THROUGH, means, members
from fimci.readers.code.python_syntax.reflecting import ATTRIBUTE, METHOD
from fimci.readers.code.python_syntax.scopes import Scopes
from fimci.readers.code.python_syntax.taking import HOLDING, TAKING, Taking
from fimci.readers.code.python_syntax.telling import BULK, Teller, named
from fimci.readers.code.python_syntax.values import Evaluator
from fimci.readers.code.python_syntax.words import is_member, member_after, next_byte, previous_byte

#: Places of names that are looked at in one file.
MOST = 20_000
TOO_LARGE = "too large to follow all names"
#: Built-in functions that do something or lead to what does, and what is looked for behind them (empty: all).
_BUILT_IN = {
    "bytes": "bytes",
    "bytearray": "bytearray",
    **dict.fromkeys(("exec", "eval", "execfile", "compile", "open", "get_ipython"), ""),
    **dict.fromkeys(("__import__", "globals", "locals", "__builtins__", ".__globals__"), ""),
    "vars": "",
    **dict.fromkeys(("__loader__", "__spec__", ".__subclasses__"), ""),
}
#: Functions and methods that run a command, whatever they are of.
_RUNNING = re.compile(
    rb"(?<!\w)(system|[pP]open|check_output|check_call|getoutput|getstatusoutput|(?<=\.)(?:run|call))[ \t]*\("
)
#: A text that is given to what another function gave back.
_GIVEN_BACK = re.compile(rb"\)[ \t]*\((?=[ \t]*[\"'])")
#: Where names are no code, or are only bound.
_SKIPPED = frozenset(
    (
        *("import_statement", "import_from_statement", "future_import_statement", "parameters"),
        *("lambda_parameters", "global_statement", "nonlocal_statement"),
    )
)
#: What a value goes on through to the name that it gets.
_SPREADING = frozenset(
    (
        *("parenthesized_expression", "await", "conditional_expression", "boolean_operator", "list", "tuple"),
        *(
            "expression_list",
            "pattern_list",
            "dictionary",
            "pair",
            "named_expression",
            "as_pattern",
            "with_item",
        ),
        *("keyword_argument", "argument_list", "call", "attribute", "subscript"),
        *(
            "binary_operator",
            "list_splat",
            "dictionary_splat",
            "list_comprehension",
            "generator_expression",
            "set",
        ),
    )
)
#: What gives names to values.
_BINDING = frozenset(
    (
        *("assignment", "named_expression", "for_statement", "for_in_clause", "as_pattern"),
        "match_statement",
    )
)
#: Up to where a lambda is a part of what a name gets.
_STATEMENTS = frozenset(("assignment", "expression_statement", "block", "module"))
#: What is one of several or the sum of them.
_EITHER = frozenset(("binary_operator", "boolean_operator", "conditional_expression"))
#: Where something is kept that may be called later.
_KEPT = frozenset(("pair", "list", "tuple", "set", "return_statement", "expression_list"))
#: Functions that give back what they are given, or a member of it.
_LEADING = frozenset(
    (
        *("getattr", "vars", "functools.partial", "object.__getattribute__", "staticmethod", "classmethod"),
        *("iter", "next", "list", "tuple", "functools.reduce", "operator.itemgetter", ITEM, ATTRIBUTE, *SAME),
    )
)


class Finder:
    """Follows names through one file, from what is imported and built in to what is done with it."""

    def __init__(self, parsed: Parsed, scopes: Scopes) -> None:
        """Begin with the names that imports bind."""
        self.parsed, self.scopes = parsed, scopes
        self.values = Evaluator(scopes)
        self.phases = Phases(parsed.data, parsed.root, scopes)
        self.capped = ""
        self._teller = Teller(parsed, scopes, self.values, self.phases)
        self._descent = Descent(parsed.root, scopes.work)
        self._noted = Noted(scopes, self.values)
        self._taking = Taking(self.values, self._noted)
        self._seen: set[int] = set()

    def uses(self) -> tuple[Use, ...]:
        """Return all uses in the order of the text."""
        try:
            self._follow()
        except Spent:
            self.capped = TOO_LARGE
        if self.values.naming.cut:
            self.capped = self.capped or "more is put into one table than is looked at"
        if self.values.exhausted:
            self.capped = self.capped or TOO_LARGE
        return self._teller.uses()

    def _follow(self) -> None:
        self._noted.new.update(_BUILT_IN.items())
        self._noted.new.update(self._imported())
        while self._noted.new and not self.capped:
            for position, member in sorted(self._positions(self._noted.taken())):
                self._place(position, member=member)
        self._commands()

    def _commands(self) -> None:
        """Tell commands that fetch something, given to what is not known and called like what runs them."""
        data = self.parsed.data
        if not sought.any_of(data, FETCHES):
            return
        for count, found in enumerate(_RUNNING.finditer(data)):
            if count == MOST:
                self.capped = self.capped or TOO_LARGE
                return
            path = self._descent.to(found.start(1))
            at = len(path) - (2 if path[-2].type == "attribute" else 1)
            if path[at - 1].type == "call" and path[at - 1].children[0].id == path[at].id:
                self._teller.commanded(path[at - 1])
        for found in islice(_GIVEN_BACK.finditer(data), MOST):
            call = next(
                (node for node in self._descent.to(found.end() - 1)[::-1] if node.type == "call"), None
            )
            if call is not None and self._is_unknown(call.children[0]):
                self._teller.commanded(call)

    def _is_unknown(self, callee: Node) -> bool:
        """Tell whether another module says what is called, or nobody does: `getattr(os, name)`."""
        name = self.values.value(callee).name
        asks = callee.type == "call" and self.values.value(callee.children[0]).name == "getattr"
        return MARK in name or (asks and not name)

    def _imported(self) -> Iterator[tuple[str, str]]:
        for _node, module, member, local in self.scopes.imports:
            if member == "*":
                beginning = canonical(module) + "."
                for name in (*NAMES, *RESULTS):
                    if name.startswith(beginning):
                        first = name[len(beginning) :].partition(".")[0]
                        yield first, beginning + first
                continue
            dotted = canonical(f"{module}.{member}" if member else module)
            if dotted.partition(".")[0] in ROOTS:
                yield local, dotted if member or local != module.partition(".")[0] else canonical(local)

    def _positions(self, names: list[tuple[str, str]]) -> Iterator[tuple[int, bool]]:
        """Yield where these names stand, as far as something that means something can follow.

        Some of each name in turn: one that stands everywhere takes nothing away from the others.
        """
        for position, member in sought.in_turn(self._standing(name, dotted) for name, dotted in names):
            if position in self._seen:
                continue
            if len(self._seen) >= MOST:
                self.capped = f"more than {MOST:,} places to look at"
                return
            self._seen.add(position)
            yield position, member

    def _standing(self, name: str, dotted: str) -> Iterator[tuple[int, bool]]:
        data, member, word = self.parsed.data, name.startswith("."), name.lstrip(".").encode()
        wanted = members(dotted) if dotted else frozenset()
        told = not dotted or means(dotted) or dotted in WALKS
        if not wanted and not told and not dotted.startswith(("glob", "sqlite3", "configparser")):
            return
        for position in self.scopes.words.places(word) if word else ():
            if is_member(data, position) != member or position in self._seen:
                continue
            following = member_after(data, position + len(word))
            if (
                following
                and dotted
                and following not in wanted
                and f"{dotted}.{following}" not in WALKS
                and following not in THROUGH
                and following not in TAKING
                and not _passes_on(dotted, following)
                and "*" not in wanted
            ):
                continue
            if (
                not following
                and not told
                and next_byte(data, position + len(word)) == ord(":")
                and previous_byte(data, position) != ord("=")
                and not member
            ):
                continue
            yield position, member

    def _place(self, position: int, *, member: bool) -> None:
        path = self._descent.to(position)
        leaf = path[-1]
        if leaf.type == "exec" and path[len(path) - 2].type == "exec_statement":
            self._teller.statement(path[-2])
            return
        if leaf.type != "identifier" or _is_no_code(path) or self.phases.never(position):
            return
        index = len(path) - 1
        if path[index - 1].type == "attribute" and path[index - 1].children[0].id != leaf.id:
            index -= 1
        if member == (index < len(path) - 1):
            self._climb(list(path), index)

    def _climb(self, path: list[Node], index: int) -> None:
        """Go up from a name through members, calls and items, and tell what is done on the way."""
        while index:
            around, inner = path[index - 1], path[index]
            kind = around.type
            if kind in {"attribute", "parenthesized_expression", "await"}:
                pass
            elif kind == "call" and around.children[0].id == inner.id:
                self._teller.call(around)
            elif kind == "subscript" and around.children[0].id == inner.id:
                self._teller.item(around, path[index - 2] if index > 1 else None)
            elif (
                kind == "argument_list"
                and index > 1
                and path[index - 2].type == "call"
                and self._is_reflection(path[index - 2])
            ):
                if self._may_wrap(path[index - 2]):
                    self._teller.given(path, index, self.values.value(inner))
                index -= 2
                continue
            elif kind == "named_expression" and self.values.value(around).name:
                self._noted.assigned(around, self.values.value(inner))
            elif (kind in HOLDING or kind == "argument_list") and (outer := self._taking.out(path, index)):
                self._taking.put(path[outer : index + 1], self.values.value(inner))
                index = outer
                continue
            elif kind not in _EITHER or not self.values.value(around).name:
                break
            index -= 1
        self._end(path, index)

    def _is_reflection(self, call: Node) -> bool:
        """Tell whether a call gives back what it is given, or a member of it (`getattr(os, "system")`)."""
        function = self.values.value(call.children[0]).name
        if function == "setattr":
            self._teller.call(call)
        if function == METHOD:
            self._teller.method(call)
        if not function or MARK in function:
            return self._may_wrap(call)
        if function.startswith("@"):  # a function of the file that gives what it is given, or a member of it
            return self.values.value(call).name[:1] not in {"", "@", "<"}
        return function in _LEADING and bool(self.values.value(call).name)

    def _may_wrap(self, call: Node) -> bool:
        """Tell whether a function is called that nobody knows, and given one that starts something."""
        function = self.values.value(call.children[0]).name
        row = NAMES.get(self.values.value(call).name) if not function or MARK in function else None
        return row is not None and row.name in STARTS

    def _end(self, path: list[Node], index: int) -> None:
        """Look at what is done with a whole expression: assigned, given to a call, returned."""
        inner, around = path[index], path[index - 1]
        value = self.values.value(inner)
        kind = around.type
        if (
            kind in {"assignment", "augmented_assignment", "delete_statement"}
            and around.children[0].id == inner.id
        ):
            self._teller.written(inner, around)
            return
        if not value.name and not value.text and not any(self._noted.names_in(value)):
            return
        if value.name in BULK and self._teller.is_bulk(path, index):
            self._teller.reads(inner, value.name)
        if kind in {"argument_list", "keyword_argument"} and inner.type in {
            "identifier",
            "attribute",
            "call",
            "subscript",
        }:
            self._teller.given(path, index, value)
        elif kind == "decorator":
            self._teller.decorates(inner, named(value))
            name = path[index - 2].children[-1].child_by_field_name("name")
            self._noted.name(_text(name), self.values.naming.name(_text(name), 0))
        elif kind in _KEPT:
            self._teller.kept(inner, named(value))
        self._aliases(path, index)

    def _aliases(self, path: list[Node], index: int) -> None:
        """Take note of the names that a value gets."""
        value = self.values.value(path[index])
        while index:
            inner, around = path[index], path[index - 1]
            match around.type:
                case "call" if around.children[0].text == b"setattr":
                    self._noted.put(around)
                    return
                case "argument_list" if path[index - 2].type == "class_definition":
                    self._noted.below(path[index - 2], value)
                    return
                case "argument_list":
                    self._noted.handed(path[index - 2], value)
                case kind if kind in _BINDING:
                    self._noted.assigned(around, value)
                case "return_statement" | "yield":
                    self._noted.returned(around, self.values.value(inner))
                    return
                case "lambda":
                    self._of_lambda(path, index - 1, self.values.value(inner))
                    return
                case "default_parameter" | "typed_default_parameter":
                    self._noted.name(_text(around.child_by_field_name("name")), self.values.value(inner))
                    return
                case other if other not in _SPREADING:
                    return
            index -= 1

    def _of_lambda(self, path: list[Node], index: int, value: Value) -> None:
        """Go on where a lambda is called that gives a value: where it stands, or by its name."""
        while index and path[index - 1].type == "parenthesized_expression":
            index -= 1
        around = path[index - 1]
        if around.type == "call" and around.children[0].id == path[index].id:
            self._climb(list(path), index - 1)
        elif around.type in {"assignment", "named_expression"}:
            self._named(around, value)
        elif around.type in {"argument_list", "keyword_argument"}:  # `property(lambda self: os)`
            outer = next((node for node in reversed(path[:index]) if node.type in _STATEMENTS), None)
            if outer is not None and outer.type == "assignment":
                self._named(outer, value)

    def _named(self, around: Node, value: Value) -> None:
        """Take note of the name that a value gets."""
        fields = (around.child_by_field_name(field) for field in ("left", "name"))
        self._noted.target(next((node for node in fields if node is not None), None), value)


def _passes_on(dotted: str, member: str) -> bool:
    """Tell whether a member is again what it belongs to: the parent of a path, the context of a session."""
    return dotted == "pathlib.Path" and member in {
        "parent",
        "parents",
        "joinpath",
        "with_name",
        "with_suffix",
        "resolve",
        "absolute",
        "expanduser",
    }


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def _is_no_code(path: Sequence[Node]) -> bool:
    """Tell whether a name stands in an import, among parameters or in a type.

    Defaults among parameters are code, and so are calls in types.
    """
    for index, node in enumerate(path):
        if node.type == "type":
            return not any(inner.type == "call" for inner in path[index:])
        if node.type in _SKIPPED and not _is_default(path[index:]):
            return True
    return False


def _is_default(path: Sequence[Node]) -> bool:
    for outer, inner in pairwise(path):
        if outer.type in {"default_parameter", "typed_default_parameter"}:
            value = outer.child_by_field_name("value")
            return value is not None and value.id == inner.id
    return any(node.type == "type" for node in path)
