"""How constant texts come together, and out of their encodings: nothing is run or grows without bound."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote

from fimci.capabilities import choices, decoding
from fimci.capabilities.uses import Flow, Value, known
from fimci.readers.code.javascript_syntax.reading import flows_of

#: A text that folding makes is no longer than this.
LONGEST = 1_000_000
_ITEMS = 20_000
_CODE_POINTS = 0x110000
_DIGITS = 20
_TWO = 2
#: Pairs of a table among which one is sought.
_LOOKED_UP = 2_000
#: Letters to which a text is filled up.
_PADDED = 1_000
#: What an object gives where a text is asked for.
_SPOKEN = ("[Symbol.toPrimitive]()", "toString()", "valueOf()")
#: Letters turned round that are more than one name.
_WORD = 24


def joined(values: Sequence[Value]) -> Value:
    """Return the concatenation of values: constant where all are, else its constant pieces.

    A beginning that is not known stands there as `*`, so that `base + "/x"` is no path from the root.
    """
    flows = flows_of(values)
    texts = [value.text if isinstance(value.text, str) else None for value in values]
    if all(text is not None for text in texts):
        whole = "".join(text for text in texts if text is not None)
        return Value(text=whole[:LONGEST], flows=flows)
    parts: list[str] = []
    together = False
    for value, text in zip(values, texts, strict=True):
        pieces = value.parts if text is None else (text,)
        if text is not None and together:
            parts[-1] += text
        else:
            parts.extend(pieces)
        together = text is not None and bool(parts)
    if parts and texts[0] is None and not values[0].parts:
        parts.insert(0, "*")
    may = choices.joined(values)
    return Value(parts=tuple(part[:LONGEST] for part in parts[:64]), flows=flows, choices=may)


def number(value: Value) -> int | None:
    """Return the whole number that a value is."""
    if not isinstance(value.text, str) or len(value.text) > _DIGITS:
        return None
    try:
        return int(value.text.replace("_", ""), 0)
    except ValueError:
        return None


def from_codes(values: Sequence[Value]) -> Value:
    """Return the text of character codes."""
    items = values[0].items if len(values) == 1 and values[0].items else values
    codes = [number(item) for item in items[:_ITEMS]]
    flows = flows_of(values)
    if not codes or any(code is None or not 0 <= code < _CODE_POINTS for code in codes):
        return Value(flows=flows)
    return Value(text="".join(chr(code) for code in codes if code is not None), flows=flows | {"decoded"})


def decode(how: str, value: Value) -> Value | None:
    """Return what comes out of an encoding, as bytes; `None` where it is not known what goes in."""
    data = value.text.encode(errors="surrogateescape") if isinstance(value.text, str) else value.text
    if data is None or len(data) > decoding.LIMIT:
        return None
    found = decoding.DECODERS[how](data)
    return None if found is None else Value(text=found, flows=value.flows | {"decoded"})


def as_text(value: Value) -> Value:
    """Return bytes as the text that they are in UTF-8."""
    if isinstance(value.text, bytes):
        return value._replace(text=known(value))
    if value.text is None and value.fields:
        spoken = (choices.field(value, name) for name in _SPOKEN)
        return next((one for one in spoken if one is not None), value)
    return value


def percent(value: Value) -> Value:
    """Undo the escapes of URLs."""
    if not isinstance(value.text, str) or "%" not in value.text:
        return value
    return Value(text=unquote(value.text), flows=value.flows | {"decoded"})


def method(receiver: Value, name: str, arguments: Sequence[Value]) -> Value | None:
    """Return what a method of a constant text or list gives; `None` where that is not known."""
    if name in {"toString", "toLocaleString", "valueOf"} and receiver.text is not None:
        return _to_string(receiver, arguments)
    if isinstance(receiver.text, str):
        return _of_text(receiver, receiver.text, name, arguments)
    if receiver.items:
        found = _of_list(receiver, name, arguments)
        if found is None and name == "get":  # of a map: the second of a pair
            return _looked_up(receiver, arguments)
        if found is None and name == "next":  # of a generator
            return Value(fields=(("value", choices.one(receiver.items)),), flows=receiver.flows)
        return choices.held(receiver) if found is None and name in _TAKING else found
    if receiver.choices:
        made = choices.each(receiver, lambda one: method(one, name, arguments))
        return Value(flows=receiver.flows, choices=made) if made else None
    return None


def _to_string(receiver: Value, arguments: Sequence[Value]) -> Value:
    how = arguments[0].text if arguments else "utf8"
    if isinstance(receiver.text, bytes):
        if how == "hex":
            return receiver._replace(text=receiver.text.hex())
        if how == "base64":
            return Value(flows=receiver.flows)
    return as_text(receiver)


def _of_text(  # noqa: C901  (one row a method)
    receiver: Value, text: str, name: str, arguments: Sequence[Value]
) -> Value | None:
    words = [argument.text if isinstance(argument.text, str) else None for argument in arguments]
    numbers = [number(argument) for argument in arguments]
    first = words[0] if words else None
    made: str | None = None
    match name:
        case "split":
            pieces = list(text) if first == "" else text.split(first) if first else [text]
            flows = receiver.flows
            return Value(items=tuple(Value(text=one, flows=flows) for one in pieces[:_ITEMS]), flows=flows)
        case "replace" | "replaceAll" if first and len(words) == _TWO and words[1] is not None:
            made = text.replace(first, words[1], -1 if name == "replaceAll" else 1)
        case "concat":
            return joined([receiver, *arguments])
        case "toLowerCase" | "toLocaleLowerCase":
            made = text.lower()
        case "toUpperCase" | "toLocaleUpperCase":
            made = text.upper()
        case "trim" | "trimStart" | "trimEnd" | "normalize":
            made = text.strip()
        case "slice" | "substring" if arguments and None not in numbers:
            made = text[numbers[0] : numbers[1] if len(numbers) > 1 else None]
        case "substr" if numbers and None not in numbers:
            start = numbers[0] or 0
            made = text[start:] if len(numbers) == 1 else text[start:][: numbers[1]]
        case "charAt" | "at" if numbers and numbers[0] is not None:
            made = text[numbers[0] : numbers[0] + 1]
        case "charCodeAt" | "codePointAt":
            at = numbers[0] if numbers and numbers[0] is not None else 0
            made = str(ord(text[at])) if 0 <= at < len(text) else None
            return None if made is None else Value(text=made, flows=receiver.flows | {"decoded"})
        case "padStart" | "padEnd" if (
            numbers and 0 <= (numbers[0] or 0) < _PADDED and (words[1:] or [" "])[0]
        ):
            made = _padded(text, numbers[0] or 0, (words[1:] or [" "])[0] or " ", left=name == "padStart")
        case "repeat" if numbers and numbers[0] is not None and 0 <= numbers[0] * len(text) < LONGEST:
            made = text * numbers[0]
    return None if made is None else Value(text=made[:LONGEST], flows=receiver.flows)


def _looked_up(receiver: Value, arguments: Sequence[Value]) -> Value:
    """Return what a table has under a name, or may have."""
    key = arguments[0].text if arguments else None
    pairs = [item.items or (item,) for item in receiver.items[:_LOOKED_UP]]
    known_as = [pair for pair in pairs if key is not None and pair[0].text == key]
    return choices.one([pair[-1] for pair in known_as or pairs])


def _padded(text: str, width: int, fill: str, *, left: bool) -> str:
    more = (fill * width)[: max(0, width - len(text))]
    return more + text if left else text + more


#: What takes one out of a list.
_TAKING = frozenset(("at", "pop", "shift", "find", "findLast", "splice"))


def _flat(items: Sequence[Value]) -> list[Value]:
    return [one for item in items for one in (item.items or (item,))][:_ITEMS]


def _of_list(receiver: Value, name: str, arguments: Sequence[Value]) -> Value | None:
    match name:
        case "join":
            between = arguments[0] if arguments else Value(text=",")
            mixed = [part for item in receiver.items for part in (between, item)][1:]
            made = joined(mixed)
            return made._replace(flows=made.flows | receiver.flows)
        case "reverse" | "toReversed":
            letters = len(receiver.items) > _WORD and all(
                isinstance(item.text, str) and len(item.text) == 1 for item in receiver.items
            )
            turned: frozenset[Flow] = frozenset({"decoded"}) if letters else frozenset()
            return receiver._replace(items=receiver.items[::-1], flows=receiver.flows | turned)
        case "concat":
            more = [item for value in arguments for item in (value.items or (value,))]
            return receiver._replace(items=(*receiver.items, *more)[:_ITEMS])
        case "pop" | "at" if name == "pop" or (arguments and number(arguments[0]) == -1):
            return receiver.items[-1]
        case "shift":
            return receiver.items[0]
        case "flat":
            return receiver._replace(items=tuple(_flat(receiver.items)))
        case "sort" if not arguments and all(isinstance(item.text, str) for item in receiver.items):
            return receiver._replace(items=tuple(sorted(receiver.items, key=known)))
        case "values" | "entries":
            return receiver
        case "slice" if all(number(argument) is not None for argument in arguments):
            bounds = [number(argument) for argument in arguments]
            end = bounds[1] if len(bounds) > 1 else None
            return receiver._replace(items=receiver.items[bounds[0] if bounds else 0 : end])
    return None
