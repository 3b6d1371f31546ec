"""The report as Code Insights of Bitbucket: what to PUT as the report, and what to POST as annotations.

One JSON object with `report` and `annotations`; the latter in batches as large as one request may be, at
most `MOST` in all, worst first. The rest is counted in the report's details.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from fimci.findings import Finding, Report
from fimci.model import Unread
from fimci.printable import plural, printable
from fimci.reports.grades import GRADES
from fimci.reports.verdict import counted, looked_at, reason, verdict

#: Annotations of one request, and of one report.
BATCH, MOST = 100, 1_000
_SUMMARY_LIMIT, _DETAILS_LIMIT, _PATH_LIMIT = 450, 2_000, 1_000


def render(report: Report) -> str:
    """Write the object, indented by two."""
    every = list(_annotations(report))
    shown = every[:MOST]
    left = len(every) - len(shown)
    more = f" {plural(left, 'more annotation')} in the JSON report." if left else ""
    written = {
        "report": {
            "title": "fimci",
            "details": printable(f"{verdict(report)}. {looked_at(report)}.{more}", _DETAILS_LIMIT),
            "report_type": "SECURITY",
            "reporter": "fimci",
            "result": "PASSED" if report.exit_code == 0 else "FAILED",
            "data": [
                {"title": str(severity).capitalize(), "type": "NUMBER", "value": number}
                for severity, number in counted(report).items()
            ],
        },
        "annotations": [shown[at : at + BATCH] for at in range(0, len(shown), BATCH)],
    }
    return msgspec.json.format(msgspec.json.encode(written), indent=2).decode() + "\n"


def _annotations(report: Report) -> Iterator[dict[str, Any]]:
    still_open = (finding for finding in report.findings if finding.accepted is None)
    for number, finding in enumerate(sorted(still_open, key=lambda finding: -finding.severity)):
        yield _finding(finding, number)
    for number, unread in enumerate(report.unread):
        yield _unread(unread, number)


def _finding(finding: Finding, number: int) -> dict[str, Any]:
    details = "; ".join(text for text in (finding.package, finding.fix and f"fix: {finding.fix}") if text)
    return {
        "external_id": f"{number}-{printable(finding.fingerprint, 40)}",
        "annotation_type": "VULNERABILITY",
        "summary": printable(f"{finding.rule}: {finding.message}", _SUMMARY_LIMIT),
        "details": printable(details, _DETAILS_LIMIT) or finding.rule,
        "path": printable(finding.path, _PATH_LIMIT),
        "line": max(finding.line, 1),
        "severity": GRADES[finding.severity].insight,
    }


def _unread(unread: Unread, number: int) -> dict[str, Any]:
    return {
        "external_id": f"unread-{number}",
        "annotation_type": "BUG",
        "summary": printable(f"could not be looked at: {reason(unread)}", _SUMMARY_LIMIT),
        "details": "What was not looked at may hold anything.",
        "path": printable(unread.path, _PATH_LIMIT),
        "line": max(unread.line, 1),
        "severity": "HIGH",
    }
