"""A file of a machine changed from which something starts by itself, or somebody gets in.

Cron tables, units of systemd, init scripts, start-up files of shells, `ld.so.preload`, keys of SSH, rights of
sudo, PAM, kernel modules, rules for devices, hooks of package managers and networks, `.pth` files of the
system's Python, launchd: whoever got into a machine once writes there to stay. `fimci/persistence.py` has the
list, with its sources; policy adds places of its own with `persistence`, and takes some out with `!`.

High for what is new or another one, critical against a baseline, where every other change is high; medium
(high against a baseline) for units that packages bring and for accounts, which updates and administrators
change; low for what is gone, of which a baseline tells. More than twenty of one kind are one finding.

Speaks of folders and hosts (`ssh:`), which are on a machine, and of what the policy names anywhere. Silent
for repositories, archives and images, which are on none yet, and for folders themselves.

Fix: find out which update or person wrote it, and look at what it starts; if it is meant, accept it.
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
