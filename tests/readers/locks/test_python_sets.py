"""Genuine Python lockfiles: what is locked is what the client says, and stands where we say.

`NAME.expected.txt` beside a lockfile is what its client reports of it (`uv export`, poetry's and
pdm's own reading of the lock, `pipenv requirements`), as sorted `name version` lines; `-` for a
version that the client does not tell. Large pairs are compressed.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.model import Package, Record, Unread
from fimci.names import canonical
from fimci.readers import ALL
from fimci.snapshot import Reader

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LOCKS = Path(__file__).parents[3] / "fixtures" / "locks"
FOLDERS = ("conda-lock", "pdm", "pipenv", "poetry", "pylock", "requirements", "uv")
EXPECTED = sorted(
    path for folder in FOLDERS for path in (LOCKS / folder).glob("*.expected.txt*") if path.is_file()
)
NAMES = {
    "conda-lock": "conda-lock.yml",
    "pdm": "pdm.lock",
    "pipenv": "Pipfile.lock",
    "poetry": "poetry.lock",
    "pylock": "pylock.toml",
    "requirements": "requirements.txt",
    "uv": "uv.lock",
}
LISTED = {reader.name: reader for reader in ALL}
READERS = {folder: LISTED[{"pipenv": "pipfile-lock"}.get(folder, folder)] for folder in NAMES}


@cache
def content(path: Path) -> bytes:
    return zstd.decompress(path.read_bytes()) if path.suffix == ".zst" else path.read_bytes()


def lock_of(expected: Path) -> Path:
    stem = expected.name.partition(".expected.txt")[0]
    if (expected.parent / stem).is_file():
        return expected.parent / stem
    names = (f"{stem}{ending}" for ending in (".lock", ".txt", ".yml", ".toml", ".lock.zst", ".txt.zst"))
    return next(expected.parent / name for name in names if (expected.parent / name).is_file())


def locked(path: Path) -> list[Package]:
    found = READERS[path.parent.name].read(NAMES[path.parent.name], content(path))
    return [record for record in found if isinstance(record, Package) and record.stated_by == "lock"]


def version_of(package: Package) -> str:
    """Return the version as clients say it: of an archive of conda without its build and platform."""
    version = str(package.version)
    return version.partition("+")[0] if package.ecosystem == "conda" else version


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_is_locked_is_what_the_client_says(path: Path) -> None:
    expected = set(content(path).decode().splitlines())
    untold = {line.partition(" ")[0] for line in expected if line.endswith(" -")}
    found = {
        f"{one.name} {'-' if one.name in untold else version_of(one)}"
        for one in locked(lock_of(path))
        if one.origin_kind != "virtual"
    }
    assert found == expected


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_each_package_stands_where_it_is_said_to(path: Path) -> None:
    lines = content(lock_of(path)).decode().splitlines()
    for package in locked(lock_of(path)):
        line = lines[package.at.line - 1]
        assert package.name in (line if package.ecosystem == "conda" else canonical(line))
        for digest in package.integrity if isinstance(package.integrity, tuple) else ():
            cited = package.at.part(digest.label, "integrity")
            assert any(digest.hex in line for line in lines[cited - 1 : cited + 200]), (package.name, digest)


SMALL = [path for path in map(lock_of, EXPECTED) if path.suffix != ".zst"]
JUNK = st.sampled_from(
    [
        b"\x00",
        b"[",
        b"{",
        b'"',
        b"'",
        b"\n",
        b"<<<<<<< ours\n",
        b"=",
        b"#",
        b"- &a [*a]\n",
        b"\xff",
        b"\\",
        b"[[package]]\n",
    ]
)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(SMALL), st.integers(0, 4000), st.integers(0, 40), JUNK)
def test_a_damaged_lock_is_borne(path: Path, at: int, cut: int, junk: bytes) -> None:
    data = content(path)[:5000]
    reader: Reader = READERS[path.parent.name]
    found: list[Record] = list(reader.read(NAMES[path.parent.name], data[:at] + junk + data[at + cut :]))
    keys = [record.key for record in found]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("path", SMALL, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_merge_conflict_is_unread(path: Path) -> None:
    lines = content(path).splitlines(keepends=True)
    conflict = b"".join(
        [
            *lines[:10],
            b"<<<<<<< ours\n",
            *lines[10:12],
            b"=======\n",
            *lines[12:14],
            b">>>>>>> theirs\n",
            *lines[14:],
        ]
    )
    found = READERS[path.parent.name].read(NAMES[path.parent.name], conflict)
    assert any(isinstance(record, Unread) for record in found)


ENTRY = {"pdm": "[[package]]\n", "poetry": "[[package]]\n", "uv": "[[package]]\n", "pylock": "[[packages]]\n"}


@pytest.mark.parametrize("folder", sorted(ENTRY))
def test_an_entry_that_is_there_twice_is_unread(folder: str) -> None:
    path = next(path for path in sorted((LOCKS / folder).glob("*.*")) if path.suffix in {".lock", ".toml"})
    text = content(path).decode()
    mark = ENTRY[folder]
    first = mark + text.split(mark)[1].partition("\n[metadata]")[0].rstrip() + "\n\n"
    doubled = text.replace(mark, first + mark, 1)
    (found,) = (
        record
        for record in READERS[folder].read(NAMES[folder], doubled.encode())
        if isinstance(record, Unread) and "twice" in record.why
    )
    assert doubled.splitlines()[found.line - 1] == mark.strip()
