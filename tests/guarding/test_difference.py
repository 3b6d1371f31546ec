"""The lines in which two contents differ."""

from __future__ import annotations

from fimci.guarding.difference import difference


def shown(before: bytes | None, after: bytes | None) -> list[tuple[int, str]]:
    return [(place.line, place.text) for place in difference("f", before, after)]


def test_lines_that_differ_are_shown_where_they_are() -> None:
    assert shown(b"a\nb\nc\n", b"a\nx\nc\n") == [(2, "-b"), (2, "+x")]
    assert shown(b"", b"new\n") == [(1, "+new")]
    assert shown(b"same\n", b"same\n") == []


def test_what_is_no_text_or_not_known_is_not_shown() -> None:
    assert shown(None, b"x") == shown(b"x", None) == shown(b"a\0b", b"x") == []


def test_a_difference_has_bounds() -> None:
    assert len(shown(b"", b"x\n" * 3000)) == 20
    assert shown(b"", b"x\n" * 5000) == []
    assert max(len(text) for _, text in shown(b"", b"y" * 10_000)) <= 161
