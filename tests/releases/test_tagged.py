"""Tags of a repository, and the releases that they are of."""

from __future__ import annotations

import pytest

from fimci.model import UNSTATED
from fimci.releases import tagged


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("v1.0.0 v1.0.1", ("v1.0.0", "v1.0.1")),
        ("v1.0.0 1.0.1", ("v1.0.0", "")),
        ("v1.0.0 v11.0.1", ("v1.0.0", "")),
        ("11.0.0 0.1.0.0 1.0.1", (UNSTATED, UNSTATED)),
        ("left@1.0.0 right@1.0.0 right@1.0.1", ("left@1.0.0", "")),
        ("right@1.0.0 left-v1.0.0 left-v1.0.1", ("left-v1.0.0", "left-v1.0.1")),
        ("releases/v1.0.0 v1.0.0 releases/v1.0.1", ("releases/v1.0.0", "releases/v1.0.1")),
        ("", (UNSTATED, UNSTATED)),
    ],
)
def test_the_tag_of_each_release(tags: str, expected: object) -> None:
    assert tagged.pair(frozenset(tags.split()), "@acme/left", "1.0.0", "1.0.1") == expected
