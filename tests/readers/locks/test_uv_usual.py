"""The usual packages of `uv.lock` are read as all others are, or not by themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from backports import zstd
from hypothesis import example, given
from hypothesis import strategies as st

from fimci.model import Package
from fimci.readers.locks import uv, uv_usual
from tests import growth
from tests.readers import mutants

LOCKS = Path(__file__).parent.parent.parent.parent / "fixtures" / "locks" / "uv"
UPDATES = LOCKS.parent.parent / "updates"
PATH = "uv.lock"
FORK = (LOCKS / "fork.lock").read_bytes()
REAL = (UPDATES / "uv-update" / "after" / PATH).read_bytes()
INDEX = 'source = { registry = "https://index.example/simple" }'


def file(name: str, digit: str, more: str = "") -> str:
    return f'{{ url = "https://files.index.example/{name}", hash = "sha256:{digit * 64}"{more} }}'


OWN = f"""version = 1
revision = 3
requires-python = ">=3.10"

[[package]]
name = "left"
version = "1.0"
{INDEX}
dependencies = [
    {{ name = "Inner.part" }},
    {{ name = "right", extra = ["all"], marker = "sys_platform == 'linux'" }},
]
sdist = {file("left-1.0.tar.gz", "a", ", size = 10")}
wheels = [
    {file("left-1.0-py3-none-any.whl", "b", ', size = 12, upload-time = "2026-01-02T03:04:05Z"')},
    {file("left-1.0-py2-none-any.whl", "c")},
]

[[package]]
name = "shop"
version = "1.0.0"
source = {{ virtual = "." }}
dependencies = [
    {{ name = "left" }},
]

[package.metadata]
requires-dist = [{{ name = "left", specifier = ">=1" }}]

[[package]]
name = "right"
version = "2.0"
{INDEX}
sdist = {file("right-2.0.tar.gz", "d")}

[package.optional-dependencies]
all = [
    {{ name = "left" }},
]

[[package]]
name = "Inner.part"
version = "3.0"
{INDEX}
wheels = [
    {{ url = "https://elsewhere.example/inner_part-3.0-py3-none-any.whl", hash = "sha256:{"e" * 64}" }},
]
""".encode()
#: A usual package, again and again.
ROWS = f"""
[[package]]
name = "more"
version = "1.0"
{INDEX}
wheels = [
    {file("more-1.0-py3-none-any.whl", "f")},
]
""".encode()
#: What an edit puts somewhere: pieces of the format, of TOML, and of other packages.
PIECES = [
    *(
        b"\n",
        b" ",
        b",",
        b'"',
        b"\\",
        b"{",
        b"}",
        b"[",
        b"]",
        b" = ",
        b"#",
        b'"""',
        b"'''",
        b"\t",
        b"\r",
        b"\0",
        b"\x7f",
    ),
    *(
        b"[[package]]\n",
        b"[package.metadata]\n",
        b"[package]\n",
        b"package = []\n",
        b'name = "left"\n',
        b"left",
        b"1.0",
    ),
    *(
        b"sha256:",
        b"md5:",
        b"user:word@",
        b"https://other.example/",
        b"?x",
        b"%41",
        b"#sha256=1",
        b"\xff",
        b"\xc3\xa9",
    ),
    *(
        b'source = { git = "https://git.example/left#ab" }\n',
        b"x = [\n",
        b"]\n",
        b'version = "1.0"\n',
        b", size = 0",
    ),
]


def told(data: bytes, *, apart: bool) -> list[str]:
    with pytest.MonkeyPatch.context() as patch:
        if not apart:
            patch.setattr(uv_usual, "part", lambda _: None)
        return sorted(map(repr, uv.read(PATH, data)))


def agree(data: bytes) -> None:
    assert told(data, apart=True) == told(data, apart=False)


def edited(genuine: bytes) -> st.SearchStrategy[bytes]:
    return mutants.edited(genuine, PIECES)


@pytest.mark.parametrize("path", sorted((*LOCKS.glob("*.lock*"), *UPDATES.glob("uv*/*/uv.lock"))), ids=str)
def test_genuine_files_are_read_alike(path: Path) -> None:
    data = path.read_bytes()
    agree(zstd.decompress(data) if path.suffix == ".zst" else data)


@pytest.mark.parametrize(("data", "count"), [(OWN, 2), (REAL, 5), (FORK, 10)], ids=["own", "real", "fork"])
def test_most_of_it_is_usual(data: bytes, count: int) -> None:
    usual = uv_usual.part(data)
    assert usual is not None
    assert len(usual.releases) == count
    agree(data)


def test_lines_stay_where_they_are() -> None:
    found = {one.name: one.at for one in uv.read(PATH, OWN) if isinstance(one, Package)}
    assert (found["right"].line, found["inner-part"].line, found["left"].part("dependencies")) == (31, 42, 9)
    assert found["left"].part("sha256:" + "c" * 16) == 16


@given(edited(OWN))
@example(OWN.replace(b"left-1.0-py3", b"right-1.0-py3"))
@example(OWN.replace(b"Inner.part", b"left"))
@example(OWN.replace(b"sha256:bb", b"sha1:bb"))
@example(OWN.replace(b'version = "3.0"\n', b'version = "3.0"\nwheels = [\n'))
@example(OWN.replace(b"revision = 3", b"package = []"))
@example(OWN.replace(b"revision = 3", b'text = """'))
@example(OWN.replace(b'source = { virtual = "." }', b'source = { odd = "." }'))
@example(OWN.replace(b'version = "1.0"', b'version = ""'))
@example(OWN.replace(b"https://elsewhere", b"http://elsewhere"))
@example(
    OWN.replace(b"https://files", b"longscheme://files").replace(
        b"files.index.example/left-1.0-py2", b"b/left-1.0-py2"
    )
)
@example(OWN.replace(b"\n", b"\r\n"))
@example(
    OWN.replace(b"https://files.index.example/left-1.0-py3", b"https:/ /files.index.example/left-1.0-py3")
)
@example(OWN.replace(b"index.example/left-1.0-py3", b"index.example/left-1.0-x/right-1.0-py3"))
@example(OWN.replace(b"left-1.0-py3-none-any.whl", b"left-1.0-py3\n-none-any.whl"))
@example(OWN.replace(b"left-1.0.tar.gz", b"\n/left-1.0.tar.gz"))
@example(OWN.replace(b"left-1.0.tar.gz", b"left-1.0-py3-none-any.whl"))
@example(OWN.replace(b"c" * 64, b"b" * 64))
@example(OWN.replace(b"c" * 64, b"b" * 16 + b"c" * 48))
@example(OWN.replace(b"c" * 64, b"a" * 16 + b"c" * 48))
@example(OWN.replace(b"c" * 64, b"C" * 64))
@example(OWN.replace(b"2026-01-02T03:04:05Z", b", hash = "))
@example(OWN.replace(b"2026-01-02T03:04:05Z", b"\n    { url = "))
@example(OWN.replace(b'extra = ["all"]', b'extra = ["    { name = ", "all"]'))
@example(OWN.replace(b'"Inner.part"\nversion', b'"Inner.part\n[[package]]\nname = "\nversion'))
@example(OWN.replace(b'"3.0"\nsource', b'"3.0"\n\nsource'))
@example(OWN.replace(b'[[package]]\nname = "Inner', b' [[package]]\nname = "Inner'))
@example(OWN + b"\n\n")
@example(OWN[:-1])
def test_edited_files_are_read_alike(data: bytes) -> None:
    agree(data)


@given(edited(FORK) | edited(REAL))
def test_edited_genuine_files_are_read_alike(data: bytes) -> None:
    agree(data)


@pytest.mark.parametrize(
    "made",
    [
        lambda size: OWN.replace(b"left-1.0.tar.gz", b"left-1.0" * size),
        lambda size: OWN.replace(b"    { name = ", b'    { name = "a", extra = [' + b'"a", ' * size),
        lambda size: OWN + b"\n" * size,
        lambda size: OWN + b'[[package]]\nname = "a"\n' * size,
        lambda size: OWN.replace(b"wheels = [\n", b"wheels = [\n" * size),
        lambda size: OWN.replace(b"wheels = [\n", b"wheels = [\n" + b"\n" * size),
        lambda size: OWN.replace(b"left-1.0-py3", b"/" * size + b".whl" * size),
        lambda size: OWN.replace(b"left-1.0.tar.gz", b".tar.gz" * size),
        lambda size: OWN + b'\n[[package]]\nname = "a"\nversion = "1"\nsource = { registry = "b' * size,
        lambda size: OWN + ROWS * size,
    ],
)
def test_reading_is_linear(made: Callable[[int], bytes]) -> None:
    growth.is_linear(uv_usual.part, made, 2_000)
