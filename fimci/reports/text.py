r"""The report for people at a terminal: 80 columns, no colours, worst first.

    high[install-script-added]: new postinstall script: node setup.js
         --> package-lock.json:1204
     1204 | "hasInstallScript": true,
          = package: pkg:npm/left@1.0.1
          = fingerprint: 89abcdef012345670123
          = fix: read the script; if it is needed, accept it

Every line begins with something of ours: words in the first column, an arrow, a line number, `=`,
or the indentation of a wrapped line, which nothing else has. So no name can pass for a line of the
report. The verdict is the last line.

The fix is told once for each rule, and after `SHOWN` findings of one rule the rest is counted:
the JSON report has them all.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from fimci.findings import Finding, ReleaseChange, Report
from fimci.model import Place, Unread
from fimci.printable import plural, printable, uncommanding
from fimci.reports import chains
from fimci.reports.verdict import is_quiet, looked_at, ranked, reason, release, tally, verdict

WIDTH = 80
#: Findings of one rule, and unread or accepted things, that are shown before the rest is counted.
SHOWN = 50
#: Characters of a text that are shown. A place is never wrapped, so that it can be copied.
_TEXT_LIMIT = 600
_PLACE_LIMIT = 300
_EVIDENCE_SHOWN = 3
#: Characters of a name in a table, of packages and of artifacts.
_NAME, _LONG = 23, 160
_GUTTER = 5
_NOTE = " " * _GUTTER + " = "
_HANGING = " " * len(_NOTE)


def render(report: Report) -> str:
    """Write the report as plain text; of a clean run only what was looked at, and `clean`."""
    blocks = [*_findings(report.findings), _accepted(report.findings), _unread(report.unread), _end(report)]
    written = ("".join(f"{uncommanding(line)}\n" for line in block) for block in blocks)
    return "\n".join(block for block in written if block)


def _findings(findings: Iterable[Finding]) -> Iterator[Iterable[str]]:
    """Yield a block for each finding that is shown, and one for those that are only counted."""
    shown: dict[str, int] = {}
    told: set[tuple[str, str]] = set()
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
            yield _finding(finding, with_fix=(rule, finding.fix) not in told)
            told.add((rule, finding.fix))
        if hidden:
            yield _more(f"{severity}[{printable(rule)}]", hidden)


def _finding(finding: Finding, *, with_fix: bool) -> Iterator[str]:
    yield from _wrapped(f"{finding.severity}[{printable(finding.rule)}]: ", finding.message)
    yield _place(finding.path, finding.line)
    yield from _evidence(finding)
    if finding.package is not None:
        yield f"{_NOTE}package: {printable(finding.package, _PLACE_LIMIT)}"
    if finding.fingerprint:
        yield f"{_NOTE}fingerprint: {printable(finding.fingerprint)}"
    if with_fix and finding.fix:
        yield from _wrapped(f"{_NOTE}fix: ", finding.fix)


def _evidence(finding: Finding) -> Iterator[str]:
    """Show what stands there, unless the message has said it already."""
    telling = [place for place in finding.evidence if place.text and place.text not in finding.message]
    path = finding.path
    for place in telling[:_EVIDENCE_SHOWN]:
        if place.path != path:
            path = place.path
            yield _place(path, place.line)
        yield _excerpt(place)
    if len(telling) > _EVIDENCE_SHOWN:
        yield f"{_NOTE}and {plural(len(telling) - _EVIDENCE_SHOWN, 'more place')}"


def _excerpt(place: Place) -> str:
    start = f" {place.line:>{_GUTTER - 1}} | "
    return start + printable(place.text.strip(" \t"), WIDTH - len(start))


def _accepted(findings: Iterable[Finding]) -> Iterator[str]:
    accepted = [(finding, finding.accepted) for finding in findings if finding.accepted is not None]
    for finding, acceptance in accepted[:SHOWN]:
        start = f"accepted: {finding.severity}[{printable(finding.rule)}] until "
        yield from _wrapped(start, f"{acceptance.expires}: {acceptance.reason}")
        yield _place(finding.path, finding.line)
    yield from _more("accepted", len(accepted) - SHOWN)


def _unread(unread: Sequence[Unread]) -> Iterator[str]:
    for missed in unread[:SHOWN]:
        yield from _wrapped("not looked at: ", reason(missed))
        yield _place(missed.path, missed.line)
    yield from _more("not looked at", len(unread) - SHOWN)


def _more(of: str, number: int) -> Iterator[str]:
    if number > 0:
        yield f"{of}: {number:,} more; the JSON report lists them all"


def _end(report: Report) -> Iterator[str]:
    for sentence in report.summary:
        yield from _wrapped("change: ", sentence)
    yield from _releases(report.releases)
    for table in chains.tables(report):
        yield from _custody(table)
    for sentence in report.notes:
        yield from _wrapped("note: ", sentence)
    yield from _wrapped("compared: ", f"{report.left} -> {report.right}")
    yield f"looked at: {looked_at(report)}"
    if report.findings:
        yield f"findings: {tally(report)}"
    yield verdict(report)


def _releases(releases: Sequence[ReleaseChange]) -> Iterator[str]:
    """Tell what was found in each release: those that need a look, then the others, up to a number."""
    first = ranked(releases)
    for one in first[:SHOWN]:
        yield from _wrapped(f"release: {printable(one.verdict)}: ", release(one))
    rest = first[SHOWN:]
    if rest and all(map(is_quiet, rest)):
        yield f"release: {len(rest):,} more are ok and gained nothing"
    elif rest:
        yield f"release: {len(rest):,} more; the JSON report lists them all"


def _custody(table: chains.Table) -> Iterator[str]:
    """Tell what was verified of each row, those that failed first, and why, up to a number."""
    yield _row(table.of, table.columns, table)
    for row in table.rows[:SHOWN]:
        yield _row(row.name, chains.words(row), table)
    if len(table.rows) > SHOWN:
        yield f"custody: {len(table.rows) - SHOWN:,} more; the JSON report lists them all"
    told = list(chains.reasons(table))
    for sentence in told[:SHOWN]:
        yield from _wrapped("custody: ", sentence)
    if len(told) > SHOWN:
        yield f"custody: {len(told) - SHOWN:,} more reasons; the JSON report lists them all"


def _row(name: str, cells: Sequence[str], table: chains.Table) -> str:
    """Write a row; artifacts have long names, in which the ends matter, and stand behind their cells."""
    shown = " ".join(f"{cell:<{len(column)}}" for cell, column in zip(cells, table.columns, strict=True))
    if table.of == "artifact":
        return f"custody: {shown} {printable(name, _LONG)}"
    return f"custody: {printable(name, _NAME):<{_NAME}} {shown}".rstrip()


def _place(path: str, line: int) -> str:
    return f"{'':{_GUTTER}}--> {printable(path or '.', _PLACE_LIMIT)}:{line}"


def _wrapped(start: str, text: str) -> list[str]:
    """Wrap our own words and the untrusted text after them; nothing else is indented as deep."""
    shown = printable(text, _TEXT_LIMIT)
    lines = textwrap.wrap(
        shown, WIDTH, initial_indent=start, subsequent_indent=_HANGING, break_on_hyphens=False
    )
    return lines or [start.rstrip()]
