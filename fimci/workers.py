"""Spread work over the cores, in order, once there is enough of it.

Small jobs pay nothing: a few batches are worked off here, and processes are started only where
there are more. Measured (docs/decisions/parallel.md): small files are bound by system calls
between which Python holds its lock, so that threads gain nothing and processes nearly halve.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import pickle
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from fimci.errors import WorkerError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

Batch = TypeVar("Batch")
Result = TypeVar("Result")

#: Batches that are all worked off here: processes take 20 ms each to be started.
ALONE = 6
#: Batches under way for each process: enough that none waits for one that takes a second, few enough to keep
#: memory flat.
AHEAD = 16
#: Batches that one process has at once, and bytes of one that a pipe surely takes beside another.
#: Elsewhere than on Linux pipes may hold as little as 8 KiB: there a process has one batch.
_QUEUE, _FITS = (2 if sys.platform == "linux" else 1), 60_000


def spread(work: Callable[[Batch], Result], batches: Iterable[Batch], alone: int = ALONE) -> Iterator[Result]:
    """Yield `work(batch)` for each batch, in order: all here if they are no more than `alone` and one.

    Of more, the first is worked off here (unless `alone` is 0), so that what it imports the workers
    have from their birth. `work` and what it takes and gives must be picklable. Raises `WorkerError`
    if a process that works is killed.
    """
    remaining = iter(batches)
    processes = cores()
    if alone:
        yield from map(work, itertools.islice(remaining, 1))
        alone -= 1
    ahead = list(itertools.islice(remaining, alone + 2)) if processes > 1 else []
    if len(ahead) < alone + 2:
        yield from map(work, itertools.chain(ahead, remaining))
        return
    yield from _spread(work, itertools.chain(ahead, remaining), processes)


def cores() -> int:
    """Return how many processes this one may keep busy."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Worker(NamedTuple):
    """A process, our end of the pipe to it, and the numbers of the batches that it has."""

    process: BaseProcess
    pipe: Connection
    has: deque[int]


def _spread(work: Callable[[Batch], Result], batches: Iterator[Batch], processes: int) -> Iterator[Result]:
    crew = _started(work, processes)
    if not crew:
        yield from map(work, batches)
        return
    try:
        yield from _collected(crew, _numbered(batches))
    except (EOFError, ConnectionError) as error:
        raise WorkerError(
            "a worker process was killed in the middle of its work",
            "look for a lack of memory (the system's log tells), and run again",
        ) from error
    finally:  # whoever interrupts does not wait for what nobody will look at
        for worker in crew:
            worker.pipe.close()
            worker.process.terminate()
        for worker in crew:
            worker.process.join()


def _numbered(batches: Iterator[Batch]) -> Iterator[tuple[int, bytes]]:
    """Yield batches in the form in which they are sent, so that their size is known before."""
    return ((number, pickle.dumps(batch, pickle.HIGHEST_PROTOCOL)) for number, batch in enumerate(batches))


def _collected(crew: Sequence[_Worker], batches: Iterator[tuple[int, bytes]]) -> Iterator[Any]:
    """Keep the crew at work and yield results in the order of the batches.

    This process is never blocked by a pipe while a worker is blocked by the other: a batch goes to
    a worker that has none, or is small enough for the pipe to take it beside the one that is there.
    """
    from multiprocessing.connection import wait  # noqa: PLC0415  (30 ms that only large trees pay)

    results: dict[int, Any] = {}
    coming = next(batches, None)
    wanted = 0
    while coming is not None or any(worker.has for worker in crew):
        for worker in sorted(crew, key=lambda worker: len(worker.has)):
            while coming is not None and coming[0] < wanted + AHEAD * len(crew) and _takes(worker, coming[1]):
                worker.pipe.send_bytes(coming[1])
                worker.has.append(coming[0])
                coming = next(batches, None)
        ready = wait([worker.pipe for worker in crew if worker.has])
        for worker in crew:
            if worker.pipe in ready:
                done, result = worker.pipe.recv()
                if not done:
                    raise result
                results[worker.has.popleft()] = result
        while wanted in results:
            yield results.pop(wanted)
            wanted += 1


def _takes(worker: _Worker, batch: bytes) -> bool:
    return not worker.has or (len(worker.has) < _QUEUE and len(batch) <= _FITS)


def _started(work: Callable[[Batch], Result], processes: int) -> list[_Worker]:
    """Start the workers; none where this machine has no more processes or files."""
    import multiprocessing  # noqa: PLC0415  (30 ms that only large trees pay)

    # A fork costs a millisecond and has everything imported; this process has no threads.
    context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    crew: list[_Worker] = []
    try:
        with _uninterrupted():
            for _ in range(processes):
                ours, theirs = context.Pipe()
                others = [ours, *(worker.pipe for worker in crew)] if sys.platform == "linux" else []
                process = context.Process(target=_serve, args=(theirs, others, work), daemon=True)
                process.start()
                theirs.close()
                crew.append(_Worker(process, ours, deque()))
    except (ImportError, NotImplementedError, OSError):
        for worker in crew:
            worker.pipe.close()
            worker.process.terminate()
        return []
    return crew


def _serve(pipe: Connection, others: list[Connection], work: Callable[[Any], Any]) -> None:
    """Work off what comes, in a process of its own, until the parent closes the pipe or is gone.

    `others` are the parent's ends that a fork brought along: a pipe ends with the last of them.
    Ctrl-C is left to the parent, which ends its workers.
    """
    import gc  # noqa: PLC0415  (in the workers alone)
    import signal  # noqa: PLC0415  (the same)

    gc.freeze()  # what was there before is never garbage: looking through it costs more than the work
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for other in others:
        other.close()
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            batch = pickle.loads(pipe.recv_bytes())  # noqa: S301  (the parent's own bytes)
            try:
                answer = True, work(batch)
            except Exception as error:  # noqa: BLE001  (it is raised in the parent)
                answer = False, error
            pipe.send(answer)


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
