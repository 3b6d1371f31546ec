"""The verdict says what the exit code says."""

from __future__ import annotations

import msgspec
import pytest

from fimci.findings import Finding, Severity
from fimci.model import Unread
from fimci.reports.verdict import counted, verdict
from tests.reports import sample

UNREAD = Unread(path="a.lock", why="is binary")


@pytest.mark.parametrize(
    ("findings", "unread", "code", "said"),
    [
        ((), (), 0, "clean"),
        ((sample.ACCEPTED,), (), 0, "clean"),
        ((sample.BYTES,), (), 0, "passed: 1 finding, none at or above high"),
        ((sample.HASH, sample.SCRIPT, sample.BYTES), (), 1, "2 findings at or above high"),
        ((), (UNREAD,), 3, "incomplete: 1 thing could not be looked at"),
        ((sample.BYTES,), (UNREAD, UNREAD), 3, "incomplete: 2 things could not be looked at"),
        ((sample.HASH,), (UNREAD,), 1, "1 finding at or above high; 1 thing could not be looked at"),
    ],
)
def test_verdict(findings: tuple[Finding, ...], unread: tuple[Unread, ...], code: int, said: str) -> None:
    report = msgspec.structs.replace(sample.CLEAN, findings=findings, unread=unread)
    assert (report.exit_code, verdict(report)) == (code, said)


def test_accepted_findings_are_not_counted_and_zeros_are() -> None:
    assert list(counted(sample.REPORT).items()) == [
        (Severity.CRITICAL, 1),
        (Severity.HIGH, 1),
        (Severity.MEDIUM, 1),
        (Severity.LOW, 0),
        (Severity.INFO, 0),
    ]
