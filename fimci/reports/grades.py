"""What a severity is called in each sink: one table, so that no two sinks disagree.

A new sink adds its column here. `score` is SARIF's `security-severity`, from which GitHub derives
its own words: above 9.0 critical, from 7.0 high, from 4.0 medium, below that low.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from fimci.findings import Severity


class Grade(NamedTuple):
    """One severity in the words of each sink.

    The workflow command; SARIF's level and score (none: no security result); GitLab's Code Quality and
    SAST; the type of an issue in Azure Pipelines (none there: empty); Bitbucket; `severity_id` of OCSF; CEF
    (0 to 10); the severity of RFC 5424; the risk that Elastic gives an alert of this severity (0 to 100).
    """

    command: str
    level: str
    score: str | None
    quality: str
    sast: str
    issue: str
    insight: str
    ocsf: int
    cef: int
    syslog: int
    risk: int


GRADES: Mapping[Severity, Grade] = {
    Severity.CRITICAL: Grade(
        "error", "error", "9.5", "blocker", "Critical", "error", "CRITICAL", 5, 10, 2, 99
    ),
    Severity.HIGH: Grade("error", "error", "8.0", "critical", "High", "error", "HIGH", 4, 8, 3, 73),
    Severity.MEDIUM: Grade("warning", "warning", "5.5", "major", "Medium", "warning", "MEDIUM", 3, 6, 4, 47),
    Severity.LOW: Grade("notice", "note", "2.0", "minor", "Low", "warning", "LOW", 2, 3, 5, 21),
    Severity.INFO: Grade("notice", "note", None, "info", "Info", "", "LOW", 1, 1, 6, 1),
}
