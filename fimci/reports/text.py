r"""The report for people at a terminal: 80 columns, no colours, worst first, the verdict last.

    high[install-script-added]: new postinstall script: node setup.js
         --> package-lock.json:1204
     1204 | "hasInstallScript": true,
          = package: pkg:npm/left@1.0.1
          = fingerprint: 89abcdef012345670123
          = fix: read the script; if it is needed, accept it

Only our own words start in the first column, so that no name can pass for a line of the report.
The fix is told once for each rule, and after `SHOWN` findings of one rule the rest is counted:
the JSON report has them all.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from fimci.findings import Finding, Report
from fimci.model import Place, Unread
from fimci.printable import plural, printable, uncommanding
from fimci.reports.verdict import counted, looked_at, reason, verdict

WIDTH = 80
#: Findings of one rule, and unread or accepted things, that are shown before the rest is counted.
SHOWN = 50
#: Characters of a text that are shown. A place is never wrapped, so that it can be copied.
_TEXT_LIMIT = 600
_PLACE_LIMIT = 300
_EVIDENCE_SHOWN = 3
_GUTTER = 5
_NOTE = " " * _GUTTER + " = "


def render(report: Report) -> str:
    """Write the report as plain text; of a clean run only what was looked at, and `clean`."""
    blocks = [*_findings(report.findings), _accepted(report.findings), _unread(report.unread), _end(report)]
    written = ("".join(f"{uncommanding(line)}\n" for line in block) for block in blocks)
    return "\n".join(block for block in written if block)


def _findings(findings: Iterable[Finding]) -> Iterator[Iterable[str]]:
    """Yield a block for each finding that is shown, and one for those that are only counted."""
    shown: dict[str, int] = {}
    still_open = (finding for finding in findings if finding.accepted is None)
    ranked = sorted(still_open, key=lambda finding: (-finding.severity, finding.rule))
    for (severity, rule), alike in groupby(ranked, key=lambda finding: (finding.severity, finding.rule)):
        hidden = 0
        for finding in alike:
            before = shown.get(rule, 0)
            if before == SHOWN:
                hidden += 1
                continue
            shown[rule] = before + 1
            yield _finding(finding, with_fix=not before)
        if hidden:
            yield [f"{severity}[{printable(rule)}]: {hidden:,} more; the JSON report lists them all"]


def _finding(finding: Finding, *, with_fix: bool) -> Iterator[str]:
    yield from _wrapped(f"{finding.severity}[{printable(finding.rule)}]: ", finding.message)
    yield f"{'':{_GUTTER}}--> {_place(finding.path, finding.line)}"
    yield from _evidence(finding)
    if finding.package is not None:
        yield f"{_NOTE}package: {printable(finding.package, _PLACE_LIMIT)}"
    if finding.fingerprint:
        yield f"{_NOTE}fingerprint: {printable(finding.fingerprint)}"
    if with_fix and finding.fix:
        yield from _wrapped(f"{_NOTE}fix: ", finding.fix, hanging=len(_NOTE))


def _evidence(finding: Finding) -> Iterator[str]:
    """Show what stands there, unless the message has said it already."""
    telling = [place for place in finding.evidence if place.text and place.text not in finding.message]
    path = finding.path
    for place in telling[:_EVIDENCE_SHOWN]:
        if place.path != path:
            path = place.path
            yield f"{'':{_GUTTER}}--> {_place(path, place.line)}"
        yield _excerpt(place)
    if len(telling) > _EVIDENCE_SHOWN:
        yield f"{_NOTE}and {plural(len(telling) - _EVIDENCE_SHOWN, 'more place')}"


def _excerpt(place: Place) -> str:
    start = f"{place.line:>{_GUTTER}} | "
    return start + printable(place.text.strip(" \t"), WIDTH - len(start))


def _accepted(findings: Iterable[Finding]) -> Iterator[str]:
    accepted = [(finding, finding.accepted) for finding in findings if finding.accepted is not None]
    if accepted:
        yield f"accepted: {plural(len(accepted), 'finding')}"
    for finding, acceptance in accepted[:SHOWN]:
        yield f"  {finding.severity}[{printable(finding.rule)}] {_place(finding.path, finding.line)}"
        yield from _wrapped("    ", f"until {acceptance.expires}: {acceptance.reason}")
    yield from _more(len(accepted) - SHOWN)


def _unread(unread: Sequence[Unread]) -> Iterator[str]:
    if unread:
        yield f"could not be looked at: {plural(len(unread), 'thing')}"
    for missed in unread[:SHOWN]:
        yield f"  {_place(missed.path, missed.line)}"
        yield from _wrapped("    ", reason(missed))
    yield from _more(len(unread) - SHOWN)


def _more(number: int) -> Iterator[str]:
    if number > 0:
        yield f"  and {number:,} more; the JSON report lists them all"


def _end(report: Report) -> Iterator[str]:
    for sentence in report.summary:
        yield from _wrapped("change: ", sentence)
    for sentence in report.notes:
        yield from _wrapped("note: ", sentence)
    yield from _wrapped("compared: ", f"{report.left} -> {report.right}")
    numbers = [f"{number:,} {severity}" for severity, number in counted(report).items() if number]
    yield "; ".join(filter(None, (looked_at(report), ", ".join(numbers))))
    yield verdict(report)


def _place(path: str, line: int) -> str:
    return f"{printable(path, _PLACE_LIMIT)}:{line}"


def _wrapped(start: str, text: str, *, hanging: int = 4) -> list[str]:
    """Wrap our own words and the untrusted text after them; continuation lines are indented."""
    shown = printable(text, _TEXT_LIMIT)
    indent = " " * hanging
    lines = textwrap.wrap(
        shown, WIDTH, initial_indent=start, subsequent_indent=indent, break_on_hyphens=False
    )
    return lines or [start.rstrip()]
