"""What calls are made of, and what they give."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from tree_sitter import Node

from fimci.capabilities import commanded, private_keys, sensitive
from fimci.capabilities.catalogue import find
from fimci.capabilities.python_aliases import RESULTS
from fimci.capabilities.python_names import NAMES, ROOTS
from fimci.capabilities.uses import Api, Flow, Value, known, of_module
from fimci.readers.code.python_syntax import (
    computing,
    containers,
    folding,
    operators,
    records,
    reflecting,
    roles,
    texts,
)
from fimci.readers.code.python_syntax.decoders import Decoders
from fimci.readers.code.python_syntax.folding import UNKNOWN, flows_of
from fimci.readers.code.python_syntax.naming import Naming
from fimci.readers.code.python_syntax.operators import RECORD, TEMPLATE
from fimci.readers.code.python_syntax.roles import Call
from fimci.readers.code.python_syntax.scopes import Scope
from fimci.readers.code.python_syntax.several import back

#: Classes whose instances ask the host that they were made for.
_CONNECTIONS = frozenset(
    (
        *("http.client.HTTPConnection", "http.client.HTTPSConnection", "ftplib.FTP", "ftplib.FTP_TLS"),
        *("urllib3.HTTPConnectionPool", "urllib3.HTTPSConnectionPool", "smtplib.SMTP", "smtplib.SMTP_SSL"),
    )
)
#: What goes through folders by the ends of names.
_SEEKING = frozenset(("pathlib.Path.glob", "pathlib.Path.rglob"))
#: What gives the path whose method it is.
_SAME_PATH = frozenset(f"pathlib.Path.{name}" for name in ("expanduser", "resolve", "absolute"))
#: Arguments of a call.
_ARGUMENTS = 1_000
#: Functions that are evaluated for certain arguments: their bytes, and how often in a file.
_SHORT, _SUBSTITUTED = 2000, 100
_FILE: frozenset[Flow] = frozenset({"file"})
_DECODED: frozenset[Flow] = frozenset({"decoded"})
#: Codecs of Python that are decoders (those of texts are not).
_CODECS = frozenset({"rot13", "rot_13", "hex", "hex_codec", "base64", "zlib", "bz2", "uu", "quopri"})
#: What an unknown function does not hand on of what it is given.
_DROPPED: frozenset[Flow] = frozenset({"payload", "input"})
#: Letters of the name of what another module gives.
_LONGEST = 200
#: An expression that goes through something.
_SWITCHES = {"true": Value(name="True"), "false": Value(name="False")}
#: What gives a path beside or below another one, by its last argument.
_BESIDE = frozenset(("pathlib.Path.with_name", "pathlib.Path.joinpath"))
_LOOPED = re.compile(rb"\bfor\b|\blambda\b|\breduce\b")


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
        first = self.scopes.work.first
        if given is not None and given.type == "generator_expression":
            arguments.append(self.value(given))
        elif given is not None:
            for argument in first(given.named_children, _ARGUMENTS):
                if argument.type == "keyword_argument":
                    name, value = argument.child_by_field_name("name"), argument.child_by_field_name("value")
                    if value is not None:
                        keywords[_text(name)] = _SWITCHES.get(value.type) or self.value(value)
                elif argument.type == "dictionary_splat":
                    spread = self.value(argument)
                    keywords.setdefault("**", spread)
                    keywords.update((key, value) for key, value in spread.fields if key)
                elif argument.type == "list_splat":
                    spread = self.value(argument)
                    arguments.extend(first(spread.items, _ARGUMENTS) or (spread,))
                elif argument.type != "comment":
                    arguments.append(self.value(argument))
        return Call(callee, tuple(arguments), keywords, receiver)

    def result(self, node: Node, call: Call) -> Value:
        """Return what a call gives."""
        name = call.callee.name
        line = node.start_point.row + 1
        if name == "operator.call" and call.arguments:
            callee, *rest = call.arguments
            call = Call(callee, tuple(rest), call.keywords, UNKNOWN)
            name = callee.name
        factory = call.keywords.get("default_factory", UNKNOWN).name
        if name == "dataclasses.field" and factory[:1] == "@":
            return self.naming.back(int(factory[1:].partition(".")[0]))
        if name in {"str", "repr", "format"} and call.arguments:
            shown = self.naming.classes.special(call.arguments[0], "__str__")
            if shown is not None:
                return shown
        if name.startswith("@"):
            return self._returned(self._instance(node, name), call)
        made = self._result(node, name, line, call)
        if made.text is None and not made.items and _LOOPED.search(node.text or b""):
            return self.decoders.computed(node) or made
        return made

    def _result(self, node: Node, name: str, line: int, call: Call) -> Value:
        if not name:
            return self.unnamed(node, call)
        reached = reflecting.led(self.naming, name, call.callee, call.arguments, call.keywords)
        if reached is not None:
            return reached
        special = _SPECIAL.get(name)
        if special is not None:
            return special(self, node, call)
        how = folding.DECODERS.get(name) or _codec(name, call)
        if how and (call.arguments or call.keywords):
            return self._decoded(line, how, next(iter((*call.arguments, *call.keywords.values()))))
        for made in (containers.called, operators.called, computing.called):
            found = made(name, call.arguments, call.keywords)
            if found is not None:
                return found
        row = api(name)
        if row is None and not (name and name.partition(".")[0] in ROOTS and name in RESULTS):
            return self._method(node, call)
        return self._known(name, row or Api(), call)

    def unnamed(self, node: Node, call: Call) -> Value:
        """Return what a method of a constant or of something unknown gives."""
        if _member(node) == "to_bytes":
            return self.integer(node, call.receiver, call.arguments)
        return self._method(node, call)

    def above(self, node: Node, _call: Call) -> Value:
        """Return what `super()` is."""
        return self.naming.above(self.scopes.class_of(self.scopes.at(node.start_byte)))

    def _known(self, name: str, api: Api, call: Call) -> Value:
        given = (*call.arguments, *call.keywords.values())
        flows = api.gives
        if api.passes:
            flows |= flows_of((call.receiver, *given)) - ({"payload"} if "decoded" in api.gives else set())
        if "key" in flows and not private_keys.encodes(name):
            flows -= {"key"}
        flows |= roles.secrets(api, call)
        if name == "marshal.loads" and call.arguments and call.arguments[0].text is not None:
            flows |= _DECODED  # code that stands in the file in a form that nobody reads
        if api.name in {"process", "shell"} and "output" in api.gives and call.arguments:
            flows |= commanded.prints(call.arguments[0])
        result = RESULTS.get(name, name if name.rpartition(".")[2][:1].isupper() else "")
        path = (*call.arguments, call.receiver)[0] if result == "open" else UNKNOWN
        if api.passes or name in _CONNECTIONS:
            path = next((value for value in roles.addresses(api, call) if known(value)), path)
            path = Value(parts=(known(path),)) if known(path) else path
        sought = call.arguments[0].text if name in _SEEKING and call.arguments else None
        if isinstance(sought, str):  # what is found ends like what is looked for
            path = Value(parts=("*", f"/{sought.lstrip('*/')}"))
        if name in _SAME_PATH:
            path = call.receiver
        elif name in _BESIDE and call.arguments and known(call.arguments[-1]):
            path = Value(parts=("*", f"/{known(call.arguments[-1])}"))
        elif name == "pathlib.Path.iterdir" and known(call.receiver):
            path = Value(parts=(known(call.receiver), "/"))
        return Value(text=path.text, parts=path.parts, name=result, flows=flows)

    def _method(self, node: Node, call: Call) -> Value:
        """Return what an unknown function gives: methods of texts compute, others hand on their arguments."""
        function = node.child_by_field_name("function")
        name = call.callee.name
        parts: tuple[str, ...] = ()
        if function is not None and function.type == "attribute":
            found, parts = self._of_receiver(node, _text(function.child_by_field_name("attribute")), call)
            if found is not None:
                return found
        flows = flows_of((call.receiver, call.callee, *call.arguments, *call.keywords.values())) - _DROPPED
        flows |= _FILE if call.receiver.name in containers.SETTINGS else frozenset()
        if "key" in flows and not private_keys.encodes(_text(function)):
            flows -= {"key"}
        other = of_module(name)
        wrapped = reflecting.wrapped(call.arguments) if other is not None or not name else None
        if wrapped is not None:
            return wrapped._replace(flows=flows)
        if other is not None:
            if sensitive.asked([known(one) for one in call.arguments]):
                flows |= roles.SECRET
            return Value(name=f"{name}()" if len(name) < _LONGEST else "", flows=flows | {other})
        is_class = name.rpartition(".")[2][:1].isupper() and name.partition(".")[0] in ROOTS
        return Value(name=RESULTS.get(name, name) if is_class else "", flows=flows, parts=parts)

    def _of_receiver(self, node: Node, member: str, call: Call) -> tuple[Value | None, tuple[str, ...]]:
        """Return what a method of a text, a list or a table gives; else the pieces that it keeps."""
        if call.receiver.name == TEMPLATE and member in {"substitute", "safe_substitute"}:
            given = (*(one for value in call.arguments for one in value.fields), *call.keywords.items())
            return texts.substituted(call.receiver.items[0], dict(given)), ()
        taken = containers.method(member, call.receiver, call.arguments)
        if taken is not None:
            return taken, ()
        if member == "format":
            return folding.formatted(call.receiver, call.arguments, call.keywords), ()
        if member == "decode" and call.arguments and call.arguments[0].text in _CODECS:
            return self._decoded(node.start_point.row + 1, str(call.arguments[0].text), call.receiver), ()
        value = texts.method(member, call.receiver, call.arguments)
        if value.text is not None or value.items or value.choices:
            return value, ()
        return None, value.parts if member in texts.KEEPING else ()

    def _instance(self, node: Node, name: str) -> str:
        """Return the method that is meant where an instance is called: `Loader()()`."""
        function, number = node.child_by_field_name("function"), int(name[1:].partition(".")[0])
        bound = self.scopes.bindings.get((number, "__call__"))
        if function is None or not bound or bound[0].kind != "function":
            return name
        if function.type != "call" and _text(function) == self.scopes.scopes[number].name:
            return name
        return f"@{self.scopes.of(bound[0].value)}"

    def _returned(self, name: str, call: Call) -> Value:
        """Return what a function of the file gives: an instance, or what its `return`s say."""
        number = int(name[1:].partition(".")[0])
        scope = self.scopes.scopes[number]
        if scope.kind == "class":
            return self._made(name, scope, call)
        if number not in self._returns:
            self._returns[number] = UNKNOWN
            self._returns[number] = self.naming.back(number)
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
        return self.naming.back(number)

    def _made(self, name: str, scope: Scope, call: Call) -> Value:
        """Return an object of a class, with its fields where it declares what it is given."""
        number = int(name[1:].partition(".")[0])
        if records.is_enumeration(scope.node) and call.arguments:
            return call.arguments[0]
        if not (call.arguments or call.keywords) or (number, "__init__") in self.scopes.bindings:
            return Value(name=name)
        declared = self.naming.classes.declared(number)
        if not declared:
            return Value(name=name)
        made = operators.record(declared, call.arguments, call.keywords)
        return made._replace(name=name, items=made.items if records.is_tuple(scope.node) else ())

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
        nodes = self.naming.results(number)
        value = back(nodes, self.anew(nodes, names))
        self._returns = kept
        return value if value.text is not None or value.items or value.name else None

    def integer(self, node: Node, number: Value, rest: Sequence[Value]) -> Value:
        """Return the bytes that a large number holds."""
        data = folding.bytes_of(number, rest)
        if data is None:
            return Value(flows=flows_of((number, *rest)))
        self.decoded.append((node.start_point.row + 1, "integer", data))
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


def _record(_calling: Calling, _node: Node, call: Call) -> Value:
    return operators.record([field for field, _ in call.callee.fields], call.arguments, call.keywords)


def _accepted(_calling: Calling, _node: Node, _call: Call) -> Value:
    return Value(items=(Value(name="socket.socket", flows=frozenset({"network"})), UNKNOWN))


def _number(calling: Calling, node: Node, call: Call) -> Value:
    number, *rest = call.arguments or (UNKNOWN,)
    return calling.integer(node, number, rest)


_SPECIAL: Mapping[str, Callable[[Calling, Node, Call], Value]] = {
    "super": Calling.above,
    RECORD: _record,
    "socket.socket.accept": _accepted,
    "int.to_bytes": _number,
}


def api(name: str) -> Api | None:
    """Return the row of a name, if it has one and is of the outside world."""
    return find(NAMES, name) if name and name[0] not in "@<" else None


def _member(node: Node) -> str:
    function = node.child_by_field_name("function")
    return _text(function.child_by_field_name("attribute")) if function is not None else ""


def _codec(name: str, call: Call) -> str:
    """Return the codec of `codecs.decode(data, "rot13")`."""
    codec = call.arguments[1].text if len(call.arguments) > 1 else None
    return str(codec) if name in {"codecs.decode", "codecs.encode"} and codec in _CODECS else ""


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""
