"""Arrays of texts are turned into their order by the sum that their loop waits for; sums are bounded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.readers.code.javascript_syntax import arithmetic, string_arrays
from tests import growth

_ROTATED = (
    "function _0xa(){const _0xt=['c','7d','a','5x','b'];_0xa=function(){return _0xt;};return _0xa();}"
    "function _0xf(_0x1,_0x2){_0x1=_0x1-0x10;const _0x3=_0xa();return _0x3[_0x1];}"
    "(function(_0x4,_0x5){const _0x6=_0xf,_0x7=_0x4();while(!![]){try{"
    "const _0x8=parseInt(_0x6(0x12))/0x1*(-parseInt(_0x6(0x10)))+0x2;"
    "if(_0x8===_0x5)break;else _0x7['push'](_0x7['shift']());}"
    "catch(_0x9){_0x7['push'](_0x7['shift']());}}}(_0xa,-0x21));"
)


def test_the_sum_tells_the_order() -> None:
    made = string_arrays.words(_ROTATED.encode())
    assert made is not None
    assert (made.function, made.shift, made.how) == (b"_0xf", 0x10, "")
    assert made.texts == ("7d", "a", "5x", "b", "c")
    assert [made.word(number) for number in (0x0F, 0x11, 0x15)] == [None, "a", None]


def test_without_a_loop_the_order_is_the_written_one() -> None:
    made = string_arrays.words(_ROTATED.partition("(function")[0].encode())
    assert made is not None
    assert made.texts[0] == "c"


def test_a_sum_that_no_order_has_is_not_guessed() -> None:
    assert string_arrays.words(_ROTATED.replace("-0x21", "0x999").encode()) is None
    assert string_arrays.words(b"const a = ['a', 'b', 'c', 'd'];") is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0x10", 16),
        ("1+2*3", 7),
        ("-(1 - 3)/4", 0.5),
        ("0x1*-0x2+ -0x3", -5),
        ("2*(3", None),
        ("1/0", None),
        ("a", None),
        ("", None),
        ("(" * 100 + "1" + ")" * 100, None),
    ],
)
def test_sums(text: str, number: float | None) -> None:
    assert arithmetic.value(text) == number


@given(st.text(alphabet="0123456789x+-*/() ", max_size=60))
def test_sums_never_raise(text: str) -> None:
    assert arithmetic.value(text) is None or isinstance(arithmetic.value(text), float | int)


@pytest.mark.parametrize(
    "data",
    [
        b"var _0x1=['a','b','c','d'" * 20_000,
        b"var _0x1=[" + b"'a'," * 200_000,
        b"function _0x1(_0x2,_0x3){" * 20_000,
        b"while(!![]){try{const a=parseInt(" * 20_000 + b"_0x",
        _ROTATED.encode() * 2_000,
    ],
    ids=["arrays", "texts", "functions", "loops", "many"],
)
def test_hostile_text_is_read_in_linear_time(data: bytes) -> None:
    growth.is_linear_in(string_arrays.words, data)
