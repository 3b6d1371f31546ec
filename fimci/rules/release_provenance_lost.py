"""Earlier releases have provenance, and this one does not.

Provenance binds an archive to a repository and a build. A release without it, after one with it, was
published in a different way than before: by hand, or with a stolen token (nx and others, 2025). Whether the
statement itself is true is not verified here.

Not reported: packages that never had provenance, and registries and mirrors that do not serve it.

Fix: compare the archive with its tagged sources, or stay on the old version.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, Release

SEVERITY = Severity.HIGH
_RULE = "release-provenance-lost"


def check(change: Change) -> Iterator[Finding]:
    """Object to a release without the provenance that the one before had."""
    old, new = change.before, change.after
    if not isinstance(old, Release) or not isinstance(new, Release):
        return
    if old.provenance is True and new.provenance is False:
        told = f"has no provenance, and {old.version} had one"
        yield finding(change, rule=_RULE, severity=SEVERITY, message=told)
