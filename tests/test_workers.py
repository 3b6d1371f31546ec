"""Work that is spread over processes comes back in order, and what fails there is told here."""

from __future__ import annotations

import os
import pickle
import sys
import threading
import time
from collections.abc import Iterator
from multiprocessing import Pipe
from typing import Any

import pytest

from fimci import workers
from fimci.errors import WorkerError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="functions of a test cannot be spawned")


@pytest.fixture(autouse=True)
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "cores", lambda: 2)


def doubled(batch: list[int]) -> tuple[int, list[int]]:
    time.sleep(0.002 * (batch[0] % 3))
    return os.getpid(), [2 * number for number in batch]


def failing(batch: list[int]) -> int:
    if batch == [30]:
        raise ValueError("thirty")
    return batch[0]


def killed(batch: list[int]) -> int:
    if batch == [30]:
        os.kill(os.getpid(), 9)
    return batch[0]


def batches(number: int) -> Iterator[list[int]]:
    return ([one] for one in range(number))


def test_results_come_in_order_from_other_processes() -> None:
    results = list(workers.spread(doubled, batches(60)))
    assert [numbers for _, numbers in results] == [[2 * one] for one in range(60)]
    processes = [process for process, _ in results]
    assert processes.index(os.getpid()) == 0
    assert processes.count(os.getpid()) == 1
    assert len(set(processes)) == 3


@pytest.mark.parametrize("number", range(workers.ALONE + 3))
def test_little_work_is_done_here(number: int) -> None:
    results = list(workers.spread(doubled, batches(number)))
    assert [numbers for _, numbers in results] == [[2 * one] for one in range(number)]
    assert {process for process, _ in results} <= {os.getpid()} or number > workers.ALONE + 1


def test_one_core_does_it_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "cores", lambda: 1)
    assert {process for process, _ in workers.spread(doubled, batches(30))} == {os.getpid()}


def test_what_is_too_large_for_a_pipe_does_not_block_both_ends() -> None:
    large = ([number, *range(200_000)] for number in range(12))
    assert [numbers[0] for _, numbers in workers.spread(doubled, large, alone=0)] == list(range(0, 24, 2))


def test_what_is_raised_in_a_worker_is_raised_here() -> None:
    with pytest.raises(ValueError, match="thirty"):
        list(workers.spread(failing, batches(60)))


def test_a_worker_that_is_killed_is_an_error() -> None:
    with pytest.raises(WorkerError, match="was killed"):
        list(workers.spread(killed, batches(60)))


def test_whoever_stops_reading_leaves_no_worker_behind() -> None:
    results = workers.spread(doubled, batches(1000))
    process = next(process for process, _ in results if process != os.getpid())
    results.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


@pytest.mark.parametrize("works", [0, 1])
def test_without_processes_the_work_is_done_here(works: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """None can be had, or one of two: that one is ended again."""
    real, left = os.fork, works

    def scarce() -> int:
        nonlocal left
        left -= 1
        if left < 0:
            raise BlockingIOError(11, "resource temporarily unavailable")
        return real()

    with monkeypatch.context() as patched:
        patched.setattr(os, "fork", scarce)
        assert {process for process, _ in workers.spread(doubled, batches(30))} == {os.getpid()}
    assert left < 0


def test_a_worker_serves_until_its_pipe_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same function that runs in the other process, in a thread of this one."""
    monkeypatch.setattr("signal.signal", lambda *_: None)
    ours, theirs = Pipe()
    other, end = Pipe()
    worker = threading.Thread(target=workers._serve, args=(theirs, [other], failing))
    worker.start()
    answers: list[Any] = []
    for number in (7, 30, 8):
        ours.send_bytes(pickle.dumps([number]))
        answers.append(ours.recv())
    ours.close()
    worker.join(10)
    assert not worker.is_alive()
    assert [answers[0], answers[2]] == [(True, 7), (True, 8)]
    assert repr(answers[1]) == repr((False, ValueError("thirty")))
    assert other.closed
    end.close()
    theirs.close()
