"""The table of readers tells in a microsecond who may want a file: never less than the rows say."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fimci import packing
from fimci.readers import ALL, PLAIN, candidates, with_code

PARTS = sorted({part for reader in ALL for part in (*reader.names, *reader.suffixes)} | {"", ".", "a", "py"})


@given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=3).map("".join), st.sampled_from(["", "a/b.c/"]))
def test_the_candidates_are_those_that_may_want_a_name(name: str, folder: str) -> None:
    assert candidates(folder + name) == tuple(reader for reader in PLAIN if reader.may_want(name))
    assert with_code(folder + name) == tuple(reader for reader in ALL if reader.may_want(name))


def test_what_a_baseline_begins_with() -> None:
    (reader,) = (reader for reader in ALL if reader.name == "baseline-file")
    assert packing.MAGIC in reader.begins
    assert reader.wants("a.zst", packing.MAGIC)
    assert reader.wants("a", b'{"format":"fimci-baseline/1"}')
    assert not reader.wants("a", b'{"format":"other"}')
