"""Inputs of flakes, as Nix locks them."""

from __future__ import annotations

import base64
import json

import pytest

from fimci.model import Digest, Package, Record, Unread
from fimci.readers.locks import flake_lock
from tests.readers import seen

HASH = f"sha256-{base64.b64encode(bytes(32)).decode()}"


def lock(digest: object) -> str:
    facts = {"type": "github", "owner": "acme", "repo": "left", "rev": "a" * 40, "narHash": digest}
    nodes = {
        "left": {"locked": facts, "inputs": {"deep": "deep", "same": ["left"]}},
        "deep": {"locked": {**facts, "repo": "deep", "narHash": HASH}},
        "root": {"inputs": {"left": "left"}},
    }
    return json.dumps({"version": 7, "root": "root", "nodes": nodes})


def read(digest: object) -> list[Record]:
    return seen.records(flake_lock, "flake.lock", lock(digest))


def test_an_input_says_what_it_asks_for_itself() -> None:
    left, deep = (one for one in read(HASH) if isinstance(one, Package))
    assert (left.place, deep.place) == ("flake.lock#left", "flake.lock#left/deep")
    assert left.dependencies == ("left/deep",)
    assert left.integrity == (Digest("sha256", "0" * 64),)


@pytest.mark.parametrize(
    "digest",
    [
        None,
        7,
        "sha256",
        "md5-AAAA",
        "sha256-AAAA",
        HASH.replace("sha256", "sha512"),
        f"{HASH}=",
        HASH.replace("A", "\u00c4"),
        HASH + "A" * 4000,
    ],
)
def test_what_is_no_hash_is_unread(digest: object) -> None:
    found = read(digest)
    assert [one.why for one in found if isinstance(one, Unread)] == ["an input without the hash of its files"]


def test_what_lies_in_the_flake_itself_is_hashed_with_it() -> None:
    inside = {"locked": {"path": "./sub", "type": "path"}, "original": {"path": "./sub", "type": "path"}}
    nodes = {"sub": {**inside, "parent": []}, "out": inside, "root": {"inputs": {"sub": "sub", "out": "out"}}}
    data = json.dumps({"nodes": nodes, "root": "root", "version": 7}).encode()
    found = list(flake_lock.read("flake.lock", data))
    assert [one.part for one in found if isinstance(one, Unread)] == ["out"]
