"""A command wrote to git's own files.

Hooks run at the next commit, `config` names programs to run (`core.fsmonitor`, `core.sshCommand`, filters)
and places to push to, `info/attributes` says which files go through them. Refs and `HEAD` decide what the
next step takes for the state of the project.

High for hooks, configuration and what else runs; medium for refs and `HEAD`. Silent for the index, objects
and logs, which `git status` writes already.

Fix: look at what was written, and put it back; if the command has to commit or tag, accept it.
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
    return SEVERITY, "git's own files that decide what runs were written while the command ran"
