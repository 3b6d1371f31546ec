"""The two ways to look at a folder, each giving all records of it: anew, and against what it was."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeAlias

from fimci import folder, sides, store
from fimci.held import held as by_lines
from fimci.model import Record

Look: TypeAlias = Callable[[Path, list[Record]], list[Record]]


def taken(root: Path, before: Iterable[Record] = ()) -> list[Record]:
    """Look at everything; `before` takes no part."""
    del before
    return list(folder.taken(str(root), sides.recipe()).records)


def held(root: Path, before: list[Record]) -> list[Record]:
    """Hold a folder against a baseline of these records; what a check leaves out is as it was."""
    data = b"".join(store.dump(sides.recipe(), before))
    found = by_lines(str(root), store.load(data, "good"))
    records = {record.key: record for record in before}
    for record in found.left.records:
        del records[record.key]
    records.update((record.key, record) for record in found.right.records)
    return [records[key] for key in sorted(records)]
