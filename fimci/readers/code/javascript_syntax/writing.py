"""Assignments to something of the outside world: environment, modules, globals, prototypes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fimci.capabilities.catalogue import find
from fimci.capabilities.javascript_names import NAMES
from fimci.capabilities.uses import Value
from fimci.readers.code.javascript_syntax import names
from fimci.readers.code.javascript_syntax.reading import Reading, arguments_of

if TYPE_CHECKING:
    from tree_sitter import Node

#: What programs without it are given: tampering is what keeps the one that was there.
_REPLACED = frozenset(("fetch", "XMLHttpRequest", "WebSocket", "EventSource"))
_DEFINING = (".defineProperty", "Reflect.set")
#: Members of elements by which a page fetches something, or runs it.
_TAKEN = (".src", ").href", *(f"(script).{key}" for key in ("text", "textContent", "innerText", "innerHTML")))
_LOADERS = ("require.cache.", "require.extensions.", "module._")


def written(
    reading: Reading, node: Node, value: Value, assignment: Node
) -> tuple[str, tuple[Value, ...]] | None:
    """Return the name of what is assigned to, and with what; `None` for names and members of its own."""
    name = _name(reading, node, value)
    right = assignment.child_by_field_name("right")
    if not name or right is None:
        return None
    given = reading.value(right)
    owner, _, key = name.rpartition(".")
    if owner in names.ENVIRONMENTS:
        return name, (Value(text=None if key == "*" else key), given)
    if f"{name}=" in NAMES:
        hidden = name in reading.spelled
        return (f"{name}=", (given,)) if name not in _REPLACED or hidden or _kept(reading, name) else None
    if find(NAMES, name) is None:
        return None
    loads = name.startswith(_LOADERS) and reading.text(right) != "null"
    return (name, (given,)) if loads or ".prototype." in name or name.endswith(_TAKEN) else None


def defined(reading: Reading, call: Node, argument: Node) -> str:
    """Return what `defineProperty` or `Reflect.set` puts in the place of something, by the catalogue."""
    arguments = arguments_of(call)
    callee = reading.text(call.child_by_field_name("function"))
    if not arguments[1:] or arguments[0].id != argument.id or not callee.endswith(_DEFINING):
        return ""
    key = reading.value(arguments[1]).text
    name = names.member(reading.value(argument), key) if isinstance(key, str) else ""
    if ".prototype." in name and find(NAMES, name) is not None:
        return name
    return f"{name}=" if f"{name}=" in NAMES else ""


def _name(reading: Reading, node: Node, value: Value) -> str:
    if node.type == "identifier":
        return value.name if reading.text(node) == value.name else ""
    owner, key = node.child_by_field_name("object"), node.child_by_field_name("property")
    if node.type != "member_expression" or owner is None or key is None:
        return value.name
    held, word = reading.value(owner), reading.text(key)
    if f"{held.name}.{word}=" in NAMES:
        return f"{held.name}.{word}"
    return value.name if names.member(held, word) == value.name else ""


def _kept(reading: Reading, name: str) -> bool:
    """Tell whether the text keeps what it replaces: `const real = window.fetch`, `new Proxy(fetch, …)`."""
    own = "" if reading.scopes.declared.get(name.encode()) else "?"
    kept = rf"[=(,]\s*(?:(?:window|self|globalThis|global)\.){own}{name}\s*[;,)\n.]"
    return re.search(kept.encode(), reading.source.data) is not None
