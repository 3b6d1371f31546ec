"""What the pure functions of JavaScript make of texts, numbers, lists and bytes, as its evaluator needs them.

A text is a `str`, a list a `list`, bytes are a `bytearray`, numbers `int` or `float`, `undefined` is `None`.
Functions of the text that is evaluated are callables that take a list.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from fimci.readers.code.pure import LARGEST, Budget, Stop

#: A value of the language that is evaluated: nothing else than the types that are named above.
Thing: TypeAlias = Any
#: The names of a call and their values (`""` leads to the names around it), and what computes something.
Env: TypeAlias = dict[str, Any]
Code: TypeAlias = Callable[[Env], Thing]
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_BYTE = 0xFF
_WIDTH, _HALF = 1 << 32, 1 << 31


class Digits(str):
    """A text of digits of which is not known whether it stood in quotes."""

    __slots__ = ()


class Pattern(NamedTuple):
    """A regular expression, and whether it is applied everywhere."""

    compiled: re.Pattern[str]
    everywhere: bool


def number(thing: Thing) -> int | float:
    """Return what a value is as a number."""
    if isinstance(thing, bool):
        return int(thing)
    if isinstance(thing, (int, float)):
        return thing
    if isinstance(thing, str) and len(thing) <= 40:  # noqa: PLR2004  (digits of a number)
        text = thing.strip()
        try:
            return int(text or "0", 0 if text[:2].lower() in {"0x", "0b", "0o"} else 10)
        except ValueError:
            return _float(text)
    raise Stop


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise Stop from None


def whole(thing: Thing) -> int:
    """Return what a value is as a whole number."""
    made = number(thing)
    if made != made or made in {math.inf, -math.inf}:  # noqa: PLR0124  (not a number)
        raise Stop
    return int(made)


def signed(value: int) -> int:
    """Return a number in 32 bits, as bitwise operators have it."""
    value %= _WIDTH
    return value - _WIDTH if value >= _HALF else value


def text(thing: Thing) -> str:
    """Return what a value is as a text."""
    if isinstance(thing, str):
        return thing
    if isinstance(thing, bool):
        return "true" if thing else "false"
    if isinstance(thing, int):
        return str(thing)
    if isinstance(thing, float):
        return str(int(thing)) if thing.is_integer() else repr(thing)
    if isinstance(thing, bytearray):
        return thing.decode("utf-8", "replace")
    if isinstance(thing, list):
        return ",".join("" if item is None else text(item) for item in thing[:LARGEST])
    raise Stop


def truth(thing: Thing) -> bool:
    """Tell whether a value counts as true."""
    return thing is not None and thing is not False and thing not in (0, "") and thing == thing  # noqa: PLR0124


def at(given: list[Thing], place: int, otherwise: Thing = None) -> Thing:
    """Return an argument by its place."""
    return given[place] if place < len(given) else otherwise


def _bounds(given: list[Thing], size: int) -> slice:
    first = whole(at(given, 0, 0))
    last = size if at(given, 1) is None else whole(given[1])
    return slice(first, last)


def _substring(own: str, given: list[Thing]) -> str:
    first, last = (
        max(0, min(len(own), whole(at(given, place, end)))) for place, end in ((0, 0), (1, len(own)))
    )
    return own[min(first, last) : max(first, last)]


def _substr(own: str, given: list[Thing]) -> str:
    rest = own[whole(at(given, 0, 0)) :]
    return rest if at(given, 1) is None else rest[: max(0, whole(given[1]))]


def _split(own: str, given: list[Thing]) -> list[Thing]:
    between = at(given, 0)
    if between is None:
        return [own]
    if isinstance(between, Pattern):
        return list(between.compiled.split(own))
    return list(own) if between == "" else list(own.split(text(between)))


def _code(own: str, given: list[Thing]) -> Thing:
    place = whole(at(given, 0, 0))
    return ord(own[place]) if 0 <= place < len(own) else None


def _letter(own: str, given: list[Thing]) -> str:
    place = whole(at(given, 0, 0))
    return own[place] if -len(own) <= place < len(own) else ""


def _replaced(budget: Budget, own: str, given: list[Thing], *, everywhere: bool) -> str:
    old, new = given[0], at(given, 1, "undefined")
    if isinstance(old, Pattern):
        return old.compiled.sub(_substitute(budget, new), own, count=0 if old.everywhere else 1)
    old = text(old)
    if callable(new):
        return re.sub(re.escape(old), _substitute(budget, new), own, count=0 if everywhere else 1)
    return own.replace(old, text(new).replace("$&", old), -1 if everywhere else 1)


def _substitute(budget: Budget, new: Thing) -> Callable[[re.Match[str]], str]:
    def made(found: re.Match[str]) -> str:
        budget.spend()
        if callable(new):
            return text(new([found[0], *found.groups(), found.start()]))
        return re.sub(r"\$(&|\d)", lambda part: found[0 if part[1] == "&" else int(part[1])] or "", text(new))

    return made


def _matched(own: str, given: list[Thing]) -> Thing:
    pattern = given[0] if given and isinstance(given[0], Pattern) else None
    if pattern is None:
        raise Stop
    if pattern.everywhere:
        return [found[0] for found in pattern.compiled.finditer(own)] or None
    one = pattern.compiled.search(own)
    return None if one is None else [one[0], *one.groups()]


def _padded(own: str, given: list[Thing], *, left: bool) -> str:
    width, fill = whole(given[0]), text(at(given, 1, " "))
    more = (fill * width)[: max(0, width - len(own))] if width <= 1000 else stop()  # noqa: PLR2004  (a pad)
    return more + own if left else own + more


def stop() -> str:
    """Give up, where a text is asked for."""
    raise Stop


def _repeated(own: str, given: list[Thing]) -> str:
    count = whole(given[0])
    if not 0 <= count * max(1, len(own)) <= LARGEST:
        raise Stop
    return own * count


#: Methods of a text: with the text and what is given.
TEXT: Mapping[str, Callable[[str, list[Thing]], Thing]] = {
    "split": _split,
    "charCodeAt": _code,
    "codePointAt": _code,
    "charAt": _letter,
    "at": _letter,
    "slice": lambda own, given: own[_bounds(given, len(own))],
    "substring": _substring,
    "substr": _substr,
    "match": _matched,
    "indexOf": lambda own, given: own.find(text(given[0])),
    "lastIndexOf": lambda own, given: own.rfind(text(given[0])),
    "includes": lambda own, given: text(given[0]) in own,
    "startsWith": lambda own, given: own.startswith(text(given[0])),
    "endsWith": lambda own, given: own.endswith(text(given[0])),
    "toLowerCase": lambda own, _given: own.lower(),
    "toUpperCase": lambda own, _given: own.upper(),
    "trim": lambda own, _given: own.strip(),
    "normalize": lambda own, _given: own,
    "toString": lambda own, _given: own,
    "valueOf": lambda own, _given: own,
    "concat": lambda own, given: own + "".join(text(one) for one in given),
    "repeat": _repeated,
    "padStart": lambda own, given: _padded(own, given, left=True),
    "padEnd": lambda own, given: _padded(own, given, left=False),
}


def _joined(own: list[Thing], given: list[Thing]) -> str:
    between = at(given, 0)
    return ("," if between is None else text(between)).join("" if one is None else text(one) for one in own)


def _spliced(own: list[Thing], given: list[Thing]) -> list[Thing]:
    first = whole(given[0])
    count = len(own) if at(given, 1) is None else whole(given[1])
    first = max(0, first + len(own)) if first < 0 else first
    taken = own[first : first + max(0, count)]
    own[first : first + len(taken)] = given[2:]
    return taken


def _pushed(own: list[Thing], given: list[Thing]) -> int:
    own.extend(given)
    return len(own)


def _put_before(own: list[Thing], given: list[Thing]) -> int:
    own[:0] = given
    return len(own)


def _turned(own: list[Thing], _given: list[Thing]) -> list[Thing]:
    own.reverse()
    return own


def _filled(own: list[Thing], given: list[Thing]) -> list[Thing]:
    own[:] = [at(given, 0)] * len(own)
    return own


def _flat(own: list[Thing], _given: list[Thing]) -> list[Thing]:
    return [one for item in own for one in (item if isinstance(item, list) else [item])]


def _found(own: list[Thing], given: list[Thing]) -> int:
    return own.index(given[0]) if given[0] in own else -1


#: Methods of a list.
LIST: Mapping[str, Callable[[list[Thing], list[Thing]], Thing]] = {
    "join": _joined,
    "reverse": _turned,
    "toReversed": lambda own, _given: own[::-1],
    "slice": lambda own, given: own[_bounds(given, len(own))],
    "subarray": lambda own, given: own[_bounds(given, len(own))],
    "concat": lambda own, given: own + _flat(given, []),
    "push": _pushed,
    "pop": lambda own, _given: own.pop() if own else None,
    "shift": lambda own, _given: own.pop(0) if own else None,
    "unshift": _put_before,
    "splice": _spliced,
    "indexOf": _found,
    "includes": lambda own, given: given[0] in own,
    "flat": _flat,
    "fill": _filled,
    "at": lambda own, given: own[whole(given[0])] if -len(own) <= whole(given[0]) < len(own) else None,
    "keys": lambda own, _given: list(range(len(own))),
    "values": lambda own, _given: list(own),
    "entries": lambda own, _given: [[at, one] for at, one in enumerate(own)],
    "toString": lambda own, _given: text(own),
}

Callback: TypeAlias = Callable[[list[Thing]], Thing]


def _reduced(own: list[Thing], call: Callback, more: list[Thing]) -> Thing:
    rest = list(enumerate(own))
    if not more and not rest:
        raise Stop
    made = more[0] if more else rest.pop(0)[1]
    for at, one in rest:
        made = call([made, one, at, own])
    return made


def _first(own: list[Thing], call: Callback, _more: list[Thing]) -> Thing:
    return next((one for at, one in enumerate(own) if truth(call([one, at, own]))), None)


def _each(own: list[Thing], call: Callback, _more: list[Thing]) -> None:
    for at, one in enumerate(own):
        call([one, at, own])


#: Methods of a list that are given a function.
CALLING: Mapping[str, Callable[[list[Thing], Callback, list[Thing]], Thing]] = {
    "map": lambda own, call, _more: [call([one, at, own]) for at, one in enumerate(own)],
    "flatMap": lambda own, call, _more: _flat([call([one, at, own]) for at, one in enumerate(own)], []),
    "filter": lambda own, call, _more: [one for at, one in enumerate(own) if truth(call([one, at, own]))],
    "forEach": _each,
    "reduce": _reduced,
    "reduceRight": lambda own, call, more: _reduced(own[::-1], call, more),
    "find": _first,
    "some": lambda own, call, _more: any(truth(call([one, at, own])) for at, one in enumerate(own)),
    "every": lambda own, call, _more: all(truth(call([one, at, own])) for at, one in enumerate(own)),
}


def method(budget: Budget, own: Thing, name: str, given: list[Thing]) -> Thing:
    """Return what a method gives."""
    if isinstance(own, str):
        if name in {"replace", "replaceAll"} and given:
            return _replaced(budget, own, given, everywhere=name == "replaceAll")
        made = TEXT.get(name)
        budget.spend(len(own))
        return made(own, given) if made is not None else stop()
    if isinstance(own, bytearray):
        return _of_bytes(budget, own, name, given)
    if isinstance(own, list):
        budget.spend(len(own))
        if given and callable(given[0]) and name in CALLING:
            return CALLING[name](own, given[0], given[1:])
        listed = LIST.get(name)
        return listed(own, given) if listed is not None else stop()
    if isinstance(own, (int, float)) and name == "toString":
        return _in_base(whole(own), whole(at(given, 0, 10)))
    raise Stop


def _of_bytes(budget: Budget, own: bytearray, name: str, given: list[Thing]) -> Thing:
    budget.spend(len(own))
    if name == "toString":
        return _encoded(own, text(at(given, 0, "utf8")))
    if name in {"readUInt8", "readUint8"}:
        return own[whole(given[0])]
    made = method(budget, list(own), name, given)
    if name in {"slice", "subarray", "map", "filter", "reverse", "fill"}:
        return bytearray(whole(one) & _BYTE for one in made)
    return made


def _encoded(own: bytearray, how: str) -> str:
    if how == "hex":
        return own.hex()
    if how == "base64":
        return base64.b64encode(own).decode()
    if how in {"latin1", "binary"}:
        return own.decode("latin-1")
    return own.decode("utf-16-le" if how in {"utf16le", "ucs2"} else "utf-8", "replace")


def _in_base(value: int, base: int) -> str:
    if not 2 <= base <= len(DIGITS) or abs(value) >= _WIDTH * _WIDTH:  # noqa: PLR2004  (bases from binary)
        raise Stop
    made, rest = "", abs(value)
    while rest or not made:
        made, rest = DIGITS[rest % base] + made, rest // base
    return f"-{made}" if value < 0 else made
