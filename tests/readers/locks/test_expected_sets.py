"""The packages of a genuine lockfile are those that the client itself reports, neither more nor fewer.

`expected.txt` is what the client said, as sorted lines of name and version: `npm ls --all
--package-lock-only`, `bun pm ls --all`, `deno list --depth=1000`. Aliases go by the name they are
asked for, archives and repositories by what their client shows.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from backports import zstd

from fimci.model import Package, Unread
from fimci.readers.locks import bun, deno, npm
from fimci.snapshot import Implementation

FOLDER = Path(__file__).parents[3] / "fixtures" / "locks"
READERS: dict[str, Implementation] = {
    "package-lock.json": npm,
    "npm-shrinkwrap.json": npm,
    "bun.lock": bun,
    "deno.lock": deno,
}
LOCKS = [
    *((folder, "package-lock.json") for folder in ("npm6-v1", "npm7-v2", "npm10-lockv1", "npm10-v3")),
    *(
        (folder, "package-lock.json")
        for folder in ("npm11-omit-resolved", "npm11-v3", "npm12-v3", "npm12-v4")
    ),
    ("npm10-shrinkwrap", "npm-shrinkwrap.json"),
    *((folder, "bun.lock") for folder in ("bun12-text", "bun14", "bun14-text")),
    *((folder, "deno.lock") for folder in ("deno29", "deno29-mod")),
]
BIG = [("npm11-big", "package-lock.json"), ("bun14-big", "bun.lock"), ("deno29-big", "deno.lock")]
#: What clients list where it leads to, or not at all.
UNLISTED = {"link", "remote", "virtual", "workspace"}


def stated(name: str, data: bytes) -> set[tuple[str, str]]:
    records = list(READERS[name].read(name, data))
    assert not [record for record in records if isinstance(record, Unread)]
    return {
        (record.alias or record.name, shown(record))
        for record in records
        if isinstance(record, Package)
        and record.stated_by == "lock"
        and (record.origin_kind not in UNLISTED or isinstance(record.version, str))
    }


def shown(package: Package) -> str:
    return package.version if isinstance(package.version, str) else str(package.origin)


def expected(folder: str) -> set[tuple[str, str]]:
    lines = (FOLDER / folder / "expected.txt").read_text().splitlines()
    assert lines == sorted(lines)
    pairs = {(line.partition(" ")[0], line.partition(" ")[2]) for line in lines}
    return {pair for pair in pairs if not pair[1].startswith("workspace:")}


@pytest.mark.parametrize(("folder", "name"), LOCKS)
def test_a_small_lock(folder: str, name: str) -> None:
    found, wanted = stated(name, (FOLDER / folder / name).read_bytes()), expected(folder)
    if folder in {"npm6-v1", "npm10-lockv1"}:
        # npm shows the version that it reads in an archive's name, and none of a repository.
        found = {(one, archive(version)) for one, version in found if "git+" not in version}
    assert found == wanted


def archive(version: str) -> str:
    spelt = re.search(r"-([0-9]+\.[0-9]+\.[0-9]+)\.tgz$", version)
    return spelt[1] if spelt else version


@pytest.mark.parametrize(("folder", "name"), BIG)
def test_a_lock_of_more_than_1500_packages(folder: str, name: str) -> None:
    found = stated(name, zstd.decompress((FOLDER / folder / f"{name}.zst").read_bytes()))
    assert len(found) > 1500
    assert found == expected(folder)
