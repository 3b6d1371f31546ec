"""mix.exs: the dependencies that are written out in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci import drift
from fimci.model import File
from fimci.readers.locks import mix_lock
from fimci.readers.manifests import mix_exs
from tests.readers import mutants, seen

PROJECT = '''defmodule Shop.MixProject do
  use Mix.Project
  @moduledoc """
  {:told, "~> 1.0"}
  """

  defp deps do
    [
      {:left, "~> 1.0"},
      # {:gone, "~> 1.0"},
      {:right, ">= 1.0.0 and < 2.0.0", only: [:dev, :test], runtime: false},
      {:forked, github: "acme/forked", tag: "v1.0.0", override: true},
      {:second, "~> 2.0",
       [git: "https://name:word@git.example/second.git", branch: "main"]},
      {:there, path: "../there"},
      {:part, in_umbrella: true},
      {:named, "1.0.0", hex: :other_name, organization: "acme"},
      {:served, "~> 1.0", repo: "elsewhere"},
      {:computed, version()},
      {:left, "~> 9.0"}
    ]
  end

  defp other, do: {:ok, "done # not a comment"}
end
'''


def test_what_a_project_asks_for() -> None:
    found = seen.records(mix_exs, "mix.exs", PROJECT)
    asked = {
        place: (one.name, one.version, one.origin_kind, one.origin, one.at.line)
        for place, one in seen.packages(found).items()
    }
    assert asked == {
        "deps/left": ("left", "~> 1.0", "registry", None, 9),
        "deps/right": ("right", ">= 1.0.0 and < 2.0.0", "registry", None, 11),
        "deps/forked": ("forked", None, "git", "https://github.com/acme/forked.git#v1.0.0", 12),
        "deps/second": ("second", "~> 2.0", "git", "https://***@git.example/second.git#main", 13),
        "deps/there": ("there", None, "directory", "../there", 15),
        "deps/part": ("part", None, "workspace", None, 16),
        "deps/named": ("other_name", "1.0.0", "registry", "hex://acme.hexpm", 17),
        "deps/served": ("served", "~> 1.0", "registry", "hex://elsewhere", 18),
    }
    assert seen.switches(found) == {"overrides.forked": ("true", 12)}
    assert seen.unread(found) == []


@pytest.mark.parametrize(
    ("version", "wanted", "fits"),
    [
        ("1.9.0", "~> 1.0", True),
        ("2.0.0", "~> 1.0", False),
        ("1.0.9", "~> 1.0.1", True),
        ("1.1.0", "~> 1.0.1", False),
        ("2.1.0", "~> 1.0 or ~> 2.0", True),
        ("2.0.0", ">= 1.0.0 and < 2.0.0", False),
        ("1.0.0", "== 1.0.0", True),
        ("1.0.0", "1.0.1", False),
        ("1.0.0", ">= 1.0.0 and != 1.0.0", False),
        ("1.0.0", "9 or some words", True),
        ("1.0.0", "9." + "1" * 200, True),
    ],
)
def test_a_lock_is_held_against_its_project(version: str, wanted: str, fits: bool) -> None:  # noqa: FBT001  (a parameter of a test)
    files = [File(path="mix.exs"), File(path="mix.lock")]
    found = [*files, *seen.records(mix_exs, "mix.exs", f'{{:left, "{wanted}"}}')]
    found += seen.records(mix_lock, "mix.lock", f'%{{"left": {{:hex, :left, "{version}"}}}}')
    assert [one.name for one in drift.derive(found)] == ([] if fits else ["left"])


def test_what_is_not_locked_or_overridden() -> None:
    files = [File(path="mix.exs"), File(path="mix.lock")]
    asked = '{:left, "~> 1.0"}, {:there, path: "x"}, {:right, "~> 1.0", override: true}'
    found = [*files, *seen.records(mix_exs, "mix.exs", asked), *seen.records(mix_lock, "mix.lock", "%{}")]
    assert [(one.name, one.locked) for one in drift.derive(found)] == [("left", None)]


def test_a_program_may_hold_any_number_of_tuples() -> None:
    found = seen.records(mix_exs, "mix.exs", '{:a, "1.0"}\n' * 1_001)
    assert seen.unread(found) == [("the rest", 1_001)]
    assert seen.unread(seen.records(mix_exs, "mix.exs", b"\xff")) == [("", 1)]


@given(mutants.mutated(PROJECT.encode()) | st.binary(max_size=200))
def test_it_bears_whatever_comes(data: bytes) -> None:
    mutants.bear(mix_exs, "mix.exs", data)


def test_time_grows_with_the_file_and_no_faster() -> None:
    mutants.is_linear(mix_exs, "mix.exs", lambda size: b"{:a, [" * size, 200)
    mutants.is_linear(mix_exs, "mix.exs", lambda size: b'"""' + b'" ' * size, 2_000)
    mutants.is_linear(mix_exs, "mix.exs", lambda size: b"# x\n" * size, 2_000)
