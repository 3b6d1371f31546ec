"""Secrets, the environment, or what describes the machine go out over the network.

The end of almost every attack on a package: what the machine knows is sent to somebody. fimci follows
values from where they are read into the request, through encodings, functions and callbacks, from file to
file, and, more weakly, sees both ends in one function. So does a private key that the package is given, if
it goes to a host that stands in the code (the class of the releases of a Solana library in 2024).

Critical where it happens at installation, high where the value is followed or the code runs at import,
medium where only both ends stand in one function that somebody has to call, or nobody knows where it goes
(low of a package that is new as a whole), and for what a page keeps and sends to no host that is named.

Silent: chains of the same kind towards the same that the package had before, wherever in it, and what
moves.

Measured on 424 real updates of 140 packages that were drawn at random: silent in all of them.

Fix: do not install it; rotate what may have gone out if it ran; if it is meant, accept it with `fimci
accept`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.capabilities.grading import chained
from fimci.findings import Finding, Severity
from fimci.model import Change, Record

SEVERITY = Severity.HIGH


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to chains that are new."""
    yield from chained(changes, before, "exfiltration", "sends what it should not: ")
