"""The report as a SAST report of GitLab (schema 15), for its security dashboard and merge requests.

What could not be looked at makes the scan a failed one, and is a vulnerability of unknown severity, so
that a dashboard does not show less than there is. What was accepted is dismissed there, with its reason.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import msgspec

import fimci
from fimci.findings import Finding, Report
from fimci.model import Unread
from fimci.printable import printable
from fimci.reports.grades import GRADES
from fimci.reports.verdict import reason

_VERSION = "15.2.2"
#: Characters that the schema and the database behind it take.
_NAME_LIMIT, _TEXT_LIMIT, _PATH_LIMIT = 255, 15_000, 1_024
_OURS = uuid.UUID("5f1c3c1e-8f2a-5c54-9d0f-6f696d6369aa")
_SCANNER = {
    "id": "fimci", "name": "fimci", "vendor": {"name": "fimci"}, "version": fimci.__version__,
}  # fmt: skip


def render(report: Report) -> str:
    """Write the report, with the time of writing as that of the scan."""
    now = dt.datetime.now(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    written = {
        "version": _VERSION,
        "scan": {
            "analyzer": _SCANNER,
            "scanner": _SCANNER,
            "type": "sast",
            "start_time": now,
            "end_time": now,
            "status": "success" if report.complete else "failure",
        },
        "vulnerabilities": list(_vulnerabilities(report)),
    }
    return msgspec.json.format(msgspec.json.encode(written), indent=2).decode() + "\n"


def _vulnerabilities(report: Report) -> Iterator[dict[str, Any]]:
    for number, finding in enumerate(sorted(report.findings, key=lambda finding: -finding.severity)):
        yield _finding(finding, number)
    for number, unread in enumerate(report.unread):
        yield _unread(unread, number)


def _finding(finding: Finding, number: int) -> dict[str, Any]:
    found = {
        "id": str(uuid.uuid5(_OURS, printable(f"{finding.fingerprint} {number}"))),
        "name": printable(f"{finding.rule}: {finding.message}", _NAME_LIMIT),
        "description": printable(finding.message, _TEXT_LIMIT),
        "severity": GRADES[finding.severity].sast,
        "solution": printable(finding.fix, _TEXT_LIMIT),
        "location": _place(finding.path, finding.line),
        "identifiers": [_identifier(finding.rule)],
    }
    if finding.accepted is not None:
        reason_ = f"{finding.accepted.reason} (until {finding.accepted.expires})"
        found["flags"] = [
            {
                "type": "flagged-as-likely-false-positive",
                "origin": "fimci",
                "description": printable(reason_, 255),
            }
        ]
    return found


def _unread(unread: Unread, number: int) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid5(_OURS, f"unread {number}")),
        "name": printable(f"could not be looked at: {reason(unread)}", _NAME_LIMIT),
        "description": printable(reason(unread), _TEXT_LIMIT),
        "severity": "Unknown",
        "location": _place(unread.path, unread.line),
        "identifiers": [_identifier("unread")],
    }


def _identifier(rule: str) -> dict[str, str]:
    name = printable(rule, _NAME_LIMIT)
    return {"type": "fimci_rule", "name": name, "value": name}


def _place(path: str, line: int) -> dict[str, Any]:
    return {"file": printable(path, _PATH_LIMIT), "start_line": max(line, 1)}
