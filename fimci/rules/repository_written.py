"""A command wrote to git's own files.

Hooks run at the next commit, `config` names programs to run (`core.fsmonitor`, `core.sshCommand`, filters)
and places to push to, `info/attributes` decides which files pass through them. Refs and `HEAD` determine what
the next step considers the state of the project.

High for hooks, configuration and other files that cause execution; medium for refs and `HEAD`. Not reported:
the index, objects and logs, which even `git status` writes.

Fix: check what was written, and restore it; if the command has to commit or tag, accept it.
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
    yield from writes.told(changes, "repository-written", _judged)


def _judged(write: Write) -> tuple[Severity, str] | None:
    if write.kind != "repository":
        return None
    name = write.path.rpartition("/.git/")[2].removeprefix(".git/")
    if name == "packed-refs" or name.endswith("HEAD") or name.startswith("refs/") or "/refs/" in name:
        return Severity.MEDIUM, "a ref of the repository was written while the command ran"
    return SEVERITY, "git files that control execution were written while the command ran"
