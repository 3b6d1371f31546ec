"""The registry serves other bytes for a release than the lockfile vouches for.

One of the two is wrong: the lockfile was written by somebody who had another archive, or the registry (or
its mirror) no longer serves what was locked. Whoever installs from this lockfile is stopped by the client at
best. What was served was not looked at any further.

Silent: releases that could not be obtained at all, which are unread.

Fix: find out who locked that hash and from where; lock again from a clean state only once that is known.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, Release

SEVERITY = Severity.CRITICAL
_RULE = "release-not-as-locked"


def check(change: Change) -> Iterator[Finding]:
    """Object to a release that is not the one that is locked."""
    new = change.after
    if isinstance(new, Release) and new.proven is False:
        told = "its registry serves other bytes than the lockfile vouches for"
        yield finding(change, rule=_RULE, severity=SEVERITY, message=told)
