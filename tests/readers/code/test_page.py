from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.readers.code import page as html


def found(text: str) -> list[tuple[int, str]]:
    return [(line, data.decode().strip()) for line, data in html.scripts(text.encode())]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>\n<script>\nf(1 < 2)</script>", [(2, "f(1 < 2)")]),
        ('<SCRIPT type="text/javascript">f()</SCRIPT >', [(1, "f()")]),
        ('<script type="module" async>f()</script>', [(1, "f()")]),
        ('<script type="application/json">{"a": 1}</script>', []),
        ('<script type="text/x-template"><b onclick="f()"></script>', []),
        ('<script type="application/ld+json; charset=utf-8">{}</script>', []),
        ("<body\n  onload='f(&quot;x&quot;)'>", [(1, 'f("x")')]),
        ("<img src=x onerror=f()>", [(1, "f()")]),
        ('<a href="java&#10;script:f()">', [(1, "f()")]),
        ('<a href="&#106;avascript:f()">', [(1, "f()")]),
        ('<svg><a xlink:href="javascript:f()"/></svg>', [(1, "f()")]),
        ("<svg>\n<script><![CDATA[\nf()\n]]></script></svg>", [(2, "f()")]),
        ('<iframe srcdoc="&lt;script&gt;f()&lt;/script&gt;">', [(1, "f()")]),
        ('<script src="data:text/javascript;base64,ZigpCg=="></script>', [(1, "f()")]),
        ('<script src="data:,f(%22x%22)"></script>', [(1, 'f("x")')]),
        ('<script src="data:text/javascript;base64,~"></script>', []),
        ("<!-- <script>f()</script> -->", []),
        ("<script>f()", [(1, "f()")]),
        ("<script></script><script> </script>", []),
        ("<p>one</p>", []),
        ("<style>a { b: '<script>f()</script>' }</style>", []),
        ("<p title='<script>f()</script>'>", []),
        ("<p title=a/onclick=f()>", []),
        ("<script/x=1/>f()</script>", [(1, "f()")]),
        ("<svg><script href='a.js'/><b onclick='f()'/></svg>", [(1, "f()")]),
        ("<p on='f()' once=1 data-on=f()>", [(1, "1")]),
        (
            "<template>\n<p :a='b' @click='f'>{{ x }}</p></template>\n<script setup lang='ts'>\nf()</script>",
            [(3, "f()")],
        ),
    ],
)
def test_what_a_browser_would_run(text: str, expected: list[tuple[int, str]]) -> None:
    assert found(text) == expected


def test_languages_and_addresses() -> None:
    page = html.page(
        b'<script lang="ts">a</script><script src="https://cdn.example/a.js" integrity="sha384-x"></script>'
        b'<script src="b.js"></script><script lang=tsx>c</script>'
    )
    assert [script.language for script in page.scripts] == ["ts", "tsx"]
    assert [(one.address, one.pinned) for one in page.linked] == [
        ("https://cdn.example/a.js", True),
        ("b.js", False),
    ]
    assert not page.capped


def test_caps_are_told() -> None:
    page = html.page(b"<script>f()</script>" * 3000)
    assert len(page.scripts) == 2000
    assert "more than" in page.capped
    assert [one.part for one in html.unread("a.html", page)] == ["scripts"]
    assert html.page(b"a" * (html.SIZE_LIMIT + 1)).capped == "larger than 16 MiB"


PARTS = st.sampled_from(
    (
        *(
            "<",
            ">",
            "script",
            "</script>",
            "<script>",
            "<!--",
            "-->",
            "<![CDATA[",
            "]]>",
            "<!",
            "<?",
            "&#",
            "&",
        ),
        *(
            '"',
            "'",
            "=",
            " onload=",
            "javascript:",
            " src",
            "\0",
            "\n",
            "<svg ",
            "/>",
            "a",
            "<!DOCTYPE",
            "\ud7ff",
        ),
    )
)


@given(st.lists(PARTS, max_size=30).map("".join))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read(text: str) -> None:
    page = html.page(text.encode())
    for script in page.scripts:
        assert 1 <= script.line <= text.count("\n") + 1
        assert script.data.strip()


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_read(data: bytes) -> None:
    html.page(b"<script>" + data)


HOSTILE = (
    "<",
    "<a ",
    "<a b='",
    "<!--",
    "<script>",
    "&",
    "<a =",
    "</",
    "<style>",
    "<title>",
    "<p onx=' ",
    "\n<a>",
)


@pytest.mark.parametrize("part", HOSTILE)
def test_hostile_text_takes_no_longer_than_its_size(part: str) -> None:
    page = html.page(b"<script>f()</script>" + part.encode() * (1_000_000 // len(part)))
    assert page.scripts[0].data == b"f()"
