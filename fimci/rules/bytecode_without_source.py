"""Bytecode that can run has no source next to it.

Python imports `left.pyc` if there is no `left.py`; node runs a compiled `.jsc` through a loader. Nobody
reviews either, and tools that look for malicious source code miss them: fshec2 (2023) had its whole payload
in one such file.

High where such bytecode is new and came without a source, and where the source is removed and the bytecode
stays, because from then on the bytecode runs. Medium where bytecode changed and the source next to it did
not, or does not exist. The capabilities that its names reveal are reported separately.

Not reported: bytecode in `__pycache__`, which Python never runs without the source (see `binary-appeared`),
bytecode that is added or changes together with its source, and moved files. In 218 pairs of adjacent releases
of popular npm packages, wheels and sdists there were no findings.

Fix: ship the source instead; Python compiles it by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, finding
from fimci.model import Capability, Change, Digest, File, Record
from fimci.packages.bytecode import sourceless, sources

SEVERITY = Severity.HIGH
_RULE = "bytecode-without-source"


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to new bytecode, to bytecode that is left alone, and to changes that no source explains."""
    files = {change.record.path: change for change in changes if isinstance(change.record, File)}
    old = {record.path for record in before if isinstance(record, Capability) and sourceless(record)}
    known = {
        change.before.digest
        for change in files.values()
        if isinstance(change.before, File) and isinstance(change.before.digest, Digest)
    }
    for change in changes:
        program = change.after
        if change.added and isinstance(program, Capability) and sourceless(program):
            file = files.get(program.path)
            moved = file is None or not file.added or _digest(file) in known
            if not moved and not any(_there(files, path) for path in sources(program.path)):
                message = f"new bytecode without its source: {program.detail or program.subject}"
                yield finding(change, rule=_RULE, severity=SEVERITY, message=message)
    for path in sorted(old):
        yield from _left(path, files)


def _digest(change: Change) -> object:
    return change.after.digest if isinstance(change.after, File) else None


def _there(files: dict[str, Change], path: str) -> bool:
    return path in files and files[path].after is not None


def _left(path: str, files: dict[str, Change]) -> Iterator[Finding]:
    """Judge bytecode that was there before."""
    own = files.get(path)
    if own is not None and own.after is None:
        return
    for source in sources(path):
        if source in files and files[source].removed:
            message = (
                f"its source was removed ({source.rpartition('/')[2]}), so the bytecode runs from now on"
            )
            yield finding(files[source], rule=_RULE, severity=SEVERITY, message=message)
            return
    changed = own is not None and "digest" in own.differs
    if own is not None and changed and not any(source in files for source in sources(path)):
        message = "bytecode changed, but its source did not"
        yield finding(own, rule=_RULE, severity=Severity.MEDIUM, message=message)
