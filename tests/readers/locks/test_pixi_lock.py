"""pixi.lock, and explicit lists of conda."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.model import UNSTATED, Digest, Record
from fimci.readers.locks import conda_explicit, conda_urls, pixi_lock
from tests.readers import mutants, seen

SHA, OTHER, MD5, COMMIT = "1a" * 32, "2b" * 32, "3c" * 16, "c" * 40
CHANNEL, FILES = "https://conda.example/forge", "https://files.index.example/packages"
GENUINE = f"""version: 6
environments:
  default:
    channels:
    - url: {CHANNEL}/
    indexes:
    - https://name:word@index.example/simple
    packages:
      linux-64:
      - conda: {CHANNEL}/linux-64/left-pad-1.0.1-h1_0.conda
  test:
    channels:
    - url: {CHANNEL}/
    - url: https://conda.example/more/
packages:
- conda: {CHANNEL}/linux-64/left-pad-1.0.1-h1_0.conda
  sha256: {SHA}
  md5: {MD5}
  depends:
  - right >=1.0,<2 h2_*
  - python
- conda: {CHANNEL}/noarch/left-pad-1.0.1-h1_0.tar.bz2
  sha256: {OTHER}
- conda: ./built
  name: here
  version: 0.1.0
  subdir: linux-64
- conda_source: made[0badc0de] @ git+https://git.example/made?tag=v1#{COMMIT}
  version: 0.2.0
- pypi: {FILES}/idna-3.4-py3-none-any.whl
  name: idna
  version: '3.4'
  sha256: {SHA}
  requires_dist:
  - right>=1
- pypi: {FILES}/idna-3.4.tar.gz
  name: Idna
  version: '3.4'
  sha256: {OTHER}
- pypi: git+https://git.example/forked?rev=main#{COMMIT}
  name: forked
  version: 0.1.0
- pypi: ./
  name: shop
  version: 0.0.1
  editable: true
"""
OLD = f"""version: 5
packages:
- kind: conda
  name: left
  version: 1.0.1
  build: h1_0
  subdir: linux-64
  url: {CHANNEL}/linux-64/left-1.0.1-h1_0.conda
  sha256: {SHA}
- kind: pypi
  name: shop
  version: 0.0.1
  path: .
"""
EXPLICIT = f"""# platform: linux-64
@EXPLICIT
{CHANNEL}/linux-64/left-1.0.1-h1_0.conda#{MD5}
https://name:word@conda.example/forge/noarch/right-1.2.0-0.tar.bz2#sha256:{SHA}
{CHANNEL}/linux-64/bare-1.2.0-0.conda

left=1.0
{CHANNEL}/linux-64/left-1.0.1-h1_0.conda#odd
"""


def records(text: str | bytes) -> list[Record]:
    return seen.records(pixi_lock, "pixi.lock", text)


def test_what_is_locked() -> None:
    found = seen.packages(records(GENUINE))
    assert seen.unread(records(GENUINE)) == []
    assert {place: (one.origin_kind, one.version, one.at.line) for place, one in found.items()} == {
        "conda/linux-64/left-pad": ("registry", "1.0.1+h1_0.linux-64", 16),
        "conda/noarch/left-pad": ("registry", "1.0.1+h1_0.noarch", 22),
        "conda/linux-64/here": ("directory", "0.1.0", 24),
        "source/made": ("git", "0.2.0", 28),
        "pypi/idna": ("registry", "3.4", 30),
        "pypi/forked": ("git", "0.1.0", 40),
        "pypi/shop": ("directory", "0.0.1", 43),
    }
    left, idna = found["conda/linux-64/left-pad"], found["pypi/idna"]
    assert left.dependencies == ("python", "right@>=1.0,<2 h2_*")
    assert left.integrity == (Digest("md5", MD5), Digest("sha256", SHA))
    assert idna.integrity == (Digest("sha256", SHA), Digest("sha256", OTHER))
    assert (idna.install_scripts, found["pypi/shop"].install_scripts) == (UNSTATED, True)
    assert dict(idna.at.parts)[f"sha256:{OTHER[:16]}"] == 39
    assert seen.switches(records(GENUINE)) == {
        "channels[0]": (f"{CHANNEL}/", 5),
        "channels[1]": ("https://conda.example/more/", 14),
        "sources.https://***@index.example/simple": ("true", 7),
    }


def test_what_older_releases_wrote() -> None:
    found = seen.packages(records(OLD))
    assert {place: (one.origin_kind, one.version) for place, one in found.items()} == {
        "conda/linux-64/left": ("registry", "1.0.1+h1_0.linux-64"),
        "pypi/shop": ("directory", "0.0.1"),
    }


def test_what_is_no_lock() -> None:
    assert seen.unread(records("- a")) == [("", 1)]
    assert seen.unread(records("a: [")) != []
    odd = "version: 9\npackages:\n- 1\n- conda_source: x\n- kind: conda\n- conda: ./x\n"
    assert seen.unread(records(odd)) == [
        ("lock version", 1),
        ("packages[0]", 3),
        ("packages[1]", 4),
        ("packages[2]", 5),
        ("packages[3]", 6),
    ]


def test_an_explicit_list() -> None:
    assert conda_explicit.wants("a/b.lock", EXPLICIT.encode())
    assert not conda_explicit.wants("a/b.lock", b"see @EXPLICIT here")
    found = seen.records(conda_explicit, "env.txt", EXPLICIT)
    assert {place: (one.version, one.at.line) for place, one in seen.packages(found).items()} == {
        "conda/linux-64/left": ("1.0.1+h1_0.linux-64", 3),
        "conda/noarch/right": ("1.2.0+0.noarch", 4),
        "conda/linux-64/bare": ("1.2.0+0.linux-64", 5),
        "conda/linux-64/left (2)": ("1.0.1+h1_0.linux-64", 8),
    }
    right = seen.packages(found)["conda/noarch/right"]
    assert right.integrity == (Digest("sha256", SHA),)
    assert right.origin == "https://***@conda.example/forge/noarch/right-1.2.0-0.tar.bz2"
    assert seen.unread(found) == [("line 7", 7)]
    assert seen.unread(seen.records(conda_explicit, "env.txt", b"@EXPLICIT\n\xff")) == [("", 2)]


@pytest.mark.parametrize(
    "url", ["left-1.0-0.conda", "x/left.conda", "x/a-b.conda", "x/a-1-0.zip", "x/" + "a-" * 999]
)
def test_what_is_no_archive_of_conda(url: str) -> None:
    assert conda_urls.archive(url) is None


@given(mutants.mutated(GENUINE.encode()) | mutants.mutated(OLD.encode()) | st.binary(max_size=200))
def test_it_bears_whatever_comes(data: bytes) -> None:
    mutants.bear(pixi_lock, "pixi.lock", data)


@given(mutants.mutated(EXPLICIT.encode()) | st.binary(max_size=200))
def test_a_list_may_hold_anything(data: bytes) -> None:
    mutants.bear(conda_explicit, "env.txt", data)


def test_time_grows_with_the_file_and_no_faster() -> None:
    entry = GENUINE[GENUINE.index(f"- pypi: {FILES}/idna-3.4-py3") : GENUINE.index("- pypi: git+")]
    mutants.is_linear(
        pixi_lock, "pixi.lock", lambda size: ("version: 6\npackages:\n" + entry * size).encode(), 300
    )
    line = f"{CHANNEL}/linux-64/left-1.0.1-h1_0.conda#{MD5}\n"
    mutants.is_linear(conda_explicit, "env.txt", lambda size: ("@EXPLICIT\n" + line * size).encode(), 500)
    mutants.is_linear(conda_explicit, "env.txt", lambda size: ("@EXPLICIT\n" + "a-" * size).encode(), 3_000)
