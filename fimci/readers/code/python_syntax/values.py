"""What an expression refers to, what it is as a constant, and what it carries: asked for, not walked for.

Names of things in the file itself begin with `@` and go on with the number of their scope. `builtins` is the module,
`<globals>` what `globals()` returns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tree_sitter import Node

from fimci.capabilities import sensitive
from fimci.capabilities.catalogue import find
from fimci.capabilities.python_names import NAMES, RESULTS, ROOTS, canonical
from fimci.capabilities.uses import Api, Flow, Value
from fimci.readers.code.python_syntax import computing, folding
from fimci.readers.code.python_syntax.folding import UNKNOWN, flows_of, joined
from fimci.readers.code.python_syntax.literals import literal
from fimci.readers.code.python_syntax.scopes import Binding, Scope, Scopes

#: Expressions that are evaluated in a file, and within one another.
STEPS, DEPTH = 200_000, 60
#: Bindings of one name that are looked at, items of a list, arguments of a call.
_MOST, _ITEMS, _ARGUMENTS = 8, folding.MOST, 60
#: Functions that are evaluated for certain arguments: their bytes, and how often in a file.
_SHORT, _SUBSTITUTED = 2000, 100
#: What shows through: these members are what they belong to.
_SAME_THING = frozenset({"__dict__", "__call__", "__func__", "__wrapped__", "__self__", "__func__"})
#: Modules that other modules hold by chance (`subprocess.os.system`).
_HELD = frozenset({"os", "sys", "subprocess", "builtins", "socket", "importlib", "__builtins__"})
_ENVIRON = frozenset({"os.environ", "os.environb"})
#: What a whole reading of the environment gives, and one of a variable.
_BULK: frozenset[Flow] = frozenset({"environment-bulk"})
_VARIABLE: frozenset[Flow] = frozenset({"environment"})
_SECRET: frozenset[Flow] = frozenset({"secret"})
_NESTING = {
    "parenthesized_expression",
    "await",
    "named_expression",
    "list_splat",
    "dictionary_splat",
    "not_operator",
    "yield",
}
_PASSED_ON: frozenset[Flow] = frozenset(
    (
        "environment",
        "environment-bulk",
        "secret",
        "system",
        "file",
        "network",
        "decoded",
        "clipboard",
        "output",
    )
)


class Call(NamedTuple):
    """A call: what is called, and with what."""

    callee: Value
    arguments: tuple[Value, ...]
    keywords: dict[str, Value]
    receiver: Value


class Evaluator:
    """Evaluates the expressions of one file, each at most once, within a budget."""

    def __init__(self, scopes: Scopes) -> None:
        """Begin with nothing known."""
        self.scopes = scopes
        self.steps = 0
        #: Names that were found out from texts that are not written as they are.
        self.spoken: set[str] = set()
        self.decoded: list[tuple[int, str, bytes]] = []
        self._memo: dict[int, Value] = {}
        self._names: dict[tuple[int, str], Value] = {}
        self._returns: dict[int, Value] = {}
        self._chains: dict[int, str] = {}
        self._depth = 0
        self._substitutions = 0

    @property
    def exhausted(self) -> bool:
        """Tell whether the budget is used up."""
        return self.steps >= STEPS

    def value(self, node: Node) -> Value:
        """Return what is known of an expression; nothing where the budget ends or it refers to itself."""
        known = self._memo.get(node.id)
        if known is not None:
            return known
        if self._depth >= DEPTH or self.exhausted:
            return UNKNOWN
        self.steps += 1
        self._depth += 1
        self._memo[node.id] = UNKNOWN
        result = self._evaluate(node)
        self._memo[node.id] = result
        self._depth -= 1
        return result

    def _evaluate(self, node: Node) -> Value:
        kind = node.type
        match kind:
            case "identifier":
                return self.name(_text(node), self.scopes.at(node.start_byte))
            case "attribute":
                owner, member = node.child_by_field_name("object"), node.child_by_field_name("attribute")
                return self.member(self.value(owner), _text(member)) if owner is not None else UNKNOWN
            case "call":
                return self._result(node, self.call(node))
            case "string" | "concatenated_string":
                return literal(node, self.value)
            case "binary_operator":
                return self._operation(node)
            case "subscript":
                return self._subscript(node)
            case "list" | "tuple" | "set" | "expression_list" | "pattern_list":
                return self._list(node)
            case "dictionary":
                return Value(flows=flows_of(self._inner(node)))
            case "pair":
                return Value(flows=flows_of(self.value(child) for child in node.named_children))
            case "conditional_expression" | "boolean_operator":
                return _either([self.value(child) for child in node.named_children])
            case (
                "list_comprehension"
                | "generator_expression"
                | "set_comprehension"
                | "dictionary_comprehension"
            ):
                return self._comprehension(node)
            case "integer" | "float":
                return Value(text=_text(node)[:5000], literal=True)
            case "unary_operator":
                return (
                    Value(text=_text(node)[:100], literal=True)
                    if node.named_child_count and node.named_children[0].type == "integer"
                    else UNKNOWN
                )
            case "lambda":
                return Value(name=f"@{self.scopes.of(node)}")
            case _ if kind in _NESTING and node.named_child_count:
                return self.value(node.named_children[-1])
        return UNKNOWN

    def _inner(self, node: Node) -> list[Value]:
        return [self.value(child) for child in node.named_children[:_ITEMS] if child.type != "comment"]

    def _list(self, node: Node) -> Value:
        items = tuple(self._inner(node))
        return Value(items=items, flows=flows_of(items))

    # Names

    def name(self, name: str, scope: int) -> Value:
        """Return what a name means in a scope: the innermost binding, else what is built in."""
        key = (scope, name)
        if key in self._names:
            return self._names[key]
        self._names[key] = UNKNOWN
        number, found = scope, None
        while True:
            if number == scope or self.scopes.scopes[number].kind != "class":
                found = self.scopes.bindings.get((number, name))
            if found or not number:
                break
            number = self.scopes.scopes[number].parent
        value = self._bound(found, number) if found else self._built_in(name)
        self._names[key] = value
        return value

    def _built_in(self, name: str) -> Value:
        if name == "__builtins__":
            return Value(name="builtins")
        for binding in self.scopes.bindings.get((0, "*"), ()):
            dotted = canonical(f"{binding.dotted}.{name}")
            if dotted in NAMES or dotted in RESULTS:
                return Value(name=dotted)
        return Value(name=name) if "." not in name else UNKNOWN

    def _bound(self, bindings: list[Binding], scope: int) -> Value:
        if len(bindings) == 1:
            return self._binding(bindings[0], scope)
        first = bindings[0]
        if (
            first.kind == "value"
            and len(bindings) <= 200
            and all(item.kind == "augment" for item in bindings[1:])
        ):
            return joined([self._binding(item, scope) for item in bindings])
        values = [self._binding(item, scope) for item in (*bindings[: _MOST // 2], *bindings[-_MOST // 2 :])]
        return _either(values)

    def _binding(self, binding: Binding, scope: int) -> Value:
        if binding.kind == "import":
            return Value(name=canonical(binding.dotted))
        if binding.kind in {"function", "class"}:
            return Value(name=f"@{self.scopes.of(binding.value)}")
        if binding.kind == "parameter":
            around = self.scopes.scopes[scope].parent
            if not binding.place and self.scopes.scopes[around].kind == "class":
                return Value(name=f"@{around}")
            given = (
                self.value(binding.value)
                if binding.value.type not in {"identifier", "typed_parameter"}
                else UNKNOWN
            )
            return given._replace(text=None, flows=given.flows | {"input"})
        value = self.value(binding.value)
        if binding.kind == "element":
            item = _either(list(value.items[:_MOST])) if value.items else UNKNOWN
            value = item._replace(flows=value.flows | item.flows, literal=False)
        if binding.place >= 0:
            value = (
                value.items[binding.place] if binding.place < len(value.items) else Value(flows=value.flows)
            )
        return value._replace(literal=False) if value.literal else value

    def member(self, owner: Value, member: str) -> Value:
        """Return `owner.member`."""
        if not owner.name:
            return Value(flows=owner.flows)
        if member in _SAME_THING:
            return owner
        if member == "__globals__":
            return Value(name="<globals>")
        if owner.name.startswith("@"):
            return self._own_member(owner, member)
        if owner.name == "pathlib.Path" and member in {"parent", "parents"}:
            return Value(name=owner.name, flows=owner.flows)
        name = canonical(f"{owner.name}.{member}")
        if member in _HELD and owner.name != "sys" and name not in NAMES and name not in RESULTS:
            return Value(name=member.strip("_") if member == "__builtins__" else member)
        return Value(name=name, flows=owner.flows | (_BULK if name in _ENVIRON else frozenset()))

    def _own_member(self, owner: Value, member: str) -> Value:
        number = int(owner.name[1:].partition(".")[0])
        bound = self.scopes.bindings.get((number, member)) or self.scopes.bindings.get((number, "." + member))
        if bound and self.scopes.scopes[number].kind == "class":
            key = (number, "." + member)
            if key not in self._names:
                self._names[key] = UNKNOWN
                self._names[key] = self._bound(bound, number)
            return self._names[key]
        base = self._base(number)
        return (
            self.member(base, member)
            if base.name and not base.name.startswith("@")
            else Value(flows=owner.flows)
        )

    def _base(self, number: int) -> Value:
        """Return the first base of a class that is not of this file."""
        scope = self.scopes.scopes[number]
        bases = scope.node.child_by_field_name("superclasses") if scope.kind == "class" else None
        values = (
            [self.value(base) for base in bases.named_children[:_MOST] if base.type != "keyword_argument"]
            if bases is not None
            else []
        )
        return next((value for value in values if value.name), UNKNOWN)

    # Calls

    def call(self, node: Node) -> Call:
        """Return what a call is made of. `self` is an instance of the class around."""
        function, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        callee = self.value(function) if function is not None else UNKNOWN
        receiver = UNKNOWN
        if function is not None and function.type == "attribute":
            owner = function.child_by_field_name("object")
            receiver = self.value(owner) if owner is not None else UNKNOWN
        arguments: list[Value] = []
        keywords: dict[str, Value] = {}
        if given is not None and given.type == "generator_expression":
            arguments.append(self.value(given))
        elif given is not None:
            for argument in given.named_children[:_ARGUMENTS]:
                if argument.type == "keyword_argument":
                    name, value = argument.child_by_field_name("name"), argument.child_by_field_name("value")
                    if value is not None:
                        keywords[_text(name)] = self.value(value)
                elif argument.type == "dictionary_splat":
                    keywords.setdefault("**", self.value(argument))
                elif argument.type == "list_splat":
                    spread = self.value(argument)
                    arguments.extend(spread.items[:_ARGUMENTS] or (spread,))
                elif argument.type != "comment":
                    arguments.append(self.value(argument))
        return Call(callee, tuple(arguments), keywords, receiver)

    def _result(self, node: Node, call: Call) -> Value:
        name = call.callee.name
        line = node.start_point.row + 1
        if name.startswith("@"):
            return self._returned(name, call)
        reached = self._reflection(name, call)
        if reached is not None:
            return reached
        how = folding.DECODERS.get(name) or _codec(name, call)
        if how and (call.arguments or call.keywords):
            return self._decoded(line, how, next(iter((*call.arguments, *call.keywords.values()))))
        computed = computing.called(name, call.arguments, call.keywords)
        if computed is not None:
            return computed
        api = self.api(name)
        if api is None and not (name and name.partition(".")[0] in ROOTS and name in RESULTS):
            return self._method(node, call)
        return self._known(name, api or Api(), call)

    def _known(self, name: str, api: Api, call: Call) -> Value:
        given = (*call.arguments, *call.keywords.values())
        flows = api.gives
        if api.passes:
            flows |= flows_of((call.receiver, *given)) - ({"payload"} if "decoded" in api.gives else set())
        flows |= _secrets(api, call)
        result = RESULTS.get(name, name if name.rpartition(".")[2][:1].isupper() else "")
        path = (
            call.arguments[0]
            if call.arguments and result == "open"
            else call.receiver
            if result == "open"
            else UNKNOWN
        )
        return Value(text=path.text, parts=path.parts, name=result, flows=flows)

    def _method(self, node: Node, call: Call) -> Value:
        """Return what an unknown function gives: a method of a text is computed, all else hands on what it got."""
        function = node.child_by_field_name("function")
        name = call.callee.name
        if function is not None and function.type == "attribute":
            member = _text(function.child_by_field_name("attribute"))
            if member == "format":
                return folding.formatted(call.receiver, call.arguments, call.keywords)
            if (
                member == "decode"
                and call.arguments
                and call.arguments[0].text in {"base64", "hex", "rot13", "rot_13", "zlib", "bz2"}
            ):
                return self._decoded(node.start_point.row + 1, str(call.arguments[0].text), call.receiver)
            value = folding.method(member, call.receiver, call.arguments)
            if value.text is not None or value.items:
                return value
        flows = flows_of((call.receiver, call.callee, *call.arguments, *call.keywords.values())) & _PASSED_ON
        is_class = name.rpartition(".")[2][:1].isupper() and name.partition(".")[0] in ROOTS
        return Value(name=RESULTS.get(name, name) if is_class else "", flows=flows)

    def _returned(self, name: str, call: Call) -> Value:
        """Return what a function of the file gives: an instance, or what its `return`s say."""
        number = int(name[1:].partition(".")[0])
        scope = self.scopes.scopes[number]
        if scope.kind == "class":
            return Value(name=name)
        if number not in self._returns:
            self._returns[number] = UNKNOWN
            self._returns[number] = _either([self.value(node) for node in self._results(number, scope)])
        value = self._returns[number]
        if "input" in value.flows and value.text is None:
            value = self._substituted(scope, call) or value
        if "input" in value.flows:
            value = value._replace(
                flows=(value.flows - {"input"}) | flows_of((*call.arguments, *call.keywords.values()))
            )
        return value._replace(literal=False)

    def _substituted(self, scope: Scope, call: Call) -> Value | None:
        """Return what a short function gives for these arguments, evaluated anew with them put in."""
        short = scope.end - scope.start <= _SHORT and self._substitutions < _SUBSTITUTED
        if not short or all(value.text is None and not value.items for value in call.arguments):
            return None
        self._substitutions += 1
        number = self.scopes.at(scope.start)
        kept = self._memo, self._names, self._returns
        names = dict(self._names)
        for (inside, name), bindings in self.scopes.bindings.items():
            if inside == number:
                names.pop((inside, name), None)
                place = bindings[0].place if bindings[0].kind == "parameter" and len(bindings) == 1 else -1
                if 0 <= place < len(call.arguments):
                    names[inside, name] = call.arguments[place]
        self._memo, self._names, self._returns = {}, names, {number: UNKNOWN}
        value = _either([self.value(node) for node in self._results(number, scope)])
        self._memo, self._names, self._returns = kept
        return value if value.text is not None or value.items else None

    def _results(self, number: int, scope: Scope) -> list[Node]:
        body = scope.node.child_by_field_name("body")
        if scope.node.type == "lambda" and body is not None:
            return [body]
        return self.scopes.returns.get(number, [])[:_MOST]

    def _reflection(self, name: str, call: Call) -> Value | None:
        """Return what the functions lead to that take a name as a text."""
        first = call.arguments[0] if call.arguments else UNKNOWN
        second = call.arguments[1] if len(call.arguments) > 1 else UNKNOWN
        match name:
            case "getattr" | "object.__getattribute__" | "operator.attrgetter":
                key = second.text
                return self._spoken(
                    self.member(first, key) if isinstance(key, str) else Value(flows=first.flows), second
                )
            case (
                "__import__"
                | "importlib.import_module"
                | "importlib.__import__"
                | "pkgutil.resolve_name"
                | "importlib.import_"
            ):
                first = call.keywords.get("name", first)
                module = str(first.text).replace(":", ".") if isinstance(first.text, str) else ""
                module = (
                    module.partition(".")[0]
                    if name.endswith("__import__") and len(call.arguments) < 4
                    else module
                )  # noqa: PLR2004  (a fromlist)
                return self._spoken(Value(name=canonical(module), flows=first.flows), first)
            case "globals" | "locals" | "vars" if not call.arguments:
                return Value(name="<globals>")
            case "vars":
                return first
            case (
                "functools.partial" | "staticmethod" | "classmethod" | "functools.wraps" | "asyncio.coroutine"
            ):
                flows = flows_of((*call.arguments, *call.keywords.values()))
                return Value(name=first.name, items=call.arguments[1:], flows=flows)
            case _ if (
                name.endswith((".__getitem__", ".get", ".__getattribute__", ".pop")) and name not in NAMES
            ):
                owner = Value(name=name.rpartition(".")[0])
                if owner.name in {"<globals>", "sys.modules", "builtins"} or name.endswith(
                    ("__getitem__", "__getattribute__")
                ):
                    return self.item(owner, first)
        return None

    def _spoken(self, value: Value, text: Value) -> Value:
        if value.name and not text.literal:
            self.spoken.add(value.name)
        return value

    def item(self, owner: Value, key: Value) -> Value:
        """Return `owner[key]` for a key that is a text."""
        text = key.text.decode("latin-1") if isinstance(key.text, bytes) else key.text
        if owner.name in _ENVIRON:
            return Value(flows=_VARIABLE | (_SECRET if text and sensitive.secret(text) else frozenset()))
        if text is None or not owner.name:
            return Value(flows=owner.flows)
        if owner.name == "sys.modules":
            return self._spoken(Value(name=canonical(text)), key)
        if owner.name == "<globals>":
            return self._spoken(self.name(text, 0), key)
        if text.isidentifier():
            return self._spoken(self.member(owner, text), key)
        return Value(flows=owner.flows)

    def _decoded(self, line: int, how: str, encoded: Value) -> Value:
        value, data = folding.decoded(how, encoded)
        chain = how
        if data:
            chain = f"{self._chains[id(encoded.text)]}+{how}" if id(encoded.text) in self._chains else how
            self.decoded.append((line, chain, data))
            self._chains[id(value.text)] = chain
        return value

    def api(self, name: str) -> Api | None:
        """Return the row of a name, if it has one and is of the outside world."""
        return find(NAMES, name) if name and name[0] not in "@<" else None

    # Operators

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
            if len(operands) > _ITEMS:
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
            return (
                folding.sliced(base, computing.bounds(_text(key)))
                if base.text is not None or base.items
                else base
            )
        if owner.type in {"identifier", "dictionary"} and not base.name:
            entry = self._entry(owner, key)
            if entry is not None:
                return entry
        index = self.value(key)
        if base.items or base.text is not None:
            number = folding.integer(index)
            if number is not None and -len(base.items) <= number < len(base.items):
                return base.items[number]
            if number is not None and base.text is not None and -len(base.text) <= number < len(base.text):
                part = base.text[number]
                return Value(text=str(part), flows=base.flows)
        return self.item(base, index)

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
        for pair in owner.named_children[:_ITEMS]:
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
        if len(clauses) == 1 and len(node.named_children) == 2:  # noqa: PLR2004  (a body and one clause, no condition)
            items = computing.mapped(body, clauses[0], source, self.value)
            if items is not None:
                return Value(items=items, flows=flows_of((source, *items[:1])))
        value = self.value(body)
        return Value(flows=value.flows | source.flows)


def _either(values: Sequence[Value]) -> Value:
    """Return what may be one of several: the first name with a meaning, a text only where there is but one."""
    if len(values) == 1:
        return values[0]
    flows = flows_of(values)
    names = [value.name for value in values if value.name]
    name = next(
        (name for name in names if name[0] != "@" and name.partition(".")[0] in ROOTS),
        names[0] if names else "",
    )
    texts = {value.text for value in values if value.text is not None}
    items = next((value.items for value in values if value.items), ())
    parts = next((value.parts for value in values if value.parts), ())
    return Value(
        text=texts.pop() if len(texts) == 1 else None, parts=parts, name=name, items=items, flows=flows
    )


def _codec(name: str, call: Call) -> str:
    """Return the codec of `codecs.decode(data, "rot13")`."""
    codec = call.arguments[1].text if len(call.arguments) > 1 else None
    return (
        codec
        if name in {"codecs.decode", "codecs.encode"}
        and codec in {"rot13", "rot_13", "hex", "base64", "zlib", "bz2", "hex_codec"}
        and isinstance(codec, str)
        else ""
    )


def _secrets(api: Api, call: Call) -> frozenset[Flow]:
    """Return `secret` where a variable or a file with a credential is read."""
    for key, role in api.takes:
        value = (
            call.keywords.get(key)
            if isinstance(key, str)
            else call.arguments[key]
            if key < len(call.arguments)
            else None
        )
        if value is None or role not in {"variable", "path"}:
            continue
        text = value.text if isinstance(value.text, str) else "".join(value.parts)
        place = sensitive.spot(text) if role == "path" and text else None
        if (place is not None and place.name in {"credentials", "crypto-wallet"}) or (
            role == "variable" and text and sensitive.secret(text)
        ):
            return _SECRET
    if call.receiver.name == "pathlib.Path" and api.gives:
        place = sensitive.spot(
            call.receiver.text if isinstance(call.receiver.text, str) else "".join(call.receiver.parts)
        )
        if place is not None and place.name in {"credentials", "crypto-wallet"}:
            return _SECRET
    return frozenset()


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""
