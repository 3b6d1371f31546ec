"""The law of the fast parser: where it answers, it answers as libyaml does."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml as libyaml
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.marked import plain_yaml, yaml
from fimci.marked.document import Malformed, Marked, Pointer
from tests import growth

LOCKS = Path("fixtures/locks")
#: What rows of YAML are made of, the regular and the odd.
PIECES = [
    "a", "b", "key", "x y", "sha512-aa+/==", "https://h.example/a?b#c", "1", "é", "~", "^1.0 || ^2",
    ":", ": ", " :", " ", "  ", "    ", "\n", "\n", "\n  ", "\n    ", "\n- ", "\n  - ", "- ", "-", "{", "}",
    "[", "]", ",", ", ", "'", "''", '"', '\\"', "\\", "\\n", "#", " #", "# c", "|", "|-", ">-", "|\n  ",
    "\n---\n", "---", "\n...\n", "...", "?", "? ", "!", "!x", "&a ", "*a", "%", "@", "`", "<<", "=",
    "\t", "\r\n", "\r", "\u2028", "\x85", "\ufeff", "\x7f",
]  # fmt: skip
WORDS = st.text("ab01 :#-'\"{}[],&*!|>%@`?~=\\é/.<", max_size=8) | st.text(max_size=5)
VALUES = st.recursive(
    WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


def lines(document: Marked) -> dict[Pointer, int]:
    found = {}
    todo: list[tuple[Pointer, Any]] = [((), document.value)]
    while todo:
        pointer, value = todo.pop()
        members: Iterator[Any] = iter(())
        if isinstance(value, dict):
            members = iter(value.items())
        elif isinstance(value, list):
            members = enumerate(value)
        for key, member in members:
            here = (*pointer, key)
            found[here] = document.line(here)
            todo.append((here, member))
    return found


def facts(documents: list[Marked]) -> list[Any]:
    return [(one.value, lines(one), one.duplicates) for one in documents]


def answers(data: bytes) -> bool:
    """Hold the parser to its law; tell whether it answered."""
    found = plain_yaml.plain(data)
    if found is not None:
        assert facts(found) == facts(yaml.load_all(data))
    return found is not None


@given(st.lists(st.sampled_from(PIECES), max_size=14))
@settings(max_examples=300)
def test_whatever_it_answers_is_what_libyaml_says(pieces: list[str]) -> None:
    answers("".join(pieces).encode())


@given(values=st.lists(VALUES, max_size=3), between=st.sampled_from(["", "\n# note\n"]), draw=st.data())
@settings(max_examples=200)
def test_what_libyaml_writes_is_read_alike(values: list[Any], between: str, draw: st.DataObject) -> None:
    flow, indented = draw.draw(st.booleans()), draw.draw(st.booleans())
    texts = [
        libyaml.safe_dump(value, default_flow_style=flow, allow_unicode=True, width=10_000, sort_keys=False)
        for value in values
    ]
    if indented:
        texts = [text.replace("\n", "\n  ") for text in texts]
    answers(("---\n" + f"{between}---\n".join(texts)).encode())


def test_what_clients_write_is_regular() -> None:
    paths = [*LOCKS.glob("*/pnpm-*.yaml"), *LOCKS.glob("*/yarn.lock")]
    asked = [path for path in paths if path.suffix == ".yaml" or b"\n__metadata:" in path.read_bytes()]
    assert len(asked) > 10
    # The one folder has JSON with tabs.
    assert {path.parent.name for path in asked if not answers(path.read_bytes())} <= {"pnpm12-v13"}


REGULAR = {
    'a: 1\nb:\n  c: 2\n\n  \'d e\': "f\\"g"\n  # h\n  i: {}\nj:\n- k\n- l: 1\n  m: 2\n': {
        "a": "1",
        "b": {"c": "2", "d e": 'f"g', "i": {}},
        "j": ["k", {"l": "1", "m": "2"}],
    },
    "a: |-\n    b: c\n\n      d # e\n\nf: |\n  g\n\n\nh:": {"a": "b: c\n\n  d # e", "f": "g\n", "h": ""},
    "{a: [b, {c: 'd, e'}], f g: h i, \"j\": ''}": None,
    "a: {b: [c, {d: 'e, f'}], g h: i j, \"k\": ''}": {
        "a": {"b": ["c", {"d": "e, f"}], "g h": "i j", "k": ""}
    },
    "x:\r\n  y: https://h.example:8/z#1\r\n": {"x": {"y": "https://h.example:8/z#1"}},
}


@pytest.mark.parametrize("text", REGULAR)
def test_the_regular_part_is_read(text: str) -> None:
    found = plain_yaml.plain(text.encode())
    assert (found[0].value if found else None) == REGULAR[text]
    answers(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "a: b\n  c", "a:\n\tb: 1", "a: &b c", "a: !c d", "a: *b", "? a\n: b", "a: >-\n  b", "a: |2\n   b",
        "a: [b,\n  c]", "%YAML 1.2\n---\na: b", "a: b\n...\n", "a: b # c", "a: [b, ]", "a: {b}", "a: [b: c]",
        "a: 'b\n  c'", 'a: "\\x41"', "a: b: c", "a: b\n c: d", "a: {b: c", "a: |\n  b", "--- a", "a: [b?]",
        "a:b", "[a]", "a: -b", "x" * 1001 + ": a", "a: {" + "x" * 1001 + ": b}", "a: {b: {b: 1}, }",
    ],
)  # fmt: skip
def test_what_is_irregular_is_left_to_libyaml(text: str) -> None:
    assert plain_yaml.plain(text.encode()) is None
    with contextlib.suppress(Malformed):
        assert facts(plain_yaml.load_all(text.encode())) == facts(yaml.load_all(text.encode()))


def test_repeated_keys_are_told_wherever_they_stand() -> None:
    text = b"a:\n  b: 1\n  b: 2\n  c: [x, {d: 1, d: [{e: 1, e: 2}]}]\na: 3\n"
    assert answers(text)
    assert plain_yaml.load(text).duplicates == (
        (("a", "b"), 3),
        (("a", "c", 1, "d"), 4),
        (("a", "c", 1, "d", 0, "e"), 4),
        (("a",), 5),
    )


def test_documents_are_told_apart() -> None:
    assert plain_yaml.plain(b"") == []
    for text in (
        "# a\n",
        "---\n",
        "---\n---\n",
        "a: 1\n---\nb: 2\n",
        "---\n# a\n---\n- b\n",
        "\n\n---\na: {}",
    ):
        assert answers(text.encode()), text
    with pytest.raises(Malformed, match="holds 2 documents"):
        plain_yaml.load(b"a: 1\n---\nb: 2")
    assert plain_yaml.load(b"").value == ""


HOSTILE = {
    "blanks": ("", " ", "#"), "blanks within": ("a:", " ", "-"), "words": ("a", " b", " #"),
    "colons": ("a", ":b", ":"), "quotes": ("a: '", "''", ""), "quoted key": ('"', 'a\\"', ""),
    "flow": ("a: {", " ", "-"), "flow words": ("a: [", "b, ", "-]"), "flow blanks": ("a: [b", " ", "-]"),
    "brackets": ("a: ", "[", ""), "dashes": ("", "- ", ""), "literal": ("a: |\n", "\n", "b"),
    "many literals": ("", "a: |\n\n", ""),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_any_text_takes_linear_time(kind: str) -> None:
    start, piece, end = HOSTILE[kind]
    growth.is_linear(plain_yaml.plain, lambda size: (start + piece * size + end).encode(), 10_000)


def test_depth_takes_linear_time() -> None:
    def nested(lines: int) -> bytes:
        return "\n".join(" " * (line % 200) + "a:" for line in range(lines)).encode()

    growth.is_linear(plain_yaml.plain, nested, 1000)
