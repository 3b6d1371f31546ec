"""A command is not the script that its entry point declares.

Installers write the commands of a package from its `entry_points.txt`: a few lines that import one module
and call one function of it. A script with another line in it runs whenever somebody types the name of
the command, `pip` and `pytest` first of all.

Silent for scripts that a package brings as they are (no entry point declares them), and for programs for
Windows, which are held against the list of files alone.
Measured on the commands of ten environments made by pip, uv and pipenv: none is told.

Fix: install the package again, and find out what wrote the script.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity
from fimci.model import Capability, Change, Record
from fimci.packages.owners import about, owner, owners

SEVERITY = Severity.HIGH


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to each command that does something else."""
    known = owners(before)
    for change in changes:
        script = change.after
        if not isinstance(script, Capability) or not script.subject.startswith("command "):
            continue
        if script.name == "module-tampering" and (change.added or "detail" in change.differs):
            package = owner(script.path, known)
            message = f"{script.subject} {script.detail}"
            yield about(package, [change], rule="script-mismatch", severity=SEVERITY, message=message)
