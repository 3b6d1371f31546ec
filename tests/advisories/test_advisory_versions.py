"""Which versions a record means: the cases of the OSV schema, and laws against another implementation."""

from __future__ import annotations

from typing import Any

import nodesemver  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from fimci.advisories.osv import Affected, Range
from fimci.advisories.versions import affects, fixed, order


def affected(*events: dict[str, str], kind: str = "SEMVER", versions: tuple[str, ...] = ()) -> Affected:
    return Affected(ranges=(Range(kind, events),) if events else (), versions=versions)


@pytest.mark.parametrize(
    ("events", "version", "meant"),
    [
        ([{"introduced": "0"}], "9.9.9", True),
        ([{"introduced": "0"}], "whatever", True),
        ([{"introduced": "0"}, {"fixed": "1.0.2"}], "1.0.1", True),
        ([{"introduced": "0"}, {"fixed": "1.0.2"}], "1.0.2", False),
        ([{"introduced": "0"}, {"fixed": "1.0.2"}], "1.0.2-rc.1", True),
        ([{"introduced": "0"}, {"fixed": "1.0.2"}], "whatever", None),
        ([{"introduced": "0"}, {"fixed": "when it is done"}], "1.0.0", None),
        ([{"introduced": "1.0.0"}, {"last_affected": "1.0.5"}], "1.0.5", True),
        ([{"introduced": "1.0.0"}, {"last_affected": "1.0.5"}], "1.0.6", False),
        ([{"introduced": "1.0.0"}, {"last_affected": "1.0.0"}], "1.0.0", True),
        ([{"introduced": "1.0.0"}, {"last_affected": "1.0.0"}], "1.0.1", False),
        ([{"introduced": "1.0.0"}, {"fixed": "1.0.1"}, {"introduced": "2.0.0"}], "1.5.0", False),
        ([{"introduced": "2.0.0"}, {"fixed": "1.0.1"}, {"introduced": "1.0.0"}], "2.0.0", True),
        ([{"introduced": "0"}, {"limit": "2.0.0"}], "2.0.0", False),
        ([{"introduced": "0"}, {"limit": "2.0.0"}, {"limit": "*"}], "3.0.0", True),
        ([{"introduced": "0"}, {"fixed": "1.0.0"}], "0.9.9+build", True),
        ([], "1.0.0", None),
    ],
)
def test_the_schema(*, events: list[dict[str, str]], version: str, meant: bool | None) -> None:
    assert affects(affected(*events), "npm", version) is meant


@pytest.mark.parametrize(
    ("kind", "events", "version", "meant"),
    [
        ("pypi", [{"introduced": "0"}, {"fixed": "2.0"}], "2.0rc1", True),
        ("pypi", [{"introduced": "0"}, {"fixed": "2.0"}], "2", False),
        ("pypi", [{"introduced": "0"}, {"fixed": "2.0"}], "2004d-final", None),
        ("golang", [{"introduced": "0"}, {"fixed": "0.17.0"}], "v0.16.3-0.20231009120000-abcdefabcdef", True),
        ("cargo", [{"introduced": "0.0.0-0"}, {"fixed": "0.2.7"}], "0.2.7", False),
        ("maven", [{"introduced": "2.0"}, {"fixed": "2.17.1"}], "2.9", True),
        ("maven", [{"introduced": "2.0"}, {"fixed": "2.17.1"}], "2.17.1.redhat-1", None),
        ("gem", [{"introduced": "0"}, {"fixed": "7.0"}], "7.0.0", False),
        ("githubactions", [{"introduced": "0"}, {"fixed": "46.0.1"}], "v45", True),
        ("githubactions", [{"introduced": "0"}, {"fixed": "46.0.1"}], "v46", False),
        ("githubactions", [{"introduced": "0"}, {"fixed": "46.0.1"}], "v46.0.0", True),
        (
            "githubactions",
            [{"introduced": "0"}, {"fixed": "46.0.1"}],
            "0e58ed86" * 5,
            None,
        ),
    ],
)
def test_ecosystems(*, kind: str, events: list[dict[str, str]], version: str, meant: bool | None) -> None:
    assert affects(affected(*events, kind="ECOSYSTEM"), kind, version) is meant


def test_versions_that_are_listed_are_compared_as_versions() -> None:
    listed = affected(versions=("1.0", "2.0.0.post1"))
    assert affects(listed, "pypi", "1.0.0") is True
    assert affects(listed, "pypi", "2.0") is False
    assert affects(affected(versions=("1.0",)), "gem", "1.0.0") is True
    assert affects(affected(versions=("1.x",)), "gem", "1.x") is True


def test_ranges_of_commits_decide_nothing() -> None:
    one = Affected(ranges=(Range("GIT", ({"introduced": "0"},)),))
    assert affects(one, "npm", "1.0.0") is None
    assert affects(Affected(ranges=one.ranges, versions=("1.0.1",)), "npm", "1.0.0") is False


def test_the_nearest_release_that_mends_it_is_named() -> None:
    one = affected({"introduced": "0"}, {"fixed": "1.0.9"}, {"introduced": "2.0.0"}, {"fixed": "2.0.10"})
    assert fixed(one, "npm", "1.0.0") == "1.0.9"
    assert fixed(one, "npm", "2.0.9") == "2.0.10"
    assert not fixed(one, "npm", "3.0.0")


numbers = st.integers(0, 12)
words = st.lists(st.one_of(numbers.map(str), st.sampled_from(["alpha", "beta", "rc", "x-y"])), max_size=3)
semantic = st.builds(
    lambda a, b, c, pre: f"{a}.{b}.{c}" + (f"-{'.'.join(pre)}" if pre else ""),
    numbers,
    numbers,
    numbers,
    words,
)
python = st.builds(
    lambda a, b, c, end: f"{a}.{b}.{c}{end}",
    numbers, numbers, numbers, st.sampled_from(["", "a1", "rc2", ".post1", ".dev3"]),
)  # fmt: skip


@settings(max_examples=100)
@given(semantic, semantic)
def test_versions_are_ordered_as_by_npms_own_library(one: str, other: str) -> None:
    mine: Any = (order("npm", one), order("npm", other))
    theirs = nodesemver.compare(one, other, loose=False)
    assert (mine[0] > mine[1]) - (mine[0] < mine[1]) == theirs


@settings(max_examples=100)
@given(python, python, python)
def test_ranges_are_those_of_packaging(start: str, end: str, version: str) -> None:
    if Version(end) < Version(start):
        start, end = end, start
    if Version(start) == Version(end):
        return  # empty, or mended and broken again
    events = ({"introduced": start}, {"fixed": end})
    meant = Version(start) <= Version(version) < Version(end)
    assert affects(affected(*events, kind="ECOSYSTEM"), "pypi", version) is meant


@settings(max_examples=100)
@given(st.lists(st.tuples(semantic, semantic), max_size=4), semantic, st.randoms())
def test_the_order_of_events_does_not_matter(spans: list[tuple[str, str]], version: str, chance: Any) -> None:
    events = [event for start, end in spans for event in ({"introduced": start}, {"fixed": end})]
    mixed = list(events)
    chance.shuffle(mixed)
    assert affects(affected(*events), "npm", version) is affects(affected(*mixed), "npm", version)


@settings(max_examples=100)
@given(st.text(max_size=40), st.text(max_size=40), st.sampled_from(["npm", "pypi", "gem", "githubactions"]))
def test_no_text_breaks_it(version: str, end: str, ecosystem: str) -> None:
    assert affects(affected({"introduced": "0"}, {"fixed": end}), ecosystem, version) in {True, False, None}
    assert affects(affected({"introduced": "0"}, {"fixed": "9" * 100_000}), ecosystem, version) is None
