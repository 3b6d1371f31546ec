"""JSON with comments and trailing commas: what bun and deno accept, on the lines where it stands."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.marked.document import Malformed
from fimci.readers import commented
from tests import hostile

JSONS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["//", "/*", ",]", '"']),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=10,
)


@given(JSONS, st.booleans())
@hostile.LAW
def test_what_is_json_stays_what_it_is(value: object, ascii_only: bool) -> None:  # noqa: FBT001  (hypothesis passes by position)
    text = json.dumps(value, indent=1, ensure_ascii=ascii_only)
    assert commented.load(text.encode("utf-8", "surrogatepass")).value == value


@given(JSONS)
@hostile.LAW
def test_comments_and_commas_change_nothing(value: object) -> None:
    plain = json.dumps(value, indent=1)
    adorned = "".join(
        f"{line}, // x\n" if following.strip() in {"]", "}", "],", "},"} else f"{line} /* y,\n*/\n"
        for line, following in zip(plain.split("\n"), [*plain.split("\n")[1:], ""], strict=True)
    )
    assert commented.load(adorned.encode()).value == value


@pytest.mark.parametrize(
    "text", ["{,}", "[,]", "[1,,]", "[1,,2]", "[1 /", "/* [1]", "[1] /*", "[1] /*/", '["a\n"]', ","]
)
def test_what_neither_accepts(text: str) -> None:
    with pytest.raises(Malformed):
        commented.load(text.encode())


def test_lines_stay() -> None:
    document = commented.load(b'{ /* a\nb */ "x": 1, // c\n "y": [1,\n2,\n],}')
    assert [document.line(("x",)), document.line(("y",)), document.line(("y", 1))] == [2, 3, 4]
