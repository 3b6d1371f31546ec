from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.model import UNSTATED
from fimci.packages.origins import (
    LIMIT,
    address,
    index_path,
    leaves,
    npm_tarball,
    public_npm,
    repository,
)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://registry.example/left/-/left-1.0.0.tgz", "registry.example"),
        ("HTTPS://Registry.Example:443/left", "registry.example"),
        ("https://registry.example:8443/left", "registry.example:8443"),
        ("https://user:secret@registry.example/left", "registry.example"),
        ("https://evil.example\\@registry.example/left", "evil.example"),
        ("https:\\\\evil.example/left", "evil.example"),
        ("https:///evil.example/left", "evil.example"),
        ("https://registry%2eexample/left", "registry.example"),
        (" https://registry.example ", "registry.example"),
        ("git+ssh://git@github.com/owner/repo.git#abc", "github.com"),
        ("git@github.com:owner/repo.git", "github.com"),
        ("github:owner/repo#v1", "github.com"),
        ("git://127.0.0.1/repo.git", "127.0.0.1"),
        ("file:vendor/left.tgz", ""),
        ("packages/left", ""),
        ("https://[evil/left", ""),
        ("https://evil.example:99999/left", ""),
        ("", ""),
        (None, ""),
        (UNSTATED, ""),
    ],
)
def test_the_host_is_the_one_that_answers(origin: object, host: str) -> None:
    assert address(origin).host == host


@pytest.mark.parametrize(
    "origin",
    [
        "git+ssh://git@github.com/Owner/repo.git#0123",
        "git+https://github.com/owner/repo.git?rev=v1#0123",
        "https://github.com/owner/repo@v1.0",
        "git@github.com:owner/repo.git",
        "github:owner/repo#semver:^1",
        "https://codeload.github.com/owner/repo/tar.gz/0123",
        "https://api.github.com/repos/owner/repo/tarball/v1",
    ],
)
def test_one_repository_has_many_spellings(origin: str) -> None:
    assert repository(origin) == "github.com/owner/repo"


def test_other_hosts_have_their_own_ways_to_name_repositories() -> None:
    assert repository("https://git.example/team/group/tool.git@v1#01") == "git.example/team/group/tool"
    assert repository("../tool") == ""


@pytest.mark.parametrize(
    ("origin", "spelt"),
    [
        ("https://registry.example/left/-/left-1.0.0.tgz", ("left", "1.0.0")),
        ("https://registry.example/@us/left/-/left-1.0.0-rc.1.tgz", ("@us/left", "1.0.0-rc.1")),
        ("https://art.example/api/npm/main/@us%2fleft/-/@us/left-1.0.0.tgz?x=1", ("@us/left", "1.0.0")),
        ("https://registry.example/left/-/right-1.0.0.tgz", ("left", "right-1.0.0")),
        ("https://npm.example/download/left/1.0.0/0123abc", None),
        ("git+https://github.com/owner/left.git#0123", None),
        (None, None),
    ],
)
def test_an_npm_tarball_spells_its_name(origin: object, spelt: tuple[str, str] | None) -> None:
    assert npm_tarball(origin) == spelt


def test_the_registry_is_told_from_its_tarballs_and_its_address() -> None:
    assert index_path("https://art.example/npm/main/@us/left/-/left-1.0.0.tgz") == "/npm/main"
    assert index_path("https://index.example/simple/") == "/simple"
    assert index_path("https://files.example/left-1.0-py3-none-any.whl") == ""


@pytest.mark.parametrize(
    ("base", "origin", "out"),
    [
        ("package-lock.json", "packages/left", False),
        ("package-lock.json", "../left", True),
        ("web/package-lock.json", "../left", False),
        ("web/package-lock.json", "file:../../left", True),
        ("uv.lock", ".", False),
        ("uv.lock", "a/../../b", True),
        ("uv.lock", "/srv/left", True),
        ("uv.lock", "~/left", True),
        ("uv.lock", "C:\\left", True),
        ("uv.lock", "..\\left", True),
        ("uv.lock", "file:///srv/left", True),
        ("uv.lock", "%2e%2e/left", True),
        ("uv.lock", None, False),
    ],
)
def test_paths_that_lead_out_of_the_tree(base: str, origin: object, out: bool) -> None:  # noqa: FBT001  (a column of the table)
    assert leaves(base, origin) is out


@settings(max_examples=100)
@given(st.text(alphabet=st.sampled_from("https:/\\@#?%[]. \t\n-gitx1\ud800é。"), max_size=60))
def test_nothing_that_a_lockfile_may_state_is_an_error(origin: str) -> None:
    found = address(origin)
    assert found.host == found.host.lower()
    repository(origin), npm_tarball(origin), index_path(origin), leaves("a/b", origin)


@settings(max_examples=100)
@given(st.from_regex(r"https?://[a-z0-9.-]*[a-z0-9](/[a-zA-Z0-9_.@/+-]{0,30})", fullmatch=True))
def test_the_short_way_for_usual_urls_gives_what_the_long_way_does(origin: str) -> None:
    assert address(origin) == address(origin + "\n")


def test_an_endless_origin_is_cut() -> None:
    assert len(address("https://registry.example/" + "a" * 10_000_000).path) < LIMIT


def test_the_two_names_of_the_public_registry_are_one_host() -> None:
    """The names themselves are the library's: they are written nowhere here."""
    usual, other = public_npm()
    assert usual != other
    assert usual.startswith("registry.npm")
    for spelling in (f"https://{other}/left/-/left-1.0.0.tgz", f"HTTPS://{other.upper()}.:443/left"):
        assert address(spelling).host == usual
    for spelling in (f"https://{other}.evil.example/left", f"https://{other}:8443/left"):
        assert address(spelling).host != usual
