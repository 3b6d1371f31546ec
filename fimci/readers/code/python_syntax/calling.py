"""What calls are made of, and what they give."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tree_sitter import Node

from fimci.capabilities import commanded, private_keys, sensitive
from fimci.capabilities.catalogue import find
from fimci.capabilities.python_aliases import RESULTS, canonical
from fimci.capabilities.python_names import NAMES, ROOTS
from fimci.capabilities.uses import Api, Flow, Value, known
from fimci.readers.code.python_syntax import computing, containers, folding
from fimci.readers.code.python_syntax.decoders import Decoders
from fimci.readers.code.python_syntax.folding import UNKNOWN, flows_of
from fimci.readers.code.python_syntax.naming import MOST, Naming, either, origin
from fimci.readers.code.python_syntax.scopes import Scope

#: Classes whose instances ask the host that they were made for.
_CONNECTIONS = frozenset(
    (
        *("http.client.HTTPConnection", "http.client.HTTPSConnection", "ftplib.FTP", "ftplib.FTP_TLS"),
        *("urllib3.HTTPConnectionPool", "urllib3.HTTPSConnectionPool", "smtplib.SMTP", "smtplib.SMTP_SSL"),
    )
)
#: What goes through folders by the ends of names.
_SEEKING = frozenset(("pathlib.Path.glob", "pathlib.Path.rglob"))
#: Arguments of a call.
_ARGUMENTS = 1_000
#: Where `__import__` is given names, it returns the module itself and not its package.
_FROM_LIST = 3
#: Functions that are evaluated for certain arguments: their bytes, and how often in a file.
_SHORT, _SUBSTITUTED = 2000, 100
_SECRET: frozenset[Flow] = frozenset({"secret"})
_DECODED: frozenset[Flow] = frozenset({"decoded"})
_PRIVATE = frozenset({"credentials", "crypto-wallet"})
#: Codecs of Python that are decoders (those of texts are not).
_CODECS = frozenset({"rot13", "rot_13", "hex", "hex_codec", "base64", "zlib", "bz2"})
#: What gives a member of what it is called with.
ATTRIBUTE = "<attribute>"
#: What calls a method of what it is called with.
METHOD = "<method>"
_GETTERS = {"operator.attrgetter": ATTRIBUTE, "operator.methodcaller": METHOD}
#: A module whose name is computed: by what is called of it, it is known.
COMPUTED = "importlib.import_module()"
#: What an unknown function does not hand on of what it is given.
_DROPPED: frozenset[Flow] = frozenset({"payload", "input"})


#: Letters of the name of what another module gives.
_LONGEST = 200
#: An expression that goes through something.
_LOOPED = re.compile(rb"\bfor\b|\blambda\b")


class Call(NamedTuple):
    """A call: what is called, and with what."""

    callee: Value
    arguments: tuple[Value, ...]
    keywords: dict[str, Value]
    receiver: Value


class Calling:
    """Evaluates the calls of one file. `anew` evaluates expressions with what is known of some names."""

    def __init__(
        self,
        naming: Naming,
        value: Callable[[Node], Value],
        anew: Callable[[list[Node], dict[tuple[int, str], Value]], list[Value]],
    ) -> None:
        """Begin with nothing known."""
        self.naming, self.value, self.anew = naming, value, anew
        self.scopes = naming.scopes
        self.decoded: list[tuple[int, str, bytes]] = []
        self._returns: dict[int, Value] = {}
        #: By what a text was decoded.
        self._chains: dict[str | bytes, str] = {}
        self._substitutions = 0
        self.decoders = Decoders(naming.scopes, value)

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
                    keywords.update(self._spread(argument))
                elif argument.type == "list_splat":
                    spread = self.value(argument)
                    arguments.extend(spread.items[:_ARGUMENTS] or (spread,))
                elif argument.type != "comment":
                    arguments.append(self.value(argument))
        return Call(callee, tuple(arguments), keywords, receiver)

    def _spread(self, splat: Node) -> Iterator[tuple[str, Value]]:
        """Yield the entries of a dictionary that is given as keywords, if it stands in the file."""
        owner = splat.named_children[0] if splat.named_child_count else splat
        if owner.type == "identifier":
            scope, name = self.scopes.at(owner.start_byte), _text(owner)
            bound = self.scopes.bindings.get((scope, name)) or self.scopes.bindings.get((0, name), [])
            owner = bound[0].value if len(bound) == 1 else owner
        for pair in owner.named_children[:_ARGUMENTS] if owner.type == "dictionary" else ():
            key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            named = self.value(key).text if key is not None else None
            if isinstance(named, str) and value is not None:
                yield named, self.value(value)

    def result(self, node: Node, call: Call) -> Value:
        """Return what a call gives."""
        name = call.callee.name
        line = node.start_point.row + 1
        if name.startswith("@"):
            return self._returned(self._instance(node, name), call)
        made = self._result(node, name, line, call)
        if made.text is None and not made.items and _LOOPED.search(node.text or b""):
            return self.decoders.computed(node) or made
        return made

    def _result(self, node: Node, name: str, line: int, call: Call) -> Value:
        if name in _GETTERS:
            return Value(name=_GETTERS[name], items=call.arguments)
        if name == ATTRIBUTE:
            return self._attribute(call)
        reached = self._reflection(name, call)
        if reached is not None:
            return reached
        if name == "socket.socket.accept":
            return Value(items=(Value(name="socket.socket", flows=frozenset({"network"})), UNKNOWN))
        if name == "int.to_bytes" or (not name and _member(node) == "to_bytes"):
            number, *rest = (call.arguments if name else (call.receiver, *call.arguments)) or (UNKNOWN,)
            return self._integer(line, number, rest)
        how = folding.DECODERS.get(name) or _codec(name, call)
        if how and (call.arguments or call.keywords):
            return self._decoded(line, how, next(iter((*call.arguments, *call.keywords.values()))))
        held = containers.called(name, call.arguments, call.keywords)
        if held is not None:
            return held
        computed = computing.called(name, call.arguments, call.keywords)
        if computed is not None:
            return computed
        row = api(name)
        if row is None and not (name and name.partition(".")[0] in ROOTS and name in RESULTS):
            return self._method(node, call)
        return self._known(name, row or Api(), call)

    def _known(self, name: str, api: Api, call: Call) -> Value:
        given = (*call.arguments, *call.keywords.values())
        flows = api.gives
        if api.passes:
            flows |= flows_of((call.receiver, *given)) - ({"payload"} if "decoded" in api.gives else set())
        if "key" in flows and not private_keys.encodes(name):
            flows -= {"key"}
        flows |= _secrets(api, call)
        if name == "marshal.loads" and call.arguments and call.arguments[0].text is not None:
            flows |= _DECODED  # code that stands in the file in a form that nobody reads
        if api.name in {"process", "shell"} and "output" in api.gives and call.arguments:
            flows |= commanded.prints(call.arguments[0])
        result = RESULTS.get(name, name if name.rpartition(".")[2][:1].isupper() else "")
        path = (*call.arguments, call.receiver)[0] if result == "open" else UNKNOWN
        if api.passes or name in _CONNECTIONS:
            path = next((value for value in _addresses(api, call) if known(value)), path)
            path = Value(parts=(known(path),)) if known(path) else path
        sought = call.arguments[0].text if name in _SEEKING and call.arguments else None
        if isinstance(sought, str):  # what is found ends like what is looked for
            path = Value(parts=("*", f"/{sought.lstrip('*/')}"))
        return Value(text=path.text, parts=path.parts, name=result, flows=flows)

    def _method(self, node: Node, call: Call) -> Value:
        """Return what an unknown function gives: methods of texts compute, others hand on their arguments."""
        function = node.child_by_field_name("function")
        name = call.callee.name
        if function is not None and function.type == "attribute":
            member = _text(function.child_by_field_name("attribute"))
            taken = containers.method(member, call.receiver, call.arguments)
            if taken is not None:
                return taken
            if member == "format":
                return folding.formatted(call.receiver, call.arguments, call.keywords)
            if member == "decode" and call.arguments and call.arguments[0].text in _CODECS:
                return self._decoded(node.start_point.row + 1, str(call.arguments[0].text), call.receiver)
            value = folding.method(member, call.receiver, call.arguments)
            if value.text is not None or value.items:
                return value
        flows = flows_of((call.receiver, call.callee, *call.arguments, *call.keywords.values())) - _DROPPED
        if "key" in flows and not private_keys.encodes(_text(function)):
            flows -= {"key"}
        other = origin(name)
        if other is not None:
            return Value(name=f"{name}()" if len(name) < _LONGEST else "", flows=flows | {other})
        is_class = name.rpartition(".")[2][:1].isupper() and name.partition(".")[0] in ROOTS
        return Value(name=RESULTS.get(name, name) if is_class else "", flows=flows)

    def _instance(self, node: Node, name: str) -> str:
        """Return the method that is meant where an instance is called: `Loader()()`."""
        function = node.child_by_field_name("function")
        bound = self.scopes.bindings.get((int(name[1:].partition(".")[0]), "__call__"))
        if function is None or function.type != "call" or not bound or bound[0].kind != "function":
            return name
        return f"@{self.scopes.of(bound[0].value)}"

    def _returned(self, name: str, call: Call) -> Value:
        """Return what a function of the file gives: an instance, or what its `return`s say."""
        number = int(name[1:].partition(".")[0])
        scope = self.scopes.scopes[number]
        if scope.kind == "class":
            return Value(name=name)
        if number not in self._returns:
            self._returns[number] = UNKNOWN
            self._returns[number] = either([self.value(node) for node in self._results(number, scope)])
        value = self._returns[number]
        if value.text is None:
            made = self.decoders.called(scope.node, call.arguments) if not call.keywords else None
            if made is not None:
                return made
        if "input" in value.flows and value.text is None:
            value = self._substituted(scope, call) or value
        if "input" in value.flows:
            value = value._replace(
                flows=(value.flows - {"input"}) | flows_of((*call.arguments, *call.keywords.values()))
            )
        return value._replace(literal=False)

    def gives(self, number: int) -> Value:
        """Return what a function gives back, whatever it is given."""
        return either([self.value(node) for node in self._results(number, self.scopes.scopes[number])])

    def _substituted(self, scope: Scope, call: Call) -> Value | None:
        """Return what a short function gives for these arguments, evaluated anew with them put in."""
        short = scope.end - scope.start <= _SHORT and self._substitutions < _SUBSTITUTED
        if not short or all(value.text is None and not value.items for value in call.arguments):
            return None
        self._substitutions += 1
        self.scopes.work.spend(len(self.naming.known) + len(self.scopes.bindings))
        number = self.scopes.at(scope.start)
        names = dict(self.naming.known)
        for (inside, name), bindings in self.scopes.bindings.items():
            if inside == number:
                names.pop((inside, name), None)
                place = bindings[0].place if bindings[0].kind == "parameter" and len(bindings) == 1 else -1
                if 0 <= place < len(call.arguments):
                    names[inside, name] = call.arguments[place]
        kept, self._returns = self._returns, {number: UNKNOWN}
        value = either(self.anew(self._results(number, scope), names))
        self._returns = kept
        return value if value.text is not None or value.items or value.name else None

    def _results(self, number: int, scope: Scope) -> list[Node]:
        body = scope.node.child_by_field_name("body")
        if scope.node.type == "lambda" and body is not None:
            return [body]
        return self.scopes.returns.get(number, [])[:MOST]

    def _reflection(self, name: str, call: Call) -> Value | None:
        """Return what the functions lead to that take a name as a text."""
        first = call.arguments[0] if call.arguments else UNKNOWN
        second = call.arguments[1] if len(call.arguments) > 1 else UNKNOWN
        match name:
            case "getattr" | "object.__getattribute__":
                key = second.text
                return self.naming.tell(
                    self.naming.member(first, key) if isinstance(key, str) else Value(flows=first.flows),
                    second,
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
                if (
                    name.endswith("__import__")
                    and len(call.arguments) <= _FROM_LIST
                    and "fromlist" not in call.keywords
                ):
                    module = module.partition(".")[0]
                if not module:
                    return Value(name=COMPUTED, flows=first.flows)
                return self.naming.tell(Value(name=canonical(module), flows=first.flows), first)
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
                    return self.naming.item(owner, first)
        return None

    def _attribute(self, call: Call) -> Value:
        """Return the member of what `attrgetter("name")` is called with."""
        key = call.callee.items[0] if call.callee.items else UNKNOWN
        first = call.arguments[0] if call.arguments else UNKNOWN
        member = self.naming.member(first, key.text) if isinstance(key.text, str) else UNKNOWN
        return self.naming.tell(member, key)

    def _integer(self, line: int, number: Value, rest: list[Value]) -> Value:
        """Return the bytes that a large number holds."""
        data = folding.bytes_of(number, rest)
        if data is None:
            return Value(flows=flows_of((number, *rest)))
        self.decoded.append((line, "integer", data))
        return Value(text=data, flows=frozenset({"decoded"}))

    def _decoded(self, line: int, how: str, encoded: Value) -> Value:
        value, data = folding.decoded(how, encoded)
        if data:
            before = self._chains.get(encoded.text) if encoded.text is not None else None
            chain = f"{before}+{how}" if before is not None else how
            self.decoded.append((line, chain, data))
            if value.text is not None:
                self._chains[value.text] = chain
        return value


def api(name: str) -> Api | None:
    """Return the row of a name, if it has one and is of the outside world."""
    return find(NAMES, name) if name and name[0] not in "@<" else None


#: What an argument is that says where to.
_PLACES = frozenset(("url", "host"))


def _addresses(api: Api, call: Call) -> Iterator[Value]:
    """Yield what a request or a connection is made for, which it carries on."""
    for key, role in api.takes:
        if role in _PLACES and isinstance(key, str) and key in call.keywords:
            yield call.keywords[key]
        elif role in _PLACES and isinstance(key, int) and key < len(call.arguments):
            yield call.arguments[key]


def _member(node: Node) -> str:
    function = node.child_by_field_name("function")
    return _text(function.child_by_field_name("attribute")) if function is not None else ""


def _codec(name: str, call: Call) -> str:
    """Return the codec of `codecs.decode(data, "rot13")`."""
    codec = call.arguments[1].text if len(call.arguments) > 1 else None
    return str(codec) if name in {"codecs.decode", "codecs.encode"} and codec in _CODECS else ""


def _secrets(api: Api, call: Call) -> frozenset[Flow]:
    """Return `secret` where a variable or a file with a credential is read."""
    for key, role in api.takes:
        given = call.arguments[key : key + 1] if isinstance(key, int) else ()
        value = call.keywords.get(key) if isinstance(key, str) else next(iter(given), None)
        if value is None or role not in {"variable", "path"}:
            continue
        text = value.text if isinstance(value.text, str) else "".join(value.parts)
        if role == "path" and "secret" in value.flows and "environment" not in value.flows:
            return _SECRET
        place = sensitive.spot(text) if role == "path" and text else None
        if (place is not None and place.name in {"credentials", "crypto-wallet"}) or (
            role == "variable" and text and sensitive.secret(text)
        ):
            return _SECRET
    if call.receiver.name == "pathlib.Path" and api.gives:
        place = sensitive.spot(known(call.receiver))
        if place is not None and place.name in {"credentials", "crypto-wallet"}:
            return _SECRET
    return frozenset()


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""
