"""Podfile.lock and Podfile of CocoaPods."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from fimci import drift
from fimci.model import UNSTATED, Digest, File, Record
from fimci.readers.locks import podfile_lock
from fimci.readers.manifests import podfile
from tests.readers import mutants, seen

PODFILE = """source 'https://name:word@git.example/specs.git'
# source 'https://gone.example/specs.git'
plugin "cocoapods-left", { :option => 1 }
plugin 'cocoapods-left'
pod 'Left'
"""
COMMIT, SHA = "c" * 40, "1a" * 20
GENUINE = f"""PODS:
  - Branched (0.1.0)
  - Described (0.2.0)
  - Left/Core (1.0.1):
    - Left/Parts
    - Right/Core (~> 1.0)
  - Left/Parts (1.0.1)
  - Local (0.0.1):
    - Flutter
  - Right (1.2.0)
  - Tagged (0.3.0)

DEPENDENCIES:
  - Branched (from `https://git.example/acme/branched.git`, branch `main`)
  - Left/Core (~> 1.0)
  - Left/Parts
  - "Local (from `.symlinks/local`)"

SPEC REPOS:
  "https://name:word@git.example/specs.git":
    - Right
  trunk:
    - Left

EXTERNAL SOURCES:
  Branched:
    :branch: main
    :git: https://git.example/acme/branched.git
  Described:
    :podspec: https://files.example/described.podspec
  Local:
    :path: ".symlinks/local"
  Tagged:
    :git: https://git.example/acme/tagged.git
    :tag: v0.3.0

CHECKOUT OPTIONS:
  Branched:
    :commit: {COMMIT}
    :git: https://git.example/acme/branched.git
  Tagged:
    :git: https://git.example/acme/tagged.git
    :tag: v0.3.0

SPEC CHECKSUMS:
  Left: {SHA}

PODFILE CHECKSUM: {hashlib.sha1(PODFILE.encode(), usedforsecurity=False).hexdigest()}

COCOAPODS: 1.16.2
"""


def line(text: str) -> int:
    return GENUINE[: GENUINE.index(text)].count("\n") + 1


def records(text: str | bytes) -> list[Record]:
    return seen.records(podfile_lock, "Podfile.lock", text)


def test_what_is_locked() -> None:
    found = seen.packages(records(GENUINE))
    assert seen.unread(records(GENUINE)) == []
    locked = {place: one for place, one in found.items() if one.stated_by == "lock"}
    assert {place: (one.origin_kind, one.origin) for place, one in locked.items()} == {
        "Branched": ("git", f"https://git.example/acme/branched.git?branch=main#{COMMIT}"),
        "Described": ("tarball", "https://files.example/described.podspec"),
        "Left": ("registry", "pods://trunk"),
        "Local": ("directory", ".symlinks/local"),
        "Right": ("registry", "https://***@git.example/specs.git"),
        "Tagged": ("git", "https://git.example/acme/tagged.git?tag=v0.3.0#v0.3.0"),
    }
    left = locked["Left"]
    assert (left.version, left.dependencies) == ("1.0.1", ("Right@~> 1.0",))
    assert left.integrity == (Digest("sha1", SHA),)
    assert left.at.parts == (("integrity", line("  Left:")), ("origin", line("    - Left\n")), ("version", 4))
    asked = {one.name: one.version for place, one in found.items() if place.startswith("requires/")}
    assert asked == {"Branched": "", "Left": "~> 1.0", "Local": ""}


def test_an_old_lock_without_hashes() -> None:
    (one,) = seen.packages(records("PODS:\n  - Left (1.0)\n")).values()
    assert (one.integrity, one.origin_kind, one.origin) == (UNSTATED, "registry", None)


def test_what_is_no_lock() -> None:
    odd = "PODS:\n  - Left\n  - {a: [b], c: [d]}\n  - A/B (1)\n  - A (2)\nDEPENDENCIES:\n  - (x\n  - 1: 2\n"
    assert seen.unread(records(odd)) == [
        ("DEPENDENCIES[0]", 7),
        ("DEPENDENCIES[1]", 8),
        ("PODS[0]", 2),
        ("PODS[1]", 3),
        ("PODS[3]", 5),
    ]
    assert seen.unread(records("- a")) == [("", 1)]
    assert seen.unread(records("a: [")) != []


def test_a_podfile_is_a_program_of_which_the_plain_lines_are_read() -> None:
    found = seen.records(podfile, "Podfile", PODFILE)
    assert {name: line for name, (_, line) in seen.switches(found).items()} == {
        "lock-input.cocoapods": 1,
        "sources.https://***@git.example/specs.git": 1,
        "plugins.cocoapods-left": 3,
    }


def test_a_lock_is_held_against_its_podfile() -> None:
    files = [File(path="Podfile"), File(path="Podfile.lock")]
    lock = records(GENUINE)
    assert list(drift.derive([*files, *lock, *seen.records(podfile, "Podfile", PODFILE)])) == []
    windows = PODFILE.replace("\n", "\r\n")
    assert list(drift.derive([*files, *lock, *seen.records(podfile, "Podfile", windows)])) == []
    (told,) = drift.derive([*files, *lock, *seen.records(podfile, "Podfile", PODFILE + "#\n")])
    assert (told.path, told.name, told.at.line) == ("Podfile.lock", "content-hash", line("PODFILE"))


@given(mutants.mutated(GENUINE.encode()) | st.binary(max_size=200))
def test_it_bears_whatever_comes(data: bytes) -> None:
    mutants.bear(podfile_lock, "Podfile.lock", data)
    mutants.bear(podfile, "Podfile", data)


def test_time_grows_with_the_file_and_no_faster() -> None:
    def made(size: int) -> bytes:
        return (
            "PODS:\n" + "".join(f"  - Left{n} (1.0):\n    - Right (~> 1.0)\n" for n in range(size))
        ).encode()

    mutants.is_linear(podfile_lock, "Podfile.lock", made, 400)
    mutants.is_linear(podfile, "Podfile", lambda size: b"source" + b" " * size, 5_000)
    mutants.is_linear(podfile, "Podfile", lambda size: b"source 'x'\n" * size, 500)
