"""What an expression refers to, what it is as a constant, and what it carries: asked for, not walked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from tree_sitter import Node

from fimci.capabilities import choices, private_keys
from fimci.capabilities.uses import Value
from fimci.readers.code.python_syntax import computing, containers, folding
from fimci.readers.code.python_syntax.callers import Callers
from fimci.readers.code.python_syntax.calling import Calling
from fimci.readers.code.python_syntax.folding import UNKNOWN, flows_of
from fimci.readers.code.python_syntax.literals import literal
from fimci.readers.code.python_syntax.naming import Naming
from fimci.readers.code.python_syntax.roles import Call
from fimci.readers.code.python_syntax.scopes import Scopes
from fimci.readers.code.python_syntax.several import possibly

#: Expressions that are evaluated in a file, and within one another; items of a list.
STEPS, DEPTH, _ITEMS = 200_000, 60, 20_000
#: Turns of a loop that a text of several costs; by how many bits letters that are put together are fewer.
_A_CHOICE, _MADE_AT_ONCE = 8, 3
#: Bytes of the body of a comprehension that are looked at for what it computes.
_BODY = 400
#: Children of a comprehension without a condition: a body and one clause.
_PLAIN = 2
#: The way up from any object to the one that all classes come from.
_ABOVE = re.compile(rb"__bases?__|__mro__|\bmro\s*\(|\Aobject\Z")
#: What a value may be besides that says nothing.
_NOTHING = frozenset(("comment", "none", "true", "false"))
#: Operands of a chain, entries of a table, digits of a number.
_OPERANDS, _DIGITS = 20_000, 5000


class Evaluator:
    """Evaluates the expressions of one file, each at most once, within a budget."""

    def __init__(self, scopes: Scopes) -> None:
        """Begin with nothing known."""
        self.scopes = scopes
        self.naming = Naming(scopes, self.value, Callers(scopes, self.value))
        self.calling = Calling(self.naming, self.value, self._anew)
        self._steps = 0
        self._depth = 0
        self._memo: dict[int, Value] = {}
        #: What loops put together in names.
        self._looped: dict[tuple[int, str], Value | None] = {}
        #: How each kind of expression is evaluated.
        self._kinds: Mapping[str, Callable[[Node], Value]] = {
            "identifier": self._identifier,
            "attribute": self._attribute,
            "call": self._call,
            "binary_operator": self._operation,
            "subscript": self._subscript,
            "lambda": self._lambda,
            "unary_operator": self._signed,
            **dict.fromkeys(("string", "concatenated_string"), self._literal),
            **dict.fromkeys(("integer", "float"), self._number),
            **dict.fromkeys(("list", "tuple", "set", "expression_list", "pattern_list"), self._list),
            **dict.fromkeys(("dictionary", "pair"), self._table),
            **dict.fromkeys(("conditional_expression", "boolean_operator"), self._choice),
            **dict.fromkeys(("list_comprehension", "generator_expression"), self._comprehension),
            **dict.fromkeys(("set_comprehension", "dictionary_comprehension"), self._comprehension),
            **dict.fromkeys(("parenthesized_expression", "await", "named_expression"), self._last),
            **dict.fromkeys(("list_splat", "dictionary_splat", "not_operator", "yield"), self._last),
        }

    def _first(self, nodes: list[Node]) -> Sequence[Node]:
        """Return the first of what a node holds."""
        return self.scopes.work.first(nodes, _ITEMS)

    @property
    def exhausted(self) -> bool:
        """Tell whether the budget is used up."""
        return self._steps >= STEPS

    def call(self, node: Node) -> Call:
        """Return what a call is made of."""
        return self.calling.call(node)

    def _anew(self, nodes: list[Node], names: dict[tuple[int, str], Value]) -> list[Value]:
        """Evaluate as if nothing were known but these names."""
        kept = self._memo, self.naming.known
        self._memo, self.naming.known = {}, names
        values = [self.value(node) for node in nodes]
        self._memo, self.naming.known = kept
        return values

    def value(self, node: Node) -> Value:
        """Return what is known of an expression; nothing where the budget ends or it refers to itself."""
        known = self._memo.get(node.id)
        if known is not None:
            return known
        if self._depth >= DEPTH or self.exhausted:
            return UNKNOWN
        self._steps += 1
        self._depth += 1
        self._memo[node.id] = UNKNOWN
        result = self._evaluate(node)
        self._memo[node.id] = result
        if result.text is not None and not result.literal:
            self.scopes.work.spend(len(result.text) >> _MADE_AT_ONCE)
        if result.choices:
            self.scopes.work.spend(_A_CHOICE * len(result.choices))
        self._depth -= 1
        return result

    def _evaluate(self, node: Node) -> Value:
        evaluate = self._kinds.get(node.type)
        return evaluate(node) if evaluate is not None else UNKNOWN

    def _identifier(self, node: Node) -> Value:
        name, scope = _text(node), self.scopes.at(node.start_byte)
        value = self.naming.name(name, scope)
        if value.text or value.name:
            return value
        held = scope if (scope, name) in self.scopes.bindings else 0
        if (held, name) not in self._looped:
            bound = self.scopes.bindings.get((held, name), [])
            self._looped[held, name] = None
            if any(one.kind in {"augment", "added"} and not isinstance(one.key, str) for one in bound):
                self._looped[held, name] = self.calling.decoders.put_together(name, bound)
        return self._looped.get((held, name)) or value

    def _attribute(self, node: Node) -> Value:
        owner, member = node.child_by_field_name("object"), node.child_by_field_name("attribute")
        if owner is None:
            return UNKNOWN
        if _text(member) == "__subclasses__" and _ABOVE.search(owner.text or b""):
            return Value(name="object.__base__.__subclasses__")
        return self.naming.member(self.value(owner), _text(member))

    def _call(self, node: Node) -> Value:
        return self.calling.result(node, self.call(node))

    def _literal(self, node: Node) -> Value:
        return literal(node, self._shown)

    def _shown(self, node: Node) -> Value:
        """Return what stands in the braces of a formatted text."""
        value = self.value(node)
        return self.naming.classes.special(value, "__str__") or value

    def _number(self, node: Node) -> Value:
        return Value(text=_text(node)[:_DIGITS], literal=True)

    def _signed(self, node: Node) -> Value:
        number = node.named_child_count > 0 and node.named_children[0].type == "integer"
        return self._number(node) if number else UNKNOWN

    def _table(self, node: Node) -> Value:
        flows = flows_of(self._inner(node))
        if "key" in flows and node.type == "pair" and private_keys.signs(_text(node.named_children[0])[1:-1]):
            flows -= {"key"}
        return Value(flows=flows, fields=tuple(self._fields(node)) if node.type == "dictionary" else ())

    def _fields(self, table: Node) -> Iterator[tuple[str, Value]]:
        for pair in table.named_children[: choices.FIELDS]:
            key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            if pair.type == "dictionary_splat":
                yield from self.value(pair).fields
            elif key is not None and value is not None:
                text = self.value(key).text
                yield text if isinstance(text, str) else "", self.value(value)

    def _choice(self, node: Node) -> Value:
        """Return what `a if b else c`, and others behind that `else`, or `a or b` may be."""
        nodes: list[Node] = []
        while node.type == "conditional_expression" and node.named_child_count:
            made, *_, node = [child for child in node.named_children if child.type != "comment"]
            nodes.append(made)
        nodes += self._first(node.named_children) if node.type == "boolean_operator" else [node]
        values = [self.value(one) for one in nodes if one.type not in _NOTHING]
        return possibly(values) if values else UNKNOWN

    def _lambda(self, node: Node) -> Value:
        return Value(name=f"@{self.scopes.of(node)}")

    def _last(self, node: Node) -> Value:
        while node.type == "parenthesized_expression" and node.named_child_count == 1:
            node = node.named_children[0]
            if node.type != "parenthesized_expression":
                return self.value(node)
        return self.value(node.named_children[-1]) if node.named_child_count else UNKNOWN

    def _inner(self, node: Node) -> list[Value]:
        return [self.value(child) for child in self._first(node.named_children) if child.type != "comment"]

    def _list(self, node: Node) -> Value:
        items: list[Value] = []
        for child in self._first(node.named_children):
            if child.type != "comment":
                value = self.value(child)
                items += value.items if child.type == "list_splat" and value.items else (value,)
        return Value(items=tuple(self.scopes.work.first(items, _ITEMS)), flows=flows_of(items))

    def _operation(self, node: Node) -> Value:
        """Return `a + b + c`, `a % b`, `a / b` of paths, `a * 3`; chains are followed, not descended."""
        operands: list[Node] = []
        current = node
        while True:
            left, right = current.child_by_field_name("left"), current.child_by_field_name("right")
            sign = current.child_by_field_name("operator")
            if left is None or right is None or sign is None:
                return UNKNOWN
            if sign.type != "+":
                break
            operands.append(right)
            if left.type != "binary_operator":
                operands.append(left)
                break
            current = left
            if len(operands) > _OPERANDS:
                return UNKNOWN
        if operands:
            if current is not operands[-1] and sign.type != "+":
                operands.append(current)
            return computing.added([self.value(operand) for operand in reversed(operands)])
        return computing.operated(sign.type, self.value(left), self.value(right))

    def _subscript(self, node: Node) -> Value:
        owner = node.child_by_field_name("value")
        keys = node.children_by_field_name("subscript")
        if owner is None or len(keys) != 1:
            return UNKNOWN
        base = self.value(owner)
        key = keys[0]
        if key.type == "slice":
            if base.text is not None or base.items:
                return folding.sliced(base, computing.bounds(_text(key)))
            turned = computing.bounds(_text(key)) == (None, None, -1)
            return base._replace(flows=folding.undone(base.flows)) if turned else base
        if owner.type in {"identifier", "dictionary"} and not base.name:
            entry = self._entry(owner, key)
            if entry is not None:
                return entry
        index = self.value(key)
        found = containers.item(base, index)
        if found is not None:
            return found
        return self.naming.item(base, index)

    def _entry(self, owner: Node, key: Node) -> Value | None:
        """Return an entry of a dictionary that stands in the file."""
        if owner.type == "identifier":
            scope = self.scopes.at(owner.start_byte)
            bound = self.scopes.bindings.get((scope, _text(owner))) or self.scopes.bindings.get(
                (0, _text(owner)), []
            )
            if len(bound) != 1 or bound[0].value.type != "dictionary":
                return None
            owner = bound[0].value
        wanted = self.value(key).text
        for pair in self._first(owner.named_children):
            self.scopes.work.spend(1)
            name, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            if (
                wanted is not None
                and name is not None
                and value is not None
                and self.value(name).text == wanted
            ):
                return self.value(value)
        return None

    def _comprehension(self, node: Node) -> Value:
        clauses = [child for child in node.named_children if child.type == "for_in_clause"]
        body = node.child_by_field_name("body")
        if body is None or not clauses:
            return UNKNOWN
        right = clauses[0].child_by_field_name("right")
        source = self.value(right) if right is not None else UNKNOWN
        if node.named_child_count == _PLAIN:
            items = computing.mapped(body, clauses[0], source, self.value)
            if items is not None:
                return Value(items=items, flows=flows_of((source, *items[:1])))
        if source.items or source.text:
            made = self.calling.decoders.constant(node)
            if made is not None:
                return made._replace(flows=made.flows | source.flows)
        value = self.value(body)
        if node.type in {"list_comprehension", "generator_expression"} and source.items:
            return Value(items=(value,), flows=value.flows | source.flows)
        flows = value.flows | source.flows
        return Value(flows=folding.undone(flows) if b"^" in (body.text or b"")[:_BODY] else flows)


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""
