"""The usual entries of pnpm's lockfiles are read as all others are, or not by themselves."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fimci.model import Package, Record
from fimci.readers.locks import pnpm, pnpm_usual
from tests import growth
from tests.readers import mutants

LOCKS = Path(__file__).parent.parent.parent.parent / "fixtures" / "locks"
PATH = "pnpm-lock.yaml"
SMALL = (LOCKS / "pnpm12" / PATH).read_bytes()
TWO = (LOCKS / "pnpm12-config" / PATH).read_bytes()
SHA = "sha512-" + "A" * 86 + "=="
OWN = f"""lockfileVersion: '9.0'

settings:
  autoInstallPeers: true

importers:

  .:
    dependencies:
      left:
        specifier: ^1.0.0
        version: 1.0.0(peer@2.0.0)
      other:
        specifier: npm:peer@^2.0.0
        version: peer@2.0.0

packages:

  '@scope/inner@1.0.0-rc.1':
    resolution: {{integrity: {SHA}}}
    engines: {{node: '>=10'}}
    cpu: [x64]
    os: [linux]

  archive@https://files.example/archive.tgz:
    resolution: {{integrity: {SHA}, tarball: https://files.example/archive.tgz}}
    version: 3.0.0

  left@1.0.0:
    resolution: {{integrity: {SHA}}}
    hasBin: true
    peerDependencies:
      peer: ^2.0.0
    peerDependenciesMeta:
      peer:
        optional: true

  peer@2.0.0:
    resolution: {{integrity: {SHA}}}
    deprecated: |-
      Use another one.

      Really.

snapshots:

  '@scope/inner@1.0.0-rc.1':
    optional: true

  archive@https://files.example/archive.tgz: {{}}

  left@1.0.0:
    dependencies:
      '@scope/inner': 1.0.0-rc.1

  left@1.0.0(peer@2.0.0):
    dependencies:
      archive: https://files.example/archive.tgz
      peer: 2.0.0
    optionalDependencies:
      '@scope/inner': 1.0.0-rc.1
    transitivePeerDependencies:
      - supports-color

  peer@2.0.0: {{}}
""".encode()
#: What keeps a release from being a usual one.
ARCHIVED = b"      archive: https://files.example/archive.tgz\n"
#: What an edit puts somewhere: pieces of the format, of YAML, and of other releases.
PIECES = [
    *(
        b"\n",
        b" ",
        b"  ",
        b"'",
        b'"',
        b": ",
        b"#",
        b"---\n",
        b"- ",
        b"? ",
        b"|-\n",
        b"&a ",
        b"*a",
        b"!t ",
        b"\t",
        b"(",
    ),
    *(b"left@1.0.0", b"peer@2.0.0:\n", b"    optional: true\n", b"    version: 1.0.0\n", b"    name: left\n"),
    *(b"    resolution: {integrity: sha1-AAAA}\n", b"packages:\n", b"snapshots:\n", b"  left@1.0.0: {}\n"),
    *(
        b"  'left@1.0.0': {}\n",
        b"  x: |\n      y\n",
        b"      peer: 2.0.0\n",
        b"node_modules",
        b"\xc3\xa9",
        b"\x85",
        b"\xff",
    ),
    *(
        b"      other: peer@2.0.0\n",
        b"  left@1.0.0(patch_hash=ab): {}\n",
        b"lockfileVersion: '13.0'\n",
        b")",
        b"))",
    ),
]


def told(data: bytes, monkeypatch: pytest.MonkeyPatch, *, apart: bool) -> list[str]:
    with monkeypatch.context() as patch:
        if not apart:
            patch.setattr(pnpm_usual, "part", lambda _: None)
        return sorted(map(shown, pnpm.read(PATH, data)))


def shown(record: Record) -> str:
    return repr(record)


def agree(data: bytes) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        assert told(data, monkeypatch, apart=True) == told(data, monkeypatch, apart=False)


def edited(genuine: bytes) -> st.SearchStrategy[bytes]:
    return mutants.edited(genuine, PIECES)


@pytest.mark.parametrize(
    "path", sorted(LOCKS.glob("pnpm*/pnpm-lock.yaml*")), ids=lambda path: path.parent.name
)
def test_genuine_files_are_read_alike(path: Path) -> None:
    agree(gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes())


def test_nearly_all_of_a_large_one_is_usual() -> None:
    data = gzip.decompress((LOCKS / "pnpm12-big" / "pnpm-lock.yaml.gz").read_bytes())
    usual = pnpm_usual.part(data)
    assert usual is not None
    assert len(usual.releases) > 1600


@pytest.mark.parametrize("data", [OWN, SMALL, TWO], ids=["own", "small", "two documents"])
def test_some_of_it_is_usual(data: bytes) -> None:
    usual = pnpm_usual.part(data)
    assert usual is not None
    assert usual.releases
    agree(data)


def test_lines_stay_where_they_are() -> None:
    found = {one.place: one.at for one in pnpm.read(PATH, OWN) if isinstance(one, Package)}
    assert found[f"{PATH}#@scope/inner@1.0.0-rc.1"].part("integrity") == 20
    assert found[f"{PATH}#archive@3.0.0"].line == 25


@given(edited(OWN))
@example(OWN.replace(b"left@1.0.0:\n    resol", b"'left@1.0.0':\n    resol"))
@example(
    OWN.replace(b"  left@1.0.0:\n    dependencies:\n", b"  left@1.0.0:\n    dev: true\n    dependencies:\n")
)
@example(OWN + b"  orphan@1.0.0: {}\n")
@example(OWN.replace(b"version: 3.0.0", b"version: 1.0.0\n    name: left"))
@example(OWN.replace(b"left", b"Node_Modules"))
@example(OWN.replace(b"autoInstallPeers: true", b'a: "x\npackages:\n\n  b@1.0.0: y"'))
@example(OWN.replace(b"packages:\n", b"packages:\n\n # comment"))
@example(OWN.replace(b"peer: ^2.0.0", b"peer: '      @scope/inner: '").replace(ARCHIVED, b""))
@example(OWN.rstrip(b"\n"))
@example(OWN.replace(b"\n", b"\r\n"))
def test_edited_files_are_read_alike(data: bytes) -> None:
    agree(data)


@given(edited(SMALL) | edited(TWO))
def test_edited_genuine_files_are_read_alike(data: bytes) -> None:
    agree(data)


@pytest.mark.parametrize(
    "made",
    [
        lambda size: OWN + b"  left@1.0.0(" + b"(" * size + b"): {}\n",
        lambda size: OWN.replace(b"peer: ^2.0.0", b"peer: " + b"^ " * size),
        lambda size: OWN.replace(b"hasBin: true\n", b"deprecated: '" + b"''" * size + b"\n"),
        lambda size: OWN.replace(b"node: '>=10'", b"node: " + b"1 " * size),
        lambda size: OWN.replace(b"cpu: [x64]", b"cpu: [" + b"a, " * size),
        lambda size: OWN + b"  x: {}\n\n\n" * size,
        lambda size: OWN + b"\n" * size,
        lambda size: OWN + b"#" + b"  a" * size,
        lambda size: OWN + b"#" + b"  'a':" * size,
    ],
)
def test_reading_is_linear(made: Callable[[int], bytes]) -> None:
    growth.is_linear(pnpm_usual.part, made, 2_000)
