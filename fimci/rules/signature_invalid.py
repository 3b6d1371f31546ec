"""A signature that came with an artifact is not valid.

A signature over other content, an entry of another log, a certificate of another authority, a statement about
another file: this is what an attacker has who can change the artifact but not the key. `gh` once accepted
evidence that was empty (CVE-2025-25204), and so did others.

The remedy depends on what is invalid, and is given with each finding: an unknown key, the trusted root of
another instance and a signature that was made too late have causes of their own.

Not reported: evidence about other artifacts of the same run. Who signed is checked by `signer-unexpected`.

Fix: download artifact and evidence again from where they were published; if it remains invalid, do not use
the artifact and ask its publisher.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, Setting

SEVERITY = Severity.HIGH
_FAILED = "signature.failed."
_ASK = "if it stays so, do not use the artifact and ask whoever published it"
#: What to do, by what does not hold; for the rest, what the page of this rule says.
_FIXES: Mapping[str, str] = {
    "form": f"the evidence is damaged, or of a form that is not known: fetch it again; {_ASK}",
    "certificate": "if another instance of Sigstore signed it, and you trust that one, name its root of trust"
    " (--trusted-root); else do not use the artifact",
    "log": "the log does not have what was signed, so nobody would have seen it: do not use the artifact"
    " before whoever published it has signed it again, and its entry holds",
    "time": "nobody vouches that it was signed while the certificate or key was good: have the release signed"
    " again, with an entry of a log or a timestamp in time",
    "subject": "it vouches for something else: name the evidence of this very file, and fetch both again; if"
    " it stays so, the file was exchanged, and is not to be used",
    "identity": "if this key may sign, name it (--key, --allowed-signers), in a change of its own; else do"
    " not use the artifact",
    "material": "name what it is to be verified with: --key, --allowed-signers or --trusted-root",
}


def check(change: Change) -> Iterator[Finding]:
    """Object to evidence that was refused."""
    fact = change.after
    if change.added and isinstance(fact, Setting) and fact.name.startswith(_FAILED):
        said = finding(change, rule="signature-invalid", severity=SEVERITY, message=fact.value)
        part = fact.name.removeprefix(_FAILED).partition(".")[0]
        yield msgspec.structs.replace(said, fix=_FIXES.get(part, ""))
