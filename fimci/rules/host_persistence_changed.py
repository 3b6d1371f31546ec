"""A file that starts programs or grants access on a machine has changed.

Cron tables, systemd units, init scripts, shell start-up files, `ld.so.preload`, SSH keys, sudo rules, PAM,
kernel modules, device rules, hooks of package managers and networks, `.pth` files of the system's Python,
launchd: this is where an intruder writes to stay on a machine. `fimci/persistence.py` has the list, with its
sources; the policy can add places with `persistence`, and remove some with `!`.

High for new or replaced entries, critical against a baseline, where every other change is high; medium (high
against a baseline) for units installed by packages and for accounts, which updates and administrators change;
low for removed entries, which are only reported against a baseline. More than twenty of one kind become one
finding.

Applies to folders and hosts (`ssh:`), which are on a machine, and to paths named by the policy anywhere. Not
reported: repositories, archives and images, which are not on a machine yet, and folders themselves.

Fix: find out which update or person wrote it, and check what it starts; if it is intended, accept it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci import persistence
from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, File, Record
from fimci.printable import listed

SEVERITY = Severity.HIGH
_SHOWN = 3
#: More files of one kind than this are told together.
TOGETHER = 20


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:  # noqa: ARG001  (the contract)
    """Yield one objection for each file or, where they are many, for each kind of place and grade."""
    groups: dict[tuple[str, Severity], list[Change]] = {}
    for change in changes:
        if change.persistent and _counts(change):
            groups.setdefault((change.persistent, _grade(change)), []).append(change)
    for (name, severity), found in groups.items():
        together = [found] if len(found) > TOGETHER else [[change] for change in found]
        for alike in together:
            told = [f"{_verb(change)} {_path(change)}" for change in alike]
            message = f"{name}: {listed(told, _SHOWN)}"
            yield grouped(alike, rule="host-persistence-changed", severity=severity, message=message)


def _counts(change: Change) -> bool:
    """Tell whether a file came, went or changed; of a folder, only what is in it counts.

    What is gone is told by a baseline as loudly as this could.
    """
    files = [one for one in (change.before, change.after) if isinstance(one, File)]
    return (
        change.real
        and bool(files)
        and all(one.kind != "directory" for one in files)
        and not (change.sealed and change.removed)
    )


def _grade(change: Change) -> Severity:
    if change.removed:
        return Severity.LOW
    if change.persistent in persistence.USUAL:
        return Severity.HIGH if change.sealed else Severity.MEDIUM
    return Severity.CRITICAL if change.sealed else SEVERITY


def _path(change: Change) -> str:
    return getattr(change.record, "path", "")


def _verb(change: Change) -> str:
    return "new" if change.added else "removed" if change.removed else "changed"
