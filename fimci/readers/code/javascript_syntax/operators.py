"""What the operators of JavaScript make of the values of `library`."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping

from fimci.readers.code.javascript_syntax.library import Digits, Thing, number, signed, text, truth, whole
from fimci.readers.code.pure import Stop


def rounded(value: float) -> Thing:
    """Return a whole number as an `int`, as long as JavaScript knows it exactly."""
    if isinstance(value, int):
        return value if abs(value) < 1 << 53 else float(value)
    return int(value) if value.is_integer() and abs(value) < 1 << 53 else value


def _plus(one: Thing, two: Thing) -> Thing:
    if (isinstance(one, str) and not (isinstance(one, Digits) and isinstance(two, (int, float)))) or (
        isinstance(two, str) and not (isinstance(two, Digits) and isinstance(one, (int, float)))
    ):
        return text(one) + text(two)
    if isinstance(one, (list, bytearray)) or isinstance(two, (list, bytearray)):
        return text(one) + text(two)
    return rounded(number(one) + number(two))


def _divided(one: Thing, two: Thing) -> Thing:
    below = number(two)
    if not below:
        raise Stop
    return rounded(number(one) / below)


def _rest(one: Thing, two: Thing) -> Thing:
    first, second = number(one), number(two)
    if not second:
        raise Stop
    made = abs(first) % abs(second)
    return rounded(-made if first < 0 else made)


def _equal(one: Thing, two: Thing) -> bool:
    if isinstance(one, Digits) or isinstance(two, Digits):
        return text(one) == text(two)
    return bool(one == two)


def _power(one: Thing, two: Thing) -> Thing:
    return rounded(float(number(one)) ** float(number(two)))


def _comparing(compare: Callable[[Thing, Thing], bool]) -> Callable[[Thing, Thing], Thing]:
    def compared(one: Thing, two: Thing) -> bool:
        if isinstance(one, str) and isinstance(two, str):
            return compare(one, two)
        return compare(number(one), number(two))

    return compared


#: Operators between two values.
OPERATORS: Mapping[str, Callable[[Thing, Thing], Thing]] = {
    "+": _plus,
    "-": lambda one, two: rounded(number(one) - number(two)),
    "*": lambda one, two: rounded(number(one) * number(two)),
    "/": _divided,
    "%": _rest,
    "**": _power,
    "^": lambda one, two: signed(whole(one) ^ whole(two)),
    "|": lambda one, two: signed(whole(one) | whole(two)),
    "&": lambda one, two: signed(whole(one) & whole(two)),
    "<<": lambda one, two: signed(whole(one) << (whole(two) & 31)),
    ">>": lambda one, two: signed(whole(one)) >> (whole(two) & 31),
    ">>>": lambda one, two: (signed(whole(one)) % (1 << 32)) >> (whole(two) & 31),
    "==": _equal,
    "===": _equal,
    "!=": lambda one, two: not _equal(one, two),
    "!==": lambda one, two: not _equal(one, two),
    "<": _comparing(operator.lt),
    "<=": _comparing(operator.le),
    ">": _comparing(operator.gt),
    ">=": _comparing(operator.ge),
}
#: Operators before one.
UNARY: Mapping[str, Callable[[Thing], Thing]] = {
    "!": lambda one: not truth(one),
    "-": lambda one: rounded(-number(one)),
    "+": number,
    "~": lambda one: ~signed(whole(one)),
    "void": lambda _one: None,
}
