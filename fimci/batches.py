"""The names of a folder in batches, each enough for a process to work on for some milliseconds."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from fimci import workers
from fimci.model import Unread
from fimci.sources.directory import Run
from fimci.sources.handles import ODD

#: Names that follow each other, and what could not be listed among them.
Batch: TypeAlias = list[Run | Unread]
#: Names in a batch, bytes in one as far as sizes are known, and how many files are asked for theirs.
MANY = 256
_MUCH, _ASKED = 32 << 20, 1024


def batches(root: str, found: Iterable[Run | Unread]) -> Iterator[Batch]:
    """Group names: by size while they are few, by number once they are many.

    A few large files must not end up in one batch; asking every file for its size beforehand
    would cost a tenth of what reading it does.
    """
    batch: Batch = []
    many = weight = 0
    for run, size in _short(root, found):
        more = len(run.names) if isinstance(run, Run) else 0
        if many + more > MANY or weight + size > _MUCH:
            if batch:
                yield batch
            batch, many, weight = [], 0, 0
        batch.append(run)
        many += more
        weight += size
    if batch:
        yield batch


def begun(found: Iterator[Batch]) -> tuple[Iterator[Batch], int]:
    """Return the batches, and how many of them are worked off before processes are started for the rest.

    None, where the first was cut for its size.
    """
    first = next(found, None)
    if first is None:
        return found, 0
    return itertools.chain([first], found), workers.ALONE if count(first) >= MANY else 0


def count(batch: Batch) -> int:
    """Return how many names there are in a batch."""
    return sum(len(run.names) for run in batch if isinstance(run, Run))


def _short(root: str, found: Iterable[Run | Unread]) -> Iterator[tuple[Run | Unread, int]]:
    """Yield runs that fit into a batch, with the bytes in them where that is asked."""
    asked = 0
    for run in found:
        if asked < _ASKED and isinstance(run, Run):
            asked += len(run.names)
            for name in run.names:
                yield Run(run.folder, [name]), _size(f"{root}/{run.folder}{name}")
        elif isinstance(run, Unread) or len(run.names) <= MANY:
            yield run, 0
        else:
            for at in range(0, len(run.names), MANY):
                yield Run(run.folder, run.names[at : at + MANY]), 0


def _size(path: str) -> int:
    """Return how large a file is, as far as that is told; what is none is small."""
    if path[-1] in {"/", ODD}:
        return 0
    try:
        return os.lstat(path).st_size
    except OSError:
        return 0
