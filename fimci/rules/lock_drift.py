"""A manifest wants what the lockfile beside it does not have.

A lockfile that was not renewed with its manifest is installed by some clients as it stands (yarn
berry), renewed on the spot by others (`npm install`: then nobody has reviewed what was resolved),
and refused by those that are careful (`npm ci`, `uv sync --locked`). Graded higher is a version
outside the wanted range where only the locked entry changed, and neither the manifest nor the
lock's copy of it: clients write no such thing, so somebody edited the lockfile by hand.

Silent where both sides disagree in the same way, where the lockfile was read in part only, and
about requirements that may be meant for another system (markers, optional and peer dependencies).

Fix: run the package manager's lock command (`npm install`, `uv lock`, `poetry lock`) and commit
manifest and lockfile together; if the manifest did not change, find out who edited the lockfile.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, finding, grouped
from fimci.model import Change, Drift, Package, Record
from fimci.printable import and_more

SEVERITY = Severity.MEDIUM

#: Findings about one lockfile before the rest is told in one.
_MOST = 10


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:  # noqa: ARG001
    """Yield an objection to each new contradiction; before was what the left side already had."""
    edited = {
        (change.record.at.path, change.record.name)
        for change in changes
        if change.real and isinstance(change.record, Package) and change.record.stated_by == "manifest"
    }
    groups: dict[tuple[str, Severity], list[Change]] = defaultdict(list)
    for change in changes:
        drift = change.after
        if change.real and isinstance(drift, Drift):
            name = drift.name.partition(" ")[0]
            touched = bool({(drift.at.path, name), (drift.path, name)} & edited)
            contradicts = drift.wanted is not None and drift.locked is not None
            groups[drift.path, Severity.HIGH if contradicts and not touched else SEVERITY].append(change)
    for (_, severity), group in groups.items():
        yield from _told(group, severity)


def _told(group: list[Change], severity: Severity) -> Iterator[Finding]:
    alone = group if len(group) <= _MOST else group[: _MOST - 1]
    for change in alone:
        yield finding(change, rule="lock-drift", severity=severity, message=_message(change))
    rest = group[len(alone) :]
    if rest:
        message = _message(rest[0]) + and_more(len(rest) - 1, "in this lockfile")
        yield grouped(rest, rule="lock-drift", severity=severity, message=message)


def _message(change: Change) -> str:
    drift = change.after
    if not isinstance(drift, Drift):
        return ""
    lock = drift.path.rpartition("/")[2]
    if drift.wanted is None:
        return f"{drift.name} is in {lock} as {drift.locked}, but no longer in the manifest"
    wanted = f"{drift.name} {drift.wanted}".rstrip()
    if drift.locked is None:
        return f"{wanted} is not in {lock}"
    return f"{wanted} is wanted, but {lock} has {drift.locked}"
