"""An artifact is signed, but not by the expected identity.

Anybody can obtain a valid Sigstore signature: it proves who signed, not that this is who may. Another
workflow of the same repository, a branch in place of a tag, a fork, a self-hosted runner: all of them sign
with the name of a repository that looks right at a glance.

High for each fact that differs from `--identity`, `--issuer` or `[signer]` of the policy. Facts must match
exactly; in a ref, `*` stands for anything but a slash.

Fix: if the release is now meant to be signed this way, change the expected identity in a separate change;
else do not use the artifact.
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
