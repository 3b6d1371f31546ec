"""How the rows of a catalogue are written."""

from __future__ import annotations

from fimci.capabilities import javascript_names, python_names
from fimci.capabilities.python_rows import rows
from fimci.capabilities.uses import Api


def spelt(names: str) -> list[str]:
    return [name for name, _ in rows(names, Api())]


def test_braces_stand_for_each_of_what_is_in_them() -> None:
    assert spelt("a b.c") == ["a", "b.c"]
    assert spelt("a.{b,c}.d") == ["a.b.d", "a.c.d"]
    assert spelt("a.{b,c}.{d,e}") == ["a.b.d", "a.b.e", "a.c.d", "a.c.e"]


def test_no_name_of_a_catalogue_is_left_unspelt() -> None:
    """`gzip.{open,GzipFile}.{read,read1}` once made rows that no name could meet."""
    for names in (python_names.NAMES, javascript_names.NAMES):
        assert not [name for name in names if set("{,} ") & set(name)]
