"""Sums of written out numbers: `-0x1*0x2+(3-4)/5`."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\s*(0[xX][0-9a-fA-F]{1,15}|\d{1,15}(?:\.\d{1,15})?|[-+*/()])")
_LONGEST, _DEEPEST = 6_000, 30


def value(text: str) -> float | None:
    """Return what a sum makes; `None` where it is none, or too deep."""
    tokens: list[str] = []
    at = 0
    text = text.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or len(tokens) > _LONGEST:
            return None
        tokens.append(found[1])
        at = found.end()
    made, rest = _sum(tokens, 0, 0)
    return made if rest == len(tokens) else None


def _sum(tokens: list[str], at: int, depth: int) -> tuple[float | None, int]:
    made, at = _product(tokens, at, depth)
    while made is not None and at < len(tokens) and tokens[at] in "+-":
        more, after = _product(tokens, at + 1, depth)
        if more is None:
            return None, after
        made = made + more if tokens[at] == "+" else made - more
        at = after
    return made, at


def _product(tokens: list[str], at: int, depth: int) -> tuple[float | None, int]:
    made, at = _factor(tokens, at, depth)
    while made is not None and at < len(tokens) and tokens[at] in "*/":
        more, after = _factor(tokens, at + 1, depth)
        if more is None or (tokens[at] == "/" and more == 0):
            return None, after
        made = made * more if tokens[at] == "*" else made / more
        at = after
    return made, at


def _factor(tokens: list[str], at: int, depth: int) -> tuple[float | None, int]:
    sign = 1
    while at < len(tokens) and tokens[at] in "+-":
        sign, at = (-sign if tokens[at] == "-" else sign), at + 1
    if at >= len(tokens) or depth > _DEEPEST:
        return None, at
    if tokens[at] == "(":
        made, at = _sum(tokens, at + 1, depth + 1)
        if made is None or at >= len(tokens) or tokens[at] != ")":
            return None, at
        return sign * made, at + 1
    if tokens[at] in "*/)":
        return None, at
    return sign * float(int(tokens[at], 16) if tokens[at][:2] in {"0x", "0X"} else float(tokens[at])), at + 1
