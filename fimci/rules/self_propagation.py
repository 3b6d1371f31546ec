"""Code publishes packages, pushes commits or hands out tokens.

Worms (Shai-Hulud 2025 and its descendants) publish themselves with the tokens that they find. Release
tools do the same on purpose, and have done so before.

Critical at installation, high else; in what a repository runs at a release it is told to nobody.

Silent: chains of the same kind towards the same that the package had before, wherever in it, and what
moves.

Measured on 424 real updates of 140 packages that were drawn at random: silent in all of them.

Fix: do not install it; if publishing is the purpose of the code, accept it with `fimci accept`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.capabilities.grading import chained
from fimci.findings import Finding, Severity
from fimci.model import Change, Record

SEVERITY = Severity.HIGH


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to chains that are new."""
    yield from chained(changes, before, "self-propagation", "spreads: ")
