"""The report as service messages of TeamCity: inspections of lines, and a problem that says the verdict.

TeamCity obeys `##teamcity[…]` anywhere in a line. Every text is printable, which breaks such a beginning,
and then escaped as the server unescapes it, with everything beyond ASCII as a number. The worst `SHOWN`
findings are told, and the rest counted in the problem.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Report, Severity
from fimci.model import Unread
from fimci.printable import printable
from fimci.reports.verdict import looked_at, reason, verdict

SHOWN = 1_000
_TEXT_LIMIT = 2_000
_UNREAD = "fimci-unread"
_SPECIAL = {"|": "||", "'": "|'", "[": "|[", "]": "|]", "\n": "|n", "\r": "|r"}


def render(report: Report) -> str:
    """Write the messages, each on a line, and the verdict as a plain line after them."""
    lines = [*_messages(report), f"fimci: {looked_at(report)}: {verdict(report)}"]
    return "".join(f"{line}\n" for line in lines)


def _messages(report: Report) -> Iterator[str]:
    still_open = sorted((f for f in report.findings if f.accepted is None), key=lambda f: -f.severity)
    shown, missed = still_open[:SHOWN], report.unread[:SHOWN]
    for rule in sorted({finding.rule for finding in shown}):
        page = report.pages.get(rule)
        yield _kind(rule, page.summary if page is not None and page.summary else rule)
    if missed:
        yield _kind(_UNREAD, "Something could not be looked at.")
    yield from map(_finding, shown)
    yield from map(_unread, missed)
    if report.exit_code:
        left = len(still_open) + len(report.unread) - len(shown) - len(missed)
        more = f"; {left:,} more in the JSON report" if left else ""
        yield _message("buildProblem", identity="fimci", description=f"fimci: {verdict(report)}{more}")


def _kind(rule: str, summary: str) -> str:
    return _message("inspectionType", id=rule, name=rule, category="Supply chain", description=summary)


def _finding(finding: Finding) -> str:
    severity = "ERROR" if finding.severity >= Severity.HIGH else "WARNING"
    return _inspection(finding.rule, finding.message, finding.path, finding.line, severity)


def _unread(unread: Unread) -> str:
    return _inspection(_UNREAD, reason(unread), unread.path, unread.line, "ERROR")


def _inspection(rule: str, message: str, path: str, line: int, severity: str) -> str:
    return _message(
        "inspection",
        typeId=rule,
        message=message,
        file=path,
        line=str(max(line, 1)),
        SEVERITY=severity,
    )


def _message(kind: str, **fields: str) -> str:
    words = " ".join(f"{name}='{_escaped(printable(text, _TEXT_LIMIT))}'" for name, text in fields.items())
    return f"##teamcity[{kind} {words}]"


def _escaped(text: str) -> str:
    return "".join(map(_character, text))


def _character(character: str) -> str:
    if character in _SPECIAL:
        return _SPECIAL[character]
    if character.isascii():
        return character
    units = character.encode("utf-16-be")
    return "".join(f"|0x{units[at]:02X}{units[at + 1]:02X}" for at in range(0, len(units), 2))
