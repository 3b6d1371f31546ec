"""Laws of the documents that remember lines: values as the libraries say, lines as built."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import tomli
import yaml as libyaml
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.marked import json as marked_json
from fimci.marked import toml as marked_toml
from fimci.marked import yaml as marked_yaml
from fimci.marked.document import DEPTH_LIMIT, Malformed, Marked, Pointer
from tests import growth

LOADS: dict[str, Callable[[bytes], Marked]] = {
    "json": marked_json.load,
    "toml": marked_toml.load,
    "yaml": marked_yaml.load,
}

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def pointers(value: Any, here: Pointer = ()) -> Iterator[Pointer]:
    yield here
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, member in members:
        yield from pointers(member, (*here, key))


class Written:
    """A document written member by member, so that every line is known by construction."""

    def __init__(self, draw: st.DataObject, blanks: tuple[str, ...], *, yaml: bool = False) -> None:
        self.draw = draw
        self.yaml = yaml  # its keys and their colons stand on one line
        self.blank = st.sampled_from(blanks)
        self.text = ""
        self.lines: dict[Pointer, int] = {}

    def add(self, text: str) -> None:
        self.text += text

    def space(self) -> None:
        self.add(self.draw.draw(self.blank))

    def mark(self, here: Pointer) -> None:
        self.lines[here] = self.text.count("\n") + 1

    def json(self, value: Any, here: Pointer = ()) -> None:
        """Write JSON with blanks wherever they may stand."""
        if not isinstance(value, (dict, list)):
            return self.add(json.dumps(value, ensure_ascii=self.draw.draw(st.booleans())))
        self.add("{" if isinstance(value, dict) else "[")
        members = list(value.items() if isinstance(value, dict) else enumerate(value))
        for index, (key, member) in enumerate(members):
            self.add("," if index else "")
            self.space()
            self.mark((*here, key))
            if isinstance(value, dict):
                self.add(json.dumps(key))
                self.add(" " if self.yaml else self.draw.draw(self.blank))
                self.add(":")
                self.space()
            self.json(member, (*here, key))
            self.space()
        self.add("}" if isinstance(value, dict) else "]")
        return None

    def toml_value(self, value: Any, here: Pointer) -> None:
        """Write a TOML value; lists spread over lines with comments, strings over lines too."""
        if isinstance(value, list):
            self.add("[")
            for index, member in enumerate(value):
                self.space()
                self.mark((*here, index))
                self.toml_value(member, (*here, index))
                self.add(",")
            self.space()
            return self.add("]")
        if isinstance(value, dict):
            self.add("{ ")
            for index, (key, member) in enumerate(value.items()):
                self.add(", " if index else "")
                self.mark((*here, key))
                self.add(f"{toml_key(key)} = ")
                self.toml_value(member, (*here, key))
            return self.add(" }")
        if isinstance(value, str) and "'''" not in value and not value.endswith("'") and value.isprintable():
            form = self.draw.draw(st.sampled_from(["basic", "literal", "lines"]))
            if form == "literal":
                return self.add(f"'''\n{value}'''")
            if form == "lines":
                return self.add(f'"""\\\n   {toml_key(value)[1:-1]}"""')
        return self.add(toml_key(value) if isinstance(value, str) else json.dumps(value))

    def toml(self, table: dict[str, Any], here: Pointer = ()) -> None:
        """Write the pairs of a table, then its tables and arrays of tables under headers."""
        later = []
        for key, value in table.items():
            if (isinstance(value, dict) or is_tables(value)) and self.draw.draw(st.booleans()):
                later.append((key, value))
                continue
            self.space()
            self.mark((*here, key))
            self.add(f"{toml_key(key)} = ")
            self.toml_value(value, (*here, key))
            self.add("\n")
        for key, value in later:
            members = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
            for index, member in members:
                self.space()
                place = (*here, key) if index is None else (*here, key, index)
                if not index:
                    self.mark((*here, key))
                self.mark(place)
                name = ".".join(toml_key(part) for part in (*here, key) if isinstance(part, str))
                self.add(f"[{name}]\n" if index is None else f"[[{name}]] # ]]\n")
                self.toml(member, place)


def is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(member, dict) for member in value)


def toml_key(text: str) -> str:
    return json.dumps(text).replace("\x7f", "\\u007f") if text.isascii() else escaped(text)


def escaped(text: str) -> str:
    return '"' + "".join(f"\\U{ord(character):08x}" for character in text) + '"'


@given(VALUES)
def test_json_reads_what_the_library_reads(value: Any) -> None:
    for indent in (None, 1):
        data = json.dumps(value, indent=indent).encode()
        assert marked_json.load(data).value == json.loads(data)


@given(VALUES, st.data())
def test_json_knows_every_line(value: Any, draw: st.DataObject) -> None:
    written = Written(draw, ("", " ", "\n", "\r\n", "\t\n\n "))
    written.json(value)
    marked = marked_json.load(written.text.encode())
    assert {pointer: marked.line(pointer) for pointer in written.lines} == written.lines
    assert marked.value == json.loads(written.text)
    assert marked.duplicates == ()


TOML_VALUES = st.recursive(
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | TEXT
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(TEXT, TOML_VALUES, max_size=4), st.data())
def test_toml_knows_every_line_and_reads_what_the_library_reads(
    table: dict[str, Any], draw: st.DataObject
) -> None:
    written = Written(draw, ("", "\n", "# a ] comment } [x] = '\n", "\r\n", " \n\t\n"))
    written.toml(table)
    marked = marked_toml.load(written.text.encode())
    assert marked.value == tomli.loads(written.text) == table
    assert {pointer: marked.line(pointer) for pointer in written.lines} == written.lines


#: libyaml refuses the surrogate pairs in which `json` writes what lies beyond.
YAML_TEXT = st.text(st.characters(categories=["L", "N", "P", "S"], max_codepoint=0xFFFF), max_size=8)
YAML_VALUES = st.recursive(
    YAML_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(YAML_TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(YAML_VALUES)
def test_yaml_reads_every_scalar_as_text(value: Any) -> None:
    for flow in (True, False):
        data = libyaml.safe_dump(value, default_flow_style=flow, allow_unicode=True).encode()
        assert marked_yaml.load(data).value == value


@given(YAML_VALUES, st.data())
def test_yaml_knows_every_line_of_a_flow(value: Any, draw: st.DataObject) -> None:
    written = Written(draw, (" ", "\n", " # , comment\n", "\r\n", "\n\n  "), yaml=True)
    written.json(value)
    marked = marked_yaml.load(written.text.encode())
    assert {pointer: marked.line(pointer) for pointer in written.lines} == written.lines
    assert marked.value == value


YAML_BLOCKS = b"""\
# a comment
on:
  push:
  - a

  -   # the item stands on the next line
    b: "x
      y"
run: |
  one

  two
merge: &m {x: 1}
use: *m
"quoted key": 1.10
"""


def test_yaml_knows_the_lines_of_blocks() -> None:
    marked = marked_yaml.load(YAML_BLOCKS)
    assert {pointer: marked.line(pointer) for pointer in pointers(marked.value)} == {
        (): 1,
        ("on",): 2,
        ("on", "push"): 3,
        ("on", "push", 0): 4,
        ("on", "push", 1): 7,
        ("on", "push", 1, "b"): 7,
        ("run",): 9,
        ("merge",): 13,
        ("merge", "x"): 13,
        ("use",): 14,
        ("use", "x"): 13,
        ("quoted key",): 15,
    }
    assert marked.value["quoted key"] == "1.10"


def test_what_only_yaml_calls_a_line_moves_no_line() -> None:
    marked = marked_yaml.load("a: x\u2028 y\u2029 z\u0085 é\rb: 1\nc: 2".encode())
    assert marked.line(("c",)) == 2


TOML_CORNERS = b'''\
title = "a # b"  # c
[a."b.c".'d"e']
"k\\u0065y\\"]" = """
[not.a.header]
"quotes" at the end"""""
x.y."z 1" = [ 1979-05-27 07:32:00, # ] "
  { q = \'\'\'
]\'\'\', r = [ ] },
]
[[ list ]]
v = 07:32:00
[list.table]
w = 0x1F
[[list.nested]]
[[list.nested]]
u = -inf
[[list]]
[[list.nested]]
t = 1
[a]
late = 1
'''


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_toml_knows_the_lines_of_its_corners(newline: bytes) -> None:
    data = TOML_CORNERS.replace(b"\n", newline)
    marked = marked_toml.load(data)
    assert marked.value == tomli.loads(data.decode())
    deep = ("a", "b.c", 'd"e')
    lines = {
        ("title",): 1,
        deep: 2,
        (*deep, 'key"]'): 3,
        (*deep, "x", "y", "z 1"): 6,
        (*deep, "x", "y", "z 1", 0): 6,
        (*deep, "x", "y", "z 1", 1): 7,
        (*deep, "x", "y", "z 1", 1, "q"): 7,
        (*deep, "x", "y", "z 1", 1, "r"): 8,
        ("list", 0): 10,
        ("list", 0, "v"): 11,
        ("list", 0, "table", "w"): 13,
        ("list", 0, "nested", 0): 14,
        ("list", 0, "nested", 1, "u"): 16,
        ("list", 1): 17,
        ("list", 1, "nested", 0): 18,
        ("list", 1, "nested", 0, "t"): 19,
        ("a", "late"): 21,
    }
    assert {pointer: marked.line(pointer) for pointer in lines} == lines


def test_a_pointer_that_leads_nowhere_has_the_line_of_its_nearest_ancestor() -> None:
    marked = marked_json.load(b'{\n"a": {\n"b": "c"}}')
    assert marked.line(("a", "x")) == 2
    assert marked.line(("a", "b", 0)) == 3
    assert marked.line(("x",)) == 1
    assert marked.table("a", "b") == {}
    assert marked.items("a", 0) == []


@pytest.mark.parametrize(
    ("load", "data", "expected"),
    [
        (marked_json.load, b'{"a": {"b": 1,\n"b": 2},\n"a": 3}', ((("a", "b"), 2), (("a",), 3))),
        (marked_json.load, b'[{"a": 1, "\\u0061":\n2}]', (((0, "a"), 1),)),
        (marked_yaml.load, b"a:\n  b: 1\n  b: 2\na: 3", ((("a", "b"), 3), (("a",), 4))),
    ],
)
def test_a_key_that_occurs_twice_is_told(
    load: Callable[[bytes], Marked], data: bytes, expected: tuple[tuple[Pointer, int], ...]
) -> None:
    marked = load(data)
    assert marked.duplicates == expected


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from("abc"), VALUES), max_size=8))
def test_of_a_key_that_occurs_twice_the_last_counts(pairs: list[tuple[str, Any]]) -> None:
    text = "{" + ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in pairs) + "}"
    marked = marked_json.load(text.encode())
    assert marked.value == json.loads(text)
    assert len(marked.duplicates) == len(pairs) - len({key for key, _ in pairs})
    for key in marked.value:
        last = max(index for index, pair in enumerate(pairs) if pair[0] == key)
        assert marked.line((key,)) == text[: text_position(text, last)].count("\n") + 1


def text_position(text: str, index: int) -> int:
    """Return where the member of that number begins: members are one a line."""
    return sum(len(line) + 1 for line in text.split("\n")[:index])


CONFLICT = b'{\n<<<<<<< HEAD\n  "a": 1\n=======\n  "a": 2\n>>>>>>> other\n}\n'

REFUSED = [
    ("json", b"", 1),
    ("json", b"\n\n ", 3),
    ("json", b"\0", 1),
    ("json", b"\xef\xbb\xbf", 1),
    ("json", b"[\nNaN]", 2),
    ("json", b"[\nInfinity]", 2),
    ("json", b"[\n-Infinity]", 2),
    ("json", b"[\n\n" + b"[" * 100_000, 3),
    ("json", b"\n" + b'{"a":' * 100_000, 2),
    ("json", b"[\n" + b"9" * 5000 + b"]", 2),
    ("json", b"[\n1" + b"0" * 5000 + b".5]", 2),
    ("json", b'{"a":\n"\xff"}', 2),
    ("json", '{"a":1}'.encode("utf-16"), 1),
    ("json", CONFLICT, 2),
    ("json", CONFLICT.replace(b"\n", b"\r\n"), 2),
    ("json", b'["\0"]', 1),
    ("json", b'[\n"a\n"]', 2),
    ("json", b'[\n"\\x"]', 2),
    ("json", b"{}\n{}", 1),
    ("json", b"[1,\n]", 2),
    ("json", b'{"a": 1,\n}', 2),
    ("json", b"[1\n2]", 2),
    ("json", b'["a"\n:1]', 2),
    ("json", b"[01]", 1),
    ("json", b"['a']", 1),
    ("json", b"[// a\n]", 1),
    ("toml", b"\0", 1),
    ("toml", b"a = 1\nb = '\xff'", 2),
    ("toml", b"a = 1\na = 2", 2),
    ("toml", b"a = 1\n<<<<<<< HEAD\n", 2),
    ("toml", b"a = 1\rb = 2", 1),
    ("toml", b'a = 1\nb = "\\ud800"', 2),
    ("toml", b"a = " + b"[" * 100_000, 1),
    ("toml", b"a = " + b"{a = " * 100_000, 1),
    ("toml", b"\na = " + b"[" * 150 + b"]" * 150, 2),
    ("toml", b"\n" + b".".join([b"a"] * 150) + b" = 1", 2),
    ("toml", b"\n[" + b".".join([b"a"] * 150) + b"]", 2),
    ("toml", b"[" + b".".join([b"a"] * 90) + b"]\n" + b".".join([b"a"] * 90) + b" = 1", 2),
    ("toml", b"a = " + b"{a.a.a.a = " * 90 + b"1" + b"}" * 90, 1),
    ("toml", b"a = " + b"9" * 5000, 1),
    ("toml", b"a = 1\nb = 0x" + b"f" * 50_000, 2),
    ("yaml", b"\0", 1),
    ("yaml", b"a: 1\nb: '\xff'", 2),
    ("yaml", b"a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> x\n", 3),
    ("yaml", b"[" * 100_000, 1),
    ("yaml", b"- " * 100_000, 1),
    ("yaml", b"{a: " * 100_000, 1),
    ("yaml", b"a: 1\n---\nb: 2", 1),
    ("yaml", b"a: 1\n? [a]\n: b", 2),
    ("yaml", b"a: &a [\n*a]", 2),
    ("yaml", b"a: 1\nb: *c", 2),
    ("yaml", b'a: "\\ud800"', 1),
    ("yaml", b"a: 1\n\tb: 2", 2),
    ("yaml", "a: 1".encode("utf-16"), 1),
]


@pytest.mark.parametrize(("syntax", "data", "line"), REFUSED)
def test_refused_on_the_right_line(syntax: str, data: bytes, line: int) -> None:
    with pytest.raises(Malformed) as caught:
        LOADS[syntax](data)
    assert caught.value.line == line
    assert caught.value.message


def test_an_alias_bomb_is_refused_before_anyone_walks_it() -> None:
    rows = ["a: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"b{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    with pytest.raises(Malformed, match="aliases") as caught:
        marked_yaml.load("\n".join(rows).encode())
    assert caught.value.line == 6


def test_aliases_may_not_multiply_levels() -> None:
    rows = ["a0: &a0 x"]
    rows += [f"a{i}: &a{i} {'[' * 60}*a{i - 1}{']' * 60}" for i in range(1, 50)]
    with pytest.raises(Malformed, match="nested deeper") as caught:
        marked_yaml.load("\n".join(rows).encode())
    assert caught.value.line == 3


@pytest.mark.parametrize(
    ("syntax", "data", "value"),
    [
        ("json", b"\xef\xbb\xbf[1]", [1]),
        ("json", b'["\\ud800", "\\ud83d\\ude00", "\\u0000"]', ["\ud800", "\U0001f600", "\0"]),
        ("json", b"[-0, 1e5, -0.0]", [0, 100000.0, -0.0]),
        ("json", b"[" * DEPTH_LIMIT + b"]" * DEPTH_LIMIT, None),
        ("toml", b"", {}),
        ("toml", b"\xef\xbb\xbfa = 1", {"a": 1}),
        ("yaml", b"", ""),
        ("yaml", b"# nothing\n", ""),
        ("yaml", b"\xef\xbb\xbfa: 1", {"a": "1"}),
        ("yaml", b"[" * DEPTH_LIMIT + b"]" * DEPTH_LIMIT, None),
        ("yaml", b"on: 0123\noff: 2026-01-01\n~: null", {"on": "0123", "off": "2026-01-01", "~": "null"}),
        ("yaml", b"!!python/object/apply:os.system ['true']", ["true"]),
    ],
)
def test_accepted(syntax: str, data: bytes, value: Any) -> None:
    found = LOADS[syntax](data).value
    assert value is None or found == value


def test_toml_keeps_not_a_number_as_the_library_does() -> None:
    assert math.isnan(marked_toml.load(b"a = nan").value["a"])


@settings(max_examples=100)
@given(st.sampled_from(sorted(LOADS)), st.binary(max_size=60) | TEXT.map(str.encode))
def test_noise_is_a_value_or_malformed(syntax: str, data: bytes) -> None:
    try:
        LOADS[syntax](data)
    except Malformed as error:
        assert 1 <= error.line <= data.count(b"\n") + 1  # noqa: PT017  (either outcome is fine)


DOCUMENT = {
    "json": json.dumps({"a": [1, {"b": "c\\"}], "d": None, "\u00e9": [[], {}]}, indent=1).encode(),
    "toml": TOML_CORNERS,
    "yaml": YAML_BLOCKS,
}


@settings(max_examples=100)
@given(st.sampled_from(sorted(LOADS)), st.data())
def test_a_damaged_document_is_a_value_or_malformed(syntax: str, draw: st.DataObject) -> None:
    data = bytearray(DOCUMENT[syntax])
    for _ in range(draw.draw(st.integers(1, 3))):
        at = draw.draw(st.integers(0, len(data) - 1))
        data[at : at + draw.draw(st.integers(0, 3))] = draw.draw(st.binary(max_size=3))
    try:
        marked = LOADS[syntax](bytes(data))
    except Malformed as error:
        assert 1 <= error.line <= data.count(b"\n") + 1  # noqa: PT017  (either outcome is fine)
        return
    last = data.count(b"\n") + 1
    assert all(1 <= marked.line(pointer) <= last for pointer in pointers(marked.value))


LONG = [
    ("json", '["', "a", ""),
    ("json", '["', r"\\", ""),
    ("json", "", " ", ""),
    ("json", "[0.", "9", ""),
    ("json", "", "<<<<<<<", ""),
    ("json", "", "=", ""),
    ("toml", 'a = "', "x", ""),
    ("toml", 'a = """', '""x', ""),
    ("toml", "a = '''", "''x", "'''"),
    ("toml", 'a = """', '""x\n', '"""\nb = 1'),
    ("toml", 'a = "', r"\\", '"'),
    ("toml", '"', "a", ""),
    ("toml", "", " ", ""),
    ("toml", "", "#", ""),
    ("yaml", 'a: "', "x", ""),
    ("yaml", "a: '", "x", ""),
    ("yaml", "", "a", ":"),
    ("yaml", "", " ", ""),
]


@pytest.mark.parametrize(("syntax", "start", "piece", "end"), LONG)
def test_much_of_anything_takes_linear_time(syntax: str, start: str, piece: str, end: str) -> None:
    def load(data: bytes) -> None:
        with contextlib.suppress(Malformed):
            LOADS[syntax](data)

    growth.is_linear(load, lambda size: (start + piece * size + end).encode(), 20_000)


LOCKS = Path(__file__).parent.parent / "fixtures" / "locks"
SYNTAX = {".json": "json", ".toml": "toml", ".yaml": "yaml", ".yml": "yaml"}
NAMED = {
    "uv.lock": "toml",
    "poetry.lock": "toml",
    "pdm.lock": "toml",
    "Pipfile.lock": "json",
    "deno.lock": "json",
}
REAL = [
    (path, NAMED.get(path.name) or SYNTAX[path.suffix])
    for path in sorted(LOCKS.glob("*/*"))
    if path.name in NAMED or path.suffix in SYNTAX
]


@pytest.mark.parametrize(("path", "syntax"), REAL, ids=lambda value: str(value).rpartition("locks/")[2])
def test_every_line_of_a_real_lockfile_has_what_it_is_said_to_have(path: Path, syntax: str) -> None:
    data = path.read_bytes()
    lines = data.decode().split("\n")
    documents = marked_yaml.load_all(data) if syntax == "yaml" else [LOADS[syntax](data)]
    for marked in documents:
        assert marked.duplicates == ()
        for pointer in pointers(marked.value):
            key = pointer[-1] if pointer else 0
            text = lines[marked.line(pointer) - 1]
            assert isinstance(key, int) or key in text or json.dumps(key)[1:-1] in text
