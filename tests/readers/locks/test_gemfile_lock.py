"""Gemfile.lock: what Bundler 2.3 wrote; CHECKSUMS and plug-ins by hand, as later versions document them."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given

from fimci.model import UNSTATED, Digest, Package, Record
from fimci.readers.locks import gemfile_lock
from tests import hostile
from tests.readers import mutants, seen

FOLDER = Path(__file__).parents[3] / "fixtures" / "locks" / "gemfile"
GENUINE = (FOLDER / "small.lock").read_text()
BIG = gzip.decompress((FOLDER / "big.lock.gz").read_bytes())
HASHES = {name: name * 64 for name in "abc"}
WHOLE = f"""GIT
  remote: https://git.example/left.git
  revision: d9c008b9be6420c2812109bff8438dc41e2902f9
  tag: v1.0.0
  specs:
    left (1.0.0)
      right (~> 2.0)

PATH
  remote: .
  specs:
    own (0.1.0)

PLUGIN SOURCE
  remote: https://plugins.example/
  type: s3
  specs:
    stored (3.0.0)

GEM
  remote: https://u:p@registry.example/
  specs:
    right (2.1.0)
    right (2.1.0-x86_64-linux)

PLATFORMS
  ruby
  x86_64-linux

DEPENDENCIES
  left!
  right (~> 2.0, >= 2.0.1)

CHECKSUMS
  left (1.0.0)
  own (0.1.0)
  right (2.1.0) sha256={HASHES["a"]}
  right (2.1.0-x86_64-linux) sha256={HASHES["b"]}
  stored (3.0.0) sha256={HASHES["c"]}

RUBY VERSION
   ruby 3.3.1p55

BUNDLED WITH
   2.6.2
"""


def records(text: str | bytes) -> list[Record]:
    return seen.records(gemfile_lock, "Gemfile.lock", text)


def packages(text: str) -> dict[str, Package]:
    return seen.packages(records(text))


def listed(found: list[Record]) -> list[str]:
    return sorted(
        f"{one.name} {one.version}" for one in found if isinstance(one, Package) and one.stated_by == "lock"
    )


def test_has_what_bundler_itself_parses() -> None:
    assert listed(records(GENUINE)) == (FOLDER / "small.expected.txt").read_text().splitlines()
    assert seen.unread(records(GENUINE)) == []


def test_a_large_lock_has_what_bundler_itself_parses() -> None:
    expected = gzip.decompress((FOLDER / "big.expected.txt.gz").read_bytes()).decode().splitlines()
    assert len(expected) == 1600
    assert listed(records(BIG)) == expected


def test_a_large_lock_of_bundler_4_has_what_it_parses_with_a_checksum_each() -> None:
    expected = gzip.decompress((FOLDER / "bundler4.expected.txt.gz").read_bytes()).decode().splitlines()
    found = records(gzip.decompress((FOLDER / "bundler4.lock.gz").read_bytes()))
    assert len(expected) == 1600
    assert listed(found) == expected
    assert seen.unread(found) == []
    locked = [one for one in found if isinstance(one, Package) and one.stated_by == "lock"]
    assert all(isinstance(one.integrity, tuple) and len(one.integrity) == 1 for one in locked)


@pytest.mark.parametrize("text", [GENUINE, WHOLE])
def test_facts_stand_on_their_lines(text: str) -> None:
    lines = text.splitlines()
    for package in packages(text).values():
        if package.stated_by == "lock":
            assert lines[package.at.line - 1] == f"    {package.name} ({package.version})"
            for digest in package.integrity or ():
                assert digest.hex in lines[package.at.part("integrity") - 1]
            if package.origin_kind == "git":
                assert lines[package.at.part("origin") - 1].startswith("  remote: ")
                assert lines[package.at.part("revision") - 1].startswith("  revision: ")


def test_every_kind_of_source() -> None:
    found = packages(WHOLE)
    assert {
        place: (one.origin_kind, one.origin) for place, one in found.items() if one.stated_by == "lock"
    } == {
        "left": ("git", "https://git.example/left.git?tag=v1.0.0#d9c008b9be6420c2812109bff8438dc41e2902f9"),
        "own": ("directory", "."),
        "stored": ("remote", "https://plugins.example/"),
        "right": ("registry", "https://***@registry.example/"),
        "right/x86_64-linux": ("registry", "https://***@registry.example/"),
    }
    assert found["left"].dependencies == ("right@~> 2.0",)
    assert found["right"].integrity == (Digest("sha256", HASHES["a"]),)
    assert (found["left"].integrity, found["own"].integrity) == ((), ())
    assert found["requires/gems/right"].version == "~> 2.0, >= 2.0.1"
    assert found["requires/gems/left"].version == ""


def test_without_the_section_hashes_are_not_stated() -> None:
    assert packages(GENUINE)["cedar_amber"].integrity is UNSTATED


def test_settings() -> None:
    assert seen.switches(records(WHOLE)) == {
        "bundled-with": ("2.6.2", 45),
        "ruby": ("ruby 3.3.1p55", 42),
        "plugins.https://plugins.example/": ("s3", 15),
    }


def test_a_section_of_several_remotes_does_not_say_what_comes_from_where() -> None:
    text = "GEM\n  remote: https://a.example/\n  remote: https://b.example/\n  specs:\n    left (1.0)\n"
    assert packages(text)["left"].origin is UNSTATED
    assert seen.switches(records(text)) == {
        "sources.https://a.example/": ("true", 2),
        "sources.https://b.example/": ("true", 3),
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            WHOLE.replace("PLATFORMS", "<<<<<<< HEAD"),
            [
                ("line 26", 26),
            ],
        ),
        (WHOLE.replace("    left (1.0.0)", "    left (1.0.0"), [("line 6", 6), ("lines", 7)]),
        (WHOLE.replace("    right (2.1.0-x86_64-linux)", "    right (2.1.0)"), [("line 24", 24)]),
        (
            WHOLE.replace(f"  right (2.1.0-x86_64-linux) sha256={HASHES['b']}", "  right (2.1.0)"),
            [("line 38", 38)],
        ),
        (WHOLE.replace("BUNDLED WITH", "BUNDLED BY"), [("line 44", 44)]),
        ("--- \nspecs: \n- rake: \n", [("", 1)]),
        ("", [("", 1)]),
        (b"GEM\n\xff", [("", 2)]),
    ],
)
def test_what_is_not_understood_is_unread(text: str | bytes, expected: list[tuple[str, int]]) -> None:
    assert seen.unread(records(text)) == expected


def test_line_ends_of_windows_are_no_change() -> None:
    assert seen.changes(records(WHOLE), records(WHOLE.replace("\n", "\r\n"))) == []


@hostile.LAW
@given(mutants.mutated(WHOLE.encode()))
def test_mutants_are_borne(data: bytes) -> None:
    mutants.bear(gemfile_lock, "Gemfile.lock", data)


def test_time_is_linear() -> None:
    mutants.is_linear(gemfile_lock, "Gemfile.lock", lambda size: BIG[:size], len(BIG) // 4)
