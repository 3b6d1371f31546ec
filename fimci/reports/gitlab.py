"""The report as Code Quality of GitLab, which shows what is new on the lines of a merge request.

Issues with the same fingerprint collapse there, so that each has one of its own. What could not be looked
at is an issue too. What was accepted is left out.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from fimci.findings import Finding, Report
from fimci.model import Unread
from fimci.printable import printable
from fimci.reports.grades import GRADES
from fimci.reports.verdict import reason

_TEXT_LIMIT, _PATH_LIMIT = 1_024, 4_096


def render(report: Report) -> str:
    """Write the issues as a JSON array, worst first."""
    still_open = sorted((f for f in report.findings if f.accepted is None), key=lambda f: -f.severity)
    issues = [*map(_finding, still_open), *map(_unread, report.unread)]
    seen: Counter[str] = Counter()
    for issue in issues:
        mark = issue["fingerprint"]
        seen[mark] += 1
        if seen[mark] > 1:
            issue["fingerprint"] = f"{mark}-{seen[mark]}"
    return msgspec.json.format(msgspec.json.encode(issues), indent=2).decode() + "\n"


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "description": printable(f"{finding.rule}: {finding.message}", _TEXT_LIMIT),
        "check_name": printable(finding.rule),
        "fingerprint": printable(finding.fingerprint) or printable(finding.rule),
        "severity": GRADES[finding.severity].quality,
        "location": _place(finding.path, finding.line),
    }


def _unread(unread: Unread) -> dict[str, Any]:
    return {
        "description": printable(f"could not be looked at: {reason(unread)}", _TEXT_LIMIT),
        "check_name": "unread",
        "fingerprint": printable(f"unread:{unread.path}:{unread.part}", _PATH_LIMIT),
        "severity": "critical",
        "location": _place(unread.path, unread.line),
    }


def _place(path: str, line: int) -> dict[str, Any]:
    return {"path": printable(path, _PATH_LIMIT) or ".", "lines": {"begin": max(line, 1)}}
