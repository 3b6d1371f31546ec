from __future__ import annotations

from fimci.marked import json
from fimci.marked.document import Malformed
from fimci.readers.documents import repeated, unparsed


def test_every_reader_says_that_a_file_is_not_in_its_syntax_in_the_same_words() -> None:
    error = Malformed("a colon is missing", 3)
    assert unparsed("a.json", error, "JSON").why == "not valid JSON: a colon is missing"
    assert (unparsed("a.txt", error).why, unparsed("a.txt", error).line) == ("a colon is missing", 3)


def test_a_key_that_occurs_twice_is_told_once_with_its_place() -> None:
    document = json.load(b'{"a": {"b": 1,\n"b": 2,\n"b": 3}, "c": 1,\n"c": 2}')
    assert [(one.part, one.line) for one in repeated("x", document)] == [("a.b", 2), ("c", 4)]
    assert [one.part for one in repeated("x", document, {"c"})] == ["c"]


def test_many_such_keys_are_counted() -> None:
    lines = "".join(f'"k{number}": 1, "k{number}": 2,\n' for number in range(1_000))
    told = list(repeated("x", json.load(f'{{{lines}"end": 1}}'.encode())))
    assert len(told) == 11
    assert (told[-1].part, told[-1].why, told[-1].line) == (
        "duplicate keys",
        "990 more keys that occur twice",
        11,
    )
