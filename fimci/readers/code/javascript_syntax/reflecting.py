"""Ways round a plain member or a plain call: `Reflect`, what describes members, code that names something."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fimci.capabilities import choices
from fimci.capabilities.uses import Value
from fimci.readers.code.javascript_syntax import bindings, names
from fimci.readers.code.javascript_syntax.reading import NOTHING, Reading, arguments_of, bare, first_token

if TYPE_CHECKING:
    from tree_sitter import Node


def _named(reading: Reading, text: str) -> Value:
    """Return what a text that is evaluated names: `eval("process.env")`."""
    reading.spelled.add(text)
    owner, _, key = text.rpartition(".")
    if owner:
        return names.of_member(Value(name=owner), key)
    return Value(name="globalThis" if text == "this" else text)


def reflected(reading: Reading, node: Node, name: str, values: Sequence[Value]) -> Value | None:
    """Return what ways round a plain member or a plain call lead to."""
    first = values[0] if values else NOTHING
    text = first.text if isinstance(first.text, str) else ""
    if name == "Reflect.get" and len(values) > 1 and isinstance(values[1].text, str):
        held = choices.field(first, values[1].text)
        if held is not None:
            return held
        made = names.member(first, values[1].text)
        reading.spelled.add(made)
        return Value(name=made)
    if name in {"util.promisify", "util.deprecate", "util.callbackify"} and first.name:
        return Value(name=first.name)
    if name == "Object.getPrototypeOf" and node.type == "call_expression":
        arguments = arguments_of(node)
        function = bindings.function_of(reading, arguments[0]) if arguments else None
        if function is not None:
            asynchronous = reading.text(first_token(function)) == "async"
            return Value(name="AsyncFunction()" if asynchronous else "Function.prototype")
        return None
    if name == "eval" and text.replace(".", "").replace("_", "").replace("$", "").isalnum():
        return _named(reading, text)
    return _returning(reading, node) if name.startswith("Function()") else None


def _returning(reading: Reading, node: Node) -> Value | None:
    """Return what a function gives that is made of a text at once: `Function("return this")()`."""
    callee = node.child_by_field_name("function")
    if callee is None or bare(callee).type not in {"call_expression", "new_expression"}:
        return None
    inner = arguments_of(bare(callee))
    code = reading.value(inner[-1]).text if inner else None
    if not isinstance(code, str) or not code.strip().rstrip(";").startswith("return "):
        return None
    made = code.strip().rstrip(";").removeprefix("return ").strip()
    if made == "this":
        return Value(name="globalThis")
    return Value(name=made) if made.replace(".", "").isalnum() else None


def described(reading: Reading, values: Sequence[Value]) -> Value | None:
    """Return the member that a description is of; `value` of that is the member itself."""
    owner, key = (*values[:2], NOTHING, NOTHING)[:2]
    if not isinstance(key.text, str) or not owner.name:
        return None
    made = names.member(owner, key.text)
    if not key.literal:
        reading.spelled.add(made)
    return Value(name=made)
