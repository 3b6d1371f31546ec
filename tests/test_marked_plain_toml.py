"""The law of the fast parser: where it answers, it answers as `tomli` does, line for line."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from fimci.marked import plain_toml, toml
from fimci.marked.document import Malformed, Marked
from tests import growth
from tests.test_marked_plain_yaml import lines

LOCKS = Path("fixtures/locks")
GENUINE = sorted(
    path
    for path in LOCKS.glob("*/*")
    if path.parent.name in {"cargo", "pdm", "poetry", "pylock", "uv"} and "expected" not in path.name
)
#: What rows of TOML are made of, the regular and the odd.
PIECES = [
    "a", "b", '"a"', "'a'", '"a.b"', "a.b", " = ", "=", '"x"', "'x'", '"', '"""', "'''", '"\\""', '"é"',
    "1", "-1", "0", "1.5", "true", "nan", "1979-05-27", "[", "]", "[]", "{}", "{ a = 1 }",
    '{a = "x", b = "y"}', "{", "}", ", ", ",", "\n", "\n", "\n", "\r\n", "\r", "\t", " ", "#", "# c",
    "\x7f", "\u2028", "\ufeff", "\x00", "[a]\n", "[b]\n", "[[a]]\n", "[[b]]\n", "[a.b]\n", "[[a.b]]\n",
    "[a.b.c]\n", "[[a]\n", "a = 1\n", "b = [\n", 'a = "x"\n', 'b = ["x", "y"]\n', ' "x",\n',
    '    {a = "x"},\n', '    {a = "y"},\n', '    { a = "x", b = "y" },\n',
    '    { a = "x", a = "y" },\n', "]\n", "a = {b = 1}\n", "a = []\n", "b = [1]\n",
]  # fmt: skip


def answers(data: bytes) -> bool:
    """Hold the parser to its law; tell whether it answered."""
    try:
        found = plain_toml.plain(data)
    except Malformed:
        with pytest.raises(Malformed):
            toml.load(data)
        return False
    if found is not None:
        assert facts(found) == facts(toml.load(data))
    return found is not None


def facts(document: Marked) -> object:
    return repr(document.value), lines(document)


def content(path: Path) -> bytes:
    data = path.read_bytes()
    return {".gz": gzip.decompress, ".zst": zstd.decompress}.get(path.suffix, bytes)(data)


@pytest.mark.parametrize("path", GENUINE, ids=str)
def test_every_genuine_lock_is_regular(path: Path) -> None:
    assert answers(content(path))
    assert answers(content(path).replace(b"\n", b"\r\n"))


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_it_answers_like_tomli_or_not_at_all(text: str) -> None:
    answers(text.encode())


@given(
    st.dictionaries(
        st.text('ab-_ é"\\', min_size=1, max_size=3),
        st.text("aé,#[]{}'\\\"= ", max_size=6)
        | st.integers()
        | st.booleans()
        | st.lists(st.text('ab,"]#', max_size=3), max_size=3),
        max_size=4,
    ),
    st.sampled_from(["", "[a]\n", "[[a]]\n"]),
)
def test_rows_of_all_kinds(table: dict[str, object], header: str) -> None:
    def shown(value: object) -> str:
        if isinstance(value, str):
            plain = value.isprintable() and not {'"', "\\"} & set(value)
            return f'"{value}"' if plain else "'" + "".join(filter(str.isalnum, value)) + "'"
        if isinstance(value, list):
            return "[\n" + "".join(f"    {shown(item)},\n" for item in value) + "]"
        return str(value).lower()

    text = header + "".join(f"{shown(key)} = {shown(value)}\n" for key, value in table.items())
    answers(text.encode())
    answers((text * 2).encode())


@pytest.mark.parametrize(
    "text",
    [
        "a = []\n[[a]]\n",
        "a = [\n]\n[[a]]\n",
        "a = [\n    {b = 1},\n]\n[[a]]\n",
        "a = {b = 1}\n[a.c]\n",
        "[a]\n[a]\n",
        "[[a]]\n[a]\n",
        "[a.b]\n[a]\n",
        "a = [\n 1\n 2\n]\n",
        "a = [\n 1, # x,\n 2\n]\n",
        "a = [\n 1 # x,\n 2\n]\n",
        "a = " + "[" * 120 + "]" * 120,
        "a = 0x" + "f" * 5000,
        "a = 1\na = 2\n",
        'a = """\nb = 1\n"""\n',
        "a = [\n",
        "a = [1,\n2]\n",
    ],
)
def test_what_is_not_regular_is_left_to_the_other(text: str) -> None:
    assert plain_toml.plain(text.encode()) is None


@pytest.mark.parametrize(
    "rows",
    [
        '    { a = "x" },\n    { a = "" },\n    { b = "y" },\n',
        '    { a = "x", b = "y" },\n    { a = "z", b = "," },\n    1,\n    { a = "x", b = "y" },\n',
        '    { a = "x", b = " = " },\n    {a = "z", b = "x"},\n    { a = "#" }\n',
        '{ a = "},", b = "{ a = " },\n{ a = "},", b = "{ a = " },\n',
        '    { a = "x", b = 1 },\n    { a = "x", b = "1" },\n    [],\n',
    ],
)
def test_rows_that_differ_in_texts_are_read_like_others(rows: str) -> None:
    for before in ("", "    2,\n"):
        assert answers(f"c = [\n{before}{rows}]\nd = 1\n".encode())


@pytest.mark.parametrize(
    "row",
    ['    { a = "x" },\n', '    { a = "x", b = "y" },\n', '    { a = "x' + "y" * 200, '    { a = "x", b = ['],
)
def test_reading_rows_is_linear(row: str) -> None:
    growth.is_linear(plain_toml.plain, lambda size: b"c = [\n" + row.encode() * size + b"]\n", 2_000)


def test_what_is_not_text_is_malformed() -> None:
    with pytest.raises(Malformed, match="UTF-8") as caught:
        plain_toml.load(b"a = 1\n\xff")
    assert caught.value.line == 2
    assert plain_toml.load(b"a.b = 1\n").value == {"a": {"b": 1}}
