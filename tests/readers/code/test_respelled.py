"""Deeds in unusual spellings (`fixtures/respelled`): computed names, code that no call runs, and more."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pytest
import tomli

from tools import peers
from tools.pages import ROOT
from tools.peers import Spelling

FILES = [
    tomli.loads(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "fixtures" / "respelled").glob("*.toml"))
]


def cases(key: str) -> list[Any]:
    return [pytest.param(*rest, id=name) for data in FILES for name, *rest in data[key]]


@pytest.mark.parametrize(("path", "told", "least", "text"), cases("spellings"))
def test_it_is_told_in_other_words(path: str, told: str, least: str, text: str) -> None:
    assert not peers.problem(Spelling(path, told, least, text))


@pytest.mark.parametrize(("path", "unwanted", "text"), cases("quiet"))
def test_what_only_looks_like_it_is_not(path: str, unwanted: str, text: str) -> None:
    found = peers.said(Spelling(path, "", "told", text)).told
    assert not [one for one in found if fnmatchcase(one, unwanted)], found
