"""poetry.lock in its four versions, what an attack on one looks like, and hostile ones."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.model import UNSTATED, Change, Digest, Package, Record, Unread
from fimci.readers.locks import poetry
from tests.readers import seen

LOCKS = Path(__file__).parents[3] / "fixtures" / "locks" / "poetry"
VERSIONS = ["1.0", "1.1", "2.0", "2.1"]
TAIL = '\n[metadata]\nlock-version = "2.1"\npython-versions = "*"\ncontent-hash = "00"\n'


def load(version: str) -> str:
    return (LOCKS / f"{version}.lock").read_text()


def records(text: str) -> list[Record]:
    return seen.records(poetry, "poetry.lock", text)


def packages(text: str) -> dict[str, Package]:
    return seen.packages(records(text))


def changes(before: str, after: str) -> list[Change]:
    return seen.changes(records(before), records(after))


def test_wants_its_name() -> None:
    assert poetry.wants("a/poetry.lock", b"")
    assert not poetry.wants("a/notpoetry.lock", b"")


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_is_read_in_full(version: str) -> None:
    text = load(version)
    found = packages(text)
    assert len(found) == text.count("[[package]]")
    assert not [record for record in records(text) if isinstance(record, Unread)]
    certifi = found["certifi"]
    assert certifi.version == "2026.10.18"
    assert (certifi.origin_kind, certifi.origin) == ("registry", "https://index.example/simple")
    assert certifi.integrity == (
        Digest("sha256", "73191c47aaa79da394e8fee2dbc2ec827432cab56311122c9e47abf79e390f62"),
        Digest("sha256", "b9995d97b64d0431a5af837d8ca8cd6238104d1f319f04bd93ea43124d6c861e"),
    )
    assert certifi.install_scripts is UNSTATED
    assert found["six"].origin_kind == "tarball"
    assert "pysocks@>=1.5.6" in found["requests"].dependencies[3]


@pytest.mark.parametrize("version", VERSIONS)
def test_facts_stand_on_their_lines(version: str) -> None:
    lines = load(version).splitlines()
    for package in packages(load(version)).values():
        assert lines[package.at.line - 1] == f'name = "{package.name}"'
        assert lines[package.at.part("version") - 1] == f'version = "{package.version}"'
        assert str(package.origin).partition("?")[0] in lines[package.at.part("origin") - 1]
        assert lines[package.at.part("integrity") - 1].startswith(("files = [", f"{package.name} = ["))


def test_dev_and_optional() -> None:
    assert packages(load("1.1"))["iniconfig"].flags == ("dev",)
    assert packages(load("2.1"))["iniconfig"].flags == ("dev",)
    assert packages(load("1.1"))["click"].flags == ("optional",)


def test_sources_that_are_built() -> None:
    found = packages(load("2.1"))
    git = found["gitdep-py"]
    assert (
        git.origin == "file://None/src/repos/gitdep.git?rev=v1.0.0#d9c008b9be6420c2812109bff8438dc41e2902f9"
    )
    assert (git.origin_kind, git.integrity, git.install_scripts) == ("git", (), True)
    path = found["pathpy"]
    assert (path.origin_kind, path.origin, path.flags, path.install_scripts) == (
        "directory",
        "pathpy",
        ("editable",),
        True,
    )


def test_versions_2_0_and_2_1_of_one_project_say_the_same() -> None:
    assert {change.record.key[2]: change.differs for change in changes(load("2.0"), load("2.1"))} == {
        "poetry.lock#gitdep-py": ("origin",),  # 2.1 writes `file://None/…`
        "poetry.lock#iniconfig": ("flags",),  # 2.0 does not know groups
        "poetry.lock#requests": ("dependencies",),  # `<1.5.7 || >1.5.7` became `!=1.5.7`
    }


ONE = """[[package]]
name = "left"
version = "1.0"
optional = false
python-versions = "*"
files = [
    {file = "left-1.0-py3-none-any.whl", hash = "sha256:aa"},
    {file = "left-1.0.tar.gz", hash = "sha256:bb"},
]
"""


def test_each_hash_has_its_line() -> None:
    at = packages(ONE + TAIL)["left"].at
    assert (at.part("sha256:aa", "integrity"), at.part("sha256:bb", "integrity")) == (7, 8)


def test_a_source_that_appears_is_a_change_of_origin() -> None:
    source = '\n[package.source]\ntype = "url"\nurl = "https://me:pw@evil.example/left-1.0.tar.gz"\n'
    (change,) = changes(ONE + TAIL, ONE + source + TAIL)
    assert isinstance(change.after, Package)
    assert set(change.differs) == {"origin", "origin_kind"}
    assert change.after.origin == "https://***@evil.example/left-1.0.tar.gz"
    assert change.after.at.part("origin") == 13


def test_files_that_vanish_are_no_integrity() -> None:
    emptied = ONE[: ONE.index("files")] + "files = []\n"
    (change,) = changes(ONE + TAIL, emptied + TAIL)
    assert change.differs == ("integrity",)
    assert packages(emptied + TAIL)["left"].integrity == ()


def test_one_file_without_a_hash_spoils_the_entry() -> None:
    assert packages(ONE.replace(', hash = "sha256:bb"', "") + TAIL)["left"].integrity == ()


def test_an_sdist_alone_is_built() -> None:
    only = ONE.replace('    {file = "left-1.0-py3-none-any.whl", hash = "sha256:aa"},\n', "")
    assert packages(only + TAIL)["left"].install_scripts is True


def test_weak_hashes_are_recorded() -> None:
    assert packages(ONE.replace("sha256:aa", "md5:aa") + TAIL)["left"].integrity == (
        Digest("md5", "aa"),
        Digest("sha256", "bb"),
    )


def test_a_name_in_two_versions_has_two_places() -> None:
    assert list(packages(ONE + ONE.replace("1.0", "2.0") + TAIL)) == ["left@1.0", "left@2.0"]
    assert list(packages(ONE + ONE + TAIL)) == ["left@1.0", "left@1.0[2]"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (ONE + TAIL.replace("2.1", "9.9"), 12),
        (ONE, 1),
        (ONE.replace('version = "1.0"', 'name = "right"') + TAIL, 3),
        ("<<<<<<< ours\n" + ONE + TAIL, 1),
        ('package = "none"\n' + TAIL, 1),
        ("[[package]]\nversion = '1'\n" + TAIL, 1),
        (ONE + '[package.source]\ntype = "carrier"\nurl = "x"\n' + TAIL, 10),
    ],
)
def test_what_is_not_understood_is_unread(text: str, line: int) -> None:
    assert [record.line for record in records(text) if isinstance(record, Unread)] == [line]


def test_an_unknown_version_is_read_all_the_same() -> None:
    assert list(packages(ONE + TAIL.replace("2.1", "9.9"))) == ["left"]


VALUES = st.sampled_from(
    ["1", "true", '"x"', "[]", "{}", "[1]", '{type = "git"}', "[{file = 1}]", "1979-05-27"]
)
KEYS = ["version", "files", "source", "dependencies", "groups", "optional", "category", "develop"]


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), VALUES), VALUES)
def test_values_of_any_type_are_borne(entry: dict[str, str], metadata: str) -> None:
    body = "".join(f"{key} = {value}\n" for key, value in entry.items())
    found = records(f'metadata = {metadata}\n[[package]]\nname = "a"\n{body}')
    assert [record for record in found if isinstance(record, Package)]
