"""String literals: plain, raw, bytes, formatted, and several in a row."""

from __future__ import annotations

import re
from collections.abc import Callable

from tree_sitter import Node

from fimci.capabilities.uses import Value
from fimci.readers.code.python_syntax.folding import LARGEST, UNKNOWN, constant, joined, unescaped

_START = re.compile(rb"([a-zA-Z]{0,3})('''|\"\"\"|'|\")")


def literal(node: Node, value: Callable[[Node], Value]) -> Value:
    """Return what a literal is. `value` evaluates what stands in the braces of a formatted one."""
    if node.type == "concatenated_string":
        whole = joined([_one(child, value) for child in node.named_children if child.type == "string"])
        return whole._replace(literal=whole.text is not None)
    return _one(node, value)


def _one(node: Node, value: Callable[[Node], Value]) -> Value:
    raw = node.text or b""
    start = _START.match(raw)
    if start is None:
        return UNKNOWN
    prefix, quote = start[1].lower(), start[2]
    if b"f" in prefix or b"t" in prefix:
        return _formatted(node, value, raw=b"r" in prefix)
    content = (
        raw[start.end() : -len(quote)]
        if raw.endswith(quote) and len(raw) >= start.end() + len(quote)
        else raw[start.end() :]
    )
    return _plain(content, of_bytes=b"b" in prefix, raw=b"r" in prefix)


def _plain(content: bytes, *, of_bytes: bool, raw: bool) -> Value:
    if len(content) > LARGEST * 4:
        return UNKNOWN
    text = content.decode("latin-1" if of_bytes else "utf-8", "replace")
    text = text if raw else unescaped(text, of_bytes=of_bytes)
    return constant(text.encode("latin-1", "replace") if of_bytes else text, literal=True)


def _formatted(node: Node, value: Callable[[Node], Value], *, raw: bool) -> Value:
    values = [Value(text="")]
    for child in node.named_children:
        if child.type == "interpolation":
            inner = child.child_by_field_name("expression")
            values.append(_as_text(value(inner)) if inner is not None else UNKNOWN)
        elif child.type == "string_content":
            values.append(
                _plain((child.text or b"").replace(b"{{", b"{").replace(b"}}", b"}"), of_bytes=False, raw=raw)
            )
    return joined(values)._replace(literal=False)


def _as_text(value: Value) -> Value:
    return Value(flows=value.flows) if isinstance(value.text, bytes) else value
