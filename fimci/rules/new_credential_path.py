"""Code of a package that used some secrets now looks for others.

Libraries for a cloud read the credentials of that cloud, but one that starts to look for a wallet, an SSH key
or the tokens of a package registry has another purpose. LiteLLM (2026) and the worms on npm since 2025 all
worked through such lists.

Not reported: secrets that any file of the package named before, and packages that used none (see
`capability-gained`).

Measured on 424 real updates of 140 randomly selected packages: no findings.

Fix: read what is done with it; if it is intended, accept it with `fimci accept`, else stay on the old
version.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.capabilities.gains import gains
from fimci.capabilities.grading import grade, told, uncovered
from fimci.findings import Finding, Severity
from fimci.model import CapabilityName, Change, Record

SEVERITY = Severity.HIGH
_RULE = "new-credential-path"
_SECRETS: frozenset[CapabilityName] = frozenset(("credentials", "crypto-wallet"))


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to secrets that are new to a package."""
    found = [
        (gain, severity)
        for gain in uncovered(
            changes, before, gains(changes, before, frozenset(("credentials", "crypto-wallet")))
        )
        if gain.known and not gain.first
        if (severity := grade(gain)) is not None
    ]
    yield from told(found, _RULE, "accesses another secret: ")
