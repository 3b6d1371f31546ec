"""A lockfile takes up a release that its authors have withdrawn or advise against.

A yanked release of Python is still served to whoever names it exactly. A deprecated one of npm installs with
a sentence that nobody reads. Both are said for a reason, which may be that the release is not theirs.

Medium for yanked releases, low for deprecated ones.

Silent: where the release before was deprecated too.

Fix: take another release.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, Record, Release
from fimci.printable import cut

SEVERITY = Severity.MEDIUM
_RULE = "release-withdrawn"


def check(change: Change) -> Iterator[Finding]:
    """Object to a release that was withdrawn."""
    old, new = change.before, change.after
    if not isinstance(new, Release):
        return
    if new.yanked is True:
        yield finding(change, rule=_RULE, severity=SEVERITY, message="was yanked by its authors")
    elif isinstance(new.deprecated, str) and new.deprecated and not _was_deprecated(old):
        told = f"is deprecated: {cut(new.deprecated, 120)}"
        yield finding(change, rule=_RULE, severity=Severity.LOW, message=told)


def _was_deprecated(old: Record | None) -> bool:
    return isinstance(old, Release) and isinstance(old.deprecated, str) and bool(old.deprecated)
