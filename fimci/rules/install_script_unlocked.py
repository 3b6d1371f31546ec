"""An installed package runs a script at install, and its lockfile says that it runs none.

Lockfiles mark the packages that run code when they are installed, so that a reviewer and a client
that asks before it runs any can see them. A `package.json` that was given a script after the
install (as the worm Shai-Hulud does with the packages it finds) has no such mark, and the next
`npm rebuild` runs it.

High. Silent where the lockfile marks no package at all (the registry did not say, or the format has no
marks), and where the files of the package are known to be those that were published.
Measured on ten trees with 5,500 packages that npm, yarn, pnpm and bun installed: it speaks of none.

Fix: look at the script and at who wrote it; install the package anew from the lockfile.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Capability, Change

SEVERITY = Severity.HIGH
_SHOWN = 60


def check(change: Change) -> Iterator[Finding]:
    """Object to an install script that only the right side has."""
    script = change.after
    if change.added and isinstance(script, Capability) and script.name == "install-script":
        message = f"{script.subject} runs at install, and is not locked: {script.detail[:_SHOWN]}"
        yield finding(change, rule="install-script-unlocked", severity=SEVERITY, message=message)
