"""Which spellings are one file, and in which words that is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.model import Change, File, Kind
from fimci.rules import name_collision
from tests.hostile import LAW, TEXTS

PATHS = TEXTS.filter(bool)


def new(path: str, kind: Kind = "file") -> Change:
    return Change(before=None, after=File(path=path, kind=kind))


def old(path: str) -> Change:
    return Change(before=File(path=path, size=1), after=File(path=path, size=2), differs=("size",))


def said(*changes: Change) -> list[tuple[str, str]]:
    return [(f.path, f.message) for f in name_collision.check_all(changes, ())]


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        ("a/readme", "a/ReadMe", "case"),
        ("straße", "STRASSE", "case"),
        ("caf\u00e9", "cafe\u0301", "the form of accents"),
        (".git/config", ".g\u200cit/config", "an invisible character"),
        ("aux/a.txt", "aux/a.txt. .", "a trailing dot or space"),
        ("aux/a.txt", "aux /a.txt", "a trailing dot or space"),
        ("caf\u00e9", "CAFE\u0301.", "the way of writing"),
    ],
)
def test_two_spellings_of_one_file(one: str, other: str, what: str) -> None:
    assert said(old(one), new(other)) == [(other, f"the same file as {one} where {what} is ignored")]
    assert said(old(one), old(other)) == [], "both were there"
    assert said(new(other)) == []


@pytest.mark.parametrize("other", ["b", "a.", "a/b", ".", "..", "...", "a\u0301", "\udcff"])
def test_what_is_another_file(other: str) -> None:
    assert said(new("aa"), new(other)) == []


def test_a_link_and_a_folder_of_another_spelling_whichever_is_new() -> None:
    expected = [("Hooks", "link in place of the folder hooks where case is ignored")]
    link = new("Hooks", "link")
    before = Change(before=File(path="Hooks", kind="link", target="x"), after=link.after, differs=("target",))
    assert said(link, old("hooks/a")) == expected
    assert said(before, old("hooks/a"), new("hooks/deep/b")) == expected
    assert said(before, old("hooks/a")) == []
    assert said(new("hooks", "directory"), new("Hooks", "directory")) == [], "folders are merged"


@LAW
@given(st.lists(PATHS, unique=True, max_size=6))
def test_it_speaks_whatever_the_names_are_and_in_whatever_order(paths: list[str]) -> None:
    forth = said(*(new(path) for path in paths))
    assert bool(forth) == bool(said(*(new(path) for path in reversed(paths))))
    if len({path.lower() for path in paths}) < len(paths):
        assert forth
