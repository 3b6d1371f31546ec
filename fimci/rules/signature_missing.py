"""Nothing that could be verified vouches for an artifact, though it was asked for.

Not verified is not the same as wrong: there may be no evidence at hand, it may be of a form that is not
known, or it was refused for reasons that are told beside this. But an artifact without proof is one that
anybody may have made, and what asks for proof must not pass without it.

Silent where no evidence is asked for: no `--bundle`, no `--identity`, and no `[signer]` in the policy.

Fix: name the file with the evidence (`--bundle`), or let the release job make some; see the documentation
of `fimci verify`.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, Setting

SEVERITY = Severity.HIGH


def check(change: Change) -> Iterator[Finding]:
    """Object to a proof that is not there."""
    fact = change.before
    if not change.removed or not isinstance(fact, Setting):
        return
    if fact.name == "signature":
        message = "nothing that could be verified vouches for it"
    elif fact.name.startswith("attestation."):
        message = f"no verified statement of the type {fact.name.removeprefix('attestation.')}"
    else:
        return
    yield finding(change, rule="signature-missing", severity=SEVERITY, message=message)
