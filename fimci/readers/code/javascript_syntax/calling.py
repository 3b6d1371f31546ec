"""What a call gives: modules that are loaded, texts that are folded, and where the results come from."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from fimci.capabilities import command_lines, decoding, private_keys, sensitive
from fimci.capabilities.catalogue import find
from fimci.capabilities.javascript_names import NAMES
from fimci.capabilities.uses import MARK, Api, Flow, Use, Value, known, origin
from fimci.readers.code.javascript_syntax import (
    accessors,
    addressed,
    bindings,
    containers,
    decoders,
    folding,
    given,
    merging,
    names,
    promises,
    reflecting,
)
from fimci.readers.code.javascript_syntax.built_in import built_in
from fimci.readers.code.javascript_syntax.prefilter import BROWSERIFY, CORE, weighty
from fimci.readers.code.javascript_syntax.reading import (
    DEEPEST,
    FUNCTIONS,
    NOTHING,
    Reading,
    arguments_of,
    bare,
    first_of,
    flows_of,
    listed_in,
)

if TYPE_CHECKING:
    from tree_sitter import Node

#: A function that is folded with its arguments is no longer than this, in bytes.
_SMALL = 1500
_IDENTIFIER_PATH = 80
#: Functions folded inside each other; letters of a name that a bundler shortened.
_FRAMES, _SHORTENED = 3, 3
_SECRETS = frozenset(("credentials", "crypto-wallet"))
#: What describes a member by its name; its `value` is the member.
_DESCRIBES = frozenset(("Object.getOwnPropertyDescriptor", "Reflect.getOwnPropertyDescriptor"))
#: Methods that give what the function gives that they are given.
_RETURNING = ("map", "flatMap", "reduce", "replace", "replaceAll", "then", "from")
_CALLBACK = re.compile(rb"=>|\bfunction\b")
#: Methods of functions that are called on a function: `Function.prototype.call.call(run, …)`.
_OF_FUNCTIONS = frozenset(
    f"Function{between}{first}.{how}"
    for between in (".prototype.", ".")
    for first in ("call", "apply")
    for how in ("call", "apply")
)
#: What compilers put around a module that is loaded.
_INTEROP = re.compile(r"(?:import(?:Default|Star)|interopRequire\w*|toESM|interop\w*)\Z")
#: A module whose name is computed: by what is called of it, it is known.
COMPUTED = "require()"
#: What a function gives back by; words before the name of a method.
_BACK, _WORDS = frozenset(("return_statement", "yield_expression")), 6
#: Items of a list that a function is folded for.
_MAPPED = 600
#: What tells an editor to do something, and what that is where an extension is installed.
_COMMAND, _INSTALLS = "vscode.commands.executeCommand", "installExtension"
#: Methods of requests, sockets and programs that give what they are called of.
GIVING_BACK = frozenset(
    (
        *("on", "once", "off", "addListener", "prependListener", "prependOnceListener", "removeListener"),
        *("setEncoding", "setNoDelay", "setKeepAlive", "ref", "unref", "pause", "resume"),
    )
)


def callee_of(reading: Reading, call: Node, depth: int = 0) -> tuple[str, Value, list[Node]]:
    """Return the name of what is called, the value whose method it is, and the arguments that it gets."""
    callee = call.child_by_field_name("function") or call.child_by_field_name("constructor")
    arguments = arguments_of(call)
    if callee is None:
        return "", NOTHING, arguments
    if callee.type == "import":
        return "import", NOTHING, arguments
    name = reading.value(callee, depth + 1).name
    inner = bare(callee)
    owner = (
        inner.child_by_field_name("object")
        if inner.type in {"member_expression", "subscript_expression"}
        else None
    )
    receiver = NOTHING if owner is None else reading.value(owner, depth + 1)
    if name in {"Reflect.apply", "Reflect.construct"} and len(arguments) > 1:
        listed = bindings.expression(reading, arguments[-1])
        return reading.value(arguments[0], depth + 1).name, NOTHING, listed_in(listed)
    if name in _OF_FUNCTIONS and len(arguments) > 1:
        inside = bindings.expression(reading, arguments[-1])
        spread = listed_in(inside) if "apply" in name and inside.type == "array" else arguments[2:]
        return reading.value(arguments[0], depth + 1).name, NOTHING, spread
    if name.endswith((".call", ".apply", ".bind")):
        base, _, how = name.rpartition(".")
        spread = arguments[1:]
        if how == "apply" and len(arguments) > 1:
            listed = bindings.expression(reading, arguments[1])
            spread = listed_in(listed) if listed.type == "array" else arguments[1:]
        return base, receiver, spread
    if name == _COMMAND and arguments and _INSTALLS in known(reading.value(arguments[0], depth + 1)):
        name = f"{_COMMAND}(install)"
    return name, receiver, arguments


def of_call(reading: Reading, node: Node, depth: int) -> Value:
    """Return what a call gives."""
    callee = node.child_by_field_name("function") or node.child_by_field_name("constructor")
    name, receiver, arguments = callee_of(reading, node, depth)
    if callee is not None and (
        _packed(reading, callee) or reading.value(callee, depth + 1).name.endswith(".bind")
    ):
        return Value(flows=frozenset({"decoded"})) if _packed(reading, callee) else _tied(reading, node, name)
    values = given.values(reading, arguments, depth)
    for step in (accessors.word, _loaded, reflecting.reflected, _special, built_in):
        found = step(reading, node, name, values)
        if found is not None:
            return found
    inner = None if callee is None else bare(callee)
    if inner is not None and inner.type in {"member_expression", "subscript_expression"}:
        found = _of_method(reading, inner, receiver, arguments, values, depth)
        if found is None or not (found.text or any(item.text for item in found.items)):
            found = _computed(reading, node) or found
        if found is not None:
            return found
    if name == "Promise" and node.type == "new_expression":
        return promises.made(reading, arguments, depth)
    if receiver.name in RESULTS and name.rpartition(".")[2] in GIVING_BACK:
        return receiver
    api = find(NAMES, name) if name else None
    if api is not None:
        flows = api.gives | (flows_of([*values, receiver]) if api.passes else frozenset())
        flows |= _secret(node, name, api, values)
        return Value(name=_result(name), flows=_kept(reading, callee, flows))
    return _of_function(reading, callee, name, receiver, arguments, values, depth)


def _tied(reading: Reading, call: Node, name: str) -> Value:
    """Return the function that `bind` gives; of `Function.call.bind(run)` it is `run.call`."""
    how, given = name.rpartition(".")[2], arguments_of(call)
    if how not in {"call", "apply"} or not given:
        return Value(name=name)
    inner = reading.value(given[0]).name
    return Value(name=f"{inner}.{how}" if inner else "")


def _kept(reading: Reading, callee: Node | None, flows: frozenset[Flow]) -> frozenset[Flow]:
    """Return what goes on through a call that is no function of the file: of a key only its other forms."""
    if "key" not in flows or callee is None or private_keys.encodes(reading.text(callee)):
        return flows
    return flows - {"key"}


def _special(reading: Reading, node: Node, name: str, values: Sequence[Value]) -> Value | None:  # noqa: ARG001  (a step)
    """Return results that are more than the name of what made them: a home, a member, a kind of element."""
    if name in _DESCRIBES:
        return reflecting.described(reading, values)
    if name == "Proxy" and values:
        return containers.proxied(values)
    if name in {"Blob", "URL.createObjectURL"} and values:
        return addressed.made(name, values[0])
    held = containers.called(name, values)
    if held is not None:
        return held
    if name == "os.homedir":
        return Value(text="~", name="os.homedir()")
    if name == "document.createElement" and values and str(values[0].text).lower() in {"script", "link"}:
        return Value(name=f"{name}({str(values[0].text).lower()})")
    return None


def _computed(reading: Reading, node: Node) -> Value | None:
    """Return what an expression with functions in it makes of constants."""
    if reading.frame or _CALLBACK.search(reading.source.data, node.start_byte, node.end_byte) is None:
        return None
    return decoders.computed(reading, node)


def _packed(reading: Reading, callee: Node) -> bool:
    """Tell whether it is the unpacking function of Dean Edwards' packer."""
    if callee.type not in FUNCTIONS:
        return False
    parameters = reading.text(callee.child_by_field_name("parameters"))
    return parameters.replace(" ", "").startswith("(p,a,c,k,e,")


def _secret(node: Node, name: str, api: Api, values: Sequence[Value]) -> frozenset[Flow]:
    """Return `secret` for what is read from a file of secrets, or printed by a command that shows one.

    Of a picture and its like, `decoded`: code that comes from there was hidden.
    """
    if "file" in api.gives:
        for position, role in api.takes:
            value = values[position] if isinstance(position, int) and position < len(values) else NOTHING
            text = known(value)
            found = sensitive.spot(text) if role == "path" and text else None
            if (found is not None and found.name in _SECRETS) or (role == "path" and "secret" in value.flows):
                return frozenset({"secret"})
            if role == "path" and decoding.shown(text):
                return frozenset({"decoded"})
    use = Use(name, "call", node.start_byte, "", tuple(values))
    return command_lines.prints(use, api)


def _result(name: str) -> str:
    return f"{name}()" if len(name) < _IDENTIFIER_PATH else ""


def _loaded(reading: Reading, node: Node, name: str, values: Sequence[Value]) -> Value | None:
    """Return the module that a call loads."""
    if name == "module.createRequire":
        return Value(name="require")
    if name not in {"require", "import"} or node.type == "new_expression":
        return None
    first = folding.as_text(values[0]) if values else NOTHING
    if first.text is None and len(first.choices) == 1 and weighty(first.choices[0].encode()):
        return Value(name=names.module(first.choices[0]))
    if not isinstance(first.text, str):
        beside = "".join(first.parts).startswith((".", "/"))  # one of several files of the package
        return Value(name="" if beside else COMPUTED, flows=first.flows - {"input"})
    module = names.module(first.text)
    if not first.literal:
        reading.spelled.add(module)
    return Value(name=module)


def _of_method(  # noqa: PLR0913, PLR0917  (what a call consists of)
    reading: Reading,
    callee: Node,
    receiver: Value,
    arguments: Sequence[Node],
    values: Sequence[Value],
    depth: int,
) -> Value | None:
    key = callee.child_by_field_name("property")
    if key is None:
        index = reading.value(callee.child_by_field_name("index"), depth + 1)
        name = index.text if isinstance(index.text, str) else ""
    else:
        name = reading.text(key)
    owner = callee.child_by_field_name("object")
    mapping = arguments[0] if arguments else None
    if name in promises.CHAINED and mapping is not None:
        return promises.chained(reading, mapping, depth)
    if name in {"find", "filter"} and mapping is not None and not receiver.items:
        sought = containers.sought(reading, bindings.function_of(reading, mapping), depth)
        if sought is not None:
            return sought
    if receiver.items and name == "filter":
        return _filtered(reading, callee, receiver)
    if receiver.items and name == "map" and owner is not None and mapping is not None:
        return _mapped(reading, bindings.function_of(reading, mapping), receiver, values, depth)
    found = folding.method(receiver, name, values)
    if found is None and "file" in receiver.flows and _undoes(reading, name, mapping):
        return Value(flows=receiver.flows | {"decoded"})
    if found is None and receiver.text is not None and any(one.type == "regex" for one in arguments):
        call = callee.parent
        return None if call is None or reading.frame else decoders.computed(reading, call, sure=True)
    if found is not None and isinstance(found.text, str):
        found = found._replace(literal=False)
    return found


def _undoes(reading: Reading, name: str, mapping: Node | None) -> bool:
    """Tell whether a method turns round what was read from a file, or computes it letter by letter."""
    if name in {"reverse", "toReversed"}:
        return True
    return name == "map" and mapping is not None and b"^" in reading.bytes(mapping)[:_SMALL]


def _filtered(reading: Reading, callee: Node, receiver: Value) -> Value:
    """Return what is left of a list: of constants what a function of the file leaves."""
    constant = all(item.text is not None for item in receiver.items[:_MAPPED])
    call = callee.parent if constant else None
    made = None if call is None or call.type != "call_expression" else _computed(reading, call)
    return receiver._replace(literal=False) if made is None else made


def _mapped(
    reading: Reading, function: Node | None, receiver: Value, values: Sequence[Value], depth: int
) -> Value:
    """Return the list that a function of the file makes of the items of one."""
    flows = flows_of([receiver, *values])
    if function is None and values[0].name == "require" and len(receiver.items) <= _MAPPED:
        texts = [one.text for one in receiver.items]
        modules = (names.module(text) if isinstance(text, str) else COMPUTED for text in texts)
        return Value(items=tuple(Value(name=name) for name in modules), flows=flows)
    if function is None or len(receiver.items) > _MAPPED or depth > DEEPEST - 10:
        return Value(flows=flows)
    items = [
        _returns(reading, function, (item, Value(text=str(number))), depth)
        for number, item in enumerate(receiver.items)
    ]
    return Value(items=tuple(items), flows=flows | flows_of(items))


def _of_function(  # noqa: PLR0913, PLR0917  (what a call consists of)
    reading: Reading,
    callee: Node | None,
    name: str,
    receiver: Value,
    arguments: Sequence[Node],
    values: Sequence[Value],
    depth: int,
) -> Value:
    """Return what a function of the file, or one that nothing is known of, gives."""
    flows = flows_of([*values, receiver])
    if len(arguments) >= 1 and values[0].name and not receiver.name and _is_module(values[0].name):
        return Value(name=values[0].name)
    if values and values[0].name.endswith(MARK) and _INTEROP.search(reading.text(callee)[-40:]):
        return Value(name=values[0].name)
    function = bindings.function_of(reading, callee)
    if (
        function is None
        and callee is not None
        and len(values) == 1
        and _by_browserify(reading, callee, values[0])
    ):
        return Value(name=names.module(str(values[0].text)))
    if function is None and callee is not None and reading.text(callee)[-12:].endswith(_RETURNING):
        for argument in arguments[:2]:
            back = bindings.function_of(reading, argument) if argument.type in FUNCTIONS else None
            flows |= _returns(reading, back, (), depth + 1).flows if back is not None else frozenset()
    if function is None:
        flows = _kept(reading, callee, flows) - {"input"}
        other = origin(name)
        if other is not None:
            flows |= {other, "secret"} if sensitive.asked([known(one) for one in values]) else {other}
        return Value(name=_result(name) if other or _result(name) in RESULTS else "", flows=flows)
    return _returns(reading, function, values, depth)._replace(literal=False)


def _by_browserify(reading: Reading, callee: Node, value: Value) -> bool:
    """Tell whether a short name is the `require` of a bundle, which keeps the names of modules."""
    short = callee.type == "identifier" and callee.end_byte - callee.start_byte <= _SHORTENED
    return short and value.literal and value.text in CORE and BROWSERIFY in reading.source.data


def _is_module(name: str) -> bool:
    return any(f"{name}{more}" in NAMES for more in (".*", "")) or name in _MODULES


#: What calls give that has methods in the catalogue.
RESULTS = frozenset(name[: name.index(").") + 1] for name in NAMES if ")." in name) | frozenset(
    name.rpartition(".")[0] for name in NAMES if ")." in name
)
_MODULES = frozenset(name.partition(".")[0] for name in NAMES)


def _returns(reading: Reading, function: Node, values: Sequence[Value], depth: int) -> Value:
    """Return what a function returns, folded with its arguments where it is small and they are constant."""
    number = reading.scopes.number(function)
    inner = reading
    constant = values and all(value.text is not None or value.items for value in values)
    if (constant or not values) and not reading.frame:
        computed = decoders.called(reading, function, values)
        if computed is not None:
            return computed
    if constant and function.end_byte - function.start_byte <= _SMALL and len(reading.frame) < _FRAMES:
        inner = dataclasses.replace(reading, memo={}, frame={**reading.frame, number: tuple(values)})
        depth += 5
    return results(inner, function, depth)


def results(reading: Reading, function: Node, depth: int = 0) -> Value:
    """Return what a function returns, with what is known of its parameters."""
    number = reading.scopes.number(function)
    body = function.child_by_field_name("body")
    if body is not None and body.type != "statement_block":
        return reading.value(body, depth + 1)
    generates = reading.scopes.yields and is_generator(function)
    places = reading.scopes.yielded(number) if generates else reading.scopes.returned(number)
    found: list[Value] = []
    for offset in places:
        statement = next((node for node in reversed(reading.path(offset)) if node.type in _BACK), None)
        expression = None if statement is None else first_of(statement)
        if expression is not None:
            found.append(reading.value(expression, depth + 1))
    return Value(items=tuple(found), flows=flows_of(found)) if generates else merging.merged(found)


def is_generator(function: Node) -> bool:
    """Tell whether a function gives one thing after the other."""
    if function.type != "method_definition":
        return function.type.startswith("generator")
    return any(child.type == "*" for child in function.children[:_WORDS])
