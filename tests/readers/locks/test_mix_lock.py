"""mix.lock: packages of Hex and of repositories, and what Mix would run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.model import Digest, Package, Record
from fimci.readers.locks import mix_lock
from tests import hostile
from tests.readers import mutants, seen

INNER, OUTER, COMMIT = "a1" * 32, "b2" * 32, "c" * 40
LEFT = (
    f'  "left": {{:hex, :left_pad, "1.0.0", "{INNER}", [:mix], [{{:right, "~> 1.0 or ~> 2.0", '
    '[hex: :right_pad, repo: "hexpm", optional: false]}, {:maybe, ">= 0.0.0", [hex: :maybe, repo: "hexpm", '
    f'optional: true]}}], "hexpm", "{OUTER}"}},\n'
)
FORKED = (
    f'  "forked": {{:git, "https://git.example/acme/forked.git", "{COMMIT}", [tag: "v1.0.0", depth: 1]}},\n'
)
OURS = f'  "ours": {{:hex, :ours, "0.1.0", "{INNER}", [:mix], [], "hexpm:acme", "{OUTER}"}},\n'
GENUINE = "%{\n" + LEFT + FORKED + OURS + "}\n"


def records(text: str | bytes) -> list[Record]:
    return seen.records(mix_lock, "mix.lock", text)


def test_what_is_locked() -> None:
    found = seen.packages(records(GENUINE))
    assert seen.unread(records(GENUINE)) == []
    left = found["left"]
    assert (left.name, left.alias, left.version, left.at.line) == ("left_pad", "left", "1.0.0", 2)
    assert left.integrity == (Digest("sha256", OUTER), Digest("sha256-inner", INNER))
    assert left.dependencies == ("maybe@peer:>= 0.0.0", "right_pad@~> 1.0 or ~> 2.0")
    assert (found["forked"].origin_kind, found["forked"].at.line) == ("git", 3)
    assert found["forked"].origin == f"https://git.example/acme/forked.git?tag=v1.0.0#{COMMIT}"
    assert (left.origin, found["ours"].origin) == ("hex://hexpm", "hex://acme.hexpm")


def test_what_older_releases_wrote() -> None:
    old = f'%{{"left" => {{:hex, :left, "1.0.0", "{INNER}", [:mix], []}},\n'
    old += '  "older": {:hex, :older, "1.0.0"}}'
    found = seen.packages(records(old))
    assert found["left"].integrity == (Digest("sha256-inner", INNER),)
    assert (found["older"].integrity, found["older"].origin) == ((), "hex://hexpm")
    assert found["older"].at.line == 2


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('%{\n  "a": System.cmd("sh", ["x"]),\n}', 2),
        ('%{\n  "a": {:hex, :a, "#{File.read!("x")}"},\n}', 2),
        ("%{\n<<<<<<< HEAD\n}", 2),
        ('%{\n  "a": {:hex, :a, "1.0.0"}\n', 2),
        ('[{:hex, :a, "1.0.0"}]', 1),
        ('%{"a": {:hex, :a, "1.0.0"]}', 1),
        ('%{"a": }', 1),
        ("%{}\nIO.puts(1)", 2),
        ("%{[] => :a}", 1),
        ("%" + "{" * 4000, 1),
        ("", 1),
        (b"%{\xff}", 1),
    ],
)
def test_what_mix_would_run_is_unread(text: str | bytes, line: int) -> None:
    assert seen.unread(records(text)) == [("", line)]


def test_what_stands_before_a_fault_is_read() -> None:
    found = records(GENUINE.replace("},\n}", "},\n  oops\n}"))
    assert len(seen.packages(found)) == 3
    assert seen.unread(found) == [("", 5)]


def test_entries_of_no_known_kind_and_twice() -> None:
    text = (
        '%{\n  "a": {:path, "x"},\n  "b": "1",\n  "c": {:hex, :c, "1.0.0"},\n  "c": {:hex, :c, "1.0.1"},\n}'
    )
    found = records(text)
    assert seen.unread(found) == [("a", 2), ("b", 3), ("c again", 5)]
    assert [one.version for one in found if isinstance(one, Package)] == ["1.0.0"]


@given(
    mutants.mutated(GENUINE.encode())
    | st.binary(max_size=200)
    | hostile.TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_it_bears_whatever_comes(data: bytes) -> None:
    mutants.bear(mix_lock, "mix.lock", data)


def test_time_grows_with_the_file_and_no_faster() -> None:
    def made(size: int) -> bytes:
        return ("%{\n" + "".join(LEFT.replace('"left"', f'"left{n}"') for n in range(size)) + "}").encode()

    mutants.is_linear(mix_lock, "mix.lock", made, 500)
    mutants.is_linear(mix_lock, "mix.lock", lambda size: b"%{" + b'"a": {:hex, ' * size, 50)
