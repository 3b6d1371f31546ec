"""conda-lock.yml: conda's entries and pip's, for each platform; hostile ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from fimci.model import UNSTATED, Digest, Package, Record, Unread
from fimci.readers.locks import conda_lock
from tests.readers import seen

LOCK = (Path(__file__).parents[3] / "fixtures" / "locks" / "conda-lock" / "main.yml").read_text()


def records(text: str) -> list[Record]:
    return seen.records(conda_lock, "conda-lock.yml", text)


def packages(text: str) -> dict[str, Package]:
    return seen.packages(records(text))


def unread(text: str) -> list[int]:
    return [record.line for record in records(text) if isinstance(record, Unread)]


def test_wants_its_names() -> None:
    assert conda_lock.wants("conda-lock.yml", b"")
    assert conda_lock.wants("env/dev.conda-lock.yaml", b"")
    assert not conda_lock.wants("conda.yml", b"")
    assert not conda_lock.wants("my-conda-lock.yml", b"")


def test_is_read_in_full() -> None:
    found = packages(LOCK)
    assert list(found) == [
        "conda/linux-64/_libgcc_mutex",
        "conda/linux-64/bzip2",
        "conda/linux-64/pip",
        "conda/osx-arm64/bzip2",
        "pip/linux-64/left-pad",
        "pip/linux-64/requests",
    ]
    assert unread(LOCK) == []
    bzip2 = found["conda/linux-64/bzip2"]
    assert (bzip2.ecosystem, bzip2.origin_kind) == ("conda", "registry")
    assert bzip2.version == "1.0.8+hda65f42_8.linux-64"
    assert bzip2.integrity == (
        Digest("md5", "51a19bba1b8ebfb60df25cde030b7ebc"),
        Digest("sha256", "c30daba32ddebbb7ded490f0e371eae90f51e72db620554089103b4a6934b0d5"),
    )
    assert bzip2.dependencies == ("__glibc@>=2.17,<3.0.a0", "libgcc@>=14")
    assert bzip2.install_scripts is UNSTATED
    assert found["conda/linux-64/pip"].flags == ("optional",)


def test_what_pip_installs_is_of_its_ecosystem() -> None:
    found = packages(LOCK)
    requests, left = found["pip/linux-64/requests"], found["pip/linux-64/left-pad"]
    assert (requests.ecosystem, requests.origin_kind, requests.install_scripts) == (
        "pypi",
        "registry",
        UNSTATED,
    )
    assert (left.name, left.origin_kind, left.install_scripts) == ("left-pad", "tarball", True)


def test_facts_stand_on_their_lines() -> None:
    lines = LOCK.splitlines()
    for package in packages(LOCK).values():
        assert lines[package.at.part("origin") - 1] == f"  url: {package.origin}"
        assert isinstance(package.integrity, tuple)
        for digest in package.integrity:
            cited = package.at.part(digest.label, "integrity")
            assert digest.hex in lines[cited - 1] or digest.hex in lines[cited]


def test_channels_are_settings_in_their_order() -> None:
    assert seen.switches(records(LOCK)) == {"channels[0]": ("https://conda.example/conda-forge", 11)}


def test_pip_entries_from_repositories_and_paths() -> None:
    url = "https://files.index.example/packages/1e/db/requests-2.32.5-py3-none-any.whl"
    git = packages(LOCK.replace(url, "git+https://me:pw@git.example/r@abc"))["pip/linux-64/requests"]
    assert (git.origin_kind, git.origin) == ("git", "git+https://***@git.example/r@abc")
    assert packages(LOCK.replace(url, "./r"))["pip/linux-64/requests"].origin_kind == "directory"
    assert packages(LOCK.replace(url, "./r.whl"))["pip/linux-64/requests"].origin_kind == "file"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (LOCK.replace("version: 1\n", "version: 2\n", 1), [5]),
        (LOCK.replace("manager: conda", "manager: mamba", 1), [21]),
        (LOCK.replace("- name: _libgcc_mutex\n  version", "- version", 1), [19]),
        (LOCK.replace("  category: main\n", "  version: '2'\n", 1), [28]),
        ("version: 1\npackage: &a [*a]\n", [2]),
        ("- a\n", [1]),
        ("version: 1\npackage: none\n", [2]),
        ("version: 1\n<<<<<<< ours\npackage: []\n", [3]),
    ],
)
def test_what_is_not_understood_is_unread(text: str, lines: list[int]) -> None:
    assert unread(text) == lines
