"""An installed package is not the one that is locked: it has another name or version.

A lockfile was reviewed; what runs is another release, or another package under the same name. Either the
tree is older or newer than the lockfile (pulled, and not installed since), or somebody replaced the
package where nobody looks: clients believe what they wrote down themselves, and read nothing again.

High. One finding for each package, or for all where they are many. Silent where the lockfile does not
state a version (folders, links, some repositories), and for `v1.0.0` in the place of `1.0.0`.
Measured on 15,776 files of 807 packages that npm installed: it speaks of none.

Fix: install anew from the lockfile (`npm ci`, `pnpm install --frozen-lockfile`), and look again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, Package, Record
from fimci.packages.owners import about, told
from fimci.printable import listed

SEVERITY = Severity.HIGH
_MANY = 8
_SHOWN = 3
_FACTS = frozenset({"name", "version"})


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:  # noqa: ARG001  (the change says both)
    """Object to installed packages that differ in name or version."""
    other = [change for change in changes if _differs(change)]
    if len(other) >= _MANY:
        names = listed([_told(change) for change in other], _SHOWN, ";")
        message = f"{len(other):,} packages are not as they are locked: {names}"
        yield grouped(other, rule="installed-other-release", severity=SEVERITY, message=message)
        return
    for change in other:
        package = change.after if isinstance(change.after, Package) else None
        yield about(
            package, [change], rule="installed-other-release", severity=SEVERITY, message=_told(change)
        )


def _differs(change: Change) -> bool:
    package = change.after
    installed = isinstance(package, Package) and package.stated_by == "disk"
    return installed and change.before is not None and not _FACTS.isdisjoint(change.differs)


def _told(change: Change) -> str:
    before = change.before if isinstance(change.before, Package) else None
    after = change.after if isinstance(change.after, Package) else None
    return f"{told(after)} is installed, {told(before)} is locked"
