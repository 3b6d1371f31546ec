"""An artifact is signed, but not by whom it should be.

Anybody can have a valid signature of Sigstore: it proves who signed, not that this is the one who may.
Another workflow of the same repository, a branch in the place of a tag, a fork, a runner that is
somebody's own machine: all of them sign with the name of a repository that looks right at a glance.

High for each fact that is not as `--identity`, `--issuer` or `[signer]` of the policy has it. Facts are
compared whole; of a ref, `*` stands for anything but a slash.

Fix: if the release is meant to be signed so now, change what is expected, in a change of its own; else do
not use the artifact.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, Setting

SEVERITY = Severity.HIGH


def check(change: Change) -> Iterator[Finding]:
    """Object to a fact about the signer that is not as expected."""
    fact = change.after
    if change.added and isinstance(fact, Setting) and fact.name.startswith("signer."):
        yield finding(change, rule="signer-unexpected", severity=SEVERITY, message=fact.value)
