"""Spread work over the cores, in order, once there is enough of it.

Small jobs pay nothing: the first batches are worked off here, and processes are started only
when more remain. Measured (docs/decisions/parallel.md): small files are bound by system calls
between which Python holds its lock, so that threads gain nothing and processes nearly halve.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from fimci.errors import WorkerError

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing.process import BaseProcess

Batch = TypeVar("Batch")
Result = TypeVar("Result")

#: Batches that are worked off here before processes are started, which take 20 ms each.
ALONE = 6
#: Batches under way for each process: enough that none waits, few enough to keep memory flat.
AHEAD = 4


def spread(work: Callable[[Batch], Result], batches: Iterable[Batch], alone: int = ALONE) -> Iterator[Result]:
    """Yield `work(batch)` for each batch, in order, the first `alone` of them worked off here.

    `work` and what it takes and gives must be picklable. Raises `WorkerError` if a process that
    works is killed.
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
    from concurrent.futures import Future  # noqa: PLC0415  (30 ms that only large trees pay)
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415  (the same)

    pool = _started(processes)
    if pool is None:
        yield from map(work, batches)
        return
    under_way: deque[Future[Result]] = deque()
    try:
        for batch in batches:
            under_way.append(pool.submit(work, batch))
            if len(under_way) >= AHEAD * processes:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    except BrokenProcessPool as error:
        raise WorkerError(
            "a worker process was killed in the middle of its work",
            "look for a lack of memory (the system's log tells), and run again",
        ) from error
    except BaseException:  # whoever interrupts does not wait for what nobody will look at
        _end()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _started(processes: int) -> ProcessPoolExecutor | None:
    """Start the workers. `None` where this machine has no more processes, files or semaphores."""
    import multiprocessing  # noqa: PLC0415  (30 ms that only large trees pay)
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415  (the same)

    # A fork costs a millisecond and has everything imported; this process has no threads yet.
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    try:
        with _uninterrupted():
            pool = ProcessPoolExecutor(processes, context, initializer=_begin)
            pool.submit(os.getpid)
    except (ImportError, NotImplementedError, OSError):
        _end()
        return None
    return pool


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C back for a moment: a process that is born in it would end with a traceback."""
    import signal  # noqa: PLC0415  (only where there are workers)

    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    """Leave Ctrl-C to the parent, which ends its workers, and end without it where it is killed."""
    import multiprocessing  # noqa: PLC0415  (in the workers alone)
    import signal  # noqa: PLC0415
    import threading  # noqa: PLC0415

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_outlive, args=(parent,), daemon=True).start()


def _outlive(parent: BaseProcess) -> None:
    """Wait for the parent's end, and end: a worker waits for batches from itself otherwise."""
    parent.join()
    os._exit(1)


def _end() -> None:
    """End the workers at once, in the middle of a file that may be large."""
    import multiprocessing  # noqa: PLC0415  (imported long before this)

    for worker in multiprocessing.active_children():
        worker.terminate()
