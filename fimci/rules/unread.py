"""Something could not be looked at, and it is new or the reason is.

What nobody looked at may hide anything: a lockfile that no longer parses, a file without read
permission, an archive that contradicts itself. The rest was still judged, and the run says that
it is not complete (exit code 3).

Silent for what could not be read before, for the same reason.

Fix: mend the file, or give the check the right to read it; if it must stay as it is, ignore its
path in the policy.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, Unread

SEVERITY = Severity.MEDIUM


def check(change: Change) -> Iterator[Finding]:
    """Object to a new hole, and to an old one with another reason."""
    hole = change.after
    if not isinstance(hole, Unread) or not (change.added or "why" in change.differs):
        return
    what = f"{hole.part} could not be read" if hole.part else "could not be read"
    yield finding(change, rule="unread", severity=SEVERITY, message=f"{what}: {hole.why}")
