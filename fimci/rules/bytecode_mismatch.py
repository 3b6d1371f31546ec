"""Bytecode is not what its source compiles to, and Python runs it in the source's place.

Python believes a `.pyc` whose stamp has the time and the size of the source, and looks no further. No
list of files has its hash, no review sees it, and the source beside it stays as it was published.

Critical for bytecode that is not of its source, or crashes whoever looks at it; high for bytecode that
Python was told never to compare (PEP 552), whatever is in it. Silent where the stamp does not fit, for
then Python compiles anew. Bytecode of another version of Python than the one that runs this check is not
compared, and the report says how much of it there is.
Measured on 12,094 files of bytecode in eight environments made by pip: all are of their source.

Fix: remove it, and find out what wrote it; Python writes it anew from the source.
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
