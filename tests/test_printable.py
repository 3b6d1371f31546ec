"""The one gate: everything can be seen, nothing gives a command, and the text can be got back."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.printable import and_more, cut, listed, plural, printable, raw, uncommanding
from tests.hostile import LAW, TEXTS
from tests.oracle import commands

#: Default_Ignorable_Code_Point of DerivedCoreProperties.txt: what a font may draw as nothing.
_RANGES = (
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5),
    (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164),
    (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
IGNORABLE = frozenset(code for first, last in _RANGES for code in range(first, last + 1))


def invisible(character: str) -> bool:
    code = ord(character)
    if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Zs"}:
        return character != " "
    return code in IGNORABLE or code & 0xFFFE == 0xFFFE


def test_every_invisible_character_of_unicode_is_made_visible() -> None:
    everything = (chr(code) for code in range(sys.maxunicode + 1))
    assert [f"{ord(one):04x}" for one in everything if invisible(one) and printable(one) == one] == []


def test_letters_of_every_script_stay_as_they_are() -> None:
    text = "README.md café 名前 Ελλάδα שלום नमस्ते 😀 e\u0301 $x = {y} | `z` <b>"
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\u202egnp", r"\u202egnp"),
        ("\U000e0041", r"\U000e0041"),
        ("caf\udce9", r"caf\xe9"),
        ("\x85", r"\u0085"),
        ("src\\main.c", r"src\\main.c"),
        ("a ##[error]b", r"a #\#[error]b"),
        ("###vso[task]", r"##\#vso[task]"),
        ("##teamcity[x]", r"#\#teamcity[x]"),
        ("## heading [1]", "## heading [1]"),
        ("  ::error::x", r"  \::error::x"),
        ("std::string", "std::string"),
    ],
)
def test_form(text: str, shown: str) -> None:
    assert printable(text) == shown


@LAW
@given(TEXTS | st.text(st.characters()))
def test_the_text_can_be_got_back(text: str) -> None:
    assert raw(printable(text)) == text


@LAW
@given(TEXTS)
def test_nothing_invisible_and_no_command_is_left(text: str) -> None:
    shown = printable(text)
    assert not any(invisible(character) for character in shown)
    assert commands(f"{shown}\nfile {shown}: {shown}".encode()) == []


@LAW
@given(TEXTS, st.integers(1, 100))
def test_a_limit_cuts_between_escapes(text: str, limit: int) -> None:
    shown, whole = printable(text, limit), printable(text)
    assert len(shown) <= limit
    if len(whole) <= limit:
        assert shown == whole
    else:
        assert shown.endswith("…")
        assert whole.startswith(shown[:-1])
        assert raw(shown[:-1]) == text[: len(raw(shown[:-1]))]


def test_a_long_text_is_cut_without_being_read_to_its_end() -> None:
    assert printable("\x1b" * 10_000_000, 10) == r"\x1b\x1b…"


@LAW
@given(TEXTS, st.integers(0, 200))
def test_a_line_cut_out_of_printable_text_gives_no_command_either(text: str, start: int) -> None:
    line = uncommanding("    " + printable(text)[start : start + 200])
    assert commands(line.encode()) == []


def test_plural() -> None:
    assert [plural(0, "file"), plural(1, "file"), plural(4175, "file"), plural(2, "entry", "entries")] == [
        "0 files",
        "1 file",
        "4,175 files",
        "2 entries",
    ]


def test_a_list_names_the_first_and_counts_the_rest() -> None:
    assert listed(["a", "b"]) == "a, b"
    assert listed([str(n) for n in range(2008)]) == "0, 1, 2, 3, 4, 5, 6, 7 and 2,000 more"
    assert listed(["a is b", "c"], 1, ";") == "a is b; and 1 more"


def test_there_is_only_more_where_something_is_left() -> None:
    assert and_more(0) == and_more(-1, "in this folder") == ""
    assert and_more(1_999, "in this folder") == ", and 1,999 more in this folder"


@LAW
@given(TEXTS, st.integers(1, 50))
def test_a_cut_text_has_its_length_and_shows_that_it_was_cut(text: str, limit: int) -> None:
    shown = cut(text, limit)
    assert len(shown) <= limit
    assert shown == text or (len(text) > limit and shown == text[: limit - 1] + "…")


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (r"\\x1b", r"\x1b"),
        (r"a\q", r"a\q"),
        ("a\\", "a\\"),
        (r"\U7fffffff", r"\U7fffffff"),
        (r"\xe9 \u00e9", "\udce9 \xe9"),
        ("plain", "plain"),
    ],
)
def test_what_has_no_such_form_stays(shown: str, text: str) -> None:
    assert raw(shown) == text
