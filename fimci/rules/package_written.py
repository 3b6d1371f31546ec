"""A script of one installed package wrote into the folder of another one.

No package has any business there. It is how a worm spreads in `node_modules`, and how an install script
changes what other packages do after their hashes were checked.

Speaks wherever the process is known that wrote, and works in the folder of a package (as install scripts
do): also in folders that git ignores or policy lets the command write. Silent for package managers
themselves, which work in the workspace.

Fix: read the install script of that package, and install without scripts (`--ignore-scripts`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, Record, Write
from fimci.printable import and_more

SEVERITY = Severity.HIGH


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once to all that was written alike."""
    del before  # whatever was there
    alike: dict[tuple[Severity, str], list[Change]] = {}
    for change in changes:
        write = change.after
        if isinstance(write, Write) and write.kind == "package":
            alike.setdefault(_judged(write), []).append(change)
    for (severity, message), group in alike.items():
        said = message + and_more(len(group) - 1)
        yield grouped(group, rule="package-written", severity=severity, message=said)


def _judged(write: Write) -> tuple[Severity, str]:
    what = "written to" if write.deeds else "touched"
    return SEVERITY, f"{what} by a script of another package"
