"""How the time of a reading grows with its input, told by a comparison and not by a stopwatch.

A bound in seconds fails where the machine is busy, and says nothing where it is fast. What grows
with the square takes 16 times as long for four times the input; what is linear takes 4 times.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Input = TypeVar("Input")
Text = TypeVar("Text", str, bytes)

#: How much longer four times the input may take: the middle between 4 and 16, by ratio.
LIMIT = 9
#: What is done in so many seconds is not worth a comparison, and too short for one.
NEGLIGIBLE = 0.005
#: Measurements, of which the shortest counts: whatever disturbs one makes it longer.
ATTEMPTS = 10


def is_linear(work: Callable[[Input], object], made: Callable[[int], Input], size: int) -> None:
    """Fail if working on `made(4 * size)` takes far more than four times as long as `made(size)`.

    Work is done once before it is measured, so that imports and caches of patterns are paid for.
    """
    small, large = made(size), made(4 * size)
    work(small)
    least, most = seconds(work, small), seconds(work, large)
    for _ in range(ATTEMPTS - 1):
        if most < max(NEGLIGIBLE, LIMIT * least):
            return
        least, most = min(least, seconds(work, small)), min(most, seconds(work, large))
    assert most < max(NEGLIGIBLE, LIMIT * least), (
        f"{size:,} took {least:.4f} s and {4 * size:,} took {most:.4f} s"
    )


def is_linear_in(work: Callable[[Text], object], text: Text) -> None:
    """Fail if working on a text takes far more than four times as long as on the first fourth of it."""
    is_linear(work, lambda size: text[:size], len(text) // 4)


def seconds(work: Callable[[Input], object], given: Input) -> float:
    """Return how much process time one piece of work takes."""
    start = time.process_time()
    work(given)
    return time.process_time() - start
