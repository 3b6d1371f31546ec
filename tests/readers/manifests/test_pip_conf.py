from __future__ import annotations

import configparser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.model import Unread
from fimci.readers.manifests import pip_conf
from tests.readers import seen

PIP = """\
# a comment
[global]
Index_URL = https://me:hunter2@one.index.example/simple
extra-index-url =
    https://two.index.example/simple
    # in between
    https://three.index.example/simple
trusted-host: a.example b.example
[install]
no-binary
"""


def read(path: str, text: str) -> dict[str, tuple[str, int]]:
    return seen.switches(pip_conf.read(path, text.encode()))


def test_options_of_pip_have_their_section_and_lists_a_line_each() -> None:
    assert read("pip.conf", PIP) == {
        "global.index-url": ("https://***@one.index.example/simple", 3),
        "global.extra-index-url[0]": ("https://two.index.example/simple", 5),
        "global.extra-index-url[1]": ("https://three.index.example/simple", 7),
        "global.trusted-host[0]": ("a.example", 8),
        "global.trusted-host[1]": ("b.example", 8),
    }


def test_uv_names_its_indexes() -> None:
    text = (
        '[[index]]\nname = "inner"\nurl = "https://u:p@one.index.example/simple"\n'
        "[pip]\nrequire-hashes = false\n"
    )
    assert read("uv.toml", text) == {
        "index.inner.name": ("inner", 2),
        "index.inner.url": ("https://***@one.index.example/simple", 3),
        "pip.require-hashes": ("false", 5),
    }


def test_of_pypirc_only_names_and_addresses_are_kept() -> None:
    text = "[inner]\nrepository = https://files.index.example/\nusername = me\npassword = hunter2\n"
    assert read(".pypirc", text) == {
        "inner.repository": ("https://files.index.example/", 2),
        "inner.username": ("(secret)", 3),
        "inner.password": ("(secret)", 4),
    }
    assert "hunter2" not in repr(list(pip_conf.read(".pypirc", text.encode())))


def test_an_option_that_occurs_twice_is_told() -> None:
    (unread,) = (
        r for r in pip_conf.read("pip.ini", b"[global]\npre = 1\npre = 2\n") if isinstance(r, Unread)
    )
    assert (unread.part, unread.line) == ("global.pre", 3)


@pytest.mark.parametrize(("path", "data"), [("pip.conf", b"\xff"), ("uv.toml", b"a = \n")])
def test_what_cannot_be_parsed_is_unread(path: str, data: bytes) -> None:
    assert [type(record) for record in pip_conf.read(path, data)] == [Unread]


WORDS = st.text(alphabet="abc-/.", min_size=1, max_size=8)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(WORDS, st.lists(WORDS, min_size=1, max_size=3), max_size=5))
def test_it_reads_what_pips_own_parser_reads(options: dict[str, list[str]]) -> None:
    text = "[global]\n" + "".join(
        f"x{name} = " + "\n  ".join(values) + "\n" for name, values in options.items()
    )
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    theirs = {f"global.{name}": value for name, value in parser["global"].items()}
    assert {name: value for name, (value, _) in read("pip.conf", text).items()} == theirs


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["pip.conf", "uv.toml", ".pypirc"]), st.text(alphabet="[]=: \n#a\t\r\"'.", max_size=60)
)
def test_nothing_makes_the_reader_raise(path: str, text: str) -> None:
    assert all(record.key for record in pip_conf.read(path, text.encode()))
