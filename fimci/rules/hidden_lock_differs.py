"""npm's hidden lockfile in `node_modules` contradicts the lockfile of the project.

npm trusts `node_modules/.package-lock.json` without looking at the packages: editing it hides changes to the
tree from `npm ls`, `npm audit` and the next `npm install`. Normally it only lacks what does not fit the
platform, and has no value that differs from the lockfile.

High where the name, version or hash of an entry differs; one finding for all of them. Not reported: entries
that only one of the two has. Measured on 807 entries written by npm: no findings.

Fix: delete `node_modules` and reinstall from the lockfile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, Package, Record
from fimci.printable import listed, plural

SEVERITY = Severity.HIGH
_HIDDEN = "node_modules/.package-lock.json"
_FACTS = frozenset({"name", "version", "integrity"})
_SHOWN = 3


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:  # noqa: ARG001  (the change says both)
    """Object once to all entries that differ."""
    other = [change for change in changes if _differs(change)]
    if other:
        names = listed([_told(change) for change in other], _SHOWN, ";")
        message = f"{plural(len(other), 'entry differs', 'entries differ')} from the lockfile: {names}"
        yield grouped(other, rule="hidden-lock-differs", severity=SEVERITY, message=message)


def _differs(change: Change) -> bool:
    package = change.after
    hidden = isinstance(package, Package) and package.place.partition("#")[0].endswith(_HIDDEN)
    return hidden and change.before is not None and not _FACTS.isdisjoint(change.differs)


def _told(change: Change) -> str:
    before, after = change.before, change.after
    if not isinstance(before, Package) or not isinstance(after, Package):
        return ""
    if (before.name, before.version) == (after.name, after.version):
        return f"{after.name} {after.version} has another hash"
    return f"{after.name} {after.version} for {before.name} {before.version}"
