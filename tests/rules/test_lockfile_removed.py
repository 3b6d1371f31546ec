from __future__ import annotations

import msgspec
import pytest

from fimci.model import Digest, Place, Record, Setting
from fimci.packages.pairs import manager_of
from fimci.rules import lockfile_removed as rule
from tests.rules.stated import file, hashes, npm, pypi, said

OTHER = Digest("sha256", "22" * 32)


def kept(*paths: str) -> list[Record]:
    """Files with contents of their own, so that none of them is another one that moved; locks say a word."""
    files = [
        msgspec.structs.replace(file(path), digest=Digest("sha256", path.encode().hex().zfill(64)))
        for path in paths
    ]
    said = [Setting(path=path, name="lock", value="3", at=Place(path)) for path in paths if manager_of(path)]
    return [*files, *said]


@pytest.mark.parametrize(
    ("manifest", "lock"),
    [
        ("package.json", "package-lock.json"),
        ("package.json", "yarn.lock"),
        ("web/package.json", "web/pnpm-lock.yaml"),
        ("package.json", "bun.lockb"),
        ("deno.json", "deno.lock"),
        ("pyproject.toml", "uv.lock"),
        ("Pipfile", "Pipfile.lock"),
        ("Cargo.toml", "Cargo.lock"),
        ("go.mod", "go.sum"),
        ("Gemfile", "Gemfile.lock"),
        ("composer.json", "composer.lock"),
    ],
)
def test_a_manifest_without_its_lockfile(manifest: str, lock: str) -> None:
    assert said(rule, kept(manifest, lock), kept(manifest)) == [f"{lock}:1: high: the lockfile was removed"]
    assert said(rule, kept(manifest, lock), []) == []
    assert said(rule, kept(manifest), kept(manifest, lock)) == []


def test_a_lockfile_that_said_nothing() -> None:
    silent = [
        record for record in kept("package.json", "package-lock.json") if not isinstance(record, Setting)
    ]
    assert said(rule, silent, kept("package.json")) == []


def test_how_many_packages_it_pinned() -> None:
    before = [*kept("package.json", "package-lock.json"), npm("a"), npm("b"), npm("ws", origin_kind="link")]
    (told,) = said(rule, before, kept("package.json"))
    assert told.endswith("the lockfile was removed: nothing pins its 2 packages any more")


def test_a_manifest_above_which_another_lockfile_stands() -> None:
    both = kept("package.json", "package-lock.json", "web/package.json", "web/package-lock.json")
    assert said(rule, both, both[:3]) == []
    left = kept("package.json", "web/package.json", "web/package-lock.json")
    assert len(said(rule, left, left[:2])) == 1


@pytest.mark.parametrize("project", ["app.csproj", "src/app.fsproj"])
def test_lockfiles_whose_project_has_any_name(project: str) -> None:
    lock = f"{project.rpartition('/')[0]}/packages.lock.json".lstrip("/")
    assert len(said(rule, kept(project, lock), kept(project))) == 1
    assert said(rule, kept(project, lock), []) == []


def test_gradle_metadata_that_goes_and_that_goes_with_its_build() -> None:
    metadata, build = "gradle/verification-metadata.xml", "build.gradle.kts"
    assert len(said(rule, kept(metadata, build), kept(build))) == 1
    assert said(rule, kept(metadata, build), []) == []


def test_a_lockfile_that_moved() -> None:
    before, after = kept("packages.lock.json"), kept("src/packages.lock.json")
    assert len(said(rule, before, after)) == 1
    moved = [msgspec.structs.replace(file("src/packages.lock.json"), digest=getattr(before[0], "digest"))]  # noqa: B009  (a record of any kind)
    assert said(rule, before, moved) == []


def test_a_list_with_hashes() -> None:
    path = "requirements.txt"
    before = [*kept(path), pypi("a", path=path), pypi("b", path=path)]
    assert said(rule, before, []) == [f"{path}:1: high: the list with the hashes of 2 packages was removed"]
    elsewhere = [*kept("uv.lock"), pypi("a"), pypi("b", "2.0", integrity=hashes("cc"))]
    assert said(rule, before, elsewhere) == []
    bare = [*kept(path), pypi("a", path=path, integrity=())]
    assert said(rule, bare, []) == []
