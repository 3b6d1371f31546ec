"""A file that nobody may write to was written while a command ran, or a folder was watched.

SUNSPOT (2020) waited for the compiler, swapped one source file for the minutes of a build, and put the
old one back, content and times: whoever compares before with after sees nothing. A build reads sources.
What writes to one, replaces it, mounts something over it or opens it for writing has to be explained,
whatever is there in the end.

Critical where another content was seen and put back; high where a source is another one now, or was
replaced or rewritten and nobody saw with what; medium for one that was opened for writing or got another
mode; low where only times, links or modes moved. In a folder that is watched over time: low, where a file
was written and is as in the baseline. Files that policy lets the command write (`writes`, `--may-write`)
are silent.

Fix: find out what wrote it; if the command has to, name it in `writes`, else do not use what was built.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci import writes
from fimci.findings import Finding, Severity, grouped
from fimci.model import UNSTATED, Change, Record, Write
from fimci.printable import and_more

SEVERITY = Severity.HIGH
#: Findings alike that are told one by one.
APART = 10
_MOVES = {"modified", "came", "created", "left", "removed", "replaced"}


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to each source that was written to, many alike together."""
    del before  # what is told is what was done, and to which files that matters is known
    for (severity, message), group in writes.alike(changes, _judged).items():
        apart = len(group) if severity is Severity.CRITICAL else APART
        for change in group[:apart]:
            yield grouped([change], rule="source-tampered", severity=severity, message=message)
        rest = group[apart:]
        if rest:
            said = message + and_more(len(rest) - 1)
            yield grouped(rest, rule="source-tampered", severity=severity, message=said)


def _judged(write: Write) -> tuple[Severity, str] | None:
    if write.kind != "source":
        return None
    if "mounted" in write.deeds:
        return Severity.HIGH, "something was mounted over this folder while the command ran"
    if write.during == "watch":
        return Severity.LOW, f"was {_done(write)}, and is as in the baseline"
    other = write.content is not UNSTATED
    if write.undone and other:
        return Severity.CRITICAL, "had another content while the command ran, and was put back"
    if write.undone:
        return _unseen(write)
    if other:
        return Severity.HIGH, "has another content since the command ran"
    if "removed" in write.deeds or "left" in write.deeds:
        return Severity.HIGH, "was removed while the command ran"
    return Severity.MEDIUM, "has another mode, or is of another kind, since the command ran"


def _unseen(write: Write) -> tuple[Severity, str]:
    """Grade what is as before, and of which no other content was seen."""
    if _MOVES.intersection(write.deeds):
        return Severity.HIGH, f"was {_done(write)} while the command ran, and is as before"
    if "written" in write.deeds:
        return Severity.MEDIUM, "was opened for writing while the command ran"
    if "unseen" in write.deeds:
        return Severity.HIGH, "was touched in a way that no event told of, and is as before"
    return Severity.LOW, "its times, mode or links were touched"


def _done(write: Write) -> str:
    replaced = {"came", "replaced", "left", "removed", "created"}.intersection(write.deeds)
    return "replaced" if replaced else "written to" if write.deeds else "touched"
