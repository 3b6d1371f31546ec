"""A file that nobody may write to was written while a command ran, or while a folder was watched.

SUNSPOT (2020) waited for the compiler, replaced one source file for the minutes of a build, and restored the
old one, content and timestamps: comparing before with after shows nothing. A build reads sources. Whatever
writes to one, replaces it, mounts something over it or opens it for writing has to be explained, even if
nothing differs at the end.

Critical where other content was seen and restored; high where a source differs now, or was replaced or
rewritten and nobody saw with what; medium for one that was opened for writing or got another mode; low where
only timestamps, links or modes changed. In a folder that is watched over time: low where a file was written
and matches the baseline. Files that the policy allows the command to write (`writes`, `--may-write`) are not
reported.

Fix: find out what wrote it; if the command has to, add it to `writes`, else do not use what was built.
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
        return Severity.LOW, f"was {_done(write)}, and matches the baseline"
    other = write.content is not UNSTATED
    if write.undone and other:
        return Severity.CRITICAL, "had different content while the command ran, and was restored"
    if write.undone:
        return _unseen(write)
    if other:
        return Severity.HIGH, "has different content since the command ran"
    if "removed" in write.deeds or "left" in write.deeds:
        return Severity.HIGH, "was removed while the command ran"
    return Severity.MEDIUM, "has a different mode or type since the command ran"


def _unseen(write: Write) -> tuple[Severity, str]:
    """Grade what is as before, and of which no other content was seen."""
    if _MOVES.intersection(write.deeds):
        return Severity.HIGH, f"was {_done(write)} while the command ran, and is as before"
    if "written" in write.deeds:
        return Severity.MEDIUM, "was opened for writing while the command ran"
    if "unseen" in write.deeds:
        return Severity.HIGH, "was touched in a way that no event reported, and is as before"
    return Severity.LOW, "its timestamps, mode or links were changed"


def _done(write: Write) -> str:
    replaced = {"came", "replaced", "left", "removed", "created"}.intersection(write.deeds)
    return "replaced" if replaced else "written to" if write.deeds else "touched"
