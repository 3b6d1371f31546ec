"""A release was published by somebody who was not a maintainer of the previous one.

Accounts are taken over, and packages are handed to whoever asks (event-stream, 2018). Most handovers are
honest, so this alone blocks nobody.

Not reported: publishers who were among the maintainers of the previous release, and registries that do not
state who published.

Fix: find out whether the project announced the handover.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, Release
from fimci.printable import cut

SEVERITY = Severity.MEDIUM
_RULE = "release-publisher-changed"


def check(change: Change) -> Iterator[Finding]:
    """Object to a publisher who is new to a package."""
    old, new = change.before, change.after
    if not isinstance(old, Release) or not isinstance(new, Release):
        return
    if not isinstance(old.maintainers, tuple) or not isinstance(new.publisher, str):
        return
    if old.maintainers and new.publisher not in {*old.maintainers, old.publisher}:
        told = f"published by {cut(new.publisher, 60)}, who was not a maintainer of {old.version}"
        yield finding(change, rule=_RULE, severity=SEVERITY, message=told)
