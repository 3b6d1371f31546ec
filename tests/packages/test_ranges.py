"""Whether a version is within a range: what each client says of it, and silence where nobody here is sure."""

from __future__ import annotations

import nodesemver  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.packages.ranges import fits

_NUMBER = st.integers(min_value=0, max_value=3)
_VERSIONS = st.builds("{}.{}.{}".format, _NUMBER, _NUMBER, _NUMBER)


@given(sign=st.sampled_from(["^", "~", ">=", "=", ""]), least=_VERSIONS, version=_VERSIONS)
def test_what_is_judged_here_is_judged_as_npm_does(sign: str, least: str, version: str) -> None:
    assert fits("npm", version, sign + least) is nodesemver.satisfies(version, sign + least, loose=True)


@pytest.mark.parametrize(
    ("ecosystem", "version", "wanted", "expected"),
    [
        ("npm", "1.5.0", "1 || 2", True),
        ("npm", "3.0.0", "1 || 2", False),
        ("npm", "1.0.0-beta.1", "^1.0.0-alpha", True),
        ("npm", "1.2.0", "latest", None),
        ("npm", "1.2.0", "npm:other@^2.0.0", None),
        ("npm", "1.2.0", "peer:^2.0.0", None),
        ("npm", "1.2.0", "owner/repository#semver:^2.0.0", None),
        ("npm", "1.2.0", "", None),
        ("npm", "1.2.0", "^1" * 60, None),
        ("pypi", "2.9", ">=2.5,<4", True),
        ("pypi", "4.0", ">=2.5,<4", False),
        ("pypi", "1.5.7", ">=1.5.6,<1.5.7 || >1.5.7", False),
        ("pypi", "1.5.8", "(>=1.5.6,<1.5.7) || >1.5.7", True),
        ("pypi", "1.0", "*", True),
        ("pypi", "1.0", "^1.0", None),
        ("pypi", "4.0", "<3 ;", None),
        ("pypi", "1.0", "git+https://code.example/a/b", None),
        ("pypi", "not a version", ">=1", None),
        ("gem", "2.4.0", "~> 2.1", True),
        ("gem", "3.0.0", "~> 2.1", False),
        ("gem", "2.1.9", "~> 2.1.3", True),
        ("gem", "2.2.0", "~> 2.1.3", False),
        ("gem", "2.8.5-x86_64-linux", ">= 0.4.0, < 3", True),
        ("gem", "1.0.0", "!= 1.0", False),
        ("gem", "1.0.0", "= 1", True),
        ("gem", "1.0.0", "whatever it takes", None),
        ("composer", "2.4.0", "^2.1 || ~3.0", True),
        ("composer", "v3.9.1", "^2.1 || ~3.0", True),
        ("composer", "4.0.0", "^2.1|~3.0", False),
        ("composer", "0.3.9", "^0.3.1", True),
        ("composer", "0.4.0", "^0.3.1", False),
        ("composer", "1.3.0", "~1.2.3", False),
        ("composer", "1.9.0", "~1.2", True),
        ("composer", "1.2.9", "1.2.*", True),
        ("composer", "1.3.0", "1.2.*", False),
        ("composer", "2.0.0", ">=1.0 <2.0", False),
        ("composer", "2.0.0", ">= 1.0, != 1.5", True),
        ("composer", "2.0.0", "1.0 - 1.5", None),
        ("composer", "dev-main", "^1.0", None),
        ("composer", "2.0.0", "dev-main || ^1.0", None),
        ("composer", "2.0.0", "^1.0@dev", None),
        ("nuget", "2.1.0", "2.1.0", True),
        ("nuget", "2.0.9", "2.1.0", False),
        ("nuget", "2.0.0", "[1.0.0, 2.0.0)", False),
        ("nuget", "1.0.0", "(1.0.0, )", False),
        ("nuget", "1.0.0", "[1.0.0]", True),
        ("nuget", "1.0.1", "[1.0.0]", False),
        ("nuget", "3.0.0", "(, 2.0.0]", False),
        ("nuget", "3.0.0", "2.*", None),
        ("hex", "1.2.0", "~> 1.0 and != 1.3.0", True),
        ("hex", "2.0.0", "~> 1.0 or ~> 3.0", False),
        ("hex", "1.2.9", "~> 1.2.3", True),
        ("hex", "1.3.0", "~> 1.2.3", False),
        ("hex", "1.0.0", "== 1.0.0", True),
        ("hex", "1.0.1", "== 1.0.0", False),
        ("hex", "1.0.0", ">= 1.0.0 < 2.0.0", None),
        ("pub", "0.0.5", "^0.0.3", True),
        ("pub", "0.1.0", "^0.0.3", False),
        ("pub", "1.0.0", ">= 1.0.0 <2.0.0", True),
        ("pub", "2.0.0", ">=1.0.0 <2.0.0", False),
        ("pub", "9.0.0", "any", True),
        ("pub", "1.0.0", "whatever", None),
        ("helm", "1.5.3", "~1.5.0, >= 1.2", True),
        ("helm", "2.0.0", ">= 1.2, < 2", False),
        ("helm", "2.0.0", "1.x.x", False),
        ("helm", "2.0.0", "the newest", None),
        ("conda", "3.0.0", ">=4", None),
    ],
)
def test_each_client_has_words_of_its_own(
    ecosystem: str, version: str, wanted: str, *, expected: bool | None
) -> None:
    assert fits(ecosystem, version, wanted) is expected
