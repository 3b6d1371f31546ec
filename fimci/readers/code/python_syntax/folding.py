"""Computing with constants: what a text is once it is joined, reversed, replaced or decoded. Nothing is run.

Everything is bounded in size: a result above `LARGEST` is unknown. A value that is not known as a whole keeps
the pieces that are, and the flows of all that went into it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence

from fimci.capabilities import choices, decoding
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
#: The interpreter, and what stands before an option of it.
_ITSELF, _OPTION = "sys.executable", " -"
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
_FIELD = re.compile(r"\{\{|\}\}|\{(\w*)((?:\[[^\]{}\[]{1,99}\]|\.\w{1,99}){0,4})(?:![rsa])?(?::[^{}]*)?\}")
#: A member or an item of what stands in braces.
_INNER = re.compile(r"\[([^\]]+)\]|\.(\w+)")
_PERCENT = re.compile(r"%(?:\((\w+)\))?[-#0 +]*\d*(?:\.\d+)?([diouxXeEfFgGcrsa%])")
_ENCODED = re.compile(r"\s*(?:[A-Za-z0-9+/_=-]|\\x[0-9a-f]{2}){200,}\s*\Z")
_BIG, _SAMPLE = 200, 2000
_NO_TEXT = re.compile(r"[^\t-~]")
#: Digits of an index in a template, and of a number (Python itself reads 4,300).
_INDEX, _DIGITS = 3, 4000
#: Bytes of a number that can hold a program.
_NUMBER = 16


def flows_of(values: Iterable[Value]) -> frozenset[Flow]:
    """Return where any of these comes from."""
    found: frozenset[Flow] = frozenset()
    for value in values:
        if value.flows:
            found |= value.flows
    return found


#: Characters that no editor shows, one after the other, as only programs write them.
_INVISIBLE = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{12}|[\u200b-\u200d\u2060\ufeff]{24}")


def constant(text: str | bytes, flows: frozenset[Flow] = frozenset(), *, literal: bool = False) -> Value:
    """Return the value of a text, if it is not too large. A long encoded one is a `payload`."""
    if len(text) > LARGEST:
        return Value(flows=flows)
    if (len(text) >= _BIG and _is_payload(text)) or (isinstance(text, str) and _INVISIBLE.search(text)):
        flows |= {"payload"}
    return Value(text=text, flows=flows, literal=literal)


def _is_payload(text: str | bytes) -> bool:
    sample = text[:_SAMPLE]
    if isinstance(sample, bytes):
        sample = sample.decode("latin-1")
        if len(_NO_TEXT.findall(sample)) * 5 > len(sample):
            return True
    compact = "".join(sample.split())
    return len(compact) >= _BIG and _ENCODED.match(compact) is not None


def unescaped(text: str, *, of_bytes: bool) -> str:
    """Return what the escapes of a literal stand for."""

    def meaning(found: re.Match[str]) -> str:
        number = found[1] or (None if of_bytes else found[3] or found[4])
        if number:
            code = int(number, 16)
            return chr(code) if code <= sys.maxunicode else "\ufffd"
        if found[2]:
            return chr(int(found[2], 8) & (0xFF if of_bytes else 0x1FF))
        if found[6]:
            return ""
        if found[5] and not of_bytes:
            return "?"
        return _SIMPLE.get(found[7] or "", found[0])

    return _ESCAPE.sub(meaning, text) if "\\" in text else text


def joined(values: Sequence[Value]) -> Value:
    """Concatenate texts or lists: one constant, else the pieces in order, `*` for what is not known."""
    texts = [value.text for value in values]
    flows = flows_of(values)
    if any(value.name == _ITSELF for value in values) and any(_OPTION in str(text) for text in texts):
        return joined([Value(text="python") if value.name == _ITSELF else value for value in values])
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
        choices=() if items else choices.joined(values),
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
        index = int(name) if name.isdecimal() and len(name) <= _INDEX else count
        count += 1
        value = keywords.get(name) or (arguments[index] if index < len(arguments) else UNKNOWN)
        values.append(_inside(value, found[2]) if found[2] else value)
    values.append(Value(text=template.text[end:]))
    return joined(values)


def _inside(value: Value, path: str) -> Value:
    """Return the member or item of what a template is given, `[host]` or `.host`."""
    for found in _INNER.finditer(path):
        key = found[1] or found[2]
        listed = key.isdecimal() and len(key) <= _INDEX and int(key) < len(value.items)
        value = value.items[int(key)] if listed else choices.field(value, key) or Value(flows=value.flows)
    return value


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
        value = (choices.field(given, found[1]) or UNKNOWN) if found[1] else value
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
        if code is not None and 0 <= code <= sys.maxunicode
        else Value(flows=number.flows)
    )


def integer(value: Value) -> int | None:
    """Return the number that a literal such as `0x1f` or `-3` is."""
    if not isinstance(value.text, str) or len(value.text) > _DIGITS:
        return None
    try:
        return int(value.text.replace("L", "").replace("l", ""), 0)
    except ValueError:
        return None


def bytes_of(number: Value, rest: Sequence[Value]) -> bytes | None:
    """Return `number.to_bytes(length, order)`; `None` where it is small or not known."""
    value, length = integer(number), integer(rest[0]) if rest else None
    little = len(rest) > 1 and rest[1].text == "little"
    if value is None or length is None or not _NUMBER <= length <= _DIGITS:
        return None
    try:
        return value.to_bytes(length, "little" if little else "big")
    except OverflowError:
        return None


def sliced(value: Value, bounds: tuple[int | None, int | None, int | None]) -> Value:
    """Return `value[a:b:c]`."""
    if value.text is not None and bounds[2] != 0:
        return constant(value.text[slice(*bounds)], value.flows)
    if value.items and bounds[2] != 0:
        return Value(items=value.items[slice(*bounds)], flows=value.flows)
    return Value(flows=value.flows)


def undone(flows: frozenset[Flow]) -> frozenset[Flow]:
    """Return where a text comes from that is turned round or computed letter by letter: decoded."""
    return flows | {"decoded"} if "file" in flows else flows


def _bytes(value: Value) -> bytes | None:
    if isinstance(value.text, str):
        return value.text.encode("latin-1") if value.text.isascii() else value.text.encode("utf-8", "replace")
    return value.text


#: Codecs by the names of the decoders that they are.
_CODECS = {
    "hex_codec": "hex",
    "base64_codec": "base64",
    "rot_13": "rot13",
    "rot-13": "rot13",
    "zip": "zlib",
    "base16": "hex",
    "uu_codec": "uu",
    "quopri": "quoted-printable",
    "quopri_codec": "quoted-printable",
}
#: The functions that decode, by what.
DECODERS = {
    **dict.fromkeys(
        (
            *("base64.b64decode", "base64.standard_b64decode", "base64.urlsafe_b64decode"),
            *("base64.decodebytes", "base64.decodestring", "binascii.a2b_base64"),
        ),
        "base64",
    ),
    **dict.fromkeys(
        (
            *("base64.b16decode", "binascii.unhexlify", "binascii.a2b_hex", "bytes.fromhex"),
            "bytearray.fromhex",
        ),
        "hex",
    ),
    "base64.b32decode": "base32",
    "base64.b85decode": "base85",
    "base64.a85decode": "ascii85",
    "zlib.decompress": "zlib",
    "gzip.decompress": "gzip",
    "bz2.decompress": "bz2",
    "lzma.decompress": "lzma",
    "binascii.a2b_uu": "uu",
    "binascii.a2b_qp": "quoted-printable",
    "quopri.decodestring": "quoted-printable",
}
#: What opens a file that is packed, by what.
PACKED = {
    **dict.fromkeys(("gzip.GzipFile", "gzip.open"), "gzip"),
    **dict.fromkeys(("bz2.BZ2File", "bz2.open"), "bz2"),
    **dict.fromkeys(("lzma.LZMAFile", "lzma.open"), "lzma"),
}


def decoded(how: str, value: Value) -> tuple[Value, bytes]:
    """Return what a decoder makes of a constant, and its bytes; `decoded` is among the flows either way."""
    flows: frozenset[Flow] = (value.flows - {"payload"}) | {"decoded"}
    data = _bytes(value)
    how = _CODECS.get(how, how)
    decoder = decoding.DECODERS.get(how)
    plain = decoder(data) if data is not None and decoder is not None and len(data) <= LARGEST else None
    if not plain:
        return Value(flows=flows | value.flows), b""
    text = plain.decode("latin-1") if how == "rot13" else plain
    return Value(text=text, flows=flows) if len(plain) <= LARGEST else Value(flows=flows), plain
