"""The report as JUnit XML, which every CI system can show: a test for each finding.

A finding that fails the run is a failure, another one a test that passed and says what it saw, an accepted
one is skipped with the reason, and what could not be looked at is an error. A clean run has one test.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Report
from fimci.model import Unread
from fimci.printable import printable
from fimci.reports.verdict import looked_at, reason, verdict

_TEXT_LIMIT, _PATH_LIMIT = 2_000, 1_000
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


def render(report: Report) -> str:
    """Write one suite."""
    failing = {id(finding) for finding in report.failing}
    skipped = sum(finding.accepted is not None for finding in report.findings)
    tests = [_finding(f, fails=id(f) in failing) for f in report.findings] + [*map(_unread, report.unread)]
    if not tests:
        tests = [f'<testcase classname="fimci" name="{_text(verdict(report))}"/>']
    numbers = (
        f'tests="{len(tests)}" failures="{len(failing)}" errors="{len(report.unread)}" skipped="{skipped}"'
    )
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="fimci" {numbers} time="0">',
        f'<testsuite name="fimci" {numbers} time="0">',
        *tests,
        f"<system-out>{_text(f'{looked_at(report)}: {verdict(report)}')}</system-out>",
        "</testsuite>",
        "</testsuites>",
    ]
    return "".join(f"{line}\n" for line in lines)


def _finding(finding: Finding, *, fails: bool) -> str:
    name = f"{finding.rule} ({finding.severity}): {finding.message}"
    start = _start(finding.path, finding.line, name)
    if finding.accepted is not None:
        until = f"accepted until {finding.accepted.expires}: {finding.accepted.reason}"
        return f'{start}><skipped message="{_text(until)}"/></testcase>'
    told = _text("; ".join(_facts(finding)))
    if fails:
        words = f'message="{_text(finding.message)}" type="{_text(finding.rule)}"'
        return f"{start}><failure {words}>{told}</failure></testcase>"
    return f"{start}><system-out>{told}</system-out></testcase>"


def _unread(unread: Unread) -> str:
    words = _text(reason(unread))
    start = _start(unread.path, unread.line, f"could not be looked at: {reason(unread)}")
    return f'{start}><error message="{words}" type="unread"/></testcase>'


def _start(path: str, line: int, name: str) -> str:
    place = f'file="{_text(path, _PATH_LIMIT)}" line="{max(line, 1)}"'
    return f'<testcase classname="{_text(path, _PATH_LIMIT) or "fimci"}" name="{_text(name)}" {place}'


def _facts(finding: Finding) -> Iterator[str]:
    yield f"{finding.path}:{max(finding.line, 1)}"
    for label in ("package", "fix", "fingerprint"):
        text = getattr(finding, label)
        if text:
            yield f"{label}: {text}"


def _text(text: str, limit: int = _TEXT_LIMIT) -> str:
    """Return printable text for an attribute or an element: all that XML forbids is already visible."""
    return printable(text, limit).translate(_ESCAPES)
