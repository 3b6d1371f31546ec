"""The list of a package's files cannot be trusted, or leads out of the environment.

What an installed package consists of is what its `RECORD` says. A row without a hash lets a file be
anything, a weak hash lets it be replaced, a row that leads out of the environment makes an
uninstallation remove what is there. Installers write none of these, and check none of them: pip and uv
install a wheel that contradicts its own list.

Silent for what no list states a hash of: the list itself, and bytecode. Rows with padded base64 or a
leading slash are read for what they mean.
Measured on the lists of 195 distributions, installed by pip, uv and pipenv: none is unreliable.

Fix: install the package again from its locked archive; if the archive itself has such a list, ask its
authors to build it anew, and accept the finding.
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
