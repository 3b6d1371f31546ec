from __future__ import annotations

import pytest

from fimci.packages.graph import edge, reached, requested, wanted
from tests.rules.stated import npm


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("left@^1.0.0", ("left", "^1.0.0")),
        ("@us/left@npm:@them/left@^1", ("@us/left", "npm:@them/left@^1")),
        ("@us/left", ("@us/left", "")),
        ("left@git+ssh://git@github.com/us/left", ("left", "git+ssh://git@github.com/us/left")),
        ("", ("", "")),
        ("@", ("@", "")),
    ],
)
def test_the_parts_of_an_edge(text: str, parts: tuple[str, str]) -> None:
    assert edge(text) == parts


def test_everything_that_is_asked_for() -> None:
    asks = {
        ("npm", "a"): {("npm", "b")},
        ("npm", "b"): {("npm", "a"), ("npm", "c")},
        ("npm", "x"): {("npm", "y")},
    }
    assert reached([("npm", "a")], asks) == {("npm", "a"), ("npm", "b"), ("npm", "c")}
    assert reached([], asks) == set()


def test_names_by_which_others_ask() -> None:
    assert requested(npm("right", alias="left")) == ("npm", "left")
    assert wanted(npm("a", dependencies=("b@1", "@us/c@2"))) == {("npm", "b"), ("npm", "@us/c")}
