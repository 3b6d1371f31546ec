"""An installed package is not locked, or is another release than the locked one.

The lockfile was reviewed, but what runs is what is installed. A package that is not locked was installed by a
command that nobody recorded, and stays until the environment is rebuilt: its modules are found by every
import, and its start-up files run in every process.

There is one finding for each, or one for all of them if there are more than five. Medium, and high in
`node_modules`, which nobody fills by hand: Node clients trust their own records and do not look at the
packages again. Not reported: pip, setuptools and wheel, the project itself and its editable members, bundled
packages, and packages that are locked but not installed (extras, groups, other platforms). A requirements
file without hashes is treated as a selection and not as a complete list, so that only versions are compared
with it. Measured on environments made by uv, pipenv and pip, and on trees made by npm, yarn, pnpm and bun,
from their lockfiles: no findings.

Fix: build the environment from its lockfile (`uv sync`, `poetry sync`, `pip-sync`, `npm ci`); if the package
is wanted, lock it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, finding, grouped
from fimci.model import Change, Package, Record
from fimci.packages.owners import told
from fimci.printable import listed

SEVERITY = Severity.MEDIUM
_ALONE = 5
_BY_HAND = frozenset({"pypi"})
_FACTS = frozenset({"name", "version"})


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to installed packages that nobody locked, and to other versions of locked ones."""
    del before  # what is locked and installed alike is no change
    extra = [change for change in changes if change.added and _is_installed(change)]
    other = [change for change in changes if _is_other(change)]
    for alike, what in ((extra, "is installed, but not locked"), (other, "")):
        if len(alike) > _ALONE:
            names = listed([_told(change) for change in alike])
            message = f"{len(alike):,} packages differ from the lockfile: {names}"
            severity = max(_severity(change) for change in alike)
            yield grouped(alike, rule="installed-not-locked", severity=severity, message=message)
            continue
        for change in alike:
            message = f"{_told(change)}{' ' + what if what else ''}"
            yield finding(change, rule="installed-not-locked", severity=_severity(change), message=message)


def _is_other(change: Change) -> bool:
    return change.before is not None and _is_installed(change) and not _FACTS.isdisjoint(change.differs)


def _is_installed(change: Change) -> bool:
    return isinstance(change.after, Package) and change.after.stated_by == "disk"


def _severity(change: Change) -> Severity:
    package = change.after
    by_hand = isinstance(package, Package) and package.ecosystem in _BY_HAND
    return SEVERITY if by_hand else Severity.HIGH


def _told(change: Change) -> str:
    old, new = change.before, change.after
    if not isinstance(new, Package):
        return ""
    if not isinstance(old, Package):
        return told(new)
    return f"{told(new)} is installed, but {old.version if old.name == new.name else told(old)} is locked"
