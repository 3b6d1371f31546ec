"""No verifiable evidence exists for an artifact, although it is required.

Not verified does not mean wrong: there may be no evidence available, it may be of an unknown type, or it was
rejected for reasons that are reported separately. But an artifact without evidence is one that anybody may
have made, and a check that requires evidence must not pass without it.

Not reported where no evidence is required: no `--bundle`, no `--identity`, and no `[signer]` in the policy.

Fix: name the file with the evidence (`--bundle`), or let the release job create it; see the documentation of
`fimci verify`.
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
