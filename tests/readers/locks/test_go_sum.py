"""go.sum: what go 1.19 wrote, tampered ones, hostile ones."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given

from fimci.model import Package, Record
from fimci.readers.locks import go_sum
from fimci.readers.manifests import go_mod
from tests import hostile
from tests.readers import mutants, seen

FOLDER = Path(__file__).parents[3] / "fixtures" / "locks" / "go"
GENUINE = (FOLDER / "go.sum").read_text()
BIG = gzip.decompress((FOLDER / "big.go.sum.gz").read_bytes())
HASH = "h1:r7vSHOIARN7ImB68wjF37aTzd9xVZEMfMR3PY5U+BNQ="
OTHER = "h1:ybN5B3QmuED2OdQKnQ9UhC1xAuL2HIsatzVjV3wyikA="


def records(text: str | bytes) -> list[Record]:
    return seen.records(go_sum, "go.sum", text)


def pinned(found: list[Record]) -> set[str]:
    return {
        f"{one.name} {one.version}" for one in found if isinstance(one, Package) and one.stated_by == "lock"
    }


def hashed(found: list[Record]) -> set[str]:
    """Return the modules whose content, not only whose go.mod, has a hash."""
    packages = [one for one in found if isinstance(one, Package)]
    return {
        f"{one.name} {one.version}"
        for one in packages
        if any(digest.algorithm == "h1" for digest in one.integrity or ())
    }


def test_go_mod_and_go_sum_have_what_go_list_says() -> None:
    expected = set((FOLDER / "small.expected.txt").read_text().splitlines())
    assert pinned(seen.records(go_mod, "go.mod", (FOLDER / "go.mod").read_bytes())) == expected
    assert hashed(records(GENUINE)) == expected


def test_large_ones_have_what_go_list_says() -> None:
    expected = set(gzip.decompress((FOLDER / "big.expected.txt.gz").read_bytes()).decode().splitlines())
    assert len(expected) == 1600
    data = gzip.decompress((FOLDER / "big.go.mod.gz").read_bytes())
    assert pinned(seen.records(go_mod, "go.mod", data)) == expected
    assert hashed(records(BIG)) == expected
    assert seen.unread(records(BIG)) == []


def test_hashes_stand_on_their_lines() -> None:
    lines = GENUINE.splitlines()
    for package in seen.packages(records(GENUINE)).values():
        assert lines[package.at.line - 1].startswith(f"{package.name} {package.version}")
        for digest in package.integrity or ():
            line = lines[package.at.part(digest.label) - 1]
            assert ("/go.mod " in line) == (digest.algorithm == "h1-go.mod")


def test_both_hashes_of_a_version_are_one_package() -> None:
    (package,) = seen.packages(
        records(f"a.example/b v1.0.0/go.mod {OTHER}\na.example/b v1.0.0 {HASH}\n")
    ).values()
    assert [digest.algorithm for digest in package.integrity or ()] == ["h1", "h1-go.mod"]
    assert (package.at.line, package.at.part("integrity")) == (2, 2)


def test_a_version_that_is_no_longer_built_keeps_a_hash() -> None:
    (change,) = seen.changes(
        records(f"a.example/b v1.0.0 {HASH}\na.example/b v1.0.0/go.mod {OTHER}\n"),
        records(f"a.example/b v1.0.0/go.mod {OTHER}\n"),
    )
    assert change.differs == ("integrity",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"a.example/b v1.0.0 {HASH}\na.example/b v1.0.0 {OTHER}\n", [("line 2", 2)]),
        (f"a.example/b {HASH}\n", [("line 1", 1)]),
        ("a.example/b v1.0.0 h1:short=\n", [("line 1", 1)]),
        ("a.example/b v1.0.0 h2:r7vSHOIARN7ImB68wjF37aTzd9xVZEMfMR3PY5U+BNQ=\n", [("line 1", 1)]),
        (f"<<<<<<< HEAD\na.example/b v1.0.0 {HASH}\n=======\n", [("line 1", 1), ("lines", 3)]),
        (b"\xff", [("", 1)]),
        (f"a.example/b v1.0.0 {HASH}\r\n\r\n", []),
    ],
)
def test_what_is_not_understood_is_unread(text: str | bytes, expected: list[tuple[str, int]]) -> None:
    assert seen.unread(records(text)) == expected


@hostile.LAW
@given(mutants.mutated(GENUINE.encode()))
def test_mutants_are_borne(data: bytes) -> None:
    mutants.bear(go_sum, "go.sum", data)


def test_time_is_linear() -> None:
    mutants.is_linear(go_sum, "go.sum", lambda size: BIG[:size], len(BIG) // 4)
