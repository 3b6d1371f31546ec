"""pylock.toml as pip, uv and pdm write it, what an installer refuses, and hostile ones."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.model import UNSTATED, Change, Digest, Package, Record, Setting, Unread
from fimci.readers.locks import pylock
from tests.readers import seen

LOCKS = Path(__file__).parents[3] / "fixtures" / "locks" / "pylock"
CLIENTS = ["pip", "uv", "pdm"]


def load(client: str) -> str:
    return (LOCKS / f"{client}.toml").read_text()


def records(text: str) -> list[Record]:
    return seen.records(pylock, "pylock.toml", text)


def packages(text: str) -> dict[str, Package]:
    return seen.packages(records(text))


def changes(before: str, after: str) -> list[Change]:
    return seen.changes(records(before), records(after))


@pytest.mark.parametrize("path", ["pylock.toml", "a/pylock.dev.toml"])
def test_wants_the_names_of_the_specification(path: str) -> None:
    assert pylock.wants(path, b"")


@pytest.mark.parametrize("path", ["pylock.a.b.toml", "pylocktoml", "my-pylock.toml", "pylock.toml.orig"])
def test_leaves_the_rest_alone(path: str) -> None:
    assert not pylock.wants(path, b"")


@pytest.mark.parametrize("client", CLIENTS)
def test_every_client_is_read_in_full(client: str) -> None:
    text = load(client)
    found = packages(text)
    assert len(found) == text.count("[[packages]]")
    assert not [record for record in records(text) if isinstance(record, Unread)]
    assert found["six"].origin_kind == "tarball"
    assert found["six"].integrity == (
        Digest("sha256", "4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274"),
    )
    git = found["gitdep-py"]
    assert (git.origin_kind, git.integrity, git.install_scripts) == ("git", (), True)
    assert str(git.origin).endswith("gitdep.git?rev=v1.0.0#d9c008b9be6420c2812109bff8438dc41e2902f9")
    assert found["pathpy"].flags == ("editable",)
    hosts = [record.name for record in records(text) if isinstance(record, Setting)]
    assert hosts == ["file-host.files.index.example"]


@pytest.mark.parametrize("client", CLIENTS)
def test_facts_stand_on_their_lines(client: str) -> None:
    lines = load(client).splitlines()
    for package in packages(load(client)).values():
        assert lines[package.at.line - 1] == f'name = "{package.name}"'
        if package.version is not UNSTATED:
            assert lines[package.at.part("version") - 1] == f'version = "{package.version}"'


def test_the_index_is_unstated_where_the_client_leaves_it_out() -> None:
    assert packages(load("pip"))["certifi"].origin is UNSTATED
    assert packages(load("uv"))["certifi"].origin == "https://index.example/simple"


ONE = """lock-version = "1.0"
created-by = "pip"

[[packages]]
name = "left"
version = "1.0"

[[packages.wheels]]
name = "left-1.0-py3-none-any.whl"
url = "https://files.index.example/left-1.0-py3-none-any.whl"
hashes = {sha256 = "bb"}
"""


def test_each_hash_has_its_line() -> None:
    assert packages(ONE)["left"].at.part("sha256:bb", "integrity") == 11


def test_another_host_is_a_change() -> None:
    (change, gone) = changes(ONE, ONE.replace("files.index", "evil"))
    assert (change.record.key[2], change.record.key[2]) == (
        "file-host.evil.example",
        "file-host.evil.example",
    )
    assert gone.removed
    assert change.added


def test_a_source_that_appears_is_a_change_of_origin() -> None:
    swapped = (
        ONE[: ONE.index("\n[[packages.wheels")] + '[packages.archive]\nurl = "https://evil.example/l.whl"\n'
    )
    (change, *_) = changes(ONE, swapped + 'hashes = {sha256 = "bb"}\n')
    assert isinstance(change.after, Package)
    assert (change.after.origin_kind, change.after.origin) == ("tarball", "https://evil.example/l.whl")
    assert "origin_kind" in change.differs


def test_several_hashes_of_one_file() -> None:
    text = ONE.replace('{sha256 = "bb"}', '{md5 = "aa", sha256 = "bb"}')
    assert packages(text)["left"].integrity == (Digest("md5", "aa"), Digest("sha256", "bb"))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (ONE.replace('"1.0"', '"1.1"', 1), [1]),
        (ONE.replace('"1.0"', '"2.0"', 1), [1]),
        (ONE.replace('lock-version = "1.0"\n', ""), [1]),
        (ONE.replace('hashes = {sha256 = "bb"}\n', ""), [8]),
        (ONE.replace('hashes = {sha256 = "bb"}', "hashes = {}"), [11]),
        (ONE.replace('name = "left-1.0', 'name = "right-1.0'), [8]),
        (ONE + "[packages.vcs]\n", [12]),
        (ONE.replace('created-by = "pip"\n', ""), [1]),
        (ONE.replace('name = "left"', "", 1), [4, 4]),
        (ONE + "hashes = 1\n", [12]),
    ],
)
def test_what_an_installer_refuses_is_unread(text: str, lines: list[int]) -> None:
    assert [record.line for record in records(text) if isinstance(record, Unread)] == lines


@pytest.mark.parametrize("replaced", ["hashes = {}", "", "hashes = {sha256 = 1}"])
def test_a_missing_hash_is_no_integrity(replaced: str) -> None:
    assert packages(ONE.replace('hashes = {sha256 = "bb"}', replaced))["left"].integrity == ()


VALUES = st.sampled_from(
    ["1", "true", '"x"', "[]", "{}", "[1]", '{ url = "x" }', "[{ url = 1 }]", "1979-05-27"]
)
KEYS = ["version", "vcs", "directory", "archive", "sdist", "wheels", "index", "dependencies", "marker"]


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), VALUES))
def test_values_of_any_type_are_borne(entry: dict[str, str]) -> None:
    body = "".join(f"{key} = {value}\n" for key, value in entry.items())
    found = records(f'lock-version = "1.0"\ncreated-by = "x"\n[[packages]]\nname = "a"\n{body}')
    assert [record for record in found if isinstance(record, Package)]
