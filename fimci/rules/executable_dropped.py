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

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, Record, Write
from fimci.printable import and_more

SEVERITY = Severity.HIGH


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once to all that was written alike."""
    del before  # whatever was there
    alike: dict[tuple[Severity, str], list[Change]] = {}
    for change in changes:
        write = change.after
        if isinstance(write, Write) and write.kind == "new" and write.executable:
            alike.setdefault(_judged(write), []).append(change)
    for (severity, message), group in alike.items():
        said = message + and_more(len(group) - 1)
        yield grouped(group, rule="executable-dropped", severity=severity, message=said)


def _judged(write: Write) -> tuple[Severity, str]:
    if write.undone:
        return SEVERITY, "a new program came and went while the command ran"
    return Severity.MEDIUM, "a new program since the command ran"
