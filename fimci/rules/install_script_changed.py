"""The text of a script that runs at install time has changed.

It runs on every machine that installs the package, before anybody has looked at the code that it starts. The
texts of such scripts hardly ever change: in 1,962 adjacent releases of 33 popular npm packages they did 7
times (0.36 %), six of them in one package that builds a native part.

Medium for `setup.py`, which is changed whenever a C extension is; what it can newly do is reported by the
rules on gains. Low where the new text only starts a git hook manager, as when `husky install` becomes
`husky`. Not reported: moved scripts, and scripts that run at other times, such as `test`.

Fix: read the new command and what it starts; if it is intended, accept it with `fimci accept`.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Capability, Change
from fimci.packages.install_scripts import starts_hook_manager
from fimci.printable import cut

SEVERITY = Severity.HIGH
_SHOWN = 120
_BUILD = "setup.py"


def check(change: Change) -> Iterator[Finding]:
    """Object to another command under the same name."""
    old, new = change.before, change.after
    if not isinstance(old, Capability) or not isinstance(new, Capability) or new.name != "install-script":
        return
    if "detail" not in change.differs:
        return
    message = f"{new.subject} script changed: {cut(old.detail, _SHOWN)} → {cut(new.detail, _SHOWN)}"
    severity = Severity.MEDIUM if new.subject == _BUILD else SEVERITY
    if starts_hook_manager(new):
        severity = Severity.LOW
    yield finding(change, rule="install-script-changed", severity=severity, message=message)
