"""deno's lockfile: real ones of deno 2.9, every older version of it, and what is no lockfile."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.model import UNSTATED, Digest, Package, Record, Setting
from fimci.readers.locks import deno
from tests import growth, hostile
from tests.readers import seen

FOLDER = Path(__file__).parents[3] / "fixtures" / "locks"
REAL = ("deno29", "deno29-mod")
SRI = "sha512-" + base64.b64encode(b"\1" * 64).decode()
OTHER = "sha512-" + base64.b64encode(b"\2" * 64).decode()
HEX = "ab" * 32


def real(name: str) -> bytes:
    return (FOLDER / name / "deno.lock").read_bytes()


def records(data: bytes | dict[str, Any]) -> list[Record]:
    if isinstance(data, dict):
        data = json.dumps(data, indent=1).encode()
    return list(deno.read("deno.lock", data))


def packages(data: bytes | dict[str, Any]) -> dict[str, Package]:
    return seen.packages(records(data))


def unread(data: bytes | dict[str, Any]) -> list[tuple[str, int]]:
    return seen.unread(records(data))


def test_a_real_lock_of_packages() -> None:
    found = packages(real("deno29"))
    react = found["npm/react-dom"]
    assert (react.name, react.version, react.origin_kind, react.origin) == (
        "react-dom",
        "18.3.1",
        "registry",
        None,
    )
    assert react.dependencies == ("loose-envify@1.4.0", "react@18.3.1", "scheduler@0.23.2")
    assert found["npm/core-js"].install_scripts is True
    assert found["npm/react"].install_scripts is UNSTATED
    assert {key for key in found if key.startswith("npm/lodash")} == {
        "npm/lodash@3.10.1",
        "npm/lodash@4.17.21",
    }
    assert found["requires/specifiers/npm:react-dom@^18.2.0"].dependencies == ("react-dom@18.3.1",)
    assert found["packages/ws-a#requires/packageJson/npm:ms@^2.1.0"].version == "^2.1.0"


def test_a_real_lock_of_modules() -> None:
    found = packages(real("deno29-mod"))
    module = found["remote/127.0.0.1:8099/index.js"]
    assert (module.origin_kind, module.origin) == ("remote", "http://127.0.0.1:8099/index.js")
    assert module.integrity == (
        Digest("sha256", "b82f315c3e1391fa66d2baef5a223c3f501cd02e1864296ed96051d476fd80a0"),
    )
    assert found["requires/imports/npm:ms@^2.1.0"].stated_by == "manifest"


@pytest.mark.parametrize("name", REAL)
def test_a_real_lock_is_read_without_doubt_and_every_line_is_right(name: str) -> None:
    lines = real(name).decode().split("\n")
    for record in records(real(name)):
        assert isinstance(record, (Package, Setting))
        text = lines[record.at.line - 1]
        if isinstance(record, Setting):
            assert '"version"' in text
            continue
        assert record.name in text
        for part, line in record.at.parts:
            key = {"integrity": "integrity", "install_scripts": "scripts"}[part]
            assert f'"{key}"' in lines[line - 1]


OLD: dict[str, dict[str, Any]] = {
    "1": {"https://host.example/std@0.1.0/a.ts": HEX},
    "2": {
        "version": "2",
        "remote": {"https://host.example/std@0.1.0/a.ts": HEX},
        "npm": {
            "specifiers": {"left@^1": "left@1.0.0"},
            "packages": {"left@1.0.0": {"integrity": SRI, "dependencies": {"r": "string_r@2.0.0"}}},
        },
    },
    "3": {
        "version": "3",
        "packages": {
            "specifiers": {"npm:left@^1": "npm:left@1.0.0", "jsr:@std/fs@^1": "jsr:@std/fs@1.0.1"},
            "npm": {"left@1.0.0": {"integrity": SRI, "dependencies": {"r": "string_r@2.0.0"}}},
            "jsr": {"@std/fs@1.0.1": {"integrity": HEX, "dependencies": ["jsr:@std/path@^1"]}},
        },
        "remote": {"https://host.example/std@0.1.0/a.ts": HEX},
    },
    "4": {
        "version": "4",
        "specifiers": {"npm:left@^1": "1.0.0", "jsr:@std/fs@^1": "1.0.1"},
        "npm": {"left@1.0.0": {"integrity": SRI, "dependencies": ["r@npm:string_r@2.0.0"]}},
        "jsr": {"@std/fs@1.0.1": {"integrity": HEX, "dependencies": ["jsr:@std/path@^1"]}},
        "remote": {"https://host.example/std@0.1.0/a.ts": HEX},
    },
}


@pytest.mark.parametrize("version", ["1", "2", "3", "4"])
def test_older_versions_say_the_same_in_other_places(version: str) -> None:
    found = packages(OLD[version])
    module = found["remote/host.example/std/a.ts"]
    assert (module.version, module.ecosystem) == ("0.1.0", "generic")
    if version != "1":
        left = found["npm/left"]
        assert (left.version, left.dependencies) == ("1.0.0", ("string_r@2.0.0",))
    if version in {"3", "4"}:
        fs = found["jsr/@std/fs"]
        assert (fs.ecosystem, fs.name, fs.version) == ("jsr", "@std/fs", "1.0.1")
        assert fs.integrity == (Digest("sha256", HEX),)
        assert found["requires/specifiers/jsr:@std/fs@^1"].dependencies == ("@std/fs@1.0.1",)
    assert unread(OLD[version]) == []


def test_a_migration_changes_nothing_but_the_version() -> None:
    three, four = (sorted(records(OLD[v]), key=lambda record: record.key) for v in ("3", "4"))
    assert [change.record.key[-1] for change in seen.changes(three, four)] == ["lockfileVersion"]


def v5(**tables: Any) -> dict[str, Any]:
    return {"version": "5", **tables}


def test_contexts_of_peers_are_one_package_unless_they_contradict() -> None:
    entries: dict[str, Any] = {"left@1.0.0_a@1.0.0": {"integrity": SRI}, "left@1.0.0": {"integrity": SRI}}
    assert list(packages(v5(npm=entries))) == ["npm/left"]
    entries["left@1.0.0"]["integrity"] = OTHER
    assert list(packages(v5(npm=entries))) == ["npm/left", "npm/left@1.0.0"]


def test_tarballs_links_and_overrides() -> None:
    url = "https://user:secret@files.example/left.tgz"
    lock = v5(
        npm={"left@1.0.0": {"integrity": SRI, "tarball": url}, "right@1.0.0": {}},
        redirects={"https://host.example/a": "https://host.example/a@1.0.0"},
        workspace={
            "links": {"npm:right@1.0.0": {"dependencies": ["npm:x@1"]}},
            "packageJson": {"overrides": {"x": "2"}},
        },
    )
    found = packages(lock)
    assert (found["npm/left"].origin_kind, found["npm/left"].origin) == (
        "tarball",
        "https://***@files.example/left.tgz",
    )
    assert found["npm/right"].origin_kind == "link"
    assert {name: value for name, (value, _) in seen.switches(records(lock)).items()} == {
        "lockfileVersion": "5",
        "redirects.https://host.example/a": "https://host.example/a@1.0.0",
        "locked.links.npm:right@1.0.0.dependencies.npm:x@1": "true",
        "locked.overrides.x": "2",
    }


@pytest.mark.parametrize(
    ("url", "name", "version"),
    [
        ("https://host.example/std@0.200.0/fs/mod.ts", "host.example/std/fs/mod.ts", "0.200.0"),
        ("https://host.example/x/oak@v12.6.1/mod.ts", "host.example/x/oak/mod.ts", "v12.6.1"),
        ("https://host.example/left@1.0.0?target=es2022", "host.example/left?target=es2022", "1.0.0"),
        ("https://host.example/o/r/v1.2.3/mod.ts", "host.example/o/r/mod.ts", "v1.2.3"),
        (f"https://host.example/o/r/{'a1' * 20}/m.ts", "host.example/o/r/m.ts", "a1" * 20),
        ("http://u:p@host.example/mod.ts", "host.example/mod.ts", None),
        ("https://host.example/@1.0.0/mod.ts", "host.example//mod.ts", "1.0.0"),
    ],
)
def test_a_module_is_named_without_its_release(url: str, name: str, version: str | None) -> None:
    (module,) = packages(v5(remote={url: HEX})).values()
    assert (module.name, module.version) == (name, version)


def test_two_releases_of_one_module_have_places_of_their_own() -> None:
    urls = [f"https://host.example/std@0.{n}.0/a.ts" for n in (1, 2)]
    assert set(packages(v5(remote=dict.fromkeys(urls, HEX)))) == {f"remote/{url}" for url in urls}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", [("", 1)]),
        (b"[]", [("", 1)]),
        (b"{}", [("", 1)]),
        (b'{\n"version": "6"}', [("", 2)]),
        (b'{\n"version": 5}', [("", 2)]),
        (b'{"version": "5",}', [("", 1)]),
        (b'{"version": "5",\n"npm": []}', [("npm", 2)]),
        (b'{"version": "3",\n"packages": {\n"npm": 1}}', [("npm", 3)]),
        (b'{"version": "5", "npm": {\n"left": {}}}', [("entries of npm", 2)]),
        (b'{"version": "5", "npm": {\n"left@1.0.0": 1}}', [("entries of npm", 2)]),
        (b'{"version": "5", "jsr": {\n"@std/fs@1.0.0": 1}}', [("entries of jsr", 2)]),
        (b'{"version": "5", "remote": {\n"file:a": "b"}}', [("entries of remote", 2)]),
        (b'{"version": "5", "npm": {"left@1.0.0":\n{"integrity":\n1}}}', [("integrity of npm", 2)]),
        (b'{"version": "5", "jsr": {"@a/b@1.0.0":\n{"integrity": "1"}}}', [("integrity of jsr", 2)]),
        (b'{"version": "5", "npm": {"a@1.0.0": {},\n"a@1.0.0": {}}}', [("npm.a@1.0.0", 2)]),
        (b'{"version": "5",\n=======\n}', [("", 2)]),
    ],
)
def test_what_is_no_lockfile_or_only_in_part_is_unread(data: bytes, expected: list[tuple[str, int]]) -> None:
    assert unread(data) == expected


@given(st.data())
@hostile.LAW
def test_a_mutated_lock_is_borne(data: st.DataObject) -> None:
    genuine = data.draw(
        st.sampled_from([*map(real, REAL), *(json.dumps(old, indent=1).encode() for old in OLD.values())])
    )
    start = data.draw(st.integers(0, len(genuine)))
    length = data.draw(st.integers(0, 80))
    piece = data.draw(
        st.sampled_from([b"", b"\0", b"}", b"]", b'"', b"\xff", b"@", b"_", b"<<<<<<< HEAD\n"])
        | hostile.TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass"))
    )
    for record in records(genuine[:start] + piece + genuine[start + length :]):
        assert record.key


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["left@1.0.0", "npm:left@1", "", SRI, HEX]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["", "a@1.0.0", "a@2.0.0_b@1.0.0", "integrity", "dependencies", "https://a/"]),
            inner,
        )
    ),
    max_leaves=12,
)


@given(JSONS, st.sampled_from(["2", "3", "4", "5"]))
@hostile.LAW
def test_any_shape_is_borne(shape: Any, version: str) -> None:
    table: dict[str, Any] = dict.fromkeys(
        ["npm", "jsr", "remote", "specifiers", "workspace", "redirects"], shape
    )
    for document in ({**table, "version": version}, {"version": version, "packages": table, "npm": table}):
        assert all(record.key for record in records(document))


@pytest.mark.parametrize("piece", ["@1", "/1.1"])
def test_long_urls_take_linear_time(piece: str) -> None:
    growth.is_linear(records, lambda size: v5(remote={"https://h.example/" + piece * size: HEX}), 10_000)
