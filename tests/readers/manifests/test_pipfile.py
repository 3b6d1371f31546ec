"""Pipfile: requirements of every kind, sources, and what pipenv hashes of it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.model import Package, Record, Unread
from fimci.readers.manifests import lock_inputs, pipfile
from tests.readers import seen

TEXT = (Path(__file__).parents[3] / "fixtures" / "locks" / "pipenv" / "Pipfile").read_text()


def records(text: str) -> list[Record]:
    return seen.records(pipfile, "Pipfile", text)


def test_requirements() -> None:
    found = seen.packages(records(TEXT))
    assert {place: (one.version, one.origin_kind, one.flags) for place, one in found.items()} == {
        "packages/requests": ("[socks]>=2.31", "registry", ()),
        "packages/colorama": ("; sys_platform == 'win32'", "registry", ()),
        "packages/cryptography": ("", "registry", ()),
        "packages/six": ("", "tarball", ()),
        "packages/gitdep-py": ("", "git", ()),
        "packages/pathpy": ("", "directory", ("editable",)),
        "dev-packages/pytest": ("", "registry", ("dev",)),
    }
    assert found["packages/gitdep-py"].origin == "file:///src/repos/gitdep.git@v1.0.0"
    lines = TEXT.splitlines()
    assert all(lines[one.at.line - 1].startswith(one.name) for one in found.values())


def test_sources_are_settings_without_passwords() -> None:
    text = '[[source]]\nname = "a"\nurl = "https://me:pw@index.example/simple"\nverify_ssl = false\n'
    found = seen.switches(records(text))
    assert found["source.a.url"] == ("https://***@index.example/simple", 3)
    assert found["source.a.verify_ssl"] == ("false", 4)


def test_conditions_beside_markers_and_categories() -> None:
    text = '[docs]\nleft = {version = "==1.*", sys_platform = "== \'win32\'", markers = "x"}\n'
    (found,) = seen.packages(records(text)).values()
    assert (found.version, found.flags) == ("==1.*; x and sys_platform == 'win32'", ("dev",))


def test_the_hash_is_what_pipenv_takes() -> None:
    meta = {"sources": [{"name": "a", "url": "https://index.example/simple"}], "requires": {}}
    said = {"_meta": meta, "default": {"left": "*"}, "develop": {}, "docs": {"sphinx": "*"}}
    source = '[[source]]\nurl="https://index.example/simple"\nname="a"\n'
    text = source + '[packages]\nleft="*"\n[docs]\nsphinx="*"\n[scripts]\nx="y"\n'
    wanted = hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    assert seen.switches(records(text))["lock-input.pipenv"] == (wanted, 1)


def test_without_a_source_the_client_decides() -> None:
    assert "lock-input.pipenv" not in seen.switches(records('[packages]\nleft = "*"\n'))
    assert lock_inputs.pipenv({"source": [], "packages": {"left": object()}}) == ""


@pytest.mark.parametrize(
    ("text", "line"),
    [("packages = 1\n", 1), ("[packages]\nleft = 1\n", 2), ("[packages\n", 1), ("[a]\nx = '1'\n[a]\n", 3)],
)
def test_what_is_not_understood_is_unread(text: str, line: int) -> None:
    assert [one.line for one in records(text) if isinstance(one, Unread)] == [line]


VALUES = st.sampled_from(
    ["1", "true", '"x"', "[]", "{}", "[1]", "1979-05-27", '{git = 1, ref = "x"}', '{path = "x"}']
)


@settings(max_examples=100, deadline=None)
@given(VALUES, VALUES, VALUES)
def test_values_of_any_type_are_borne(source: str, value: str, section: str) -> None:
    found = records(f"source = {source}\ndocs = {section}\n[packages]\nleft = {value}\n")
    assert all(isinstance(one, Package | Unread) or one.key for one in found)
