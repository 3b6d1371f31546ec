"""Code publishes packages, pushes commits or hands out tokens.

Worms (Shai-Hulud 2025 and its descendants) publish themselves with the tokens that they find. Release tools
do the same on purpose, but have done so in earlier releases.

Critical at installation, high otherwise; not reported for what a repository runs for its own release.

Not reported: chains of the same kind with the same target that the package had before, in any file, and moved
code.

Measured on 424 real updates of 140 randomly selected packages: no findings.

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
