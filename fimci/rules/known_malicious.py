"""A release is known to be malicious.

Nearly every malicious release is added to a public list within a day (that of the OpenSSF had more than
100,000 in 2026), and remains in lockfiles, caches and mirrors for months after its registry removed it. The
list is a file of OSV records, named by the policy (`osv`) or `--osv`; no service is queried.

Critical, wherever it is seen: in a lockfile that changed, even if that line did not, and installed.

Not reported without such a file, nor for withdrawn records.

Fix: remove it, and treat every machine that installed it as compromised: whatever it could read has been read
by others.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, grouped
from fimci.model import Advisory, Change
from fimci.packages.advised import about
from fimci.printable import listed

SEVERITY = Severity.CRITICAL
_RULE = "known-malicious"


def check(change: Change) -> Iterator[Finding]:
    """Object to a release that a database calls malicious."""
    new = change.after
    if not isinstance(new, Advisory) or not new.malicious or new.why:
        return
    told = f"{new.name} {listed(new.versions)} is known to be malicious ({new.id})"
    yield about(grouped([change], rule=_RULE, severity=SEVERITY, message=told, part="version"), new)
