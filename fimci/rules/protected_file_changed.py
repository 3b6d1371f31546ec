"""A file that the policy declares critical was added, changed or removed.

Some files determine what all others may do: the policy and the baseline themselves, workflows, code owners,
build files, signing keys. In the tj-actions (2025) and xz (2024) incidents the decisive change was in such a
file, among many harmless ones. Every change to them deserves a second review, whatever it is.

Not reported: all other files, and critical ones whose facts are all known to be unchanged.

Fix: have an owner of the file review the change, and accept it with `fimci accept`.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, File

SEVERITY = Severity.HIGH


def check(change: Change) -> Iterator[Finding]:
    """Object to any difference of a critical file; one that cannot be told counts as one."""
    if not change.critical or not isinstance(change.record, File):
        return
    what = ", ".join(_differences(change))
    if what:
        message = f"protected {change.record.kind} {what}"
        yield finding(change, rule="protected-file-changed", severity=SEVERITY, message=message)


def _differences(change: Change) -> Iterator[str]:
    before, after = change.before, change.after
    if not isinstance(before, File):
        yield "added"
        return
    if not isinstance(after, File):
        yield "removed"
        return
    if "kind" in change.differs:
        yield f"was a {before.kind}"
    if "target" in change.differs and before.kind == after.kind:
        yield f"now points to {after.target} (was {before.target})"
    if "digest" in change.differs and before.kind == after.kind:
        yield "has other content"
    if isinstance(before.mode, int) and isinstance(after.mode, int) and before.mode != after.mode:
        yield f"has mode {after.mode:o} (was {before.mode:o})"
    if "digest" in change.unstated:
        yield "cannot be compared"
