"""The oracle must see what the runner sees, or the tests that rest on it prove nothing."""

from __future__ import annotations

import pytest

from tests.oracle import Command, commands


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "::error file=a,line=3::broken%0Ain two",
            Command("error", {"file": "a", "line": "3"}, "broken\nin two"),
        ),
        ("\u2003 ::Warning TITLE=a%2Cb%3A%25::x", Command("warning", {"title": "a,b:%"}, "x")),
        ("::endgroup::", Command("endgroup", {}, "")),
        ("::notice file=,line=4,=x,y::", Command("notice", {"line": "4"}, "")),
        ("a path ##[group]forged", Command("group", {}, "forged")),
        ("x ##[error a=1;b=%3B%5D]y", Command("error", {"a": "1", "b": ";]"}, "y")),
        (
            "name ##VSO[task.complete result=Succeeded;]",
            Command("##vso", {}, "task.complete result=Succeeded;]"),
        ),
        ("##teamcity[message text='x']", Command("##teamcity", {}, "message text='x']")),
    ],
)
def test_a_command_is_seen(line: str, expected: Command) -> None:
    assert commands(line.encode()) == [expected]


@pytest.mark.parametrize(
    "line",
    [
        "error::x",
        "x ::error::y",
        "::error",
        "::unknown::x",
        ":: error::x",
        "##[error",
        "##[unknown]x",
        "# #[error]",
    ],
)
def test_other_text_is_none(line: str) -> None:
    assert commands(line.encode()) == []


def test_lines_end_at_carriage_returns_too() -> None:
    output = b"name\r::debug::a\r\n::debug::b\n::debug::c\x0b::debug::d\xff"
    assert [command.data for command in commands(output)] == ["a", "b", "c\x0b::debug::d\ufffd"]


def test_a_line_gives_one_command_of_github_the_newer_form_first() -> None:
    assert commands(b"::debug::x ##[error]y") == [Command("debug", {}, "x ##[error]y")]
    assert commands(b"::unknown::x ##[error]y") == [Command("error", {}, "y")]
