"""An archive unpacks to far more than its size suggests, or to more than can be inspected.

A megabyte of zeros becomes a gigabyte on the disk of whoever installs it, and a scanner that gives up says
nothing about the members that follow. Everything beyond the limit was not inspected. Measured on 256 wheels
and 72 source archives of popular projects: no findings.

Fix: do not unpack it; ask the publisher what it is for, or publish large data separately from code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, Record
from fimci.packages.artifacts import BOMB, oddities

SEVERITY = Severity.HIGH


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to the limit that was hit."""
    del before  # what is too much is so by itself
    for oddity in oddities(changes):
        if oddity.part in BOMB:
            yield finding(oddity.change, rule="archive-bomb", severity=SEVERITY, message=oddity.why)
