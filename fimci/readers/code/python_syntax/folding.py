"""Computing with constants: what a text is once it is joined, reversed, replaced or decoded. Nothing is run.

Everything is bounded in size: a result above `LARGEST` is unknown. A value that is not known as a whole keeps the
pieces that are, and the flows of all that went into it.
"""

from __future__ import annotations

import base64
import binascii
import bz2
import codecs
import lzma
import re
import zlib
from collections.abc import Callable, Iterable, Sequence

from fimci.capabilities.uses import Flow, Value

#: Characters or bytes of a computed constant.
LARGEST = 1_000_000
#: Items of a computed list.
MOST = 20_000
#: Pieces of a text that is known in part.
_PIECES = 40

UNKNOWN = Value()
#: Stands for a piece that is not known: `https://*.host.example` names more than `https://.host.example`.
_ANYTHING = "*"
_ESCAPE = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|N\{([^}]{1,100})\}|(\r?\n)|(.))",
    re.DOTALL,
)
_SIMPLE = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "\\": "\\",
    "'": "'",
    '"': '"',
}
_FIELD = re.compile(r"\{\{|\}\}|\{(\w*)(?:![rsa])?(?::[^{}]*)?\}")
_PERCENT = re.compile(r"%(?:\((\w+)\))?[-#0 +]*\d*(?:\.\d+)?([diouxXeEfFgGcrsa%])")
_ENCODED = re.compile(r"\s*(?:[A-Za-z0-9+/_=-]|\\x[0-9a-f]{2}){200,}\s*\Z")
_BIG = 200


def flows_of(values: Iterable[Value]) -> frozenset[Flow]:
    """Return where any of these comes from."""
    found: frozenset[Flow] = frozenset()
    for value in values:
        if value.flows:
            found |= value.flows
    return found


def constant(text: str | bytes, flows: frozenset[Flow] = frozenset(), *, literal: bool = False) -> Value:
    """Return the value of a text, if it is not too large. A long encoded one is a `payload`."""
    if len(text) > LARGEST:
        return Value(flows=flows)
    if len(text) >= _BIG and _is_payload(text):
        flows |= {"payload"}
    return Value(text=text, flows=flows, literal=literal)


def _is_payload(text: str | bytes) -> bool:
    sample = text[:2000]
    if isinstance(sample, bytes):
        if sum(byte > 126 or byte < 9 for byte in sample) * 5 > len(sample):
            return True
        sample = sample.decode("latin-1")
    compact = "".join(sample.split())
    return len(compact) >= _BIG and _ENCODED.match(compact) is not None


def unescaped(text: str, *, of_bytes: bool) -> str:
    """Return what the escapes of a literal stand for."""

    def meaning(found: re.Match[str]) -> str:
        number = found[1] or (None if of_bytes else found[3] or found[4])
        if number:
            code = int(number, 16)
            return chr(code) if code <= 0x10FFFF else "\ufffd"
        if found[2]:
            return chr(int(found[2], 8) & (0xFF if of_bytes else 0x1FF))
        if found[6]:
            return ""
        if found[5] and not of_bytes:
            return "?"
        return _SIMPLE.get(found[7] or "", found[0])

    return _ESCAPE.sub(meaning, text) if "\\" in text else text


def joined(values: Sequence[Value]) -> Value:
    """Concatenate: one constant where all are, else the pieces in order, `*` for what is not known. Lists too."""
    texts = [value.text for value in values]
    flows = flows_of(values)
    if all(isinstance(text, str) for text in texts):
        return constant("".join(str(text) for text in texts), flows)
    if all(isinstance(text, bytes) for text in texts):
        return constant(b"".join(text for text in texts if isinstance(text, bytes)), flows)
    items = tuple(item for value in values for item in value.items)[:MOST]
    parts: list[str] = []
    for value in values:
        found = pieces(value) or (_ANYTHING,)
        parts.extend(found[1:] if parts and parts[-1] == found[0] == _ANYTHING else found)
    return Value(
        parts=tuple(parts[:_PIECES]) if any(part != _ANYTHING for part in parts) and not items else (),
        items=items,
        flows=flows,
    )


def pieces(value: Value) -> tuple[str, ...]:
    """Return the constant pieces of a value."""
    if isinstance(value.text, str):
        return (value.text,)
    if isinstance(value.text, bytes):
        return (value.text.decode("latin-1"),)
    return value.parts


def formatted(template: Value, arguments: Sequence[Value], keywords: dict[str, Value]) -> Value:
    """Return `template.format(…)`."""
    if not isinstance(template.text, str):
        return Value(parts=template.parts, flows=flows_of((template, *arguments, *keywords.values())))
    values: list[Value] = [Value(text="", flows=template.flows)]
    end = count = 0
    for found in _FIELD.finditer(template.text):
        values.append(Value(text=template.text[end : found.start()]))
        end = found.end()
        name = found[1]
        if name is None:
            values.append(Value(text=found[0][0]))
            continue
        index = int(name) if name.isdecimal() and len(name) < 4 else count
        count += 1
        values.append(keywords.get(name) or (arguments[index] if index < len(arguments) else UNKNOWN))
    values.append(Value(text=template.text[end:]))
    return joined(values)


def interpolated(template: Value, given: Value) -> Value:
    """Return `template % given`."""
    flows = flows_of((template, given))
    text = template.text.decode("latin-1") if isinstance(template.text, bytes) else template.text
    if text is None:
        return Value(parts=template.parts, flows=flows)
    arguments = given.items or (given,)
    values: list[Value] = [Value(text="", flows=flows)]
    end = count = 0
    for found in _PERCENT.finditer(text):
        values.append(Value(text=text[end : found.start()]))
        end = found.end()
        if found[2] == "%":
            values.append(Value(text="%"))
            continue
        value = arguments[count] if count < len(arguments) and not found[1] else UNKNOWN
        count += 1
        if found[2] == "c" and isinstance(value.text, str) and value.text.isdecimal():
            value = character(value)
        values.append(
            value._replace(text=value.text.decode("latin-1")) if isinstance(value.text, bytes) else value
        )
    values.append(Value(text=text[end:]))
    result = joined(values)
    return (
        result._replace(text=result.text.encode("latin-1", "replace"))
        if isinstance(template.text, bytes) and isinstance(result.text, str)
        else result
    )


def character(number: Value) -> Value:
    """Return `chr(number)`; numbers are texts of digits (see `integer`)."""
    code = integer(number)
    return (
        Value(text=chr(code), flows=number.flows)
        if code is not None and 0 <= code <= 0x10FFFF
        else Value(flows=number.flows)
    )


def integer(value: Value) -> int | None:
    """Return the number that a literal such as `0x1f` or `-3` is."""
    if not isinstance(value.text, str) or len(value.text) > 2000:
        return None
    try:
        return int(value.text.replace("L", "").replace("l", ""), 0)
    except ValueError:
        return None


def sliced(value: Value, bounds: tuple[int | None, int | None, int | None]) -> Value:
    """Return `value[a:b:c]`."""
    if value.text is not None and bounds[2] != 0:
        return constant(value.text[slice(*bounds)], value.flows)
    if value.items and bounds[2] != 0:
        return Value(items=value.items[slice(*bounds)], flows=value.flows)
    return Value(flows=value.flows)


def method(name: str, value: Value, arguments: Sequence[Value]) -> Value:
    """Return what a method of a text or list gives; where that is not known, its flows."""
    flows = flows_of((value, *arguments))
    text = value.text
    given = [argument.text for argument in arguments]
    result: str | bytes | None = None
    try:
        if name == "join":
            return _join(value, arguments, flows)
        if name == "split" and isinstance(text, str) and len(text) <= LARGEST:
            separator = given[0] if given and isinstance(given[0], str) else None
            return Value(
                items=tuple(Value(text=part, flows=flows) for part in text.split(separator)[:MOST]),
                flows=flows,
            )
        if name == "decode" and isinstance(text, bytes):
            encoding = given[0] if given and isinstance(given[0], str) else "utf-8"
            result = text.hex() if encoding in {"hex", "base64"} else text.decode(_plain(encoding))
            if encoding in {"hex", "base64", "rot13", "zlib", "bz2"}:
                return decoded(encoding, value)[0]
        elif name == "encode" and isinstance(text, str):
            result = text.encode(_plain(given[0] if given and isinstance(given[0], str) else "utf-8"))
        elif (
            name == "replace"
            and text is not None
            and len(given) >= 2
            and all(type(text) is type(item) for item in given[:2])
        ):
            old, new = given[0], given[1]
            if (
                isinstance(text, str)
                and isinstance(old, str)
                and isinstance(new, str)
                and (old or len(text) < MOST)
            ):
                result = text.replace(old, new) if len(new) <= 100 or len(text) < MOST else None
            elif (
                isinstance(text, bytes)
                and isinstance(old, bytes)
                and isinstance(new, bytes)
                and old
                and len(new) < 100
            ):
                result = text.replace(old, new)
        elif (
            name in {"strip", "lstrip", "rstrip", "lower", "upper", "swapcase", "title"}
            and text is not None
            and not given
        ):
            result = getattr(text, name)()
        elif name == "hex" and isinstance(text, bytes):
            result = text.hex()
    except (ValueError, LookupError, OverflowError):
        result = None
    return (
        constant(result, flows)
        if result is not None
        else Value(parts=value.parts or pieces(value), flows=flows)
    )


def _plain(encoding: str) -> str:
    return (
        encoding
        if encoding.lower().replace("_", "-")
        in {"utf-8", "utf8", "ascii", "latin-1", "latin1", "utf-16", "utf-16-le", "utf-32", "cp1252"}
        else "utf-8"
    )


def _join(separator: Value, arguments: Sequence[Value], flows: frozenset[Flow]) -> Value:
    items = arguments[0].items if arguments else ()
    between = separator._replace(flows=frozenset())
    if not items or separator.text is None:
        return Value(parts=arguments[0].parts if arguments else (), flows=flows)
    if len(separator.text) * len(items) > LARGEST:
        return Value(flows=flows)
    values = [piece for item in items for piece in (between, item)][1:]
    result = joined(values)
    return result._replace(flows=result.flows | flows)


def _bytes(value: Value) -> bytes | None:
    if isinstance(value.text, str):
        return value.text.encode("latin-1") if value.text.isascii() else value.text.encode("utf-8", "replace")
    return value.text


def _inflated(decompressor: Callable[[bytes, int], bytes]) -> Callable[[bytes], bytes]:
    return lambda data: decompressor(data, LARGEST)


def _zlib(data: bytes, most: int) -> bytes:
    return zlib.decompressobj(47).decompress(data, most)  # zlib or gzip header, as it comes


def _bzip2(data: bytes, most: int) -> bytes:
    return bz2.BZ2Decompressor().decompress(data, most)


def _xz(data: bytes, most: int) -> bytes:
    return lzma.LZMADecompressor(memlimit=64_000_000).decompress(data, most)


def _rot13(data: bytes) -> bytes:
    return codecs.encode(data.decode("latin-1"), "rot13").encode("latin-1")


def _base64(data: bytes) -> bytes:
    data = bytes(byte for byte in data if byte not in b" \n\r\t=").translate(bytes.maketrans(b"-_", b"+/"))
    return base64.b64decode(data + b"=" * (-len(data) % 4))


#: How what is encoded with each of these is read.
_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "base64": _base64,
    "base32": base64.b32decode,
    "base16": lambda data: base64.b16decode(data, casefold=True),
    "base85": base64.b85decode,
    "ascii85": base64.a85decode,
    "hex": lambda data: binascii.unhexlify(b"".join(data.split())),
    "zlib": _inflated(_zlib),
    "gzip": _inflated(_zlib),
    "bz2": _inflated(_bzip2),
    "lzma": _inflated(_xz),
    "rot13": _rot13,
}
#: The functions that decode, by what.
DECODERS = {
    "base64.b64decode": "base64", "base64.standard_b64decode": "base64", "base64.urlsafe_b64decode": "base64",
    "base64.decodebytes": "base64", "base64.decodestring": "base64", "binascii.a2b_base64": "base64", "base64.b32decode": "base32",
    "base64.b16decode": "base16", "base64.b85decode": "base85", "base64.a85decode": "ascii85", "binascii.unhexlify": "hex",
    "binascii.a2b_hex": "hex", "bytes.fromhex": "hex", "bytearray.fromhex": "hex", "zlib.decompress": "zlib", "gzip.decompress": "gzip",
    "bz2.decompress": "bz2", "lzma.decompress": "lzma",
}  # fmt: skip


def decoded(how: str, value: Value) -> tuple[Value, bytes]:
    """Return what a decoder makes of a constant, and the bytes of that; `decoded` is among the flows either way."""
    flows: frozenset[Flow] = (value.flows - {"payload"}) | {"decoded"}
    data = _bytes(value)
    how = {
        "hex_codec": "hex",
        "base64_codec": "base64",
        "rot_13": "rot13",
        "rot-13": "rot13",
        "zip": "zlib",
    }.get(how, how)
    decoder = _DECODERS.get(how)
    if data is None or decoder is None or len(data) > LARGEST:
        return Value(flows=flows | value.flows), b""
    try:
        plain = decoder(data)
    except (ValueError, binascii.Error, zlib.error, OSError, lzma.LZMAError, EOFError, MemoryError):
        return Value(flows=flows | value.flows), b""
    text = plain.decode("latin-1") if how == "rot13" else plain
    return Value(text=text, flows=flows) if len(plain) <= LARGEST else Value(flows=flows), plain
