"""Package.resolved of Swift, in its versions, and the mirrors that SwiftPM obeys."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.model import UNSTATED, Record
from fimci.readers.locks import package_resolved
from fimci.readers.manifests import swift_configuration
from tests.readers import mutants, seen

COMMIT = "c" * 40
PINS: list[dict[str, Any]] = [
    {
        "identity": "left-pad",
        "kind": "remoteSourceControl",
        "location": "https://name:word@git.example/acme/Left-Pad.git",
        "state": {"revision": COMMIT, "version": "1.0.0"},
    },
    {
        "identity": "right",
        "kind": "remoteSourceControl",
        "location": "git@git.example:acme/right.git",
        "state": {"branch": "main", "revision": COMMIT},
    },
    {"identity": "acme.served", "kind": "registry", "location": "", "state": {"version": "2.0.0"}},
    {"identity": "here", "kind": "localSourceControl", "location": "/here", "state": {"revision": COMMIT}},
]
OLD = {
    "object": {
        "pins": [
            {
                "package": "LeftPad",
                "repositoryURL": "https://git.example/acme/Left-Pad.git",
                "state": {"branch": None, "revision": COMMIT, "version": "1.0.0"},
            }
        ]
    },
    "version": 1,
}


def lock(pins: list[Any], version: object = 2) -> str:
    return json.dumps({"pins": pins, "version": version}, indent=2, separators=(",", " : "))


def records(text: str | bytes) -> list[Record]:
    return seen.records(package_resolved, "Package.resolved", text)


def test_what_is_pinned() -> None:
    found = seen.packages(records(lock(PINS)))
    assert {place: (one.origin_kind, one.origin, one.version) for place, one in found.items()} == {
        "left-pad": ("git", f"https://***@git.example/acme/Left-Pad.git?tag=1.0.0#{COMMIT}", "1.0.0"),
        "right": ("git", f"git@git.example:acme/right.git?branch=main#{COMMIT}", UNSTATED),
        "acme.served": ("registry", None, "2.0.0"),
        "here": ("directory", "/here", UNSTATED),
    }
    left = found["left-pad"].at
    assert (left.line, left.parts) == (4, (("origin", 6), ("revision", 8), ("version", 9)))


def test_the_first_version_names_the_same_packages() -> None:
    (old,) = seen.packages(records(json.dumps(OLD))).values()
    assert (old.name, old.version) == ("left-pad", "1.0.0")
    assert old.origin == f"https://git.example/acme/Left-Pad.git?tag=1.0.0#{COMMIT}"


@pytest.mark.parametrize("version", [4, "2", True, None])
def test_another_version_is_unread(version: object) -> None:
    text = lock(PINS, version)
    assert seen.unread(records(text)) == [("lock version", text.count("\n"))]


def test_pins_of_no_known_kind_and_twice() -> None:
    odd = [1, {"identity": "a"}, {"identity": "", "kind": "registry"}, PINS[2], PINS[2]]
    found = records(lock(odd))
    assert [part for part, _ in seen.unread(found)] == ["pins[0]", "pins[1]", "pins[2]", "pins[4]"]
    assert seen.unread(records("{")) != []


def test_mirrors_and_registries() -> None:
    assert swift_configuration.wants("a/.swiftpm/configuration/mirrors.json", b"")
    assert not swift_configuration.wants("a/configuration/mirrors.json", b"")
    mirrors = (
        '{"object": [\n{"original": "https://a.example/x", "mirror": "https://u:p@b.example/x"},\n{}, 1]}'
    )
    found = seen.records(swift_configuration, ".swiftpm/configuration/mirrors.json", mirrors)
    assert seen.switches(found) == {"swift.mirrors.https://a.example/x": ("https://***@b.example/x", 2)}
    assert seen.unread(found) == [("object[1]", 3), ("object[2]", 3)]
    served = '{"registries": {"[default]": {"url": "https://r.example"}, "odd": 1}}'
    found = seen.records(swift_configuration, ".swiftpm/configuration/registries.json", served)
    assert seen.switches(found) == {"swift.registries.[default]": ("https://r.example", 1)}
    assert seen.unread(found) == [("registries.odd", 1)]
    assert seen.unread(seen.records(swift_configuration, ".swiftpm/configuration/mirrors.json", "[")) != []


@given(
    mutants.mutated(lock(PINS).encode()) | mutants.mutated(json.dumps(OLD).encode()) | st.binary(max_size=99)
)
def test_it_bears_whatever_comes(data: bytes) -> None:
    mutants.bear(package_resolved, "Package.resolved", data)
    mutants.bear(swift_configuration, ".swiftpm/configuration/mirrors.json", data)


def test_time_grows_with_the_file_and_no_faster() -> None:
    def made(size: int) -> bytes:
        return lock([{**PINS[0], "identity": f"left{n}"} for n in range(size)]).encode()

    mutants.is_linear(package_resolved, "Package.resolved", made, 400)
