"""Plots of a history as part of a page: SVG in the page itself, without scripts, readable without colours.

Each plot has its numbers as a table below it, for whoever does not see it. Untrusted text is printable,
and escaped. The page brings the style (`STYLE`): colours are those of its severities.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from fimci.findings import Severity
from fimci.past import Day, Past, RulePast, span
from fimci.printable import plural, printable

#: What the plots need of the style of their page.
STYLE = """
header.plain h1::before{content:none}
figure{margin:.6rem 0 1.2rem}figcaption{font-weight:600;margin-bottom:.3rem}
svg{display:block;width:100%;height:auto;background:var(--panel);
border:1px solid var(--line);border-radius:.4rem}
svg text{fill:var(--ink);font:12px system-ui,sans-serif}svg .axis{stroke:var(--soft)}
svg .grid{stroke:var(--line)}svg .soft{fill:var(--soft)}
svg rect.critical{fill:var(--critical)}svg rect.high{fill:var(--high)}svg rect.medium{fill:var(--medium)}
svg rect.low{fill:var(--low)}svg rect.info{fill:var(--info)}svg rect.good{fill:var(--good)}
figure details{border-left-width:1px}figure td,figure th{padding:.15rem .6rem}
"""
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})
#: Units of a drawing: its width, the height of a plot, what is left for words, and a row of bars.
_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM, _ROW = 860, 220, 46, 34, 26, 24
#: Bars side by side; where there are more days, several share one. Characters of a name beside a bar.
_BARS, _NAME = 60, 34
_ORDER = tuple(str(severity) for severity in sorted(Severity, reverse=True))


class _Bar:
    """Several days in one bar: the worst open state of them, and all of their runs."""

    def __init__(self, days: Sequence[Day]) -> None:
        self.days = days
        self.open = dict(max(days, key=lambda day: sum(number for _, number in day.open)).open)
        self.runs = sum(day.runs for day in days)
        self.failed = sum(day.failed for day in days)
        self.changes = sum(day.changes for day in days)

    @property
    def label(self) -> str:
        first, last = self.days[0].day, self.days[-1].day
        return first.isoformat() if first == last else f"{first.isoformat()} to {last.isoformat()}"


def section(past: Past) -> Iterator[str]:
    """Yield a part of a page: sentences, then plots with their tables."""
    yield "<h2>History</h2>"
    yield "".join(f"<p>{escaped(sentence)}</p>" for sentence in sentences(past))
    if not past.days:
        return
    bars = _bars(past.days)
    yield from _figure("Open findings at the end of each day", _open_plot(bars), _open_table(bars))
    yield from _figure("Runs, and those that failed", _runs_plot(bars), _runs_table(bars))
    if past.rules:
        yield from _figure("Rules that speak most", _rules_plot(past.rules), _rules_table(past.rules))
    if past.oldest:
        yield from _oldest(past)


def sentences(past: Past) -> Iterator[str]:
    """Say in sentences what the figures are. Raw."""
    if past.first is None or past.last is None:
        yield "no run in this period"
        return
    failed = sum(day.failed for day in past.days)
    yield f"{plural(past.runs, 'run')} from {past.first:%Y-%m-%d} to {past.last:%Y-%m-%d}, {failed:,} failed"
    if past.gap is not None:
        length, began = past.gap
        yield f"the longest time without a run: {span(length)}, from {began:%Y-%m-%d %H:%M} UTC"
    if past.accepted:
        yield (
            f"{plural(past.accepted, 'finding')} accepted, after {span(past.mean)} on average"
            f" (half of them within {span(past.median)})"
        )
    else:
        yield "no finding was accepted that a run had seen open before"


def escaped(text: str) -> str:
    """Return printable text for a page."""
    return printable(text, 500).translate(_ESCAPES)


def _bars(days: Sequence[Day]) -> list[_Bar]:
    """Return a bar for each day of the period, runs or none, or for several days where they are many."""
    first, last = days[0].day, days[-1].day
    known = {day.day: day for day in days}
    number = (last - first).days + 1
    step = -(-number // _BARS)
    bars = []
    for start in range(0, number, step):
        some = [
            known.get(first + dt.timedelta(days=at)) or Day(first + dt.timedelta(days=at), 0, 0, 0, 0, ())
            for at in range(start, min(start + step, number))
        ]
        bars.append(_Bar(some))
    return bars


def _figure(caption: str, plot: Iterator[str], table: Iterator[str]) -> Iterator[str]:
    yield f"<figure><figcaption>{escaped(caption)}</figcaption>"
    yield from plot
    yield "<details><summary>The numbers</summary><div><table>"
    yield from table
    yield "</table></div></details></figure>"


def _open_plot(bars: Sequence[_Bar]) -> Iterator[str]:
    most = max((sum(bar.open.values()) for bar in bars), default=0)
    parts = [[(severity, bar.open.get(severity, 0)) for severity in reversed(_ORDER)] for bar in bars]
    legend = [severity for severity in _ORDER if any(bar.open.get(severity) for bar in bars)]
    yield from _columns("Open findings by severity, day by day", bars, parts, most, [(n, n) for n in legend])


def _runs_plot(bars: Sequence[_Bar]) -> Iterator[str]:
    most = max((bar.runs for bar in bars), default=0)
    parts = [[("high", bar.failed), ("good", bar.runs - bar.failed)] for bar in bars]
    yield from _columns("Runs day by day", bars, parts, most, [("high", "failed"), ("good", "passed")])


def _columns(
    title: str,
    bars: Sequence[_Bar],
    parts: Sequence[Sequence[tuple[str, int]]],
    most: int,
    legend: Sequence[tuple[str, str]],
) -> Iterator[str]:
    """Yield stacked columns: for each bar, classes with their numbers, from the bottom up."""
    height = _HEIGHT - _TOP - _BOTTOM
    yield f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escaped(title)}">'
    yield from _grid(most, height)
    yield from _legend(legend)
    width = (_WIDTH - _LEFT - 12) / len(bars)
    for index, (bar, stack) in enumerate(zip(bars, parts, strict=True)):
        left, bottom = _LEFT + index * width, float(_TOP + height)
        for name, number in stack:
            if number:
                tall = height * number / max(most, 1)
                bottom -= tall
                yield (
                    f'<rect class="{name}" x="{left + width * 0.1:.1f}" y="{bottom:.1f}"'
                    f' width="{min(width * 0.8, 60):.1f}" height="{tall:.1f}">'
                    f"<title>{bar.label}: {number:,}</title></rect>"
                )
    for index, anchor, x in ((0, "start", _LEFT), (len(bars) - 1, "end", _WIDTH - 12)):
        if index or anchor == "start":
            day = bars[index].days[-1 if index else 0].day
            yield f'<text x="{x}" y="{_HEIGHT - 8}" text-anchor="{anchor}">{day}</text>'
    yield "</svg>"


def _grid(most: int, height: int) -> Iterator[str]:
    marks = sorted({0, most // 2, most}) if most > 1 else [0, max(most, 1)]
    for mark in marks:
        y = _TOP + height - height * mark / max(most, 1)
        ends = f'x1="{_LEFT}" x2="{_WIDTH - 12}" y1="{y:.1f}" y2="{y:.1f}"'
        yield f'<line class="{"grid" if mark else "axis"}" {ends}/>'
        yield f'<text class="soft" x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{mark:,}</text>'


def _legend(names: Sequence[tuple[str, str]]) -> Iterator[str]:
    for index, (name, words) in enumerate(names):
        x = _LEFT + index * 90
        yield f'<rect class="{name}" x="{x}" y="10" width="12" height="12" rx="2"/>'
        yield f'<text x="{x + 18}" y="20">{words}</text>'


def _rules_plot(rules: Sequence[RulePast]) -> Iterator[str]:
    height = _ROW * len(rules) + 16
    most = max(rule.findings for rule in rules)
    left, width = 250, _WIDTH - 250 - 60
    yield f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="Findings by rule">'
    for index, rule in enumerate(rules):
        y = 8 + index * _ROW
        long = max(width * rule.findings / max(most, 1), 1)
        name = rule.rule if len(rule.rule) <= _NAME else rule.rule[: _NAME - 1] + "…"
        yield f'<text x="{left - 8}" y="{y + 16}" text-anchor="end">{escaped(name)}</text>'
        yield f'<rect class="low" x="{left}" y="{y + 4}" width="{long:.1f}" height="{_ROW - 8}" rx="2"/>'
        yield f'<text class="soft" x="{left + long + 6:.1f}" y="{y + 16}">{rule.findings:,}</text>'
    yield "</svg>"


def _open_table(bars: Sequence[_Bar]) -> Iterator[str]:
    yield f"<tr><th>day{''.join(f'<th>{severity}' for severity in _ORDER)}"
    for bar in bars:
        yield f"<tr><td>{bar.label}{''.join(f'<td>{bar.open.get(severity, 0):,}' for severity in _ORDER)}"


def _runs_table(bars: Sequence[_Bar]) -> Iterator[str]:
    yield "<tr><th>day<th>runs<th>failed<th>changes seen"
    for bar in bars:
        yield f"<tr><td>{bar.label}<td>{bar.runs:,}<td>{bar.failed:,}<td>{bar.changes:,}"


def _rules_table(rules: Sequence[RulePast]) -> Iterator[str]:
    yield "<tr><th>rule<th>findings<th>runs<th>accepted"
    for rule in rules:
        cells = f"<td>{rule.findings:,}<td>{rule.runs:,}<td>{rule.accepted:,}"
        yield f"<tr><td><code>{escaped(rule.rule)}</code>{cells}"


def _oldest(past: Past) -> Iterator[str]:
    yield "<h3>Open for longest</h3><table class=words><tr><th>since<th>grade<th>rule<th>where<th>what"
    for one in past.oldest:
        cells = (
            f"{one.since:%Y-%m-%d}",
            one.severity,
            f"<code>{escaped(one.rule)}</code>",
            f"<code>{escaped(one.path)}</code>",
            escaped(one.message),
        )
        yield f"<tr>{''.join(f'<td>{cell}' for cell in cells)}"
    yield "</table>"
