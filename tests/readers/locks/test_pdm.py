"""pdm.lock from 3.1 to 4.5.1: extras sets, files by name or by URL, sources, hostile ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.model import UNSTATED, Change, Digest, Package, Record, Setting, Unread
from fimci.readers.locks import pdm
from tests.readers import seen

SIX = (
    "https://files.index.example/packages/b7/ce/149a00dd41f10bc29e5921b496af8b574d8413afcd5e30dfa0ed46c2cc5e"
    "/six-1.17.0-py2.py3-none-any.whl"
)
LOCKS = Path(__file__).parents[3] / "fixtures" / "locks" / "pdm"


def records(text: str) -> list[Record]:
    return seen.records(pdm, "pdm.lock", text)


def packages(text: str) -> dict[str, Package]:
    return seen.packages(records(text))


def changes(before: str, after: str) -> list[Change]:
    return seen.changes(records(before), records(after))


def load(name: str) -> str:
    return (LOCKS / f"{name}.lock").read_text()


def test_wants_its_names() -> None:
    assert pdm.wants("a/pdm.lock", b"")
    assert pdm.wants("pdm.py38.lock", b"")
    assert not pdm.wants("uv.lock", b"")
    assert not pdm.wants("pdm.toml", b"")


@pytest.mark.parametrize("version", ["3.1", "4.4", "4.4.1", "4.5.1", "static-urls"])
def test_every_version_is_read_in_full(version: str) -> None:
    text = load(version)
    assert len(packages(text)) == text.count("[[package]]")
    assert not [record for record in records(text) if isinstance(record, Unread)]
    for package in packages(text).values():
        assert package.integrity or package.origin_kind in {"git", "directory"}


@pytest.mark.parametrize("version", ["3.1", "4.5.1"])
def test_an_extras_set_is_an_entry_of_its_own_with_the_same_files(version: str) -> None:
    found = packages(load(version))
    assert found["requests"].integrity == found["requests[socks]"].integrity != ()
    assert "pysocks@!=1.5.7,>=1.5.6" in found["requests[socks]"].dependencies
    assert found["requests[socks]"].name == "requests"


def test_files_of_old_versions_stand_apart_and_are_cited_there() -> None:
    text = load("3.1")
    package = packages(text)["urllib3"]
    digest = Digest("sha256", "c97dfde1f7bd43a71c8d2a58e369e9b2bf692d1334ea9f9cae55add7d0dd0f84")
    lines = text.splitlines()
    assert lines[package.at.part("integrity") - 1] == '"urllib3 2.0.7" = ['
    assert digest.hex in lines[package.at.part(digest.label) - 1]


@pytest.mark.parametrize(
    ("name", "kind", "origin", "flags", "builds"),
    [
        ("click", "registry", None, ("optional",), UNSTATED),
        (
            "gitdep-py",
            "git",
            "git://127.0.0.1/gitdep.git?rev=v1.0.0#d9c008b9be6420c2812109bff8438dc41e2902f9",
            (),
            True,
        ),
        ("pathpy", "directory", "./pathpy", ("editable", "optional"), True),
        (
            "six",
            "tarball",
            SIX,
            (),
            UNSTATED,
        ),
    ],
)
def test_sources(name: str, kind: str, origin: str | None, flags: tuple[str, ...], builds: object) -> None:
    package = packages(load("4.5.1"))[name]
    assert (package.origin_kind, package.origin, package.flags) == (kind, origin, flags)
    assert package.install_scripts is builds
    line = load("4.5.1").splitlines()[package.at.part("origin") - 1]
    assert str(origin).partition("?")[0] in line or origin is None


def test_static_urls_tell_the_host_and_nothing_else() -> None:
    hosts = [record for record in records(load("static-urls")) if isinstance(record, Setting)]
    assert [(one.name, one.value) for one in hosts if one.name.startswith("file-host")] == [
        ("file-host.files.index.example", "https")
    ]
    told = {change.differs for change in changes(load("4.5.1"), load("static-urls"))}
    assert told == {()}  # the host is new; no package differs


def test_the_content_hash_is_told_with_its_line() -> None:
    stated = {one.name: one for one in records(load("4.5.1")) if isinstance(one, Setting)}
    assert stated.keys() == {"content-hash", "locked.groups"}
    found = stated["content-hash"]
    assert (found.name, found.value[:8], found.at.line) == ("content-hash", "3aca4f81", 8)


ONE = """[metadata]
lock_version = "4.5.1"

[[package]]
name = "left"
version = "1.0"
files = [
    {file = "left-1.0-py3-none-any.whl", hash = "sha256:aa"},
    {file = "left-1.0.tar.gz", hash = "sha256:bb"},
]
"""


@pytest.mark.parametrize(
    ("line", "kind", "origin"),
    [
        ('url = "https://u:p@evil.example/left.whl"', "tarball", "https://***@evil.example/left.whl"),
        ('git = "https://evil.example/left.git"\nrevision = "ab"', "git", "https://evil.example/left.git#ab"),
        ('path = "./left-1.0.tar.gz"', "file", "./left-1.0.tar.gz"),
        ('path = "../left"', "directory", "../left"),
    ],
)
def test_a_source_that_appears_is_a_change_of_origin(line: str, kind: str, origin: str) -> None:
    (change,) = changes(ONE, ONE.replace("files", f"{line}\nfiles"))
    assert isinstance(change.after, Package)
    assert {"origin", "origin_kind"} <= set(change.differs)
    assert (change.after.origin_kind, change.after.origin, change.after.at.part("origin")) == (
        kind,
        origin,
        7,
    )


def test_one_file_without_a_hash_spoils_the_entry() -> None:
    assert packages(ONE.replace(', hash = "sha256:bb"', ""))["left"].integrity == ()
    assert packages(ONE[: ONE.index("files")])["left"].integrity == ()


def test_an_sdist_alone_is_built() -> None:
    only = ONE.replace('    {file = "left-1.0-py3-none-any.whl", hash = "sha256:aa"},\n', "")
    assert packages(only)["left"].install_scripts is True


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (ONE.replace("4.5.1", "5.0"), 2),
        (ONE.replace("4.5.1", "4.9"), 2),
        (ONE[ONE.index("[[") :], 1),
        (ONE.replace('name = "left"', "name = 1"), 4),
        (ONE + 'name = "', 11),
        (ONE + ONE, 11),
    ],
)
def test_what_is_not_understood_is_unread(text: str, line: int) -> None:
    assert [record.line for record in records(text) if isinstance(record, Unread)] == [line]


VALUES = st.sampled_from(["1", "true", '"x"', "[]", "{}", "[1]", "[{file = 1}]", '["a; b"]', "1979-05-27"])
KEYS = ["version", "files", "git", "url", "path", "extras", "dependencies", "groups", "editable", "revision"]


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), VALUES), VALUES)
def test_values_of_any_type_are_borne(entry: dict[str, str], metadata: str) -> None:
    body = "".join(f"{key} = {value}\n" for key, value in entry.items())
    found = records(f'metadata = {metadata}\n[[package]]\nname = "a"\n{body}')
    assert [record for record in found if isinstance(record, Package)]
