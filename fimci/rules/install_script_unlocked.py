"""An installed package runs an install script that its lockfile does not record.

Lockfiles mark packages that run code when they are installed, so that reviewers, and clients that ask for
permission first, can see them. A `package.json` that was given a script after the install (as the worm
Shai-Hulud does with the packages it finds) has no such mark, and the next `npm rebuild` runs it.

High. Not reported where the lockfile marks no package at all (the registry did not say, or the format has no
marks), and where the files of the package are known to be those that were published. Measured on ten trees
with 5,500 packages installed by npm, yarn, pnpm and bun: no findings.

Fix: check the script and who wrote it; reinstall the package from the lockfile.
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
        message = (
            f"{script.subject} runs at install, but the lockfile does not record it: {script.detail[:_SHOWN]}"
        )
        yield finding(change, rule="install-script-unlocked", severity=SEVERITY, message=message)
