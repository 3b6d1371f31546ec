"""A package is installed that is not locked, or in another version than the locked one.

The lockfile was reviewed; what runs is what is installed. A package beside the lock came by a command
that nobody wrote down, and stays until somebody builds the environment anew: its modules are found by
every import, and its start-up files run in every process.

One finding for each, or one for all of them where there are more than five. Silent for pip, setuptools
and wheel, for the project itself and editable members of it, and for what is locked and not installed:
extras, groups, other platforms. A list of requirements without hashes is taken for a choice of
packages and not for all of them, so that only versions are held against it.
Measured on three environments, made from their locks by uv, pipenv and pip: nothing is told.

Fix: build the environment from its lockfile (`uv sync`, `poetry sync`, `pip-sync`); if the package is
wanted, lock it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, finding, grouped
from fimci.model import Change, Package, Record
from fimci.packages.owners import told
from fimci.printable import listed

SEVERITY = Severity.MEDIUM
_ALONE = 5


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to installed packages that nobody locked, and to other versions of locked ones."""
    del before  # what is locked and installed alike is no change
    extra = [change for change in changes if change.added and isinstance(change.after, Package)]
    other = [change for change in changes if _is_other(change)]
    for alike, what in ((extra, "is installed, but not locked"), (other, "")):
        if len(alike) > _ALONE:
            names = listed([_told(change) for change in alike])
            message = f"{len(alike):,} packages are not as locked: {names}"
            yield grouped(alike, rule="installed-not-locked", severity=SEVERITY, message=message)
            continue
        for change in alike:
            message = f"{_told(change)}{' ' + what if what else ''}"
            yield finding(change, rule="installed-not-locked", severity=SEVERITY, message=message)


def _is_other(change: Change) -> bool:
    both = isinstance(change.before, Package) and isinstance(change.after, Package)
    return both and "version" in change.differs


def _told(change: Change) -> str:
    old, new = change.before, change.after
    if not isinstance(new, Package):
        return ""
    return f"{told(new)} is installed, {old.version} locked" if isinstance(old, Package) else told(new)
