"""A lockfile selects a release that was removed, withdrawn or deprecated.

A yanked Python release is still served to whoever requests it exactly. A deprecated npm release installs with
a warning that nobody reads. Both are marked for a reason, which may be that the release is not from its
authors.

A release that is no longer listed was removed by its authors or by the registry, mostly because it was
harmful. The same goes for a package that its registry does not know at all any more. That its archive is
still in a cache of this machine makes it no better.

High for removed releases, medium for yanked ones, low for deprecated ones.

Not reported: releases whose predecessor was deprecated too, packages that a lockfile takes from another
registry than the one that is queried, and registries that list no release at all.

Fix: use another release.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, Record, Release
from fimci.printable import cut

SEVERITY = Severity.HIGH
_RULE = "release-withdrawn"


def check(change: Change) -> Iterator[Finding]:
    """Object to a release that was withdrawn."""
    old, new = change.before, change.after
    if not isinstance(new, Release):
        return
    if new.removed == "package":
        told = "its registry does not know the package: it was removed, or comes from another one"
        yield finding(change, rule=_RULE, severity=SEVERITY, message=told)
    elif new.removed is True:
        told = "was removed from its registry, which has other releases of the package"
        yield finding(change, rule=_RULE, severity=SEVERITY, message=told)
    elif new.yanked is True:
        yield finding(change, rule=_RULE, severity=Severity.MEDIUM, message="was yanked by its authors")
    elif isinstance(new.deprecated, str) and new.deprecated and not _was_deprecated(old):
        told = f"is deprecated: {cut(new.deprecated, 120)}"
        yield finding(change, rule=_RULE, severity=Severity.LOW, message=told)


def _was_deprecated(old: Record | None) -> bool:
    return isinstance(old, Release) and isinstance(old.deprecated, str) and bool(old.deprecated)
