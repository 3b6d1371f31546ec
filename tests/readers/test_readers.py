"""The table of readers tells in a microsecond who may want a file: never less than the rows say."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from fimci import packing, readers
from fimci.folder import wanting
from fimci.readers import ALL, PLAIN, candidates, with_code
from fimci.readers.binary import magic

PARTS = sorted({part for reader in ALL for part in (*reader.names, *reader.suffixes)} | {"", ".", "a", "py"})

#: How what some reader wants begins, and a byte less.
OPENINGS = [
    beginning[: len(beginning) - cut]
    for beginning in (*(one for reader in ALL for one in reader.begins), *(one for one, _ in magic._MAGIC))
    for cut in (0, 1)
]


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


@given(
    st.sampled_from([*PARTS, *(suffix for reader in ALL for suffix in reader.or_named)]),
    st.sampled_from(
        [*OPENINGS, b"MZ", b"from x import y", b"..\r\n", b"f\r\r\n" + bytes(12) + b"c", "é".encode()]
    ),
    st.sampled_from([b"", b"\0" * 64, b"\xff" * 64, b"text of a file\n"]),
)
@settings(max_examples=2000)
def test_where_a_table_says_that_nobody_speaks_nobody_wants_it(name: str, head: bytes, more: bytes) -> None:
    data = head + more
    for versions in (readers.VERSIONS, readers.NAMED_VERSIONS, readers.CODE_VERSIONS):
        if readers.silent_of(versions)(name, data):
            assert wanting(readers.of(versions)("a/" + name), "a/" + name, data) == []


def test_of_most_files_a_table_says_so_at_once() -> None:
    silent = readers.silent_of(readers.VERSIONS)
    assert silent("index.js", b"'use strict'\n")
    assert silent("tsconfig.json", b"{}")
    assert not silent("package.json", b"{}")
    assert not silent("index.js", "// é".encode())
    assert not silent("index.js", b"MZ")
    assert not silent("index.pyc", b"")
    assert readers.silent_of(("other/1",))("package.json", b"{}")
