"""A statement about how an artifact was built says what its signer could not know, or what nobody knows.

The job that builds writes its own provenance. Whoever controls the job can write any repository, ref and
commit into it; only the certificate is written by somebody else. What the two say must be the same. And a
build that takes parameters, or a statement of a type that is not known, was judged by nobody.

High where repository, ref, commit or workflow differ from the certificate, for parameters and kinds of
builds that are not known, for unknown types of statements, and where the document around a statement
calls it something else.

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
