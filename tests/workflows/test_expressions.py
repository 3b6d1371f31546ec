"""Expressions are found as the code host finds them, and only strangers' text is called that."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.workflows.expressions import expressions, inputs, untrusted
from tests import growth


def test_where_an_expression_begins_and_ends() -> None:
    text = "a ${{ one }}\nb ${{ format('}}', two) }} }}\n${{ three\n}} ${{ never"
    assert list(expressions(text)) == [(" one ", 0), (" format('}}', two) ", 1), (" three\n", 2)]


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("github.head_ref", ["github.head_ref"]),
        ("GitHub.Head_Ref || github.ref_name", ["github.head_ref"]),
        ("github['event'] . issue['title']", ["github.event.issue.title"]),
        ("github.event.commits[0].message", ["github.event.commits.message"]),
        ("join(github.event.commits.*.author.email, ' ')", ["github.event.commits.*.author.email"]),
        (
            "github.event.pull_request.head.repo.description",
            ["github.event.pull_request.head.repo.description"],
        ),
        ("github.event.client_payload.text", ["github.event.client_payload.text"]),
        ("toJSON(github.event.comment.body)", ["github.event.comment.body"]),
        ("toJSON( github.event )", ["tojson(github.event)"]),
        ("github.event.issue.number", []),
        ("github.event.pull_request.head.sha", []),
        ("github.event.pull_request.title == 'x'", []),
        ("contains(github.event.comment.body, '/run')", []),
        ("'github.head_ref'", []),
        ("steps.github.outputs.head_ref", []),
        ("my-github.head_ref", []),
    ],
)
def test_what_strangers_write(expression: str, found: list[str]) -> None:
    assert untrusted(expression) == found


def test_inputs_in_both_spellings() -> None:
    assert inputs("inputs.a || github.event.inputs['b']") == ["inputs.a", "github.event.inputs.b"]


@pytest.mark.parametrize(
    ("start", "piece"), [("", "${{"), ("", "'${{"), ("${{ ", "a"), ("${{ ", "contains(")]
)
def test_hostile_text_takes_linear_time(start: str, piece: str) -> None:
    def judged(text: str) -> None:
        for expression, _ in expressions(text):
            untrusted(expression)

    growth.is_linear(judged, lambda size: start + piece * size + " }}", 10_000)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="${}' \ngithub.head_ref[]()*=!", max_size=60))
def test_an_expression_is_a_part_of_the_text_on_its_line(text: str) -> None:
    for inside, line in expressions(text):
        assert text.split("\n")[line].find("${{") >= 0
        assert "${{" + inside + "}}" in text
        untrusted(inside)
