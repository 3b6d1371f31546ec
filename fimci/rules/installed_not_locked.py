"""A package is installed that no lockfile mentions.

What is in `node_modules` can be required by every package around it, and runs with all their rights. A
lockfile is what was reviewed: a package beside it was put there by hand, by a script, or by a client that
was told not to save (`npm install --no-save`). No client removes it before the next clean install, and
none says that it is there unless asked (`npm ls` calls it extraneous and goes on).

High. One finding for each package, or for all where they are many. Silent for what another package brings
along in its own archive, for workspaces, and for links into the project.
Measured on 15,776 files of 807 packages that npm installed: it speaks of none.

Fix: install anew from the lockfile (`npm ci`, `pnpm install --frozen-lockfile`); if the package is wanted,
add it in the usual way, so that the lockfile has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, Package, Record
from fimci.packages.owners import about, told
from fimci.printable import listed

SEVERITY = Severity.HIGH
#: From so many on they are one finding: somebody installed something else altogether.
_MANY = 8
_SHOWN = 3


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:  # noqa: ARG001  (what is not there before is what counts)
    """Object to installed packages that are on the right side alone."""
    added = [change for change in changes if change.added and _is_installed(change.record)]
    if len(added) >= _MANY:
        names = listed([told(_package(change)) for change in added], _SHOWN)
        message = f"{len(added):,} packages are installed and in no lockfile: {names}"
        yield grouped(added, rule="installed-not-locked", severity=SEVERITY, message=message)
        return
    for change in added:
        package = _package(change)
        message = f"{told(package)} is installed, and in no lockfile"
        yield about(package, [change], rule="installed-not-locked", severity=SEVERITY, message=message)


def _is_installed(record: Record) -> bool:
    return isinstance(record, Package) and record.stated_by == "disk"


def _package(change: Change) -> Package | None:
    return change.after if isinstance(change.after, Package) else None
