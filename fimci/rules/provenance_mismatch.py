"""A provenance statement contradicts the certificate of its signer, or contains unknown parts.

The job that builds writes its own provenance. Whoever controls the job can write any repository, ref and
commit into it; only the certificate is issued by somebody else. The two must agree. And nobody has assessed a
build that takes parameters, or a statement of an unknown type.

High where repository, ref, commit or workflow differ from the certificate, for unknown build parameters and
build types, for unknown statement types, and where the envelope of a statement declares a different type.

Fix: find out who changed the job that builds; publish from the workflow of the repository itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, Setting

SEVERITY = Severity.HIGH


def check(change: Change) -> Iterator[Finding]:
    """Object to what a statement says beyond its certificate."""
    fact = change.after
    if change.added and isinstance(fact, Setting) and fact.name.startswith("provenance."):
        message = f"the statement {fact.value}"
        yield finding(change, rule="provenance-mismatch", severity=SEVERITY, message=message)
