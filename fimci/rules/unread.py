"""Something could not be checked, and either it or the reason is new.

What was not checked may hide anything: a lockfile that no longer parses, a file without read permission, an
archive that contradicts itself. The rest was still checked, and the run reports that it is not complete (exit
code 3).

Not reported: what could not be read before, for the same reason, even if a bundler has renamed it with
another digest.

Fix: repair the file, or give the check permission to read it; if it must stay as it is, ignore its path in
the policy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, Record, Unread

SEVERITY = Severity.MEDIUM
#: What bundlers put into a name to tell contents apart: letters with a digit among them, before the ending.
_DIGEST = re.compile(r"(?<=[._-])(?=[A-Za-z_-]{0,40}\d)[0-9A-Za-z_-]{6,64}(?=\.[a-z]{1,5}$)")


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to a new hole, and to an old one with another reason."""
    del before  # what could not be read before is in the changes only where it went away
    gone = {
        _hole(change.before) for change in changes if isinstance(change.before, Unread) and change.removed
    }
    for change in changes:
        hole = change.after
        if not isinstance(hole, Unread) or not (change.added or "why" in change.differs):
            continue
        if change.added and _hole(hole) in gone:
            continue
        what = f"{hole.part} could not be read" if hole.part else "could not be read"
        yield finding(change, rule="unread", severity=SEVERITY, message=f"{what}: {hole.why}")


def _hole(hole: Unread) -> tuple[str, str, str]:
    return _DIGEST.sub("*", hole.path), hole.part, hole.why
