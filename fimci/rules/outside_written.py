"""A command wrote to a location outside of its workspace.

A build works in its folder, in temporary folders and in its caches. What it leaves elsewhere outlives the job
on machines that are reused, and is found by the next job.

High for a program, medium for anything else. Not reported: temporary folders, the caches of package managers
and compilers in the home directory, and locations that the policy names. Seeing all writes requires root
(docs/watch.md); without it, only start-up files, tools and the workspace are watched.

Fix: find out what wrote there; if the command has to, add the location to `writes` (`~/…` or `/…`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci import writes
from fimci.findings import Finding, Severity
from fimci.model import Change, Record, Write

SEVERITY = Severity.HIGH


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once to all that was written alike."""
    del before  # what is told is what was done, whatever was there
    yield from writes.told(changes, "outside-written", _judged)


def _judged(write: Write) -> tuple[Severity, str] | None:
    if write.kind != "outside":
        return None
    if write.executable:
        return SEVERITY, "a program was written outside of the workspace"
    return Severity.MEDIUM, "written outside of the workspace"
