"""Constants are folded as the language does it, and never grow without bound."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.capabilities.uses import Value, known
from fimci.readers.code.javascript_syntax import escapes, folding
from fimci.readers.code.javascript_syntax.program import program


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("'ch' + 'ild'", "child"),
        ("`ch${'il'}d`", "child"),
        ("['ch', 'ild'].join('')", "child"),
        ("'dlihc'.split('').reverse().join('')", "child"),
        ("[...'dlihc'].reverse().join('')", "child"),
        ("'chXld'.replace('X', 'i')", "child"),
        ("'XchildX'.slice(1, -1)", "child"),
        ("'XchildX'.substring(1, 6)", "child"),
        ("'XchildX'.substr(1, 5)", "child"),
        ("'CHILD'.toLowerCase()", "child"),
        ("' child '.trim()", "child"),
        ("'ch'.concat('il', 'd')", "child"),
        ("String.fromCharCode(99, 104, 105, 108, 100)", "child"),
        ("String.fromCharCode.apply(null, [99, 104, 105, 108, 100])", "child"),
        ("String.fromCharCode(0x63, 0x68, 105, 108, 100)", "child"),
        ("atob('Y2hpbGQ=')", "child"),
        ("Buffer.from('6368696c64', 'hex').toString()", "child"),
        ("Buffer.from('Y2hpbGQ=', 'base64').toString('utf8')", "child"),
        ("Buffer.from([99, 104, 105, 108, 100]).toString()", "child"),
        ("decodeURIComponent('%63hild')", "child"),
        ("unescape('%63hild')", "child"),
        ("'\\x63hild'", "child"),
        ("'\\u0063hild'", "child"),
        ("'\\u{63}hild'", "child"),
        ("['a', 'child'][1]", "child"),
        ("({k: 'child'}).k", "child"),
        ("(0, 'child')", "child"),
        ("'child'.toString()", "child"),
        ("'achild'[0] + 'x'", "ax"),
        ("(s => Buffer.from(s, 'base64').toString())('Y2hpbGQ=')", "child"),
    ],
)
def test_expressions(expression: str, text: str | None) -> None:
    uses = [use for use in program(f"eval({expression})".encode(), "x.js").uses if use.name == "eval"]
    assert uses[0].arguments[0].text == text


def test_an_unknown_beginning_is_no_root() -> None:
    assert known(folding.joined([Value(), Value(text="/etc/x")])) == "*/etc/x"
    assert known(folding.joined([Value(text="https://"), Value(), Value(text="/x")])) == "https:///x"


@given(st.lists(st.text(max_size=5), max_size=8))
def test_joining_constants_is_their_concatenation(texts: list[str]) -> None:
    assert folding.joined([Value(text=text) for text in texts]).text == "".join(texts)


@given(st.binary(min_size=1, max_size=60))
def test_base64_is_undone(data: bytes) -> None:
    made = folding.decode("base64", Value(text=base64.b64encode(data).decode()))
    assert made is not None
    assert made.text == data
    assert made.flows == {"decoded"}


@given(st.text(max_size=40))
def test_unescaping_never_raises_and_keeps_what_has_no_escape(text: str) -> None:
    assert isinstance(escapes.unescaped(text), str)
    assert escapes.unescaped(text.replace("\\", "")) == text.replace("\\", "")


def test_nothing_grows_without_bound() -> None:
    big = Value(text="x" * folding.LONGEST)
    assert len(known(folding.joined([big, big]))) == folding.LONGEST
    assert folding.method(big, "repeat", [Value(text="99999999")]) is None
