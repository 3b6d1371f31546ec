from __future__ import annotations

import pytest

from tests import growth


def squared(size: int) -> None:
    for _ in range(size):
        sum(range(size))


def straight(size: int) -> None:
    sum(range(size))


def just(size: int) -> int:
    return size


def test_a_square_is_caught() -> None:
    with pytest.raises(AssertionError, match=r"300 took .* 1,200 took"):
        growth.is_linear(squared, just, 300)


def test_a_line_is_passed() -> None:
    growth.is_linear(straight, just, 500_000)


def test_what_takes_no_time_is_not_compared() -> None:
    growth.is_linear(squared, just, 10)


def test_a_disturbance_fails_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first measurements are bad, as on a busy machine; the later ones are good."""
    measured = iter([1.0, 60.0, 1.2, 20.0, 1.0, 4.0])
    monkeypatch.setattr(growth, "seconds", lambda _work, _given: next(measured))
    growth.is_linear(straight, just, 1)
    assert next(measured, None) is None
