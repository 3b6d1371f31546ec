"""Functions and methods of Python that only compute, under a budget, for the evaluator of pure functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from fimci.capabilities import decoding
from fimci.readers.code.pure import LARGEST, Budget, Stop
from fimci.readers.code.python_syntax.folding import DECODERS

#: A text, bytes, a number, a list, a tuple, a dictionary or a callable of the evaluator: nothing else.
Thing: TypeAlias = Any
#: Bits of a number; how often a cycle goes round.
WIDTH, _ROUNDS = 4_096, 20_000
_TEXT_METHODS = frozenset(
    (
        *("split", "strip", "lstrip", "rstrip", "lower", "upper", "swapcase", "startswith", "endswith"),
        *("find", "index", "isalpha", "isdigit", "isupper", "islower", "isspace", "isalnum", "count"),
        *("encode", "decode", "hex", "translate", "splitlines", "partition", "rpartition", "rsplit"),
    )
)
_LIST_METHODS = frozenset(("append", "extend", "reverse", "pop", "insert", "index", "count", "copy"))
_TABLE_METHODS = frozenset(("get", "items", "keys", "values"))
_ENCODINGS = frozenset(("utf-8", "utf8", "ascii", "latin-1", "latin1", "utf-16", "utf-16-le", "utf-16le"))


def sized(thing: Thing) -> int:
    """Return how much copying a value costs."""
    return len(thing) if isinstance(thing, (str, bytes, bytearray, list, tuple, dict)) else 0


def whole(thing: Thing) -> int:
    """Return a number that is not too large."""
    if not isinstance(thing, int) or thing.bit_length() > WIDTH:
        raise Stop
    return thing


def method(budget: Budget, own: Thing, name: str, given: list[Thing]) -> Thing:
    """Return what a method gives."""
    budget.spend(sized(own))
    if isinstance(own, (str, bytes, bytearray)):
        return _of_text(budget, own, name, given)
    if isinstance(own, list) and name in _LIST_METHODS:
        if name == "extend":
            budget.spend(len(own) + sized(given[0]))
        return getattr(own, name)(*given)
    if isinstance(own, dict) and name in _TABLE_METHODS:
        made = getattr(own, name)(*given)
        return made if name == "get" else list(made)
    raise Stop


def _of_text(budget: Budget, own: Thing, name: str, given: list[Thing]) -> Thing:
    if name == "join":
        parts = list(given[0])
        budget.spend(sum(map(sized, parts)) + len(own) * len(parts))
        return own.join(parts)
    if name == "replace":
        budget.spend(len(own) + own.count(given[0]) * sized(given[1]))
        return own.replace(*given)
    if name not in _TEXT_METHODS:
        raise Stop
    if name in {"encode", "decode"} and str((*given, "utf-8")[0]).lower() not in _ENCODINGS:
        raise Stop
    return getattr(own, name)(*given)


def _range(given: list[Thing]) -> list[int]:
    made = range(*map(whole, given))
    if len(made) > LARGEST:
        raise Stop
    return list(made)


def _bytes(given: list[Thing]) -> bytes:
    first = given[0] if given else b""
    if isinstance(first, int):
        return bytes(_size(first))
    return first.encode("utf-8") if isinstance(first, str) else bytes(first)


def _size(count: int) -> int:
    if not 0 <= count <= LARGEST:
        raise Stop
    return count


def _text(given: list[Thing]) -> str:
    first = given[0] if given else ""
    if isinstance(first, (bytes, bytearray)) and len(given) > 1:
        return first.decode()
    if isinstance(first, (str, bool, int)):
        return str(first if isinstance(first, str) else whole(first))
    raise Stop


def _integer(given: list[Thing]) -> int:
    if isinstance(given[0], str) and len(given[0]) > WIDTH // 4:
        raise Stop
    return int(*given)


def _cycle(given: list[Thing]) -> list[Thing]:
    items = list(given[0])
    return (items * (_ROUNDS // max(1, len(items)) + 1))[:_ROUNDS]


def _mapped(given: list[Thing]) -> list[Thing]:
    return [given[0](list(items)) for items in zip(*given[1:], strict=False)]


def _kept(given: list[Thing]) -> list[Thing]:
    call = given[0]
    return [item for item in given[1] if (call([item]) if callable(call) else item)]


def _reduced(given: list[Thing]) -> Thing:
    items = list(given[1])
    made = given[2] if len(given) > 2 else items.pop(0)  # noqa: PLR2004  (the first value is given)
    for item in items:
        made = given[0]([made, item])
    return made


def _sum(given: list[Thing]) -> Thing:
    one, two = given
    if sized(one) + sized(two) > LARGEST or isinstance(one, int):
        raise Stop
    return one + two


def _to_bytes(given: list[Thing]) -> bytes:
    return int.to_bytes(whole(given[0]), _size(given[1]), *given[2:3])


def decoded(how: str) -> Callable[[list[Thing]], bytes]:
    """Return a decoder of the standard library."""

    def decode(given: list[Thing]) -> bytes:
        first = given[0]
        data = first.encode("latin-1") if isinstance(first, str) else bytes(first)
        made = decoding.DECODERS[how](data)
        if made is None:
            raise Stop
        return made

    return decode


#: Functions by the names that they have for everybody.
FUNCTIONS: Mapping[str, Callable[[list[Thing]], Thing]] = {
    "chr": lambda given: chr(given[0]),
    "ord": lambda given: ord(given[0]),
    "int": _integer,
    "str": _text,
    "len": lambda given: len(given[0]),
    "range": _range,
    "bytes": _bytes,
    "bytearray": lambda given: list(_bytes(given)),
    "list": lambda given: list(given[0]) if given else [],
    "tuple": lambda given: list(given[0]) if given else [],
    "iter": lambda given: list(given[0]),
    "reversed": lambda given: list(given[0])[::-1],
    "sorted": lambda given: sorted(given[0]),
    "enumerate": lambda given: [list(pair) for pair in enumerate(given[0], *given[1:])],
    "zip": lambda given: [list(items) for items in zip(*given, strict=False)],
    "sum": lambda given: sum(map(whole, given[0])),
    "abs": lambda given: abs(given[0]),
    "min": lambda given: min(*given),
    "max": lambda given: max(*given),
    "map": _mapped,
    "filter": _kept,
    "functools.reduce": _reduced,
    **dict.fromkeys(("operator.add", "operator.concat", "str.__add__"), _sum),
    "itertools.cycle": _cycle,
    "int.to_bytes": _to_bytes,
    "str.maketrans": lambda given: str.maketrans(*given),
    "dict": lambda given: dict(given[0]) if given else {},
    **{name: decoded(how) for name, how in DECODERS.items()},
}
