"""A script of one installed package wrote into the folder of another one.

No package has a legitimate reason to do this. It is how a worm spreads in `node_modules`, and how an install
script changes other packages after their hashes were verified.

Reported whenever the writing process is known and works in the folder of a package (as install scripts do),
even in folders that git ignores or that the policy allows the command to write. Not reported: package
managers themselves, which work in the workspace.

Fix: read the install script of that package, and install without scripts (`--ignore-scripts`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci import writes
from fimci.findings import Finding, Severity
from fimci.model import Change, Record, Write

SEVERITY = Severity.HIGH


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once to all that was written alike."""
    del before  # what is told is what was done, whatever was there
    yield from writes.told(changes, "package-written", _judged)


def _judged(write: Write) -> tuple[Severity, str] | None:
    if write.kind != "package":
        return None
    what = "written to" if write.deeds else "touched"
    return SEVERITY, f"{what} by a script of another package"
