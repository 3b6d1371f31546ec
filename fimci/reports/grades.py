"""What a severity is called in each sink: one table, so that no two sinks disagree.

A new sink adds its column here. `score` is SARIF's `security-severity`, from which GitHub derives
its own words: above 9.0 critical, from 7.0 high, from 4.0 medium, below that low.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from fimci.findings import Severity


class Grade(NamedTuple):
    """One severity: the workflow command, SARIF's level, and the score (none: no security result)."""

    command: str
    level: str
    score: str | None


GRADES: Mapping[Severity, Grade] = {
    Severity.CRITICAL: Grade("error", "error", "9.5"),
    Severity.HIGH: Grade("error", "error", "8.0"),
    Severity.MEDIUM: Grade("warning", "warning", "5.5"),
    Severity.LOW: Grade("notice", "note", "2.0"),
    Severity.INFO: Grade("notice", "note", None),
}
