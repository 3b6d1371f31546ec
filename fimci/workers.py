"""Spread work over the cores, in order, once there is enough of it.

Small jobs pay nothing: the first batches are worked off here, and processes are started only
when more remain. Measured (docs/decisions/parallel.md): small files are bound by system calls
between which Python holds its lock, so that threads gain nothing and processes nearly halve.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Batch = TypeVar("Batch")
Result = TypeVar("Result")

#: Batches that are worked off here before processes are started, which take 20 ms each.
ALONE = 6
#: Batches under way for each process: enough that none waits, few enough to keep memory flat.
AHEAD = 4


def spread(work: Callable[[Batch], Result], batches: Iterable[Batch], alone: int = ALONE) -> Iterator[Result]:
    """Yield `work(batch)` for each batch, in order, the first `alone` of them worked off here.

    `work` and what it takes and gives must be picklable.
    """
    remaining = iter(batches)
    yield from map(work, itertools.islice(remaining, alone))
    processes = cores()
    ahead = list(itertools.islice(remaining, 2))
    if len(ahead) < 2 or processes == 1:  # noqa: PLR2004  (one batch is no work for two)
        yield from map(work, itertools.chain(ahead, remaining))
        return
    yield from _spread(work, itertools.chain(ahead, remaining), processes)


def cores() -> int:
    """Return how many processes this one may keep busy."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _spread(work: Callable[[Batch], Result], batches: Iterator[Batch], processes: int) -> Iterator[Result]:
    import multiprocessing  # noqa: PLC0415  (30 ms that only large trees pay)
    from concurrent.futures import Future, ProcessPoolExecutor  # noqa: PLC0415  (the same)

    # A fork costs a millisecond and has everything imported; this process has no threads yet.
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    under_way: deque[Future[Result]] = deque()
    with ProcessPoolExecutor(processes, context, initializer=_ignore_interrupts) as pool:
        try:
            for batch in batches:
                under_way.append(pool.submit(work, batch))
                if len(under_way) >= AHEAD * processes:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _ignore_interrupts() -> None:
    """Leave Ctrl-C to the parent, which ends the workers in its own way."""
    import signal  # noqa: PLC0415  (in the workers alone)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
