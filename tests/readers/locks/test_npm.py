"""npm's lockfiles: real files of npm 6 to 12, what was tampered with, and what is no lockfile."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.compare import compare
from fimci.model import UNSTATED, Digest, Package, Record, Setting, Unread
from fimci.readers.locks import node, npm
from tests.readers import seen

FOLDER = Path(__file__).parents[3] / "fixtures" / "locks"
LOCK = "package-lock.json"
SRI = "sha512-" + base64.b64encode(b"\1" * 64).decode()
OTHER = "sha512-" + base64.b64encode(b"\2" * 64).decode()
URL = "https://registry.example/left/-/left-1.0.0.tgz"


def records(data: bytes | dict[str, Any], path: str = LOCK) -> list[Record]:
    if isinstance(data, dict):
        data = json.dumps(data, indent=1).encode()
    return list(npm.read(path, data))


def packages(data: bytes | dict[str, Any], path: str = LOCK) -> dict[str, Package]:
    return seen.packages(records(data, path))


def unread(data: bytes | dict[str, Any]) -> list[tuple[str, int]]:
    return seen.unread(records(data))


def entry(**facts: Any) -> dict[str, Any]:
    """Return a lock of one package, `left`, with these facts."""
    return {"lockfileVersion": 3, "packages": {"": {}, "node_modules/left": facts}}


def left(**facts: Any) -> Package:
    return packages(entry(**facts))["node_modules/left"]


def real(name: str, path: str = LOCK) -> bytes:
    return (FOLDER / name / path).read_bytes()


@pytest.mark.parametrize("name", ["npm7-v2", "npm11-v3"])
def test_every_kind_of_entry_of_a_real_lock(name: str) -> None:
    found = packages(real(name))
    host = "https://registry.example"
    expected: dict[str, tuple[Any, ...]] = {
        "node_modules/@fix/ws-a": ("link", "packages/ws-a", ("link",)),
        "node_modules/core-js": ("registry", f"{host}/core-js/-/core-js-3.51.0.tgz", ()),
        "node_modules/fsevents": ("registry", f"{host}/fsevents/-/fsevents-2.3.3.tgz", ("optional",)),
        "node_modules/is-odd": ("tarball", f"{host}/is-odd/-/is-odd-3.0.1.tgz", ()),
        "node_modules/localtar": ("file", "file:vendor/localtar-1.0.0.tgz", ()),
        "node_modules/localtar/node_modules/is-number": ("bundled", None, ("bundled",)),
        "node_modules/pathdep": ("link", "pathdep", ("link",)),
        "packages/ws-a": ("workspace", None, ()),
        "pathdep": ("directory", None, ()),
    }
    assert {
        key: (found[key].origin_kind, found[key].origin, found[key].flags) for key in expected
    } == expected
    git = found["node_modules/gitdep"]
    assert git.origin_kind == "git"
    assert str(git.origin).endswith("#d9c008b9be6420c2812109bff8438dc41e2902f9")
    assert git.integrity == ()
    alias = found["node_modules/lodash3"]
    assert (alias.name, alias.alias, alias.version) == ("lodash", "lodash3", "3.10.1")
    assert found["node_modules/core-js"].install_scripts is True
    assert found["node_modules/lodash"].install_scripts is UNSTATED
    assert found["node_modules/typescript"].bins == ("tsc", "tsserver")
    assert found["node_modules/typescript"].flags == ("dev",)
    assert found["packages/ws-a"].name == "@fix/ws-a"
    assert found["pathdep"].name == "pathdep"
    assert found["requires/dependencies/lodash"].version == "4.17.21"
    assert found["requires/dependencies/lodash"].stated_by == "manifest"
    assert found["packages/ws-b#requires/peerDependencies/react"].version == ">=16"


KEYS_OF = {
    "alias": ("name",),
    "bins": ("bin",),
    "dependencies": ("dependencies", "requires"),
    "install_scripts": ("hasInstallScript",),
    "origin": ("resolved", "version"),
}
REAL = [
    ("npm6-v1", LOCK),
    ("npm7-v2", LOCK),
    ("npm7-v2", "node_modules.package-lock.json"),
    ("npm10-lockv1", LOCK),
    ("npm10-shrinkwrap", "npm-shrinkwrap.json"),
    ("npm10-v3", LOCK),
    ("npm10-v3", "node_modules.package-lock.json"),
    ("npm12-v3", LOCK),
    ("npm12-v3", "node_modules.package-lock.json"),
    ("npm11-omit-resolved", LOCK),
    ("npm11-v3", LOCK),
    ("npm11-v3", "node_modules.package-lock.json"),
    ("npm12-v4", LOCK),
    ("npm12-v4", "node_modules.package-lock.json"),
]


@pytest.mark.parametrize(("name", "file"), REAL)
def test_a_real_lock_is_read_without_doubt_and_every_line_is_right(name: str, file: str) -> None:
    data = real(name, file)
    lines = data.decode().split("\n")
    for record in records(data):
        assert isinstance(record, (Package, Setting))
        text = lines[record.at.line - 1]
        if isinstance(record, Setting):
            assert record.name.partition(".")[0] in text
            continue
        assert record.place.rpartition("#")[2].rpartition("/")[2] in text
        for part, line in record.at.parts:
            assert lines[line - 1].split('"')[1] in KEYS_OF.get(part, (part,))
        for fact in ("version", "origin"):
            value = getattr(record, fact)
            if record.stated_by == "lock" and isinstance(value, str):
                assert value in lines[record.at.part(fact, "version") - 1]


def differences(one: str, other: str) -> list[tuple[str, tuple[str, ...]]]:
    before, after = (sorted(records(real(name)), key=lambda record: record.key) for name in (one, other))
    changes = [change for change in compare(before, after) if change.real]
    return [(change.record.place, change.differs) for change in changes if isinstance(change.record, Package)]


def test_clients_that_say_the_same_compare_equal() -> None:
    assert differences("npm7-v2", "npm11-v3") == []
    assert differences("npm11-omit-resolved", "npm11-v3") == []


def test_a_migration_from_version_1_adds_only_what_that_cannot_state() -> None:
    found = differences("npm10-lockv1", "npm11-v3")
    # Version 1 knows no peers either.
    assert {differs for _, differs in found} == {(), ("bins",), ("dependencies",)}
    added = [place for place, differs in found if not differs]
    assert all("requires/" in place or "#node_modules/" not in place for place in added)


def test_what_version_4_adds_is_kept() -> None:
    found = {record.name: record.value for record in records(real("npm12-v4")) if isinstance(record, Setting)}
    assert set(found) == {
        "lockfileVersion",
        "npmExtensionHash",
        "packageExtensionsHash",
        "patched.node_modules/is-odd",
    }
    assert found["lockfileVersion"] == "4"
    assert found["patched.node_modules/is-odd"].startswith("patches/is-odd@3.0.1.patch sha512-")


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("package-lock.json", True),
        ("web/npm-shrinkwrap.json", True),
        ("node_modules/.package-lock.json", True),
        ("web/node_modules/.package-lock.json", True),
        ("node_modules/left/npm-shrinkwrap.json", True),
        ("node_modules/left/package-lock.json", False),
        ("my_node_modules/.package-lock.json", False),
        (".package-lock.json", False),
        ("package-lock.json.orig", False),
        ("package.json", False),
    ],
)
def test_wants_by_name(path: str, wanted: bool) -> None:  # noqa: FBT001  (a column of the table)
    assert npm.wants(path, b"") is wanted


@pytest.mark.parametrize(
    ("stated", "kind"),
    [
        ({"resolved": URL}, "registry"),
        ({"resolved": "https://mirror.example/npm/left/-/left-1.0.0.tgz"}, "registry"),
        ({"resolved": "https://registry.example/download/left/1.0.0/0f3e"}, "registry"),
        ({"resolved": "https://files.example/anything.tgz"}, "tarball"),
        ({"resolved": "https://registry.example/right/-/right-1.0.0.tgz"}, "tarball"),
        ({"resolved": "file:left-1.0.0.tgz"}, "file"),
        ({"resolved": "file:left"}, "directory"),
        ({"resolved": "git+ssh://git@github.com/a/left.git#0f3e"}, "git"),
        ({"resolved": "git://github.com/a/left.git#0f3e"}, "git"),
        ({"resolved": "github:a/left#0f3e"}, "git"),
        ({"resolved": "gopher://left.example/"}, UNSTATED),
    ],
)
def test_origins_that_are_stated(stated: dict[str, Any], kind: Any) -> None:
    found = left(version="1.0.0", **stated)
    assert (found.origin_kind, found.origin) == (kind, stated["resolved"])


def test_origins_that_are_not_stated() -> None:
    found = left(version="1.0.0", integrity=SRI)
    assert (found.origin_kind, found.origin) == ("registry", UNSTATED)
    found = left(version="1.0.0", inBundle=True)
    assert (found.origin_kind, found.origin) == ("bundled", None)


def test_credentials_are_never_kept() -> None:
    found = left(resolved="https://me:s3@cret@registry.example/left/-/left-1.0.0.tgz")
    assert found.origin == "https://***@registry.example/left/-/left-1.0.0.tgz"
    assert left(resolved="https://token@registry.example/x").origin == "https://***@registry.example/x"
    lock = {"lockfileVersion": 3, "packages": {"": {"dependencies": {"a": "https://u:secret@b.example/a"}}}}
    assert "secret" not in repr(records(lock))


def test_hashes_are_a_set() -> None:
    sha1 = "sha1-" + base64.b64encode(b"\3" * 20).decode()
    found = left(integrity=f"{SRI}  {sha1}?opt {SRI}").integrity
    assert found == (Digest("sha1", "03" * 20), Digest("sha512", "01" * 64))


@pytest.mark.parametrize("value", ["sha512-AAAA", "nonsense", "sha512-", "sha512-" + "A" * 87, 5, {"a": 1}])
def test_what_is_no_hash_is_none_and_is_told(value: Any) -> None:
    lock = entry(version="1.0.0", integrity=value)
    assert packages(lock)["node_modules/left"].integrity == ()
    assert unread(lock) == [("integrity", 7)]


@given(st.lists(st.tuples(st.sampled_from(["sha1", "sha384", "sha512"]), st.binary(min_size=1))))
def test_digests_decode_what_was_encoded(hashes: list[tuple[str, bytes]]) -> None:
    sizes = {"sha1": 20, "sha384": 48, "sha512": 64}
    full = [(name, (value * 64)[: sizes[name]]) for name, value in hashes]
    text = " ".join(f"{name}-{base64.b64encode(value).decode()}" for name, value in full)
    assert set(node.digests(text)) == {Digest(name, value.hex()) for name, value in full}


def test_flags() -> None:
    found = left(dev=True, optional=False, devOptional=True, peer=True, extraneous=True)
    assert found.flags == ("dev", "extraneous", "optional", "peer")
    assert left(hasInstallScript=False).install_scripts is UNSTATED


def test_the_parts_point_at_single_facts() -> None:
    data = b"""{
 "lockfileVersion": 3,
 "packages": {
  "node_modules/left": {
   "version": "1.0.0",
   "resolved": "https://registry.example/left/-/left-1.0.0.tgz",
   "integrity": "sha512-",
   "hasInstallScript": true
  }
 }
}"""
    at = packages(data)["node_modules/left"].at
    assert at.line == 4
    assert at.text == '"node_modules/left"'
    assert [at.part(name) for name in ("version", "origin", "integrity", "install_scripts")] == [5, 6, 7, 8]


V1 = {
    "lockfileVersion": 1,
    "dependencies": {
        "left": {"version": "1.0.0", "resolved": URL, "integrity": SRI, "bundled": True},
        "alias": {"version": "npm:@scope/left@1.0.0", "resolved": URL},
        "web": {"version": "https://files.example/web.tgz", "integrity": SRI},
        "git": {"version": "github:a/git#0f3e", "from": "github:a/git"},
        "path": {"version": "file:sub/path", "dependencies": {"in": {"version": "2.0.0"}}},
        "up": {"version": "1.0.0", "requires": {"in": "^1"}, "dependencies": {"in": {"version": "1.0.0"}}},
        "odd": {"version": 5, "requires": True},
    },
}


def test_version_1_says_everything_in_the_version() -> None:
    found = packages(V1)
    assert {place: (p.name, p.alias, p.version, p.origin_kind, p.origin) for place, p in found.items()} == {
        "node_modules/left": ("left", None, "1.0.0", "bundled", URL),
        "node_modules/alias": ("@scope/left", "alias", "1.0.0", "tarball", URL),
        "node_modules/web": ("web", None, UNSTATED, "tarball", "https://files.example/web.tgz"),
        "node_modules/git": ("git", None, UNSTATED, "git", "github:a/git#0f3e"),
        "node_modules/path": ("path", None, None, "link", "sub/path"),
        "sub/path/node_modules/in": ("in", None, "2.0.0", "registry", UNSTATED),
        "node_modules/up": ("up", None, "1.0.0", "registry", UNSTATED),
        "node_modules/up/node_modules/in": ("in", None, "1.0.0", "registry", UNSTATED),
        "node_modules/odd": ("odd", None, None, "registry", UNSTATED),
    }
    assert found["node_modules/up"].dependencies == ("in@^1",)


GOOD = {"version": "1.0.0", "resolved": URL, "integrity": SRI}


def halves(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    return {
        "lockfileVersion": 2,
        "packages": {"": {}, "node_modules/left": new},
        "dependencies": {"left": old},
    }


@pytest.mark.parametrize(
    ("old", "line"),
    [
        ({**GOOD, "version": "1.0.1"}, 13),
        ({**GOOD, "resolved": URL.replace("registry", "evil")}, 14),
        ({**GOOD, "integrity": OTHER}, 15),
        ({"version": "1.0.0", "resolved": URL}, 12),
        ({**GOOD, "version": "npm:right@1.0.0"}, 12),
        ({**GOOD, "dependencies": {"more": {"version": "1.0.0"}}}, 17),
    ],
)
def test_halves_that_disagree_are_told_at_the_line(old: dict[str, Any], line: int) -> None:
    lock = halves(old, GOOD)
    assert unread(lock) == [("dependencies", line)]
    assert packages(lock)["node_modules/left"].version == "1.0.0"


def test_a_package_in_the_newer_half_alone_is_told_there() -> None:
    lock = halves(GOOD, GOOD)
    assert unread(lock) == []
    lock["packages"]["node_modules/more"] = GOOD
    assert unread(lock) == [("dependencies", 10)]


def test_packages_count_where_there_are_any_as_with_npm_7() -> None:
    lock = halves({"version": "1.0.0"}, {"version": "2.0.0"}) | {"lockfileVersion": 1}
    assert packages(lock)["node_modules/left"].version == "2.0.0"


def test_a_key_that_occurs_twice_is_told_and_the_last_counts() -> None:
    data = b"""{"lockfileVersion": 3, "packages": {
"node_modules/left": {"version": "1.0.0",
"version": "2.0.0"},
"node_modules/left": {"version": "3.0.0"}}}"""
    assert unread(data) == [
        ("packages.node_modules/left.version", 3),
        ("packages.node_modules/left", 4),
    ]
    assert packages(data)["node_modules/left"].version == "3.0.0"


def test_a_thousand_keys_that_occur_twice_are_told_in_eleven_records() -> None:
    keys = ",\n".join(f'"k{i}": 1, "k{i}": 2' for i in range(1000))
    assert len(unread(f'{{"lockfileVersion": 3, "packages": {{}}, {keys}}}'.encode())) == 11
    same = ",\n".join('"k": 1' for i in range(1000))
    found = records(f'{{"lockfileVersion": 3, "packages": {{}}, {same}}}'.encode())
    assert len({record.key for record in found}) == len(found) == 3


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", [("", 1)]),
        (b"[]", [("", 1)]),
        (b"null", [("", 1)]),
        (b"{\n<<<<<<< HEAD\n", [("", 2)]),
        (b'{"packages": {},\n"lockfileVersion": 5}', [("", 2)]),
        (b'{\n"lockfileVersion": "3"}', [("", 2)]),
        (b'{\n"lockfileVersion": true}', [("", 2)]),
        (b'{\n"lockfileVersion": null}', [("", 2)]),
        (b'{\n"lockfileVersion": [3]}', [("", 2)]),
        (b'{"lockfileVersion": 3,\n"packages": []}', [("packages", 2)]),
        (b'{"lockfileVersion": 3,\n"packages": {\n"a": 1, "b": []}}', [("entries of packages", 3)]),
        (b'{"lockfileVersion": 1,\n"dependencies": "x"}', [("dependencies", 2)]),
        (b'{"lockfileVersion": 3, "packages": {}}', []),
        (b'{"lockfileVersion": 1}', []),
        (b"{}", []),
    ],
)
def test_what_is_no_lockfile_is_unread_on_its_line(data: bytes, expected: list[tuple[str, int]]) -> None:
    assert unread(data) == expected


@pytest.mark.parametrize(
    "location",
    ["node_modules/../../etc", "/etc", "..", "node_modules/a\x00\x1b[2J\u202e", "\ud800", "node_modules/"],
)
def test_hostile_locations_are_records_as_they_stand(location: str) -> None:
    lock = {"lockfileVersion": 3, "packages": {location: {"version": "1.0.0"}}}
    assert location in packages(lock)


def test_long_names_do_not_multiply() -> None:
    names = {f"{i}{'n' * 5000}": {"version": "1"} for i in range(3)}
    assert unread({"lockfileVersion": 3, "packages": names}) == [("entries of packages", 4)]
    lock = {"lockfileVersion": 1, "dependencies": {"left": {"version": "1", "dependencies": names}}}
    assert list(packages(lock)) == ["node_modules/left"]
    assert unread(lock) == [("entries of dependencies", 7)]


KEYS = [
    "version",
    "resolved",
    "integrity",
    "name",
    "bin",
    "link",
    "patched",
    "dependencies",
    "requires",
    "peerDependencies",
    "workspaces",
    "node_modules/a",
    "packages/b",
    "lockfileVersion",
    "hasInstallScript",
    "inBundle",
]
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "file:x", "npm:@", "https://[", "*"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["", *KEYS]), inner, max_size=5)
    ),
    max_leaves=20,
)


@settings(max_examples=150)
@given(st.integers(1, 4), JUNK, JUNK)
def test_junk_in_every_place_gives_records(version: int, flat: Any, nested: Any) -> None:
    found = records({"lockfileVersion": version, "packages": flat, "dependencies": nested})
    unread = [record.key for record in found if isinstance(record, Unread)]
    assert len(set(unread)) == len(unread)


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_a_mutated_lock_is_borne(data: st.DataObject) -> None:
    name, file = data.draw(st.sampled_from(REAL))
    genuine = real(name, file)
    start = data.draw(st.integers(0, len(genuine)))
    length = data.draw(st.integers(0, 80))
    piece = data.draw(st.sampled_from([b"", b"\0", b"}", b"]", b'"', b"\xff", b"[[[[", b"<<<<<<< HEAD\n"]))
    for record in records(genuine[:start] + piece + genuine[start + length :]):
        assert record.key


@pytest.mark.parametrize("marker", [b"<<<<<<< HEAD\n", b"=======\n", b">>>>>>> other\n"])
def test_npm_takes_a_merge_conflict_but_nobody_knows_which_side(marker: bytes) -> None:
    genuine = real("npm11-v3")
    cut = genuine.index(b"\n") + 1
    assert unread(genuine[:cut] + marker + genuine[cut:]) == [("", 2)]
