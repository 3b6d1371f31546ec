"""A release is one that is known to be malicious.

Nearly every malicious release ends in a public list within a day (that of the OpenSSF had more than 100,000
in 2026), and stays in lockfiles, caches and mirrors for months after its registry took it down. The list is a
file of OSV records that policy (`osv`) or `--osv` names; nobody is asked.

Critical, wherever it is seen: in a lockfile that changed, even at a line that did not, and installed.

Silent: without such a file, records that were withdrawn.

Fix: remove it, and treat every machine that installed it as taken over: what it could read, others
have read.
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
