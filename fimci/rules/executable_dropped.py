"""A new program appeared in the workspace while a command ran.

Build output has its place, and the policy names it. A program elsewhere (a native binary, an executable
script, anything that begins with `#!`) is what droppers leave behind; one that is gone at the end was needed
only for a moment, and cannot be inspected any more.

Medium for a program that remains, high for one that was created and deleted. Not reported: files that git
ignores, and files that the policy allows the command to write.

Fix: find out what created it; if the build creates programs there, add the location to `writes`.
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
    yield from writes.told(changes, "executable-dropped", _judged)


def _judged(write: Write) -> tuple[Severity, str] | None:
    if write.kind != "new" or not write.executable:
        return None
    if write.undone:
        return SEVERITY, "a new program was created and deleted while the command ran"
    return Severity.MEDIUM, "a new program appeared while the command ran"
