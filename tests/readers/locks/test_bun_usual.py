"""The usual entries of `bun.lock` are read as all others are, or not by themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from backports import zstd
from hypothesis import example, given
from hypothesis import strategies as st

from fimci.model import Package
from fimci.readers.locks import bun, bun_usual
from tests import growth
from tests.readers import mutants

LOCKS = Path(__file__).parent.parent.parent.parent / "fixtures" / "locks"
PATH = "bun.lock"
SMALL = (LOCKS / "bun14" / PATH).read_bytes()
SHA = "sha512-" + "A" * 86 + "=="
PEERS = '{ "peerDependencies": { "peer": "1" }, "optionalPeers": ["peer"] }'
TWICE = '{ "dependencies": { "a" : "1", "a": "2" } }'
LEFT = '{ "dependencies": { "right": "^2.0.0", "peer": "*" }, "bin": { "left": "cli.js" } }'
OWN = f"""{{
  "lockfileVersion": 2,
  "configVersion": 1,
  "workspaces": {{
    "": {{
      "name": "shop",
      "dependencies": {{
        "left": "^1.0.0",
      }},
    }},
  }},
  "packages": {{
    "@scope/inner": ["@scope/inner@1.0.0-rc.1", "", {{ "os": "linux", "cpu": ["x64", "arm64"] }}, "{SHA}"],

    "archive": ["archive@https://files.example/archive.tgz", {{}}, "{SHA}"],

    "elsewhere": ["elsewhere@1.0.0", "https://files.example/e.tgz", {{}}, "{SHA}"],

    "left": ["left@1.0.0", "", {LEFT}, "{SHA}"],

    "left/@scope/inner": ["@scope/inner@2.0.0", "", {{ "bin": "a.js", "hasInstallScript": true }}, "{SHA}"],

    "other": ["right@2.0.0", "", {PEERS}, "{SHA}"],

    "right": ["right@2.0.0", "", {{}}, "{SHA}"],
  }}
}}
""".encode()
#: What an edit puts somewhere: pieces of the format, of JSON, and of other releases.
PIECES = [
    *(b"\n", b" ", b",", b'"', b"\\", b"{", b"}", b"[", b"]", b": ", b"null", b"true", b"1", b"/*", b"*/"),
    *(b"left", b"right@2.0.0", b'"bundled": true', b'"bin": [], ', b'"bin": {}, ', b"// x\n", b"\t", b"\r"),
    *(b'"dependencies": { "x": 1 }, ', b'"dependencies": { "x": "1", "x": "2" }, ', b"\xff", b"\xc3\xa9"),
    *(
        b'"os": 1, ',
        b'"os": "a", "os": "b", ',
        b"sha1-AAAA",
        b'"hasInstallScript": false, ',
        b"@root:",
        b"left/",
    ),
    *(b'"packages": {\n', b'  "packages": {\n', b"  }\n", b"-a.tgz"),
]


def many(piece: bytes, size: int) -> bytes:
    return OWN.replace(b'  "packages": {\n', b'  "packages": {\n' + piece * size)


def told(data: bytes, *, apart: bool) -> list[str]:
    with pytest.MonkeyPatch.context() as patch:
        if not apart:
            patch.setattr(bun_usual, "part", lambda _: None)
        return sorted(map(repr, bun.read(PATH, data)))


def agree(data: bytes) -> None:
    assert told(data, apart=True) == told(data, apart=False)


def edited(genuine: bytes) -> st.SearchStrategy[bytes]:
    return mutants.edited(genuine, PIECES)


@pytest.mark.parametrize("path", sorted(LOCKS.glob("bun*/bun.lock*")), ids=lambda path: path.parent.name)
def test_genuine_files_are_read_alike(path: Path) -> None:
    data = path.read_bytes()
    agree(zstd.decompress(data) if path.suffix == ".zst" else data)


@pytest.mark.parametrize(("data", "count"), [(OWN, 5), (SMALL, 50)], ids=["own", "small"])
def test_most_of_it_is_usual(data: bytes, count: int) -> None:
    usual = bun_usual.part(data)
    assert usual is not None
    assert sum(len(entries) for entries, _ in usual.runs) >= count
    agree(data)


@pytest.mark.parametrize("odd", ["", '"bundled": true'])
def test_many_are_decoded_together_and_an_odd_one_by_itself(odd: str) -> None:
    rows = [f'    "p{index}": ["p{index}@1.{index}.0", "", {{}}, "{SHA}"],\n\n' for index in range(150)]
    rows[70] = rows[70].replace("{}", f"{{ {odd} }}")
    data = OWN.replace(b'  "packages": {\n', b'  "packages": {\n' + "".join(rows).encode())
    usual = bun_usual.part(data)
    assert usual is not None
    assert sum(len(entries) for entries, _ in usual.runs) == 155 - bool(odd)
    agree(data)


def test_what_is_there_twice_is_told_however_it_is_spelled() -> None:
    found = told(OWN.replace(PEERS.encode(), TWICE.encode()), apart=True)
    assert any("a key occurs twice" in one for one in found)


def test_lines_stay_where_they_are() -> None:
    found = {one.place: one.at.line for one in bun.read(PATH, OWN) if isinstance(one, Package)}
    assert (found[f"{PATH}#@scope/inner"], found[f"{PATH}#archive"], found[f"{PATH}#right"]) == (13, 15, 25)


@given(edited(OWN))
@example(OWN.replace(b'"right": ["right', b'"left": ["right'))
@example(OWN.replace(b"left@1.0.0", b"left@1.0.0-a.tgz"))
@example(OWN.replace(PEERS.encode(), TWICE.encode()))
@example(OWN.replace(PEERS.encode(), b'{ "os": "a", "os" : "b" }'))
@example(OWN.replace(PEERS.encode(), TWICE[:-2].encode() + b', "bin": "\\u0022\\u0022\\u0022\\u0022" }'))
@example(OWN.replace(PEERS.encode(), b'{ "bundled": true }'))
@example(OWN.replace(b"  }\n}\n", b"  }\n\x003\n}\n"))
@example(OWN.replace(b'    "right": [', f'    "m": ["m@1.0.0", "", {{}}, "{SHA}"], "right": ['.encode()))
@example(OWN.replace(PEERS.encode(), b'{ "bin": null }'))
@example(OWN.replace(PEERS.encode(), b'{ "bin": "\\u0061" }'))
@example(OWN.replace(PEERS.encode(), b'{ "bin": "\x01" }'))
@example(OWN.replace(b"left/@scope/inner", b"left/@scope/\ninner"))
@example(
    OWN.replace(b'    "right": [', f'    "left": ["left@1.0.0", "", {{}}, "{SHA}"], "right": ['.encode())
)
@example(OWN.replace(b'"],\n\n    "right"', f'", "{SHA}"],\n\n    "right"'.encode()))
@example(OWN.replace(b'"os": "linux"', b'"os": ' + b"1" * 5000))
@example(OWN.replace(b'"workspaces": {', b'"workspaces": {\n  "packages": {\n  },'))
@example(OWN.replace(b'"],\n\n    "left"', b'"]\n\n    "left"'))
@example(OWN.replace(b'"],\n  }', b'"]\n  }'))
@example(OWN.replace(b"\n", b"\r\n"))
@example(b"\xef\xbb\xbf" + OWN)
def test_edited_files_are_read_alike(data: bytes) -> None:
    agree(data)


@given(edited(SMALL))
def test_edited_genuine_files_are_read_alike(data: bytes) -> None:
    agree(data)


@pytest.mark.parametrize(
    "made",
    [
        lambda size: OWN.replace(b'"left@1.0.0"', b'"' + b"left@1.0.0" * size),
        lambda size: OWN.replace(b'"left": [', b'"left' + b"a" * size + b'": ['),
        lambda size: OWN.replace(b"],\n", b"]," + b"\n" * size),
        lambda size: OWN.replace(b'{ "bin": "a.js"', b"{}" * size),
        lambda size: OWN + b"  }\n" * size,
        lambda size: many(b'    "left": ["left@1.0.0", "", {', size),
        lambda size: OWN + b'    "left": ["left@1.0.0", "", {' * size,
        lambda size: many(b'    "left": ["left@1.0.0", "", {}, "' + SHA.encode() + b'"],\n\n', size),
        lambda size: many(b'    "left": ["left@1.0.0", "", { "a": 1 }, "' + SHA.encode() + b'"],\n\n', size),
        lambda size: many(b'    "left": ["left@1.0.0", "", {}, "sha512-', size),
    ],
)
def test_reading_is_linear(made: Callable[[int], bytes]) -> None:
    growth.is_linear(bun_usual.part, made, 2_000)
