"""An artifact is not the one that was meant to be published, or not one of them.

Between the build and the upload lie caches, jobs and hands. What was built is written down once, by hash,
and signed; what is about to be published, or was downloaded again, is held against that.

High for an artifact with other contents than the manifest states, and for one that is in no manifest.
What is in the manifest and was not given is told in a note.

Fix: publish what was built: take the files from the job that wrote the manifest, or build again and sign
anew.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, File

SEVERITY = Severity.HIGH


def check(change: Change) -> Iterator[Finding]:
    """Object to an artifact that is not as it is expected, or not expected at all."""
    if not isinstance(change.after, File) or not change.real:
        return
    message = "is in no manifest" if change.added else "is not as the manifest states it"
    yield finding(change, rule="artifact-unexpected", severity=SEVERITY, message=message)
