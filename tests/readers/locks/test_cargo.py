"""Cargo.lock: what cargo 1.95 wrote in all four versions, tampered ones, hostile ones."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given

from fimci.model import Change, Digest, Package, Record, Setting, Unread
from fimci.readers.locks import cargo
from tests import hostile
from tests.readers import mutants, seen

FOLDER = Path(__file__).parents[3] / "fixtures" / "locks" / "cargo"
VERSIONS = ("v1", "v2", "v3", "v4")
GENUINE = {version: (FOLDER / f"{version}.lock").read_text() for version in VERSIONS}
BIG = gzip.decompress((FOLDER / "big.lock.gz").read_bytes())
ONE = """version = 4

[[package]]
name = "left"
version = "1.0.1"
source = "sparse+https://registry.example/index/"
checksum = "73191c47aaa79da394e8fee2dbc2ec827432cab56311122c9e47abf79e390f62"
dependencies = ["right"]

[[package]]
name = "right"
version = "0.2.0"
"""


def records(text: str | bytes) -> list[Record]:
    return seen.records(cargo, "Cargo.lock", text)


def packages(text: str) -> dict[str, Package]:
    return seen.packages(records(text))


def changes(before: str, after: str) -> list[Change]:
    return seen.changes(records(before), records(after))


def listed(found: list[Record]) -> list[str]:
    return sorted(f"{one.name} {one.version}" for one in found if isinstance(one, Package))


@pytest.mark.parametrize("version", VERSIONS)
def test_has_what_cargo_metadata_lists(version: str) -> None:
    assert listed(records(GENUINE[version])) == (FOLDER / "small.expected.txt").read_text().splitlines()


def test_a_large_lock_has_what_cargo_metadata_lists() -> None:
    expected = gzip.decompress((FOLDER / "big.expected.txt.gz").read_bytes()).decode().splitlines()
    assert len(expected) == 1681
    assert listed(records(BIG)) == expected


@pytest.mark.parametrize("version", VERSIONS)
def test_all_versions_say_the_same(version: str) -> None:
    assert changes(GENUINE[version], GENUINE["v4"]) == []
    assert seen.unread(records(GENUINE[version])) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_facts_stand_on_their_lines(version: str) -> None:
    lines = GENUINE[version].splitlines()
    for package in packages(GENUINE[version]).values():
        assert lines[package.at.line - 1] == f'name = "{package.name}"'
        assert lines[package.at.part("version") - 1] == f'version = "{package.version}"'
        if package.origin is not None:
            assert str(package.origin) in lines[package.at.part("origin") - 1]
        for digest in package.integrity or ():
            assert digest.hex in lines[package.at.part("integrity") - 1]


def test_kinds_of_sources() -> None:
    found = packages(GENUINE["v4"])
    assert found["gitdep"].origin_kind == "git"
    assert str(found["gitdep"].origin).startswith("https://git.example/gitdep?tag=v1.0.0#")
    assert found["gitdep"].integrity == ()
    assert (found["pathdep"].origin_kind, found["pathdep"].origin) == ("directory", None)
    left = packages(ONE)["left"]
    assert (left.origin_kind, left.origin) == ("registry", "https://registry.example/index/")
    assert left.integrity == (
        Digest("sha256", "73191c47aaa79da394e8fee2dbc2ec827432cab56311122c9e47abf79e390f62"),
    )
    assert left.dependencies == ("right@0.2.0",)


def test_crates_in_several_versions_have_a_place_each() -> None:
    twice = ONE + '[[package]]\nname = "left"\nversion = "2.0.0"\n'
    assert set(packages(twice)) == {"left@1.0.1", "left@2.0.0", "right"}


def test_what_stands_in_for_a_crate_is_told() -> None:
    replaced = ONE + 'replace = "right 0.2.0 (git+https://u:p@git.example/right#0123)"\n'
    (setting,) = [one for one in records(replaced) if isinstance(one, Setting)]
    assert (setting.name, setting.value, setting.at.line) == (
        "replace.right:0.2.0",
        "right 0.2.0 (git+https://***@git.example/right#0123)",
        13,
    )


def test_a_patch_that_nothing_uses_is_no_dependency() -> None:
    unused = ONE + '[[patch.unused]]\nname = "spare"\nversion = "1.0.0"\n'
    assert packages(unused)["patch.unused/spare"].flags == ("extraneous",)


@pytest.mark.parametrize("checksum", ["", 'checksum = "nonsense"', "checksum = 1"])
def test_what_is_no_hash_is_none(checksum: str) -> None:
    lines = [line for line in ONE.splitlines() if not line.startswith("checksum")]
    lines.insert(6, checksum)
    (change,) = changes(ONE, "\n".join(lines))
    assert change.differs == ("integrity",)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (ONE.replace("version = 4", "version = 5"), 1),
        (ONE.replace("version = 4", "version = true"), 1),
        (ONE.replace("version = 4", 'version = "4"'), 1),
        (ONE.replace("sparse+", "carrier+"), 6),
        (ONE.replace('source = "sparse+https://registry.example/index/"', "source = 1"), 6),
        (ONE.replace('name = "right"', "name = 1"), 10),
        (ONE + ONE[ONE.rindex("[[") :], 14),
        (ONE + "<<<<<<< HEAD\n", 13),
        (ONE + 'name = "', 13),
        (ONE + 'version = "0.2.0"\n', 13),
    ],
)
def test_what_is_not_understood_is_unread(text: str, line: int) -> None:
    assert [one.line for one in records(text) if isinstance(one, Unread)] == [line]


@hostile.LAW
@given(mutants.mutated(GENUINE["v1"].encode()))
def test_mutants_are_borne(data: bytes) -> None:
    mutants.bear(cargo, "Cargo.lock", data)


def test_time_is_linear() -> None:
    mutants.is_linear(cargo, "Cargo.lock", lambda size: BIG[:size], len(BIG) // 8)
