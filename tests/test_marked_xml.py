import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.marked import xml
from fimci.marked.document import DEPTH_LIMIT, Malformed
from tests import hostile


def test_elements_have_lines_attributes_and_text() -> None:
    root = xml.load(b'<?xml version="1.0"?>\n<a xmlns="urn:x">\n <b k="1">t&amp;u</b>\n <b/>\n</a>\n')
    assert (root.name, root.line) == ("a", 2)
    assert [(one.attributes, one.text, one.line) for one in root.every("b")] == [
        ({"k": "1"}, "t&u", 3),
        ({}, "", 4),
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("<a>\n<b></a>", 2),
        ('<!DOCTYPE a [<!ENTITY x "y">]>\n<a>&x;</a>', 1),
        ('\n<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', 2),
        ("<a>&x;</a>", 1),
        ("<a>" * (DEPTH_LIMIT + 2), 1),
        ('<?xml version="1.0" encoding="no-such"?><a/>', 1),
        ('<?xml version="1.0" encoding="rot13"?><a/>', 1),
    ],
)
def test_what_is_no_plain_document_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(Malformed) as caught:
        xml.load(text.encode())
    assert caught.value.line == line


def test_elements_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "ELEMENT_LIMIT", 10)
    with pytest.raises(Malformed):
        xml.load(b"<a>" + b"<b/>" * 10 + b"</a>")


@hostile.LAW
@given(
    st.binary(max_size=80) | hostile.TEXTS.map(lambda text: f"<a>{text}</a>".encode("utf-8", "surrogatepass"))
)
def test_nothing_but_malformed_is_raised(data: bytes) -> None:
    with contextlib.suppress(Malformed):
        xml.load(data)
