from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci import lookalikes
from fimci.model import Capability, Unread
from fimci.readers.code import concealment, hidden_text, lexing
from tests.readers import mutants

RLO, LRI, PDI, RLE, PDF, RLM = "\u202e", "\u2066", "\u2069", "\u202b", "\u202c", "\u200f"
ZWSP, ZWNJ, ZWJ, SHY = "\u200b", "\u200c", "\u200d", "\u00ad"
SHALOM = "\u05e9\u05dc\u05d5\u05dd"


def read(path: str, text: str | bytes) -> list[Capability]:
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    assert hidden_text.wants(path, data[:4096])
    return [record for record in hidden_text.read(path, data) if isinstance(record, Capability)]


def subjects(path: str, text: str | bytes) -> list[str]:
    return [record.subject for record in read(path, text)]


@pytest.mark.parametrize(
    ("path", "text", "subject"),
    [
        ("a.py", f"x = '{RLO}nimda'", "bidi in \"x = '<U+202E>nimda'\""),
        ("a.c", f"/*{RLO} }} {LRI}if (a){PDI} */", 'bidi in "/*<U+202E> } <U+2066>if (a)<U+2069> */"'),
        ("a.json", f'{{"a": "{RLO}x"}}', 'unbalanced bidi in "{"a": "<U+202E>x"}"'),
        ("a.md", f"{RLO}gpj.exe", 'unbalanced bidi in "<U+202E>gpj.exe"'),
        ("a.js", f"const user{ZWSP} = 1", '1 invisible character in "const user<U+200B> = 1"'),
        ("a.js", f"ad{SHY}min()", '1 invisible character in "ad<U+00AD>min()"'),
        ("a.js", f"f({RLM})", '1 invisible character in "f(<U+200F>)"'),
        ("a.js", "const { a,\u3164} = q", '1 invisible character in "const { a,<U+3164>} = q"'),
        ("a.js", "x = \ue000", '1 private-use character in "x = <U+E000>"'),
        ("a.js", "// a\u2028run()", '1 line separator in "// a<U+2028>run()"'),
        (
            "a.js",
            f"{'a' * 600}='{ZWSP}{ZWNJ}{ZWSP}';{'b' * 600}",
            f"3 invisible characters in \"{'a' * 14}='<U+200B><U+200C>...';{'b' * 14}\"",
        ),
        ("a.py", "'" + ZWSP * 3 + "'", "3 invisible characters in \"'<U+200B><U+200B>...'\""),
        ("a.md", "a\U000e0001\U000e0061b", '2 tags in "a<U+E0001><U+E0061>b"'),
        ("a.yml", "run: e\ufe01", '1 variation selector in "run: e<U+FE01>"'),
        ("a.js", "p\u0430ssword", 'look-alike of "password" in "p<U+0430>ssword"'),
        ("a.js", "is\u01c3 = b", 'look-alike of "is!" in "is<U+01C3>"'),
        ("a.js", "scope \u0455\u0441\u043e\u0440\u0435", None),
        ("a.go", "\uff45\uff56\uff41\uff4c()", 'look-alike of "eval" in "<U+FF45><U+FF56><U+FF41><U+FF4C>"'),
        ("a.py", "self; \u017felf", 'look-alike of "self" in "<U+017F>elf"'),
        ("a.toml", 'n\u0430me = "x"', 'look-alike of "name" in "n<U+0430>me"'),
        ("Makefile", f"all{ZWSP}:", '1 invisible character in "all<U+200B>:"'),
    ],
)
def test_speaks(path: str, text: str, subject: str | None) -> None:
    if subject is None:
        subject = 'look-alike of "scope" in "<U+0455><U+0441><U+043E><U+0440><U+0435>"'
    assert subjects(path, text) == [subject]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.js", "\ufeffconst a = 1"),
        ("a.js", f"months = 'D/{RLM}M'"),
        ("a.js", f"x = '\u0645\u06cc{ZWNJ}\u062e' // soft{SHY}ly, {ZWSP}here"),
        ("a.js", f"x = `\U0001f468{ZWJ}\U0001f469`"),
        ("a.swift", f"let \U0001f468{ZWJ}\U0001f469 = 1"),
        ("a.js", "icon = '\ue0b0'; re = /[\ue000-\uf8ff\"']/; x = '\u3164'"),
        ("a.css", "a::before { content: '\uf101' }"),
        ("a.js", "const s = '\u2028'"),
        ("a.js", "const odd = '\u061c\u200b\u200c\u200d\ufeff'"),
        ("a.js", f"{'a' * 600}='{ZWSP * 4}';{'b' * 600}"),
        ("a.md", "\u2764\ufe0f 1\ufe0f\u20e3 \u845b\U000e0100"),
        ("a.md", "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"),
        ("a.py", "'\U0001f3f4\u200d" + "\u200d".join("\U000e0067\U000e0062\U000e0065\U000e007f") + "'"),
        ("a.md", f"thanks {LRI}@left{PDI}"),
        ("a.po", f'msgstr "{RLE}{SHALOM} (left){PDF}"'),
        ("a.json", f'{{"a": "{RLE}{SHALOM}{PDF}"}}'),
        ("a.py", "\u0394t = \u03bcs + \u03a9m  # \u0441\u043e\u0440\u0435 core\n"),
        ("a.py", "\u0440\u0430\u0437\u043c\u0435\u0440 = x\u2099\n"),
        ("a.jl", "\U0001d431 = \u211d"),
        ("a.js", "s = 'p\u0430ssword'"),
        ("a.rst", "p\u0430ssword"),
        ("a.py", "s = '\ufb01'; \u00aa = 1"),
        ("a.yml", "\u0442\u0435\u0441\u0442: \u0441\u043e"),
        ("a.py", b"# \xe9t\xe9 in latin-1, \xff\xfe\n"),
    ],
)
def test_is_silent_where_such_characters_belong(path: str, text: str | bytes) -> None:
    assert subjects(path, text) == []


def test_a_payload_is_spelt_out() -> None:
    selectors = "".join(chr(0xE0100 - 16 + byte) for byte in b"fetch(1)")
    (found,) = read("a.js", f"run(`{selectors}`)")
    assert (found.subject, found.detail) == (
        '8 variation selectors in "run(`<U+E0156><U+E0155>...`)"',
        "fetch(1)",
    )
    (found,) = read("a.md", "".join(chr(0xE0000 + ord(letter)) for letter in "obey"))
    assert found.detail == "obey"


def test_points_at_the_line_with_the_raw_characters() -> None:
    (found,) = read("a.js", f"one\ntwo\n  three{ZWSP} = 3\nfour")
    assert (found.at.line, found.at.text) == (3, f"  three{ZWSP} = 3")


def test_an_unclosed_quote_does_not_make_the_rest_a_string() -> None:
    assert len(subjects("a.jsx", f"<p>don't</p>; x{ZWSP} = 1")) == 1
    assert subjects("a.py", f"'''\nit's {ZWSP}\n'''") == []


def test_a_pattern_with_a_quote_is_no_string() -> None:
    assert len(subjects("a.js", f"a = /[\"/]/; b{ZWSP} = /'/")) == 1
    assert subjects("a.js", f"a = /'/; b = '{ZWSP}'") == []


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-8-sig"])
def test_byte_order_marks(encoding: str) -> None:
    bom = "\ufeff" if encoding == "utf-16-be" else ""
    assert len(subjects("a.js", f"{bom}a{ZWSP} = 1".encode(encoding))) == 1


@pytest.mark.parametrize("path", ["package-lock.json", "poetry.lock", "a.png", "a.unknown", "photo"])
def test_what_is_not_looked_at(path: str) -> None:
    assert not hidden_text.wants(path, b"left")


@pytest.mark.parametrize(
    ("path", "head", "family"),
    [
        ("bin/run", b"#!/usr/bin/env node\n", "slash"),
        ("bin/run", b"#!/usr/bin/python3\n", "python"),
        ("bin/run", b"#!/bin/sh\n", "hash"),
        ("docker/Dockerfile.prod", b"", "hash"),
        ("A.PY", b"", "python"),
        (".env", b"", "data"),
    ],
)
def test_family(path: str, head: bytes, family: str) -> None:
    assert lexing.family(path, head) == family


def test_binary_under_a_name_of_source_is_no_text() -> None:
    film = b"G\0" + bytes(range(128, 256)) * 40 + RLO.encode()
    assert not hidden_text.wants("film.ts", film[:4096])
    late = b"G" + bytes(range(128, 256)) * 40 + b"\0" + RLO.encode()
    assert read("film.ts", late) == []


def test_nul_does_not_hide_anything_in_text() -> None:
    assert len(subjects("a.js", f"\0 a{ZWSP} = 1")) == 1


def test_many_hidden_things_end_in_one_that_notices_one_more() -> None:
    text = "".join(f"a{number}{ZWSP} = 1\n" for number in range(1000))
    found, other = read("a.js", text), read("a.js", text + ZWSP)
    assert len(found) == hidden_text.LIMIT + 1
    assert found[-1].subject == "more than is listed"
    assert found[-1].key == other[-1].key
    assert found[-1].detail != other[-1].detail


def test_too_much_to_judge_is_said() -> None:
    records = list(hidden_text.read("a.md", ("\u2764\ufe0f" * (hidden_text.SUSPECTS + 1)).encode()))
    assert [type(record) for record in records] == [Unread]


@pytest.mark.parametrize(
    "unit",
    [
        RLO,
        f"a{ZWSP}",
        "\u0430a",
        '"\\"',
        "=/[",
        "=/\\",
        "/*",
        "`\\",
        '"""',
        "= ",
        "\\\\",
        "\U0001f3f4\U000e0061",
    ],
)
@pytest.mark.parametrize("path", ["a.js", "a.py", "a.json"])
def test_hostile_text_costs_linear_time(path: str, unit: str) -> None:
    mutants.is_linear(hidden_text, path, lambda size: (unit * size + ZWSP).encode(), 800)


@pytest.mark.parametrize("tail", ["[a", "[a]", "\\[", "a[\\]"])
def test_a_pattern_without_an_end_costs_linear_time(tail: str) -> None:
    mutants.is_linear(hidden_text, "a.js", lambda size: f"x =/{tail * size}\n{ZWSP}".encode(), 2000)


@given(
    st.binary() | st.text().map(str.encode),
    st.sampled_from(["a.js", "a.py", "a.php", "a.lua", "a.el", "a.erl", "a.vb", "a.json", "a.md", "a.sh"]),
)
@settings(max_examples=100, deadline=None)
def test_any_bytes_give_records_with_distinct_keys(data: bytes, path: str) -> None:
    records = list(hidden_text.read(path, data))
    assert len({record.key for record in records}) == len(records)


@given(
    st.text(alphabet=st.characters(max_codepoint=127)), st.sampled_from(["a.js", "a.py", "a.json", "a.md"])
)
@settings(max_examples=50)
def test_a_control_that_reorders_never_hides_in_ascii(text: str, path: str) -> None:
    assert any("bidi in" in subject for subject in subjects(path, f"{text}{RLO}{text}"))


@given(st.lists(st.sampled_from(["'", '"', "`", "/", "*", "#", "-", "\n", "\\", "a", " ", "=", "["])))
@settings(max_examples=100)
def test_texts_are_in_order_and_apart(parts: list[str]) -> None:
    text = "".join(parts)
    for family in ("slash", "hash", "python", "php", "dash", "semicolon", "percent", "apostrophe"):
        end = 0
        for span in lexing.texts(text, family):
            assert end <= span.start < span.end <= len(text)
            end = span.end


def test_every_look_alike_stands_for_one_ascii_character() -> None:
    assert all(len(lookalikes.imitated(letter) or "") == 1 for letter in lookalikes.LETTERS)
    assert len(set(lookalikes.LETTERS)) == len(lookalikes.LETTERS)
    assert lookalikes.imitated("scope") is None


def test_visible_leaves_nothing_hidden() -> None:
    assert concealment.visible(f"a{ZWSP}b{RLO}") == "a<U+200B>b<U+202E>"


def test_translations_leave_controls_open() -> None:
    assert not subjects("ckb.po", 'msgstr[0] "\u202b%(num)d \u0633\u0627\u06b5"\n')
    assert not subjects("he.po", f'msgstr "{SHALOM}"\nmsgstr "%(text)s\u202e..."\n')
    assert subjects("en.po", 'msgstr "Good day"\nmsgstr "%(text)s\u202e..."\n')


def test_prose_without_spaces_has_runs_of_breaks() -> None:
    khmer = "\u1798\u17bc\u179b"
    assert not subjects("km.po", f'msgstr "{khmer}{ZWSP * 3}{khmer}"')
    assert subjects("km.po", f'msgstr "{khmer}{ZWSP * 8}{khmer}"')
    assert subjects("km.js", f'x = "{khmer}{ZWSP * 3}{khmer}"')


def test_an_end_of_a_range_is_no_payload() -> None:
    assert not subjects("a.py", "r'[a-z\U000e0100-\U000e01ef]'")
    assert subjects("a.py", "r'[a-z\U000e0100\U000e0101\U000e0102-\U000e01ef]'")


def test_a_line_that_nobody_can_read_is_told_apart() -> None:
    filler = "a=b[c];" * 100
    table = f'{filler}d="[{RLE}-{RLO}]";{filler}'
    assert subjects("a.js", table)[0].startswith("dense bidi in ")
    assert subjects("a.js", f'x = "[{RLE}-{RLO}]";\n{filler}')[0].startswith("bidi in ")
    spread = " " * 700 + f'd="[{RLE}-{RLO}]"' + " " * 700
    assert subjects("a.js", spread)[0].startswith("bidi in ")


def test_a_pattern_that_lists_controls_in_minified_code_hides_nothing() -> None:
    filler, listed = "a=b[c];" * 100, "\u202d\u202e\u2066\u2067\u2069"
    assert not subjects("a.js", f"{filler}d=`[\n-\u00ad{listed}-]`;{filler}")
    assert subjects("a.js", f'd="[{listed}]"')
    assert subjects("a.js", f'{filler}d="{listed[::-1]}";{filler}')
    assert subjects("a.js", f"{filler}/*{listed}*/{filler}")
    assert subjects("a.js", f'x = "{RLO}";{filler}')[0].startswith("bidi in ")
