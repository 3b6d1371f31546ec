"""A file became executable, or its permissions allow tampering or privilege escalation.

An execute bit turns a hook, a test fixture or a harmless data file into a program. A world-writable file, or
one that runs with the rights of its owner (set-id) or of the system (file capabilities), is a way to gain
privileges on every machine that receives it.

High for an existing file that gains the bit, medium if it is named like a script: one that was meant to be
run is often given the bit late, and package builds give it to whole folders of modules. Low for new scripts;
medium for new executable files that do not look like a script. Not reported: native programs (see
`binary-appeared`), files that were executable before, and scripts that only moved. Measured on 10,000 commits
of nine repositories: medium or high in 2 of them, low in 39.

Fix: `git update-index --chmod=-x FILE` (or `chmod -x`); if it is meant to be run, accept the finding.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, grouped, seen_at
from fimci.model import Capability, Change, Digest, File, Record
from fimci.printable import and_more

SEVERITY = Severity.HIGH
_EXECUTE, _SET_ID, _EVERYBODY, _STICKY = 0o111, 0o6000, 0o002, 0o1000
#: Where programs of a project live, and how they end.
_PLACES = frozenset(
    {"bin", "scripts", "script", "tools", "hooks", ".husky", ".githooks", "ci", "hacking", "hack"}
)
_SUFFIXES = frozenset(
    {"", ".sh", ".bash", ".zsh", ".fish", ".py", ".pl", ".rb", ".js", ".mjs", ".cjs", ".ts", ".php"}
)


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to new permissions; files of one folder that gain the same make one finding."""
    del before  # a script that moved is among the changes, where it was
    files = [change.before for change in changes if isinstance(change.before, File)]
    moved = {file.digest for file in files if _executable(file) and isinstance(file.digest, Digest)}
    new = (change.after for change in changes if change.added)
    native = {
        record.path for record in new if isinstance(record, Capability) and record.name == "native-code"
    }
    groups: dict[tuple[str, Severity, str], list[Change]] = {}
    for change in changes:
        for severity, message in _gains(change, native, moved):
            folder = posixpath.dirname(seen_at(change.record).path)
            groups.setdefault((folder, severity, message), []).append(change)
    for (_, severity, what), group in groups.items():
        message = what + and_more(len(group) - 1, "in this folder")
        yield grouped(group, rule="executable-appeared", severity=severity, message=message)


def _executable(file: File) -> bool:
    return file.kind == "file" and isinstance(file.mode, int) and bool(file.mode & _EXECUTE)


def _gains(change: Change, native: set[str], moved: set[Digest]) -> Iterator[tuple[Severity, str]]:
    before, after = change.before, change.after
    if not isinstance(after, File) or not isinstance(after.mode, int):
        return
    old = 0
    if isinstance(before, File) and before.kind == after.kind:
        if not isinstance(before.mode, int):
            return  # a mode that the left side cannot state may have been the same
        old = before.mode
    gained = after.mode & ~old
    if gained & _EVERYBODY and not (after.kind == "directory" and after.mode & _STICKY):
        yield SEVERITY, f"world-writable {after.kind}"
    if after.kind == "file" and gained & _SET_ID:
        yield SEVERITY, "runs with the rights of its owner or group (set-id)"
    if _rights(after) and _rights(before) != _rights(after):
        yield SEVERITY, "runs with rights of the system (file capabilities)"
    if _executable(after) and not old & _EXECUTE:
        if isinstance(before, File):
            yield _regrade(after.path), "existing file became executable"
        elif after.path not in native and after.digest not in moved:
            yield _grade(after.path), "new executable file"


def _rights(record: Record | None) -> str:
    """Return the capabilities of a file, as far as they were recorded."""
    return str(dict(record.attributes).get("capabilities", "")) if isinstance(record, File) else ""


def _regrade(path: str) -> Severity:
    """Grade a file that was there: what it holds could be run before, if it is a script by its name."""
    suffix = posixpath.splitext(path)[1].lower()
    return Severity.MEDIUM if suffix and suffix in _SUFFIXES else SEVERITY


def _grade(path: str) -> Severity:
    """Grade a new script: one that is named like a script, or is where scripts live, is usual."""
    folders, name = posixpath.split(path)
    _, suffix = posixpath.splitext(name)
    usual = suffix.lower() in _SUFFIXES or not _PLACES.isdisjoint(folders.split("/"))
    return Severity.LOW if usual else Severity.MEDIUM
