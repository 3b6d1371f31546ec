"""A command is not the script that its entry point declares.

Installers write the commands of a package from its `entry_points.txt`: a few lines that import one module and
call one function of it. A script with an additional line runs whenever somebody types the name of the
command, most of all `pip` and `pytest`.

Not reported: scripts that a package ships itself (no entry point declares them), and Windows programs, which
are only compared with the file list. Measured on the commands of ten environments made by pip, uv and pipenv:
no findings.

Fix: reinstall the package, and find out what wrote the script.
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
