"""Functions of JavaScript that everybody knows by name and that only compute, on the values of `library`."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote, unquote

from fimci.capabilities import decoding
from fimci.readers.code.javascript_syntax.library import DIGITS, Thing, at, number, stop, text, truth, whole
from fimci.readers.code.pure import LARGEST, Stop

_INTEGER = re.compile(r"\s*([-+]?)(0[xX])?([0-9a-zA-Z]+)")
_CODE_POINTS, _BYTE = 0x110000, 0xFF


def buffer(given: list[Thing]) -> bytearray:
    """Return `Buffer.from(…)`, `new Uint8Array(…)`."""
    first = given[0]
    if isinstance(first, str):
        how = text(at(given, 1, "utf8"))
        data = first.encode("latin-1" if how in {"latin1", "binary"} else "utf-8", "replace")
        decoder = {"base64": "base64", "base64url": "base64", "hex": "hex"}.get(how)
        made = decoding.DECODERS[decoder](data) if decoder is not None else data
        return bytearray(made) if made is not None else bytearray(stop().encode())
    if isinstance(first, bytearray):
        return bytearray(first)
    if isinstance(first, list):
        return bytearray(whole(one) & _BYTE for one in first)
    size = whole(first)
    return bytearray(size) if 0 <= size <= LARGEST else bytearray(stop().encode())


def _listed(given: list[Thing]) -> list[Thing]:
    first = given[0]
    if isinstance(first, dict):
        made: list[Thing] = [None] * min(LARGEST, whole(first.get("length", 0)))
    elif isinstance(first, (str, list, bytearray)):
        made = list(first)
    else:
        raise Stop
    call = at(given, 1)
    return [call([one, place]) for place, one in enumerate(made)] if callable(call) else made


def _array(given: list[Thing]) -> list[Thing]:
    if len(given) == 1 and isinstance(given[0], (int, float)) and 0 <= given[0] <= LARGEST:
        return [None] * whole(given[0])
    return list(given)


def parsed(given: list[Thing]) -> int:
    """Return `parseInt(text, base)`."""
    found = _INTEGER.match(text(given[0])[:40])
    base = whole(at(given, 1) or (16 if found is not None and found[2] else 10))
    if found is None or not 2 <= base <= len(DIGITS):  # noqa: PLR2004  (bases from binary)
        raise Stop
    digits = ""
    word = found[3] if not found[2] or base == 16 else "0"  # noqa: PLR2004  (`0x` counts there alone)
    for digit in word.lower():
        if digit not in DIGITS[:base]:
            break
        digits += digit
    if not digits:
        raise Stop
    return int(digits, base) * (-1 if found[1] == "-" else 1)


def _characters(given: list[Thing]) -> str:
    codes = [whole(one) & 0x1FFFFF for one in given]
    if any(code >= _CODE_POINTS for code in codes):
        raise Stop
    return "".join(map(chr, codes))


def _from_base64(given: list[Thing]) -> str:
    made = decoding.from_base64(text(given[0]).encode("latin-1", "replace"))
    return made.decode("latin-1") if made is not None else stop()


def _unescaped(given: list[Thing]) -> str:
    wide = re.sub(r"%u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text(given[0]))
    return unquote(wide, encoding="latin-1")


def _concatenated(given: list[Thing]) -> bytearray:
    return bytearray(b"".join(one for one in given[0] if isinstance(one, bytearray)))


def _entries(given: list[Thing]) -> list[Thing]:
    if isinstance(given[0], dict):
        return [[key, value] for key, value in given[0].items()]
    return [[str(place), value] for place, value in enumerate(given[0])]


#: Functions by the names that they have for everybody.
FUNCTIONS: Mapping[str, Callable[[list[Thing]], Thing]] = {
    "String.fromCharCode": _characters,
    "String.fromCodePoint": _characters,
    "String": lambda given: text(at(given, 0, "")),
    "Number": lambda given: number(at(given, 0, 0)),
    "Boolean": lambda given: truth(at(given, 0)),
    "parseInt": parsed,
    "Number.parseInt": parsed,
    "parseFloat": lambda given: number(given[0]),
    "atob": _from_base64,
    "btoa": lambda given: base64.b64encode(text(given[0]).encode("latin-1", "replace")).decode(),
    "unescape": _unescaped,
    "escape": lambda given: quote(text(given[0]), safe="@*_+-./"),
    "encodeURIComponent": lambda given: quote(text(given[0]), safe="-_.!~*'()"),
    "decodeURIComponent": lambda given: unquote(text(given[0])),
    "decodeURI": lambda given: unquote(text(given[0])),
    **dict.fromkeys(
        ("Buffer.from", "Buffer", "Buffer.alloc", "Buffer.allocUnsafe", "Uint8Array", "Uint8Array.from"),
        buffer,
    ),
    **dict.fromkeys(("Uint16Array", "Uint32Array", "Int32Array", "Array"), _array),
    **dict.fromkeys(("Array.from", "Uint16Array.from"), _listed),
    "Array.of": lambda given: given,
    "Array.isArray": lambda given: isinstance(given[0], list),
    "Buffer.concat": _concatenated,
    "TextDecoder().decode": lambda given: text(given[0]),
    "TextEncoder().encode": lambda given: bytearray(text(given[0]).encode("utf-8", "replace")),
    "Object.keys": lambda given: [key for key, _ in _entries(given)],
    "Object.values": lambda given: [value for _, value in _entries(given)],
    "Object.entries": _entries,
    "Math.floor": lambda given: math.floor(number(given[0])),
    "Math.ceil": lambda given: math.ceil(number(given[0])),
    "Math.round": lambda given: math.floor(number(given[0]) + 0.5),
    "Math.trunc": lambda given: whole(given[0]),
    "Math.abs": lambda given: abs(number(given[0])),
    "Math.min": lambda given: min(number(one) for one in given),
    "Math.max": lambda given: max(number(one) for one in given),
}
