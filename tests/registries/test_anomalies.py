"""Versions beside all others of a package: leaps, lines that get releases together, orderly times."""

from __future__ import annotations

import datetime as dt

import pytest

from fimci.model import UNSTATED
from fimci.registries import anomalies

_START = dt.datetime(2026, 3, 1, tzinfo=dt.timezone.utc)


def times(**hours: float) -> dict[str, dt.datetime | None]:
    """Say when versions were published, spelt `v1_2_3`, in hours after the start."""
    return {name[1:].replace("_", "."): _START + dt.timedelta(hours=at) for name, at in hours.items()}


@pytest.mark.parametrize(
    ("version", "others", "expected"),
    [
        ("99.0.0", ["1.0.0", "1.2.3"], 98),
        ("99.0.1", ["1.2.3", "99.0.0"], 98),
        ("2.0.0", ["1.2.3", "99.0.0"], 1),
        ("99.9.9", [], 99),
        ("2026.1.0", ["1.2.3"], 0),
        ("20260301", ["1.2.3"], 0),
        ("26.1", ["1.2.3"], 0),
        ("99.0.0-beta.1", ["1.2.3"], UNSTATED),
        ("40.0.0", ["1.0.0", "39.0.0-next.1"], 39),
        ("", ["1.0.0"], UNSTATED),
    ],
)
def test_how_far_a_number_leaps(version: str, others: list[str], expected: object) -> None:
    assert anomalies.leap(version, {**dict.fromkeys(others, None), version: _START}) == expected


def test_lines_that_get_releases_together() -> None:
    old = times(v0_30_3=-9000, v1_14_0=-900)
    assert anomalies.lines("0.30.4", {**old, **times(v0_30_4=1, v1_14_1=0)}) == 2
    assert anomalies.lines("1.14.1", {**old, **times(v0_30_4=1, v1_14_1=0)}) == 2
    assert anomalies.lines("1.14.1", {**old, **times(v0_30_4=9, v1_14_1=0)}) == 1
    assert anomalies.lines("1.14.2", {**old, **times(v1_14_2=1, v1_14_1=0)}) == 1


def test_who_did_so_before_keeps_several_lines() -> None:
    old = times(v0_30_3=-9000, v1_14_0=-9001)
    assert anomalies.lines("0.30.4", {**old, **times(v0_30_4=1, v1_14_1=0)}) == 1


def test_the_first_release_of_a_line_is_no_update() -> None:
    assert anomalies.lines("2.0.0", {**times(v1_0_0=-900), **times(v1_0_1=0, v2_0_0=1)}) == 1


def test_a_history_that_comes_at_once_says_nothing() -> None:
    many = {f"1.{minor}.0": _START for minor in range(9)}
    assert anomalies.lines("0.9.1", {**times(v0_9_0=-900), **many, "0.9.1": _START}) is UNSTATED
    assert anomalies.lines("1.0.0", {"1.0.0": None}) is UNSTATED


def test_times_of_a_mirror_are_in_no_order() -> None:
    hours = [5, 3, 9, 1, 8, 2]
    mixed = {f"1.0.{n}": _START + dt.timedelta(hours=hour) for n, hour in enumerate(hours)}
    ordered = {f"1.0.{n}": _START + dt.timedelta(hours=hour) for n, hour in enumerate(sorted(hours))}
    assert not anomalies.orderly(mixed)
    assert anomalies.orderly(ordered)
    assert anomalies.orderly({})
    # A line that is kept alive beside a newer one is in order.
    assert anomalies.orderly({**ordered, "1.1.0": _START, "1.2.0": _START + dt.timedelta(hours=-1)})
