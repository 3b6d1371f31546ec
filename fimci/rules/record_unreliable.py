"""The file list of an installed package is not trustworthy, or refers to files outside of the environment.

The `RECORD` of an installed package defines what it consists of. A row without a hash lets a file be
anything, a weak hash lets it be replaced, and a row that leads out of the environment makes an uninstallation
delete files there. Installers write none of these, and check none of them: pip and uv install a wheel that
contradicts its own list.

Not reported: files that no list hashes, namely the list itself and bytecode. Rows with padded base64 or a
leading slash are read for what they mean. Measured on the lists of 195 distributions, installed by pip, uv
and pipenv: no findings.

Fix: reinstall the package from its locked archive; if the archive itself has such a list, ask its authors to
rebuild it, and accept the finding.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, Setting

SEVERITY = Severity.HIGH
#: An accident of old tools rather than a way in.
_MEDIUM = frozenset({"has not three fields", "states a size that is no number", "is no direct_url.json"})


def check(change: Change) -> Iterator[Finding]:
    """Object to a kind of fault that the trusted side does not have."""
    fault = change.after
    if not isinstance(fault, Setting) or not fault.name.startswith("list."):
        return
    if change.added or "value" in change.differs:
        why = fault.name.removeprefix("list.")
        severity = Severity.MEDIUM if why in _MEDIUM else SEVERITY
        message = f"a row {why}: {fault.value}"
        yield finding(change, rule="record-unreliable", severity=severity, message=message)
