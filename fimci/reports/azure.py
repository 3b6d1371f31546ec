"""The report as logging commands of Azure Pipelines, which become issues of the build.

Azure obeys `##vso[…]` anywhere in a line, so that the name of a file could set a variable or declare the
task a success. Every text is printable, which breaks such a beginning, and then escaped as the agent
unescapes it. Of each type the worst `SHOWN` are told, and the rest counted. What has no type there
(info) is in the report alone. The exit code is the gate; no command here sets the result.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Report
from fimci.model import Unread
from fimci.printable import printable
from fimci.reports.grades import GRADES
from fimci.reports.verdict import looked_at, reason, verdict

#: Issues of one type.
SHOWN = 100
_MESSAGE_LIMIT = 2_000
_PATH_LIMIT = 1_000


def render(report: Report) -> str:
    """Write the commands, errors first, and the verdict as a plain line after them."""
    lines = [line for kind in ("error", "warning") for line in _type(report, kind)]
    return "".join(f"{line}\n" for line in (*lines, f"fimci: {looked_at(report)}: {verdict(report)}"))


def _type(report: Report, kind: str) -> Iterator[str]:
    graded = [f for f in report.findings if f.accepted is None and GRADES[f.severity].issue == kind]
    found = [_finding(finding, kind) for finding in sorted(graded, key=lambda finding: -finding.severity)]
    if kind == "error":
        found = [*map(_unread, report.unread[: SHOWN // 2]), *found]
    yield from found[:SHOWN]
    left = len(graded) + (len(report.unread) if kind == "error" else 0) - min(len(found), SHOWN)
    if left > 0:
        more = f"{left:,} more of this type; the JSON report has them all"
        yield f"##vso[task.logissue type={kind};]{more}"


def _finding(finding: Finding, kind: str) -> str:
    fix = f"; fix: {finding.fix}" if finding.fix else ""
    message = f"{finding.rule} ({finding.severity}): {finding.message}{fix}"
    return _issue(kind, finding.path, finding.line, finding.rule, message)


def _unread(unread: Unread) -> str:
    return _issue("error", unread.path, unread.line, "unread", f"could not be looked at: {reason(unread)}")


def _issue(kind: str, path: str, line: int, code: str, message: str) -> str:
    place = f"sourcepath={_escaped(printable(path, _PATH_LIMIT))};linenumber={max(line, 1)};" if path else ""
    words = _escaped(printable(message, _MESSAGE_LIMIT))
    return f"##vso[task.logissue type={kind};{place}code={_escaped(printable(code))};]{words}"


def _escaped(text: str) -> str:
    for character, code in (("%", "%AZP25"), (";", "%3B"), ("\r", "%0D"), ("\n", "%0A"), ("]", "%5D")):
        text = text.replace(character, code)
    return text
