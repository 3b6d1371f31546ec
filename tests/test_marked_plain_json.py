"""The law of the fast parser of JSON: where it answers, it answers as the entire one does, line for line."""

from __future__ import annotations

import gzip
import json as library
from pathlib import Path

import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from fimci.marked import json, plain_json
from fimci.marked.document import Malformed, Marked, OneLine, text_of
from tests.test_marked_plain_yaml import lines

LOCKS = Path("fixtures/locks")
KINDS = (".json", ".json.zst", ".json.gz", "bun.lock", "bun.lock.zst", "deno.lock", "deno.lock.zst")
GENUINE = sorted(path for path in LOCKS.glob("*/*") if path.name.endswith((*KINDS, "composer.lock")))
#: What rows of JSON are made of, the regular and the odd.
PIECES = [
    "{", "}", "[", "]", "{\n", "}\n", "[\n", "]\n", "},\n", "],\n", "}", ",", ",\n", ": ", ":", '"a"', '"b"',
    '"a": "x",\n', '"b": "y"\n', '"a": {\n', '"b": [\n', '"x",\n', '"y"\n', '"c": 1,\n', '"d": {"a": 1},\n',
    '"e": ["x", "", {"a": "b"}],\n', '{"a": 1, "a": 2},\n', '"a\\u0062": 1,\n', '"\\"": "x",\n', '"f": []\n',
    "1", "-1", "01", "1.5", "1e3", "NaN", "-Infinity", "true", "null", "\n", "\n", "\r\n", "\r", "\t", " ",
    "// c\n", "/* c */", "/*\n*/", "\x00", "\x0b", "\ufeff", "é", "\u2028", "<<<<<<< a\n", "=======\n",
]  # fmt: skip


def answers(text: str, *, relaxed: bool = False) -> bool:
    """Hold the parser to its law; tell whether it answered."""
    found = plain_json.plain(text, relaxed=relaxed)
    if found is not None:
        try:
            entire = json.entire(text, relaxed=relaxed)
        except Malformed as error:
            raise AssertionError(text) from error
        assert facts(found) == facts(entire)
    return found is not None


def facts(document: Marked) -> object:
    return repr(document.value), lines(document), document.duplicates


def content(path: Path) -> str:
    data = path.read_bytes()
    return text_of({".gz": gzip.decompress, ".zst": zstd.decompress}.get(path.suffix, bytes)(data))


@pytest.mark.parametrize("path", GENUINE, ids=str)
def test_every_genuine_lock_is_regular(path: Path) -> None:
    relaxed = path.name.startswith("bun")
    text = content(path)
    # What was written without rows at all is one value, and has one line.
    assert answers(text, relaxed=relaxed)
    assert answers(text.replace("\n", "\r\n"), relaxed=relaxed)


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join), st.booleans())
def test_it_answers_like_the_entire_one_or_not_at_all(text: str, relaxed: bool) -> None:  # noqa: FBT001  (a strategy)
    answers(text, relaxed=relaxed)
    answers("{\n" + text + "\n}", relaxed=relaxed)
    answers("[\n" + text + "\n]", relaxed=relaxed)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(VALUES, st.sampled_from([None, 0, 1, "\t"]), st.booleans())
def test_what_the_library_writes(value: object, indent: int | str | None, ascii_only: bool) -> None:  # noqa: FBT001  (a strategy)
    text = library.dumps(value, indent=indent, ensure_ascii=ascii_only)
    answers(text)
    answers(f"{text}\n", relaxed=True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n[1]",
        '{\n"a": 1,\n}',
        '{\n"a": 1\n"b": 2\n}',
        '{\n"a": 1,\n"a": 2\n}',
        '{\n"a": {"b": 1, "b": 2}\n}',
        '{\n"a": [{"b": 1, "b": 2}]\n}',
        '{\n"a": NaN\n}',
        "[\n-Infinity\n]",
        '{\n"a": [1,\n2]\n}',
        '{\n"a": 1}\n}',
        '{\n"a"\n}',
        '[\n"a": 1\n]',
        "[\n1\n}",
        "[\n1\n]\n]",
        "[\n1",
        "[\n" + "[" * 60 + "]" * 60 + "\n]",
        "[\n" * 60 + "]\n" * 60,
        "[\n" + "1" * 4100 + "\n]",
        '{\n"a": 1,, \n}',
        "{\n// note\n}",
        '[\n"\x01"\n]',
        '[\n"\\ud800\n"\n]',
        '{\n"a": 1\n}\n{}',
    ],
)
def test_what_is_not_regular_is_left_to_the_other(text: str) -> None:
    assert plain_json.plain(text) is None


def test_commas_before_an_end_and_what_stands_on_a_row() -> None:
    text = '{\n"a": {\n"b": [\n1,\n],\n},\n\n"c": {"d": [1]},\n}'
    assert answers(text, relaxed=True)
    document = json.loads(text, relaxed=True)
    assert document.line(("a", "b", 0)) == 4
    inner = document.value["c"]
    assert document.lines(inner) == {}
    assert document.lines(inner, 8) == {"d": 8}
    assert document.lines("no table", 8) == {}
    assert isinstance(json.entire(text, relaxed=True).lines(inner, 8), OneLine)
