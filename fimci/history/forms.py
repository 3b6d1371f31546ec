"""A history as text, JSON, and a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

import fimci
from fimci import charts
from fimci.past import Past, span
from fimci.printable import printable
from fimci.reports import html

SCHEMA = "fimci-history/1"
_TEXT = 300
#: Days of the table as text, and the width of its bars.
_DAYS, _BAR = 14, 20


def text(past: Past) -> str:
    """Write it for a terminal: the sum, the last days, rules, and what is open for longest."""
    return "".join(f"{line}\n" for line in _lines(past))


def _lines(past: Past) -> Iterator[str]:
    yield from (printable(sentence) for sentence in charts.sentences(past))
    if past.days:
        yield ""
        yield "day          runs  failed  changes  open"
        most = max(sum(number for _, number in day.open) for day in past.days)
        for day in past.days[-_DAYS:]:
            number = sum(count for _, count in day.open)
            bar = "#" * round(_BAR * number / most) if most else ""
            numbers = f"{day.runs:>5,}  {day.failed:>6,}  {day.changes:>7,}  {number:>4,}"
            yield f"{day.day}  {numbers} {bar}".rstrip()
    if past.rules:
        yield ""
        yield "findings  runs  accepted  rule"
        for rule in past.rules:
            yield f"{rule.findings:>8,}  {rule.runs:>4,}  {rule.accepted:>8,}  {printable(rule.rule, _TEXT)}"
    if past.oldest and past.last is not None:
        yield ""
        yield "open for longest:"
        for one in past.oldest:
            age = span((past.last - one.since).total_seconds())
            told = printable(f"{one.path}: {one.message}", _TEXT)
            yield f"  {age}: {one.severity}[{printable(one.rule)}] {told} ({printable(one.fingerprint)})"


def json(past: Past) -> str:
    """Write it for programs."""
    document = {
        "schema": SCHEMA,
        "tool": {"name": "fimci", "version": fimci.__version__},
        "runs": past.runs,
        "first": _moment(past.first),
        "last": _moment(past.last),
        "gap": None if past.gap is None else {"seconds": past.gap[0], "from": _moment(past.gap[1])},
        "accepted": {"findings": past.accepted, "mean_seconds": past.mean, "median_seconds": past.median},
        "days": [
            {
                "day": day.day.isoformat(),
                "runs": day.runs,
                "failed": day.failed,
                "incomplete": day.incomplete,
                "changes": day.changes,
                "open": dict(day.open),
            }
            for day in past.days
        ],
        "rules": [{**rule._asdict(), "rule": printable(rule.rule, _TEXT)} for rule in past.rules],
        "open": [
            {
                "fingerprint": printable(one.fingerprint, _TEXT),
                "rule": printable(one.rule, _TEXT),
                "severity": one.severity,
                "path": printable(one.path, _TEXT),
                "message": printable(one.message, _TEXT),
                "since": _moment(one.since),
            }
            for one in past.oldest
        ],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def page(past: Past) -> str:
    """Write it as a page of its own."""
    return html.page("fimci: history", charts.section(past))


def _moment(moment: Any) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"


#: The forms by the name that `--format` takes.
FORMS: Mapping[str, Callable[[Past], str]] = {"html": page, "json": json, "text": text}
