"""Code contacts a host that its package did not name before.

A package that contacts its own service is nothing unusual; contacting another one is what an attacker cannot
avoid, even by only adding an address to existing code. Hosts that are made to receive data from strangers
(messengers, request catchers, tunnels, paste sites) are high, whatever else the package can do.

Not reported: hosts that any file of the package named before, packages that had no network access at all (see
`capability-gained`), and hosts in comments, documentation and type declarations.

Measured on 424 real updates of 140 randomly selected packages: low in 1.

Fix: find out who runs the host and what is sent there; if it is intended, accept it with `fimci accept`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.capabilities.gains import gains
from fimci.capabilities.grading import grade, told, uncovered
from fimci.findings import Finding, Severity
from fimci.model import Change, Record

SEVERITY = Severity.MEDIUM
_RULE = "new-host"


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to hosts that are new to a package."""
    found = [
        (gain, severity)
        for gain in uncovered(changes, before, gains(changes, before, frozenset(("network",))))
        if gain.known and not gain.first and gain.now.subject != "*"
        if (severity := grade(gain)) is not None
    ]
    yield from told(found, _RULE, "contacts a new host: ")
