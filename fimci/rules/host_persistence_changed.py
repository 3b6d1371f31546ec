"""A file of a machine changed from which something starts by itself, or somebody gets in.

Cron tables, units of systemd, init scripts, start-up files of shells, `ld.so.preload`, keys of SSH, rights of
sudo, PAM, kernel modules, rules for devices, hooks of package managers and networks, `.pth` files of the
system's Python, launchd: whoever got into a machine once writes there to stay. `fimci/persistence.py` has the
list, with its sources; policy adds places of its own with `persistence`, and takes some out with `!`.

High for what is new or another one; medium for units that packages bring and for accounts, which updates and
administrators change; low for what is gone. All of one kind is one finding.

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


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:  # noqa: ARG001  (the contract)
    """Yield one objection for each kind of place and each grade."""
    groups: dict[tuple[str, Severity], list[Change]] = {}
    for change in changes:
        if change.persistent and isinstance(change.record, File) and _counts(change):
            groups.setdefault((change.persistent, _grade(change)), []).append(change)
    for (name, severity), found in groups.items():
        told = [f"{_verb(change)} {change.record.path}" for change in found]  # type: ignore[union-attr]  # files
        message = f"{name}: {listed(told, _SHOWN)}"
        yield grouped(found, rule="host-persistence-changed", severity=severity, message=message)


def _counts(change: Change) -> bool:
    """Tell whether a file came, went or changed; of a folder, only what is in it counts."""
    return change.real and "directory" not in {
        one.kind for one in (change.before, change.after) if isinstance(one, File)
    }


def _grade(change: Change) -> Severity:
    if change.removed:
        return Severity.LOW
    return Severity.MEDIUM if change.persistent in persistence.USUAL else SEVERITY


def _verb(change: Change) -> str:
    return "new" if change.added else "removed" if change.removed else "changed"
