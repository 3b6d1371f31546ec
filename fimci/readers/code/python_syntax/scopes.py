"""What names are bound to, scope by scope, in the order of the text.

Comprehensions have no scope of their own here: their variables belong to the function around them.
"""

from __future__ import annotations

import itertools
import operator
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple

import tree_sitter
from tree_sitter import Node

from fimci.readers.code.pure import Work
from fimci.readers.code.python_syntax import parsing, puts
from fimci.readers.code.python_syntax.words import Words

#: Bindings that are looked at in a file, and of one name.
MOST = 60_000
#: Things that are put into one list or table.
MOST_ADDED = 500
#: What a `with` gives, which is not always what it is given.
ENTERED = "with"
#: All from a place on (`a, *rest = …`); patterns within one another.
REST, _PATTERNS = -1, 8
#: By which names a method speaks of its object.
_OWN = frozenset({"self", "cls"})
_BUILT_INS = frozenset({"builtins", "__builtins__"})
#: What hides nothing wherever it is put.
_EMPTY = frozenset(("integer", "float", "none", "true", "false", "comment"))

_START = operator.attrgetter("start_byte", "end_byte")

_QUERY = tree_sitter.Query(
    parsing.LANGUAGE,
    """(function_definition) @function (lambda) @function (class_definition) @class
    (assignment right: (_)) @assign (augmented_assignment) @augment (named_expression) @named
    (for_statement) @loop (for_in_clause) @loop (with_item value: (as_pattern) @enter)
    (import_statement) @import (import_from_statement) @from [(return_statement) (yield)] @return
    (global_statement) @global
    (assignment left: (subscript)) @entry (augmented_assignment left: (subscript)) @entry
    (call function: (attribute object: [(identifier) (attribute) (call)] attribute: (identifier) @verb)
      (#any-of? @verb "append" "appendleft" "extend" "update" "add" "insert" "setdefault" "write" "writestr"
        "writelines" "put" "put_nowait" "attach" "set_content" "set" "read_string" "read_dict"
        "putenv" "__setitem__")) @filling
    (match_statement) @match (nonlocal_statement) @nonlocal""",
)
#: What the statements that the query finds bind.
_STATEMENTS: dict[str, Literal["value", "augment", "element"]] = {
    "assign": "value",
    "augment": "augment",
    "named": "value",
    "loop": "element",
    "enter": "value",
}
_KINDS: tuple[tuple[str, Literal["function", "class"]], ...] = (("function", "function"), ("class", "class"))


class Scope(NamedTuple):
    """The body of a function, lambda or class, or (number 0) the module. Defaults and bases are outside."""

    start: int
    end: int
    parent: int
    kind: Literal["module", "function", "class"]
    name: str
    node: Node


class Binding(NamedTuple):
    """One way in which a name gets a value.

    `value` is the node that it comes from. `place` is where it stands where a list is taken apart, or among
    parameters; `dotted` the module or member that is imported, or the parameter's name.
    What is `added` goes into a list, a table or an object: `dotted` tells by which method, `key` where.
    """

    kind: Literal["value", "augment", "element", "parameter", "function", "class", "import", "added"]
    position: int
    value: Node
    place: int = -1
    dotted: str = ""
    key: Node | str | None = None
    #: Where it stands in the list at that place, and so on; at last `REST` for that place and all behind it.
    deeper: tuple[int, ...] = ()


class Scopes(NamedTuple):
    """All scopes, in the order of their beginnings, what each binds, and what is imported.

    A member of `self` is bound in the scope of its class under `.name`. `returns` are by function.
    `imports` are (node, module, member, local name); a member `*` binds all.
    """

    scopes: list[Scope]
    starts: list[int]
    bindings: dict[tuple[int, str], list[Binding]]
    imports: list[tuple[Node, str, str, str]]
    returns: dict[int, list[Node]]
    capped: bool
    words: Words
    work: Work

    def at(self, position: int) -> int:
        """Return the number of the innermost scope around a byte."""
        number, climbed = bisect_right(self.starts, position) - 1, 1
        while self.scopes[number].end <= position and number:
            number, climbed = self.scopes[number].parent, climbed + 1
        self.work.spend(climbed)
        return max(number, 0)

    def of(self, definition: Node) -> int:
        """Return the number of the scope that a function, lambda or class makes."""
        body = definition.child_by_field_name("body")
        return self.at(body.start_byte) if body is not None else 0

    def class_of(self, number: int) -> int:
        """Return the innermost class around a scope, 0 for none."""
        while number and self.scopes[number].kind != "class":
            number = self.scopes[number].parent
        return number


def collect(root: Node, data: bytes) -> Scopes:
    """Read all bindings of a tree, which was made of these bytes."""
    captures = _query(_QUERY, root)
    found = _scopes(root, data, captures)
    bindings = _Bindings(found)
    for node in captures.get("function", ()):
        bindings.function(node)
    for node in captures.get("class", ()):
        bindings.add(node, _text(node.child_by_field_name("name")), Binding("class", node.start_byte, node))
    for label, kind in _STATEMENTS.items():
        for node in captures.get(label, ())[:MOST]:
            bindings.statement(node, kind)
    others: tuple[tuple[str, Callable[[Node], None]], ...] = (
        ("import", bindings.modules),
        ("from", bindings.members),
        ("return", bindings.returned),
        ("global", bindings.everywhere),
        ("nonlocal", bindings.further_out),
        ("match", bindings.taken_apart),
    )
    for label, take in others:
        for node in captures.get(label, ())[:MOST]:
            take(node)
    if b"setattr" in data:
        captures.setdefault("filling", []).extend(_setters(root, found.words))
    _fill(bindings, captures)
    for items in found.bindings.values():
        items.sort(key=lambda binding: binding.position)
    return found


def _query(query: tree_sitter.Query, root: Node) -> dict[str, list[Node]]:
    cursor = tree_sitter.QueryCursor(query)
    cursor.set_max_start_depth(parsing.DEPTH)  # its time grows with the square of the depth
    # They come in the order of their addresses in memory, and bounds count: two runs have to agree.
    return {label: sorted(nodes, key=_START) for label, nodes in cursor.captures(root).items()}


def _setters(root: Node, words: Words) -> Iterator[Node]:
    """Yield the calls of `setattr(thing, "name", value)`."""
    for position in itertools.islice(words.places(b"setattr"), MOST_ADDED):
        name = root.descendant_for_byte_range(position, position + 1)
        call = name.parent if name is not None and name.type == "identifier" else None
        if call is not None and name is not None and call.type == "call" and call.children[0].id == name.id:
            yield call


def _fill(bindings: _Bindings, captures: dict[str, list[Node]]) -> None:
    """Take what goes into lists, tables and objects, once it is known what is bound where."""
    for node in captures.get("entry", ())[:MOST]:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is not None and right is not None:
            bindings.filled(puts.item(left, right))
    for node in captures.get("filling", ())[:MOST]:
        function, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is not None and given is not None:
            bindings.filled(puts.called(function, given.named_children))
    for put in bindings.members_put[:MOST]:
        bindings.filled([put])


def _scopes(root: Node, data: bytes, captures: dict[str, list[Node]]) -> Scopes:
    nodes: list[tuple[Node, Node, Literal["function", "class"]]] = []
    for label, kind in _KINDS:
        for node in captures.get(label, ()):
            body = node.child_by_field_name("body")
            if body is not None:
                nodes.append((body, node, kind))
    nodes.sort(key=lambda three: (three[0].start_byte, -three[0].end_byte))
    capped = len(nodes) > MOST or any(len(found) > MOST for found in captures.values())
    scopes = [Scope(0, root.end_byte + 1, 0, "module", "", root)]
    around = [0]
    for body, node, kind in nodes[:MOST]:
        while scopes[around[-1]].end <= body.start_byte:
            around.pop()
        around.append(len(scopes))
        name = _text(node.child_by_field_name("name"))
        scopes.append(Scope(body.start_byte, body.end_byte, around[-2], kind, name, node))
    work = Work(len(data))
    starts = [scope.start for scope in scopes]
    return Scopes(scopes, starts, {}, [], {}, capped, Words(data, work), work)


class _Bindings:
    """Puts what statements bind where it belongs."""

    def __init__(self, found: Scopes) -> None:
        self.found = found
        self.chained: dict[int, Node | None] = {}
        #: What is assigned to members of other things than the own object.
        self.members_put: list[puts.Put] = []

    def add(self, node: Node, name: str, binding: Binding) -> None:
        self.put(self.found.at(node.start_byte), name, binding)

    def put(self, scope: int, name: str, binding: Binding) -> None:
        self.found.bindings.setdefault((scope, name), []).append(binding)

    def function(self, node: Node) -> None:
        if node.type == "function_definition":
            name = _text(node.child_by_field_name("name"))
            self.add(node, name, Binding("function", node.start_byte, node))
        scope, parameters = self.found.of(node), node.child_by_field_name("parameters")
        for index, parameter in enumerate(
            parameters.named_children if parameters is not None and scope else ()
        ):
            named = parameter.child_by_field_name("name") or parameter
            while named.type not in {"identifier", "default_parameter"} and named.named_child_count:
                named = named.named_children[0]  # of `*these: str` two levels down
            value = parameter.child_by_field_name("value") or parameter
            name = _text(named)
            self.put(scope, name, Binding("parameter", parameter.start_byte, value, index, dotted=name))

    def returned(self, node: Node) -> None:
        if node.named_child_count:
            scope = self.found.at(node.start_byte)
            given = node if node.type == "yield" else node.named_children[0]
            self.found.returns.setdefault(scope, []).append(given)

    def everywhere(self, node: Node) -> None:
        """Take what a function binds as `global` for bindings of the module."""
        for name in node.named_children:
            for one in self.found.bindings.pop((self.found.at(node.start_byte), _text(name)), ()):
                self.put(0, _text(name), one)

    def further_out(self, node: Node) -> None:
        """Take what a function binds as `nonlocal` for bindings of one around it."""
        number = self.found.at(node.start_byte)
        for name in node.named_children:
            outer = self.found.scopes[number].parent
            while outer and (outer, _text(name)) not in self.found.bindings:
                outer = self.found.scopes[outer].parent
            for one in self.found.bindings.pop((number, _text(name)), ()):
                self.put(outer, _text(name), one)

    def taken_apart(self, match: Node) -> None:
        for one in puts.captured(match):
            name = _text(one.name)
            if name != "_":
                at = one.name.start_byte
                self.add(one.name, name, Binding("value", at, one.subject, one.place, key=one.key))

    def statement(self, node: Node, kind: str) -> None:
        left = (
            node.child_by_field_name("left")
            or node.child_by_field_name("name")
            or node.child_by_field_name("alias")
        )
        right = node.child_by_field_name("right") or node.child_by_field_name("value")
        if node.type == "as_pattern" and node.named_child_count:
            right = node.named_children[0]
        right = self.last(right)
        if left is not None and right is not None:
            if left.type == "as_pattern_target" and left.named_child_count:
                left = left.named_children[0]
            whole = Binding(
                "augment" if kind == "augment" else "element" if kind == "element" else "value",
                node.start_byte,
                right,
                dotted=ENTERED if node.type == "as_pattern" else "",
            )
            self.target(left, whole)

    def last(self, right: Node | None) -> Node | None:
        """Return what all names of `a = b = c` get; it is looked for once."""
        passed: list[int] = []
        while right is not None and right.type == "assignment" and right.id not in self.chained:
            passed.append(right.id)
            right = right.child_by_field_name("right")
        found = right if right is None else self.chained.get(right.id, right)
        self.chained.update(dict.fromkeys(passed, found))
        return found

    def target(self, left: Node, binding: Binding) -> None:
        if left.type == "identifier":
            self.add(left, _text(left), binding)
        elif left.type == "attribute":
            owner, member = left.child_by_field_name("object"), left.child_by_field_name("attribute")
            if owner is None or owner.type != "identifier":
                return
            if (own := _text(owner)) in _OWN:
                around = self.found.class_of(self.found.at(left.start_byte))
                self.found.bindings.setdefault((around, "." + _text(member)), []).append(binding)
            elif binding.place < 0 and binding.kind == "value" and binding.value.type not in _EMPTY:
                everywhere = "*" if own in _BUILT_INS else ""
                self.members_put.append(puts.Put(owner, puts.ITEM, _text(member), binding.value, everywhere))
        elif left.type in {"pattern_list", "tuple_pattern", "list_pattern"}:
            for index, inner in enumerate(left.named_children if len(binding.deeper) < _PATTERNS else ()):
                rest = inner.type == "list_splat_pattern" and inner.named_child_count > 0
                at = (*((binding.place, *binding.deeper) if binding.place >= 0 else ()), index)
                found = binding._replace(place=at[0], deeper=(*at[1:], REST) if rest else at[1:])
                self.target(inner.named_children[0] if rest else inner, found)

    def filled(self, given: Iterable[puts.Put]) -> None:
        """Take what is put into a list, a table, an object or a file for something that its name carries."""
        for put in given:
            if put.value.type in _EMPTY:
                continue
            if put.name == puts.ENVIRON:
                self.put(0, puts.ENVIRON, _added(put))
            elif put.name:
                self.put_everywhere(put)
            elif put.owner is not None and _text(put.owner) in _OWN and put.how in {puts.ITEM, "update"}:
                self.put_in_own(put)
            elif put.owner is not None:
                bound = self.found.bindings.get(self.carrier(put.owner))
                if bound and len(bound) < MOST_ADDED and _takes(bound[0], put.how):
                    bound.append(_added(put))

    def put_everywhere(self, put: puts.Put) -> None:
        """Take an item of `globals()`, and a member of the module or of what is built in, for a name."""
        name = put.key if isinstance(put.key, str) else _text(put.key).strip("\"'")
        if name.isidentifier() and not self.found.bindings.get((0, name)):
            self.put(0, name, Binding("value", put.value.start_byte, put.value))

    def put_in_own(self, put: puts.Put) -> None:
        """Take a member of the own object that is named by a text, or a table of all members."""
        name = put.key if isinstance(put.key, str) else _text(put.key).strip("\"'")
        around = self.found.class_of(self.found.at(put.value.start_byte))
        member = puts.EVERY if put.how == "update" else f".{name}"
        self.put(around, member, Binding("value", put.value.start_byte, put.value))

    def carrier(self, owner: Node) -> tuple[int, str]:
        """Return where a name, or a member of the own object, is bound."""
        number = self.found.at(owner.start_byte)
        if owner.type == "attribute":
            return self.found.class_of(number), "." + _text(owner.child_by_field_name("attribute"))
        name = _text(owner)
        while number and (number, name) not in self.found.bindings:
            number = self.found.scopes[number].parent
        return number, name

    def modules(self, node: Node) -> None:
        for child in node.named_children:
            name = child.child_by_field_name("name") or child
            alias = child.child_by_field_name("alias")
            dotted = _dotted(name)
            local = _text(alias) if alias is not None else dotted.partition(".")[0]
            self.found.imports.append((node, dotted, "", local))
            binding = Binding("import", node.start_byte, node, dotted=dotted if alias is not None else local)
            self.add(node, local, binding)

    def members(self, node: Node) -> None:
        module_node = node.child_by_field_name("module_name")
        module = _dotted(module_node) if module_node is not None else ""
        for child in node.named_children:
            if child.type == "wildcard_import":
                self.found.imports.append((node, module, "*", "*"))
                self.add(node, "*", Binding("import", node.start_byte, node, dotted=module))
            elif module_node is None or child.start_byte != module_node.start_byte:
                member = _dotted(child.child_by_field_name("name") or child)
                alias = child.child_by_field_name("alias")
                local = _text(alias) if alias is not None else member
                self.found.imports.append((node, module, member, local))
                self.add(node, local, Binding("import", node.start_byte, node, dotted=f"{module}.{member}"))


def _takes(first: Binding, how: str) -> bool:
    """Tell whether what a name is bound to takes what is put into it: a function or class has members."""
    if first.kind in {"function", "class"}:
        return how == puts.ITEM
    return first.kind != "import"


def _added(put: puts.Put) -> Binding:
    return Binding("added", put.value.start_byte, put.value, dotted=put.how, key=put.key)


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def _dotted(node: Node) -> str:
    return "".join(_text(node).split())
