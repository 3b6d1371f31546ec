"""A new program came into the workspace while a command ran.

What a build makes has its place, and policy knows it. A program elsewhere (a native binary, a script that
may be run, anything that begins with `#!`) is what droppers leave behind; one that is gone again at the
end was needed only for a moment, and nobody can look at it any more.

Medium for a program that stays, high for one that came and went. Silent for what git ignores and for what
policy lets the command write.

Fix: find out what made it; if the build makes programs there, name the place in `writes`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci import writes
from fimci.findings import Finding, Severity
from fimci.model import Change, Record, Write

SEVERITY = Severity.HIGH


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once to all that was written alike."""
    del before  # what is told is what was done, whatever was there
    yield from writes.told(changes, "executable-dropped", _judged)


def _judged(write: Write) -> tuple[Severity, str] | None:
    if write.kind != "new" or not write.executable:
        return None
    if write.undone:
        return SEVERITY, "a new program came and went while the command ran"
    return Severity.MEDIUM, "a new program since the command ran"
