"""The registry serves a release with other content than the lockfile vouches for.

One of the two is wrong: the lockfile was written by somebody who had another archive, or the registry (or its
mirror) no longer serves what was locked. At best, the client refuses to install from this lockfile. The
content that was served was not analysed any further.

Not reported: releases that could not be downloaded at all, which are unread.

Fix: find out who locked that hash and from where; only lock again from a clean state once that is known.
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
        told = "its registry serves content that does not match the lockfile"
        yield finding(change, rule=_RULE, severity=SEVERITY, message=told)
