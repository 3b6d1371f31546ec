"""Names of files that look like others: told once each, and not where they only moved."""

from __future__ import annotations

from fimci.rules import hidden_text
from tests.rules import stated


def test_a_name_that_no_reviewer_sees_is_told_once() -> None:
    before = [stated.file("old/\u200bleft.js")]
    after = ["docs/photo\u202egpj.js", "red\x1b[31m/a.txt", "red\x1b[31m/b.txt", "new/\u200bleft.js"]
    found = stated.found(hidden_text, before, [stated.file(path) for path in after])
    assert [(one.path, one.message.split()[2], one.severity.name) for one in found] == [
        ("docs/photo\u202egpj.js", "U+202E", "HIGH"),
        ("red\x1b[31m/a.txt", "U+001B", "HIGH"),
    ]


def test_names_in_any_alphabet_are_names() -> None:
    plain = [
        "\u05e9\u05dc\u05d5\u05dd.txt",
        "caf\u00e9.txt",
        "\U0001f468\u200d\U0001f469.png",
        "a b.txt",
        "Icon\r",
    ]
    assert stated.found(hidden_text, [], [stated.file(path) for path in plain]) == []
