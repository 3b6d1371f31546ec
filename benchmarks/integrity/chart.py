"""A line chart as SVG: a logarithmic axis across, a linear one from zero upwards."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

Line: TypeAlias = Sequence[tuple[float, float]]

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP, _RIGHT = 640, 360, 60, 50, 20, 110
#: From one line of text to the next.
_LINE = 14
_COLOURS = ("#0072b2", "#d55e00", "#777777", "#009e73")


def svg(lines: Mapping[str, Line], across: str, upwards: str) -> str:
    """Draw named lines of points; both axes are labelled with the values that occur."""
    points = [point for line in lines.values() for point in line]
    low, high = (math.log10(edge(x for x, _ in points)) for edge in (min, max))
    ceiling = max(y for _, y in points) * 1.1

    def place(x: float, y: float) -> tuple[float, float]:
        share = (math.log10(x) - low) / ((high - low) or 1)
        height = _HEIGHT - _TOP - _BOTTOM
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT), _HEIGHT - _BOTTOM - y / ceiling * height

    names = _apart({name: place(*line[-1])[1] for name, line in lines.items()})

    def drawn() -> Iterator[str]:
        yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        yield ' font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%" fill="white"/>\n'
        for x in sorted({x for x, _ in points}):
            yield _text(place(x, 0)[0], _HEIGHT - _BOTTOM + 18, f"{x:,.0f}", "middle")
        for step in range(5):
            at = place(10**low, ceiling * step / 4)[1]
            yield f'<path d="M{_LEFT} {at:.1f}H{_WIDTH - _RIGHT}" stroke="#dddddd"/>\n'
            yield _text(_LEFT - 6, at + 4, f"{ceiling * step / 4:.0f}", "end")
        for (name, line), colour in zip(lines.items(), _COLOURS, strict=False):
            places = [place(x, y) for x, y in line]
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
            yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>\n'
            yield _text(places[-1][0] + 8, names[name] + 4, name, "start", colour)
        yield _text(_LEFT + (_WIDTH - _LEFT - _RIGHT) / 2, _HEIGHT - 10, across, "middle")
        yield _text(_LEFT + 4, _TOP - 6, upwards, "start")
        yield "</svg>\n"

    return "".join(drawn())


def _apart(heights: Mapping[str, float]) -> Mapping[str, float]:
    """Return where names stand at the ends of their lines, none over another."""
    found: dict[str, float] = {}
    for name in sorted(heights, key=heights.__getitem__):
        found[name] = max(heights[name], max(found.values(), default=-_LINE) + _LINE)
    return found


def _text(x: float, y: float, words: str, anchor: str, colour: str = "#333333") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{words}</text>\n'
