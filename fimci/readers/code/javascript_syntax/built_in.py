"""What functions of the language and of Node.js make of constants: texts, numbers, bytes, paths."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from fimci.capabilities.uses import Value
from fimci.readers.code.javascript_syntax import folding
from fimci.readers.code.javascript_syntax.reading import NOTHING, Reading

if TYPE_CHECKING:
    from tree_sitter import Node

_BYTE = 256
_DIGITS = 20
_RADICES = range(2, 37)
#: Payloads that are told, and how long they are at least.
_PAYLOADS, _PAYLOAD = 200, 16
_INFLATE = {
    "zlib.gunzipSync": "gzip", "zlib.inflateSync": "zlib", "zlib.inflateRawSync": "zlib",
    "zlib.unzipSync": "zlib",
    "pako.inflate": "zlib", "pako.ungzip": "gzip", "pako.inflateRaw": "zlib",
}  # fmt: skip
#: Character codes that are made of other ones, and are no UTF-8.
_CIPHER = re.compile(rb"\^|parseInt\s*\(|-\s*(?:\d|0x)|%")
#: Functions that only tell how much there is.
_MEASURES = frozenset(("Buffer.byteLength",))
#: A file of another package, by the name of that.
_PACKAGE = re.compile(r"(?!node:)(?:@[\w.-]+/)?[\w-][\w.-]*/[\w./-]+\Z")
_ENCODINGS = {"base64": "base64", "base64url": "base64", "hex": "hex"}


def built_in(  # noqa: C901  (one row a function)
    reading: Reading, node: Node, name: str, values: Sequence[Value]
) -> Value | None:
    """Return what functions of the language make of constants."""
    if not values or name in _MEASURES:
        return NOTHING if name in _MEASURES else None
    first = values[0]
    match name:
        case "String.fromCharCode" | "String.fromCodePoint":
            return _from_codes(reading, node, values)
        case "atob":
            made = folding.decode("base64", first)
            return None if made is None else _told(reading, node, "base64", made)
        case "Buffer.from" | "Buffer" | "Buffer.from.call" | "Uint8Array" | "Uint8Array.from":
            return _buffer(reading, node, values)
        case "decodeURIComponent" | "decodeURI" | "unescape" if isinstance(first.text, str):
            return folding.percent(first)
        case "parseInt" | "Number":
            return _number(first, values[1] if len(values) > 1 else None)
        case "String" | "TextDecoder().decode" if folding.as_text(first).text is not None:
            return folding.as_text(first)
        case "String.raw":
            return first
        case "URL" if isinstance(first.text, str):
            return Value(text=first.text, name="URL()", flows=first.flows)
        case "path.join" | "path.resolve":
            return _path(values)
        case "path.dirname" | "require.resolve":
            return _of_path(name, first)
    if name in _INFLATE:
        made = folding.decode(_INFLATE[name], first)
        return None if made is None else _told(reading, node, _INFLATE[name], made)
    return None


def _from_codes(reading: Reading, node: Node, values: Sequence[Value]) -> Value:
    """Return the text of character codes. Codes that are computed as ciphers do it hide something."""
    made = folding.from_codes(values)
    hides = made.text is None and _CIPHER.search(reading.bytes(node)[:200]) is not None
    return made._replace(flows=made.flows | {"decoded"}) if hides else made


def _number(value: Value, base: Value | None) -> Value | None:
    radix = None if base is None else folding.number(base)
    if radix is None:
        return value if folding.number(value) is not None else None
    if not isinstance(value.text, str) or len(value.text) > _DIGITS or radix not in _RADICES:
        return None
    try:
        return Value(text=str(int(value.text, radix)), flows=value.flows)
    except ValueError:
        return None


def _path(values: Sequence[Value]) -> Value:
    mixed = [piece for value in values for piece in (Value(text="/"), value)]
    return folding.joined(mixed[1:])


def _of_path(name: str, value: Value) -> Value | None:
    """Return the folder of a path that is known in part, or where a file of another package lies."""
    if name == "require.resolve":
        if not isinstance(value.text, str) or _PACKAGE.match(value.text) is None:
            return None
        return Value(parts=("*", f"/node_modules/{value.text}"), flows=value.flows)
    if value.text is not None or not value.parts:
        return None
    above = value.parts[-1].rpartition("/")[0]
    return Value(parts=(*value.parts[:-1], *([above] if above else [])), flows=value.flows)


def _buffer(reading: Reading, node: Node, values: Sequence[Value]) -> Value | None:
    first = values[0]
    how = _ENCODINGS.get(str(values[1].text)) if len(values) > 1 else None
    if how is not None:
        made = folding.decode(how, first)
        return Value(flows=first.flows | {"decoded"}) if made is None else _told(reading, node, how, made)
    if first.items:
        codes = [folding.number(item) for item in first.items]
        if all(code is not None and 0 <= code < _BYTE for code in codes):
            return Value(text=bytes(code for code in codes if code is not None), flows=frozenset({"decoded"}))
        return Value(flows=first.flows | {"decoded"})
    return first._replace(literal=False) if first.text is not None else None


def _told(reading: Reading, node: Node, how: str, value: Value) -> Value:
    if isinstance(value.text, bytes) and len(value.text) >= _PAYLOAD and len(reading.decoded) < _PAYLOADS:
        reading.decoded[reading.source.line(node.start_byte), how, value.text] = None
    if how == "base64" and isinstance(value.text, bytes) and node.child_by_field_name("function") is not None:
        return (
            folding.as_text(value)
            if reading.text(node.child_by_field_name("function")).endswith("atob")
            else value
        )
    return value
