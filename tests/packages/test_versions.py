from __future__ import annotations

import nodesemver  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from fimci.packages.versions import ascending, older

NUMBERS = st.integers(0, 30)
IDENTIFIERS = st.one_of(NUMBERS.map(str), st.sampled_from(["alpha", "beta", "rc", "x-y", "a1"]))
SEMVER = st.builds(
    lambda numbers, rest, build: ".".join(map(str, numbers)) + ("-" + ".".join(rest) if rest else "") + build,
    st.tuples(NUMBERS, NUMBERS, NUMBERS),
    st.lists(IDENTIFIERS, max_size=3),
    st.sampled_from(["", "+build.7"]),
)
PEP440 = st.builds(
    lambda numbers, rest: ".".join(map(str, numbers)) + rest,
    st.lists(NUMBERS, min_size=1, max_size=4),
    st.sampled_from(["", "a1", "b2", "rc1", ".post1", ".dev3", "+local.1"]),
)


@given(SEMVER, SEMVER)
def test_semantic_versions_are_ordered_as_npm_orders_them(one: str, other: str) -> None:
    assert older("npm", one, other) == (nodesemver.compare(one, other, loose=False) < 0)


@given(PEP440, PEP440)
def test_versions_of_python_are_ordered_as_pip_orders_them(one: str, other: str) -> None:
    assert older("pypi", one, other) == (Version(one) < Version(other))


@given(st.text(max_size=200), st.text(max_size=200), st.sampled_from(["npm", "pypi", "golang", "gem"]))
def test_of_two_at_most_one_is_older(one: str, other: str, ecosystem: str) -> None:
    assert not (older(ecosystem, one, other) and older(ecosystem, other, one))


@pytest.mark.parametrize(
    ("ecosystem", "one", "other"),
    [
        ("golang", "v0.0.0-20240101000000-abcdef123456", "v0.0.0-20250101000000-abcdef123456"),
        ("golang", "v1.9.0", "v1.10.0+incompatible"),
        ("nuget", "1.2.3.4", "1.2.3.10"),
        ("nuget", "13.0.1", "13.0.1.1"),
        ("gem", "1.0.0.pre1", "1.0.0"),
        ("composer", "v5.9.0", "5.10"),
        ("maven", "2.0-beta1", "2.0"),
        ("cargo", "0.9.0-rc.1", "0.9.0"),
    ],
)
def test_other_ecosystems(ecosystem: str, one: str, other: str) -> None:
    assert older(ecosystem, one, other)
    assert not older(ecosystem, other, one)


@pytest.mark.parametrize("version", ["latest", "", "1" * 129, None, 1.5, "dev-main", "²"])
def test_what_has_no_order(version: object) -> None:
    for ecosystem in ("npm", "pypi"):
        assert not older(ecosystem, version, "1.0.0")
        assert not older(ecosystem, "1.0.0", version)


def test_in_order() -> None:
    assert ascending("npm", {"1.10.0", "1.9.0", "1.10.0-rc.1"}) == ["1.9.0", "1.10.0-rc.1", "1.10.0"]
