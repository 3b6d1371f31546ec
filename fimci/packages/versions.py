"""Which of two versions is the older one, by the rules of their ecosystem.

Python's versions are those of PEP 440. All others are ordered as Semantic Versioning 2.0.0 does,
with any number of numbers (`1.2.3.4` of NuGet), a leading `v` (Go, Composer) and pre-releases after
a dot (`1.0.0.pre1` of RubyGems). For what is in neither form there is no order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cmp_to_key
from typing import TypeAlias

#: No version that is published is longer.
_LONGEST = 128
_VERSION = re.compile(
    r"[vV=]?(?P<numbers>\d+(?:\.\d+)*)(?:[.-]?(?P<rest>[A-Za-z0-9.~_-]+))?(?:\+.*)?", re.ASCII
)
#: Is no version, though it may begin with a number.
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")

#: Numbers without the zeros at their end, then 1, or 0 and what makes it a pre-release.
_Order: TypeAlias = tuple[tuple[int, ...], int, tuple[tuple[int, int, str], ...]]


def older(ecosystem: str, one: object, other: object) -> bool:
    """Tell whether `one` surely comes before `other`."""
    if not isinstance(one, str) or not isinstance(other, str) or max(len(one), len(other)) > _LONGEST:
        return False
    if ecosystem == "pypi":
        return _older_python(one, other)
    first, second = _order(one), _order(other)
    return first is not None and second is not None and first < second


def ascending(ecosystem: str, versions: Iterable[str]) -> list[str]:
    """Return versions from the oldest to the newest; those of which no order is known, as text."""

    def order(one: str, other: str) -> int:
        return older(ecosystem, other, one) - older(ecosystem, one, other)

    return sorted(sorted(versions), key=cmp_to_key(order))


def _older_python(one: str, other: str) -> bool:
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415  (only where one went back)

    try:
        return Version(one) < Version(other)
    except InvalidVersion:
        return False


def _order(version: str) -> _Order | None:
    found = _VERSION.fullmatch(version.strip())
    if found is None or _COMMIT.fullmatch(version) is not None:
        return None
    numbers = [int(number) for number in found["numbers"].split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    if not found["rest"]:
        return tuple(numbers), 1, ()
    return tuple(numbers), 0, tuple(map(_identifier, found["rest"].split(".")))


def _identifier(text: str) -> tuple[int, int, str]:
    """Return a part of a pre-release as it compares: numbers first, by value."""
    return (0, int(text), "") if text.isascii() and text.isdigit() else (1, 0, text)
