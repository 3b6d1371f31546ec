"""uv.lock: a real one with forks and every kind of source, tampered ones, hostile ones."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.model import UNSTATED, Change, Digest, Package, Record, Setting, Unread
from fimci.readers.locks import uv
from tests.readers import seen

FORK = (Path(__file__).parents[3] / "fixtures" / "locks" / "uv" / "fork.lock").read_text()


def records(text: str) -> list[Record]:
    return seen.records(uv, "uv.lock", text)


def packages(text: str) -> dict[str, Package]:
    return seen.packages(records(text))


def changes(before: str, after: str) -> list[Change]:
    return seen.changes(records(before), records(after))


def test_wants_its_names() -> None:
    assert uv.wants("a/uv.lock", b"")
    assert uv.wants("tools/job.py.lock", b"")
    assert not uv.wants("Cargo.lock", b"")


def test_is_read_in_full() -> None:
    found = packages(FORK)
    assert len([package for package in found.values() if package.stated_by == "lock"]) == FORK.count(
        "[[package]]"
    )
    assert not [record for record in records(FORK) if isinstance(record, Unread)]
    certifi = found["certifi"]
    assert (certifi.origin_kind, certifi.origin) == ("registry", "https://index.example/simple")
    assert certifi.integrity == (
        Digest("sha256", "73191c47aaa79da394e8fee2dbc2ec827432cab56311122c9e47abf79e390f62"),
        Digest("sha256", "b9995d97b64d0431a5af837d8ca8cd6238104d1f319f04bd93ea43124d6c861e"),
    )
    assert certifi.install_scripts is UNSTATED


def test_facts_stand_on_their_lines() -> None:
    lines = FORK.splitlines()
    for package in packages(FORK).values():
        if package.stated_by == "lock":
            assert lines[package.at.line - 1] == f'name = "{package.name}"'
            assert lines[package.at.part("version") - 1] == f'version = "{package.version}"'
            assert str(package.origin) in lines[package.at.part("origin") - 1]
            if package.integrity:
                assert lines[package.at.part("integrity") - 1].startswith("wheels = [")


def test_forks_have_a_place_each() -> None:
    found = packages(FORK)
    assert {name for name in found if name.startswith("click")} == {"click@8.1.8", "click@8.5.1"}
    assert found["requests@2.34.2"].dependencies[-1] == "urllib3@2.8.0"


@pytest.mark.parametrize(
    ("name", "kind", "origin", "flags", "builds"),
    [
        (
            "gitdep-py",
            "git",
            "file:///src/repos/gitdep.git?tag=v1.0.0#d9c008b9be6420c2812109bff8438dc41e2902f9",
            (),
            True,
        ),
        ("pathpy", "directory", "pathpy", ("editable",), True),
        ("pyfix", "virtual", ".", (), UNSTATED),
    ],
)
def test_sources_other_than_an_index(
    name: str, kind: str, origin: str, flags: tuple[str, ...], builds: object
) -> None:
    package = packages(FORK)[name]
    assert (package.origin_kind, package.origin, package.flags) == (kind, origin, flags)
    assert (package.install_scripts, package.integrity) == (builds, ())


def test_requirements_of_the_project() -> None:
    found = packages(FORK)
    wanted = {
        place.removeprefix("requires/"): package.version
        for place, package in found.items()
        if package.stated_by == "manifest"
    }
    assert wanted == {
        "optional/extra1/click": ">=8",
        "project/colorama": "",
        "project/cryptography": "",
        "project/gitdep-py": "",
        "project/pathpy": "",
        "project/requests": ">=2.31",
        "project/six": "",
        "project/tomli": "",
        "group/dev/pytest": "",
    }
    assert found["requires/project/gitdep-py"].origin_kind == "git"


def test_requirements_of_a_script_and_its_overrides() -> None:
    manifest = """version = 1
[manifest]
requirements = [{ name = "left" }]
overrides = [{ name = "right", specifier = "==1" }]
"""
    assert {place: package.version for place, package in packages(manifest).items()} == {
        "requires/project/left": "",
        "requires/override/right": "==1",
    }


def test_hosts_of_files_are_told_once() -> None:
    hosts = [record for record in records(FORK) if isinstance(record, Setting)]
    assert [(host.name, host.value) for host in hosts] == [("file-host.files.index.example", "https")]


ONE = """version = 1
revision = 5

[[package]]
name = "left"
version = "1.0"
source = { registry = "https://index.example/simple" }
sdist = { url = "https://files.index.example/left-1.0.tar.gz", hash = "sha256:aa", size = 1 }
wheels = [
    { url = "https://files.index.example/left-1.0-py3-none-any.whl", hash = "sha256:bb", size = 2 },
]
"""


def test_another_host_for_one_file_is_a_change() -> None:
    found = changes(ONE, ONE.replace("files.index.example/left-1.0-py3", "u:p@evil.example/left-1.0-py3"))
    for change, name in zip(found, ("file-credentials", "file-host"), strict=True):
        assert isinstance(change.after, Setting)
        assert (change.after.name, change.added, change.after.at.line) == (f"{name}.evil.example", True, 10)
        assert "u:p" not in change.after.at.text


def test_a_host_without_encryption_is_a_change() -> None:
    (change,) = changes(
        ONE,
        ONE.replace("https://files.index.example/left-1.0-py3", "http://files.index.example/left-1.0-py3"),
    )
    assert isinstance(change.after, Setting)
    assert change.after.value == "http https"


def test_a_hash_removed_from_one_file_spoils_the_entry() -> None:
    (change,) = changes(ONE, ONE.replace(', hash = "sha256:bb"', ""))
    assert change.differs == ("integrity",)
    assert packages(ONE.replace(', hash = "sha256:bb"', ""))["left"].integrity == ()


@pytest.mark.parametrize("kind", ["git", "url", "path", "directory", "editable"])
def test_another_kind_of_source_is_a_change_of_origin(kind: str) -> None:
    (change, *_) = changes(ONE, ONE.replace('registry = "https://index', f'{kind} = "https://evil'))
    assert {"origin", "origin_kind"} <= set(change.differs)
    assert change.record.key[2] == "uv.lock#left"


def test_each_hash_has_its_line() -> None:
    at = packages(ONE)["left"].at
    lines = ONE.splitlines()
    assert '"sha256:aa"' in lines[at.part("sha256:aa", "integrity") - 1]
    assert '"sha256:bb"' in lines[at.part("sha256:bb", "integrity") - 1]


def test_reordered_and_reformatted_is_no_change() -> None:
    other = ONE.replace("version = 1\nrevision = 5\n", "# made by hand\n\nrevision = 4\nversion = 1\n")
    assert changes(ONE, other) == []


def test_an_added_wheel_only_adds_a_digest() -> None:
    more = ONE.replace(
        "\n]\n",
        '\n    { url = "https://files.index.example/left-1.0-py2-none-any.whl", hash = "sha256:cc" },\n]\n',
    )
    (change,) = changes(ONE, more)
    assert change.differs == ("integrity",)
    assert isinstance(change.before, Package)
    assert isinstance(change.after, Package)
    assert set(change.before.integrity or ()) < set(change.after.integrity or ())


def test_an_sdist_alone_is_built() -> None:
    assert packages(ONE[: ONE.index("wheels")])["left"].install_scripts is True


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (ONE.replace("version = 1\n", "version = 2\n", 1), 1),
        (ONE.replace("version = 1\n", "version = true\n", 1), 1),
        (ONE.replace("version = 1\n", "", 1), 1),
        (ONE + 'name = "', 12),
        (ONE.replace("registry", "carrier"), 7),
        (ONE.replace("{ registry", '{ virtual = ".", registry'), 7),
        (ONE.replace('name = "left"', "name = 1"), 4),
    ],
)
def test_what_is_not_understood_is_unread(text: str, line: int) -> None:
    assert [record.line for record in records(text) if isinstance(record, Unread)] == [line]


VALUES = st.sampled_from(
    ["1", "true", '"x"', "[]", "{}", "[1]", '{ registry = "x" }', "[{ url = 1 }]", "1.5"]
)
KEYS = ["version", "source", "sdist", "wheels", "dependencies", "optional-dependencies", "metadata"]


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), VALUES), VALUES)
def test_values_of_any_type_are_borne(entry: dict[str, str], manifest: str) -> None:
    body = "".join(f"{key} = {value}\n" for key, value in entry.items())
    found = records(f'version = 1\nmanifest = {manifest}\n[[package]]\nname = "a"\n{body}')
    assert [record for record in found if isinstance(record, Package)]
