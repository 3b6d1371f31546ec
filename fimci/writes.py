"""Writes that were seen while somebody watched: one finding for all that were done alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, Write
from fimci.printable import and_more


def told(
    changes: Sequence[Change], rule: str, judge: Callable[[Write], tuple[Severity, str] | None]
) -> Iterator[Finding]:
    """Yield a finding for each grade and message that `judge` gives; `None` is not worth one."""
    for (severity, message), group in alike(changes, judge).items():
        said = message + and_more(len(group) - 1)
        yield grouped(group, rule=rule, severity=severity, message=said)


def alike(
    changes: Sequence[Change], judge: Callable[[Write], tuple[Severity, str] | None]
) -> dict[tuple[Severity, str], list[Change]]:
    """Return the changes that are judged alike, by grade and message, in the order of the first of each."""
    groups: dict[tuple[Severity, str], list[Change]] = {}
    for change in changes:
        found = judge(change.after) if isinstance(change.after, Write) else None
        if found is not None:
            groups.setdefault(found, []).append(change)
    return groups
