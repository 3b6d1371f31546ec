"""Code talks to a host that its package never named.

A package that talks to its own service is nothing strange; one that begins to talk to another is what an
attacker who only adds an address to existing code cannot avoid. Hosts that are made to receive what
strangers send (messengers, request catchers, tunnels, pastes) are high, whatever else the package can do.

Silent: hosts that any file of the package named before, packages that had no access to the network at all
(`capability-gained` tells of those), hosts in comments, documentation and declarations of types.

Measured on 424 real updates of 140 packages that were drawn at random: low in 1.

Fix: find out who runs the host and what is sent there; if it is meant, accept it with `fimci accept`.
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
    yield from told(found, _RULE, "a new host: ")
