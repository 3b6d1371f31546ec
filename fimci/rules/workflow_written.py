"""A command wrote to what decides over the job, or over this check.

Workflows, the code of actions, the files in which a step hands environment and path to later steps
(`GITHUB_ENV`, `GITHUB_PATH`), the policy and the baseline. What builds the software has no business there.

Critical where it was undone again, high else. Silent for places that policy names.

Fix: look at what was written; a step that sets variables for others is not one to be guarded.
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
        return Severity.CRITICAL, "had another content while the command ran, and was put back"
    return SEVERITY, "what decides over the job was written while the command ran"
