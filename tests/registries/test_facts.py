"""What registries say of releases beside their archives: dates, and how long nothing was published."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from fimci.model import UNSTATED
from fimci.registries import facts

NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.timezone.utc)


def npm(times: dict[str, str]) -> bytes:
    versions = {version: {"name": "left", "version": version, "dist": {}} for version in times}
    every = {"created": "2010-01-01", **times}
    return json.dumps({"name": "left", "versions": versions, "time": every}).encode()


def test_how_long_a_package_of_npm_slept() -> None:
    days = {"1.0.0": "2019-11-24", "1.1.0": "2020-11-24", "1.2.0": "2026-11-25"}
    body = npm({version: f"{day}T12:00:00.000Z" for version, day in days.items()})
    said = facts.npm(body, "1.2.0", NOW)
    assert (said.age, said.quiet) == (24, 2192)
    assert facts.npm(body, "1.1.0", NOW).quiet == 366
    assert facts.npm(body, "1.0.0", NOW).quiet is UNSTATED


def test_times_of_a_mirror_are_not_known() -> None:
    days = {f"1.0.{patch}": f"2026-11-{day}" for patch, day in enumerate((25, 12, 21, 11, 19, 10))}
    body = npm({version: f"{day}T12:00:00.000Z" for version, day in days.items()})
    said = facts.npm(body, "1.0.0", NOW)
    assert (said.age, said.quiet, said.lines, said.leap) == (UNSTATED, UNSTATED, UNSTATED, 1)


@pytest.mark.parametrize("created", [None, "2026-11-26T12:00:00.000Z"])
def test_times_without_a_beginning_are_not_known(created: str | None) -> None:
    """Few releases are in some order by chance; a mirror does not know since when there is the package."""
    document = json.loads(npm({"1.0.0": "2020-11-24T12:00:00.000Z", "1.1.0": "2026-11-25T12:00:00.000Z"}))
    assert facts.npm(json.dumps(document).encode(), "1.1.0", NOW).age == 24
    document["time"]["created"] = created
    said = facts.npm(json.dumps(document).encode(), "1.1.0", NOW)
    assert (said.age, said.quiet, said.lines, said.leap) == (UNSTATED, UNSTATED, UNSTATED, 1)


def test_odd_versions() -> None:
    days = {"0.3.0": "2020-11-24", "1.2.0": "2021-11-24", "0.3.1": "2026-11-25", "99.0.0": "2026-11-26"}
    body = npm({version: f"{day}T11:00:00.000Z" for version, day in {**days, "1.2.1": "2026-11-25"}.items()})
    assert facts.npm(body, "0.3.1", NOW).lines == 2
    assert facts.npm(body, "99.0.0", NOW).leap == 98
    page = pypi(*((f"left-{version}.tar.gz", f"{day}T11:00:00Z") for version, day in days.items()))
    assert facts.pypi(page, ["left-99.0.0.tar.gz"], NOW).leap == 98


def pypi(*files: tuple[str, str | None]) -> bytes:
    return json.dumps({"files": [{"filename": name, "upload-time": when} for name, when in files]}).encode()


def test_how_long_a_project_of_python_slept() -> None:
    body = pypi(
        ("left-1.0.tar.gz", "2022-11-25T12:00:00Z"),
        ("left-1.1-py3-none-any.whl", "2026-11-25T12:00:00Z"),
        ("left-1.1.tar.gz", "2026-11-25T13:00:00Z"),
    )
    said = facts.pypi(body, ["left-1.1-py3-none-any.whl", "left-1.1.tar.gz"], NOW)
    assert (said.age, said.quiet) == (24, 1461)
    assert facts.pypi(body, ["left-1.0.tar.gz"], NOW).quiet is UNSTATED


@pytest.mark.parametrize("when", [None, "", "yesterday", "2026-13-01", 7, "9999999999"])
def test_what_is_no_date_is_not_known(when: str | None) -> None:
    said = facts.pypi(pypi(("left-1.0.tar.gz", when)), ["left-1.0.tar.gz"], NOW)
    assert (said.age, said.quiet) == (UNSTATED, UNSTATED)
