"""Inputs and settings of a flake, of which nothing is evaluated."""

from __future__ import annotations

import pytest

from fimci.model import UNSTATED
from fimci.readers.manifests import flake_nix
from tests import growth
from tests.readers import seen

FLAKE = """
# { inputs.no.url = "github:acme/no"; }
{
  description = "a \\"quoted\\" text with ${code { inputs = "x"; }} in it";
  inputs = {
    left = {
      url = "github:acme/left/v1?dir=sub";
      inputs.nixpkgs.follows = "nixpkgs";
      inputs.deep.url = "git+https://code.example/deep?ref=main&rev=abc";
    };
    "right".url = https://archives.example/right.tar.gz;
    parts = { type = "gitlab"; owner = "acme"; repo = "parts"; rev = "0123456"; };
    here.url = "./here"; /* a folder { */
    nixpkgs.url = "nixpkgs/stable";
    plain.flake = false;
  };
  outputs = { self, ... }@inputs: let x = { a = 1; }; in with x; assert x != ''
    { ''${no} ${inputs.x { y = "}"; }} ''; {
    packages.inputs.none.url = "github:acme/none";
  };
  inputs.late.url = "github:acme/late";
  nixConfig = { extra-substituters = [ "https://cache.example" ]; sandbox = false; };
}
"""


def read(text: str) -> list[object]:
    return list(seen.records(flake_nix, "flake.nix", text))


def test_what_a_flake_asks_for() -> None:
    found = seen.packages(seen.records(flake_nix, "flake.nix", FLAKE))
    assert {place: (one.origin_kind, one.origin, one.at.line) for place, one in found.items()} == {
        "inputs/left": ("git", "https://github.com/acme/left#v1", 7),
        "inputs/left/deep": ("git", "https://code.example/deep#abc", 9),
        "inputs/right": ("tarball", "https://archives.example/right.tar.gz", 11),
        "inputs/parts": ("git", "https://gitlab.com/acme/parts#0123456", 12),
        "inputs/here": ("directory", "./here", 13),
        "inputs/nixpkgs": (UNSTATED, None, 14),
        "inputs/late": ("git", "https://github.com/acme/late", 21),
    }
    assert found["inputs/left"].version == "v1"


def test_what_a_flake_tells_nix() -> None:
    assert seen.switches(seen.records(flake_nix, "flake.nix", FLAKE)) == {
        "nixConfig.extra-substituters.https://cache.example": ("true", 22),
        "nixConfig.sandbox": ("false", 22),
    }


@pytest.mark.parametrize(
    "text",
    [
        "let x = 1; in { inputs = { }; }",
        "{ inputs = import ./inputs.nix; }",
        '{ inputs.left.url = "github:acme/${name}"; }',
        '{ inputs = { left.url = "github:acme/left"; } // { right.url = "github:acme/right"; }; }',
        '{ ${"inputs"}.left.url = "github:acme/left"; }',
        '{ = "x"; }',
        "",
        "{ inputs = " + "{ a = " * 40 + "1;" + " };" * 40 + " }",
        "{ x = [ " + "a " * 200_000 + " ]; }",
    ],
)
def test_what_would_have_to_be_evaluated_is_unread(text: str) -> None:
    found = seen.records(flake_nix, "flake.nix", text)
    assert seen.unread(found)
    assert not seen.packages(found)


def _nested(size: int) -> str:
    return "{ inputs = { " + "a = { b = [ ( ''${" * size + "}'' ) ]; };" * size + " }; }"


def _listed(size: int) -> str:
    return "{ inputs = { " + "".join(f'a{n}.url = "github:a/b{n}";' for n in range(size)) + " }; }"


def test_time_grows_with_the_file_and_no_faster() -> None:
    growth.is_linear(read, _listed, 400)
    growth.is_linear(read, _nested, 400)
