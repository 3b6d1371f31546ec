"""A signature that came with an artifact does not hold.

A signature of other bytes, an entry of another log, a certificate of another authority, a statement about
another file: each is what an attacker has who could change the artifact and not the key. `gh` once passed
evidence that was empty (CVE-2025-25204), and so did others.

Silent for evidence about other artifacts of the same run. Who signed is judged by `signer-unexpected`.

Fix: fetch artifact and evidence anew from where they were published; if it stays so, do not use the
artifact and ask whoever published it.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, Setting

SEVERITY = Severity.HIGH


def check(change: Change) -> Iterator[Finding]:
    """Object to evidence that was refused."""
    fact = change.after
    if change.added and isinstance(fact, Setting) and fact.name.startswith("signature.failed"):
        yield finding(change, rule="signature-invalid", severity=SEVERITY, message=fact.value)
