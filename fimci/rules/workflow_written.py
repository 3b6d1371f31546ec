"""A command wrote to files that control the job, or this check.

This covers workflows, the code of actions, the files through which a step passes environment and path to
later steps (`GITHUB_ENV`, `GITHUB_PATH`), the policy and the baseline. The build has no reason to write
there.

Critical where the change was reverted, high otherwise. Not reported: locations that the policy names.

Fix: check what was written; a step that sets variables for others should not be guarded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci import writes
from fimci.findings import Finding, Severity
from fimci.model import UNSTATED, Change, Record, Write

SEVERITY = Severity.HIGH


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once to all that was written alike."""
    del before  # what is told is what was done, whatever was there
    yield from writes.told(changes, "workflow-written", _judged)


def _judged(write: Write) -> tuple[Severity, str] | None:
    if write.kind != "workflow":
        return None
    if write.undone and write.content is not UNSTATED:
        return Severity.CRITICAL, "had different content while the command ran, and was restored"
    return SEVERITY, "files that control the job were written while the command ran"
