r"""The report as SARIF 2.1.0, in the subset that GitHub code scanning accepts.

Findings are results, accepted ones with a suppression; what could not be looked at is a
notification of an invocation that did not succeed. Identity across runs is our own fingerprint,
`fimci/v1`. `primaryLocationLineHash`, the only one GitHub heeds, is left to `upload-sarif`, which
has the file: it warns about every value that is not its own. `automationDetails` is left out for
the same reason: its `category` input only counts where the file states none.

Messages are plain text without arguments. Text that SARIF would take for a link, `[…](…)`,
is broken by a backslash.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import compress
from typing import Any

import msgspec

import fimci
from fimci.findings import Acceptance, Finding, Page, Report, Severity
from fimci.model import Place, Unread
from fimci.printable import plural, printable
from fimci.reports.grades import GRADES
from fimci.reports.paths import uri
from fimci.reports.verdict import reason, verdict

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
#: GitHub refuses a run with more.
RESULTS_LIMIT = 25_000
_RELATED_LIMIT = 100
_NOTIFICATIONS_LIMIT = 1_000
_TEXT_LIMIT = 1_024


def render(report: Report) -> str:
    """Write the report as one SARIF run."""
    shown = sorted(report.findings, key=lambda finding: (finding.accepted is not None, -finding.severity))
    shown = shown[:RESULTS_LIMIT]
    pages = _pages(report)
    index = {rule: number for number, rule in enumerate(pages)}
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver(pages, report)},
                "columnKind": "unicodeCodePoints",
                "invocations": [_invocation(report, len(report.findings) - len(shown))],
                "results": [_result(finding, index[finding.rule]) for finding in shown],
            }
        ],
    }
    return msgspec.json.format(msgspec.json.encode(log), indent=2).decode() + "\n"


def _pages(report: Report) -> Mapping[str, Page]:
    """Return the page of every rule; one that has none gets a bare one."""
    pages = dict(report.pages)
    for finding in report.findings:
        if finding.rule not in pages:
            pages[finding.rule] = Page(finding.rule, finding.severity, finding.rule, "", finding.fix)
    return dict(sorted(pages.items()))


def _driver(pages: Mapping[str, Page], report: Report) -> dict[str, Any]:
    """Describe the tool. GitHub grades by rule, so a rule gets its worst grade in this run."""
    worst: dict[str, Severity] = {}
    for finding in report.findings:
        if finding.accepted is None:
            worst[finding.rule] = max(finding.severity, worst.get(finding.rule, finding.severity))
    return {
        "name": "fimci",
        "version": fimci.__version__,
        "semanticVersion": fimci.__version__,
        "rules": [_rule(page, worst.get(rule, page.severity)) for rule, page in pages.items()],
    }


def _rule(page: Page, severity: Severity) -> dict[str, Any]:
    grade = GRADES[severity]
    properties: dict[str, Any] = {"tags": ["supply-chain"]}
    if grade.score is not None:
        properties = {**properties, "tags": ["security", "supply-chain"], "security-severity": grade.score}
    help_text = "\n\n".join(part for part in (page.text, page.fix and f"Fix: {page.fix}") if part)
    summary = _text(page.summary or page.rule)
    return {
        "id": printable(page.rule),
        "shortDescription": summary,
        "fullDescription": summary,
        "help": {"text": help_text or summary["text"]},
        "defaultConfiguration": {"level": grade.level},
        "properties": properties,
    }


def _result(finding: Finding, index: int) -> dict[str, Any]:
    message = finding.message or finding.rule
    if finding.package:
        message += f" ({finding.package})"
    here = [_is_at(finding, place) for place in finding.evidence]
    excerpt = next(compress((place.text for place in finding.evidence), here), "")
    elsewhere = [place for place, is_here in zip(finding.evidence, here, strict=True) if not is_here]
    result = {
        "ruleId": printable(finding.rule),
        "ruleIndex": index,
        "level": GRADES[finding.severity].level,
        "message": _text(message),
        "locations": [_location(finding.path, finding.line, excerpt)],
        "partialFingerprints": {"fimci/v1": printable(finding.fingerprint)},
        "suppressions": [_suppression(finding.accepted)] if finding.accepted else [],
    }
    if elsewhere:
        result["relatedLocations"] = [
            {"id": number, **_location(place.path, place.line, place.text)}
            for number, place in enumerate(elsewhere[:_RELATED_LIMIT], 1)
        ]
    return result


def _is_at(finding: Finding, place: Place) -> bool:
    """Compare what `Place` leaves out of its own equality."""
    return (place.path, place.line) == (finding.path, finding.line)


def _location(path: str, line: int, excerpt: str = "") -> dict[str, Any]:
    """Return a place; GitHub wants columns, so an excerpt counts from the first one."""
    line = max(line, 1)
    region: dict[str, Any] = {"startLine": line, "startColumn": 1, "endLine": line}
    region["endColumn"] = 1 + max(len(excerpt), 1)
    if excerpt:
        region["snippet"] = _text(excerpt)
    return {"physicalLocation": {"artifactLocation": {"uri": uri(path)}, "region": region}}


def _suppression(acceptance: Acceptance) -> dict[str, Any]:
    by = f" ({acceptance.by})" if acceptance.by else ""
    return {
        "kind": "external",
        "status": "accepted",
        "justification": printable(f"{acceptance.reason}{by}, until {acceptance.expires}", _TEXT_LIMIT),
    }


def _invocation(report: Report, left_out: int) -> dict[str, Any]:
    """Tell how the run went, what it could not look at, and what did not fit into this file."""
    notifications = [_notification(unread) for unread in report.unread[:_NOTIFICATIONS_LIMIT]]
    more = len(report.unread) - len(notifications)
    if more:
        notifications.append(_left_out(f"{plural(more, 'more thing')} could not be looked at"))
    if left_out:
        notifications.append(_left_out(f"{plural(left_out, 'more finding')}; the JSON report lists them all"))
    return {
        "executionSuccessful": report.complete,
        "exitCode": report.exit_code,
        "exitCodeDescription": verdict(report),
        "toolExecutionNotifications": notifications,
    }


def _notification(unread: Unread) -> dict[str, Any]:
    return {
        "level": "error",
        "message": _text(f"could not be looked at: {reason(unread)}"),
        "locations": [_location(unread.path, unread.line)],
    }


def _left_out(text: str) -> dict[str, Any]:
    return {"level": "warning", "message": _text(text)}


def _text(text: str) -> dict[str, str]:
    """Return a message: printable, and without links."""
    return {"text": printable(text, _TEXT_LIMIT).replace("](", "]\\(")}
