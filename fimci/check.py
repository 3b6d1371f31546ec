"""The main job: subtract two sides of a change, let the rules object and policy decide."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from fimci import drift
from fimci.model import Change, File, Record
from fimci.policy import matcher


def with_drift(records: list[Record]) -> list[Record]:
    """Return the records of one side with the contradictions among them, in canonical order."""
    found = list(drift.derive(records))
    return sorted([*records, *found], key=lambda record: record.key) if found else records


def mark_critical(changes: Iterable[Change], patterns: tuple[str, ...]) -> list[Change]:
    """Mark the changes to files that policy calls critical."""
    critical = matcher(patterns)
    return [
        msgspec.structs.replace(change, critical=True)
        if isinstance(change.record, File) and critical(change.record.path)
        else change
        for change in changes
    ]
