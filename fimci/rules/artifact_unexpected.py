"""An artifact is not one of those listed in the signed manifest of the build.

There are caches, jobs and people between the build and the upload. What was built is recorded once, by hash,
and signed; what is about to be published, or was downloaded again, is compared with that record.

High for an artifact whose content differs from the manifest, and for one that no manifest lists. Artifacts
that are listed but were not passed to the check are mentioned in a note.

Fix: publish what was built: take the files from the job that wrote the manifest, or rebuild and sign again.
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
    message = "is in no manifest" if change.added else "differs from the manifest"
    yield finding(change, rule="artifact-unexpected", severity=SEVERITY, message=message)
