"""A check run of its own, with the findings as annotations: for reading, the job's exit code is the gate.

Its conclusion is success or failure. Never neutral or skipped: both satisfy a required check.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from fimci.findings import Finding, Report, Severity
from fimci.forge.api import Host
from fimci.model import Unread
from fimci.printable import plural, printable
from fimci.reports import markdown
from fimci.reports.verdict import reason, verdict

#: Annotations that one request may have, and that a run gets at most.
BATCH, MOST = 50, 500
#: Characters of a summary, bytes of a message, characters of a title.
SUMMARY_LIMIT, MESSAGE_LIMIT, TITLE_LIMIT = 65_535, 64_000, 255
_PATH_LIMIT = 4_096
_LEVELS = {Severity.CRITICAL: "failure", Severity.HIGH: "failure", Severity.MEDIUM: "warning"}


def check_run(host: Host, report: Report) -> str:
    """Create the check run and add what does not fit into one request; return what was done."""
    if not host.job.head:
        return "no commit"
    given = list(islice(noted(report), MOST))
    output = {
        "title": verdict(report)[:TITLE_LIMIT],
        "summary": markdown.render(report, SUMMARY_LIMIT),
    }
    first = {
        "name": "fimci",
        "head_sha": host.job.head,
        "status": "completed",
        "conclusion": "success" if report.exit_code == 0 else "failure",
        "output": {**output, "annotations": given[:BATCH]},
        **({"details_url": host.job.page} if host.job.page else {}),
    }
    made = host.tell("POST", "check-runs", first)
    for at in range(BATCH, len(given), BATCH):
        more = {"output": {**output, "annotations": given[at : at + BATCH]}}
        host.tell("PATCH", f"check-runs/{int(made['id'])}", more)
    left = sum(f.accepted is None for f in report.findings) + len(report.unread) - len(given)
    return f"written with {plural(len(given), 'annotation')}" + (
        f", {left:,} more in the report" if left else ""
    )


def noted(report: Report) -> Iterator[dict[str, Any]]:
    """Yield the annotations, worst first; what could not be looked at is among the failures."""
    still_open = sorted((f for f in report.findings if f.accepted is None), key=lambda f: -f.severity)
    graver = [finding for finding in still_open if finding.severity >= Severity.HIGH]
    yield from map(_finding, graver)
    yield from map(_unread, report.unread)
    yield from map(_finding, still_open[len(graver) :])


def _finding(finding: Finding) -> dict[str, Any]:
    facts = [text for text in (finding.package, f"fix: {finding.fix}" if finding.fix else "") if text]
    told = [printable(finding.message, 4_000), *(printable(text, 2_000) for text in facts)]
    return {
        **_place(finding.path, finding.line),
        "annotation_level": _LEVELS.get(finding.severity, "notice"),
        "title": printable(f"{finding.rule} ({finding.severity})", TITLE_LIMIT),
        "message": "\n".join(told) or finding.rule,
        "raw_details": f"fingerprint: {printable(finding.fingerprint, 100)}",
    }


def _unread(unread: Unread) -> dict[str, Any]:
    return {
        **_place(unread.path, unread.line),
        "annotation_level": "failure",
        "title": "could not be looked at",
        "message": printable(reason(unread), 4_000) or "could not be looked at",
    }


def _place(path: str, line: int) -> dict[str, Any]:
    line = max(line, 1)
    return {"path": printable(path, _PATH_LIMIT) or ".", "start_line": line, "end_line": line}
