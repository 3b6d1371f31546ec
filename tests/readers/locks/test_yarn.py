"""yarn's lockfiles: real files of yarn 1 to 4, what was tampered with, and what is no lockfile."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.model import UNSTATED, Digest, Package, Record, Setting, Unread
from fimci.packages.releases import hashes
from fimci.readers.locks import yarn_berry, yarn_classic, yarn_names, yarn_sources
from fimci.readers.locks.yarn_names import Asked
from fimci.readers.locks.yarn_sources import Source
from tests import growth
from tests.readers import seen

FOLDER = Path(__file__).parents[3] / "fixtures" / "locks"
UPDATES = Path(__file__).parents[3] / "fixtures" / "updates"
LOCK = "yarn.lock"
HOST = "https://registry.example"
TGZ = f"{HOST}/left/-/left-1.0.0.tgz"
COMMIT = "d9c008b9be6420c2812109bff8438dc41e2902f9"
SHA1 = "1" * 40
SUM = "ab" * 64
PATCH = "patch:left@npm%3A1.0.0"
SRI = "sha512-" + "A" * 86 + "=="
#: All that is asked for, and what it gets: a row each.
_ROWS = ("locked.patterns", "locked.descriptors")
#: What is in a lockfile beside what is installed from elsewhere.
OWN = ("virtual", "workspace")
BIG = ("yarn1-big", "yarn3-big", "yarn4-big")
REAL = sorted({path.parent.name for path in FOLDER.glob("yarn*/yarn.lock*")})
SMALL = sorted({*REAL} - {*BIG})


def real(name: str) -> bytes:
    packed = FOLDER / name / f"{LOCK}.gz"
    return gzip.decompress(packed.read_bytes()) if packed.exists() else (FOLDER / name / LOCK).read_bytes()


def records(data: bytes | str, path: str = LOCK) -> list[Record]:
    """Return what both readers say: one of them says nothing."""
    found = [seen.records(reader, path, data) for reader in (yarn_classic, yarn_berry)]
    assert [] in found
    return found[0] or found[1]


def packages(data: bytes | str) -> dict[str, Package]:
    return seen.packages(records(data))


def unread(data: bytes | str) -> list[tuple[str, int]]:
    return seen.unread(records(data))


def settings_of(data: bytes | str) -> dict[str, tuple[str, int]]:
    return {k: v for k, v in seen.switches(records(data)).items() if k != "locked.patterns"}


def classic(pattern: str = "left@^1.0.0", version: str = "1.0.0", more: str = "") -> str:
    """Return a first lockfile of one entry."""
    return f'# yarn lockfile v1\n\n\n{pattern}:\n  version "{version}"\n{more}'


def berry(key: str, resolution: str, version: str = "1.0.0", more: str = "", cache: str = "10c0") -> str:
    """Return a later lockfile of one entry."""
    head = f"__metadata:\n  version: 8\n  cacheKey: {cache}\n\n"
    return f'{head}"{key}":\n  version: {version}\n  resolution: "{resolution}"\n{more}  linkType: hard\n'


def left(text: str) -> Package:
    (found,) = packages(text).values()
    return found


def installed(found: list[Record]) -> list[Package]:
    every = [one for one in found if isinstance(one, Package) and one.stated_by == "lock"]
    return [one for one in every if one.origin_kind not in OWN]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("yarn*/*.expected.txt*")), ids=str)
def test_the_packages_are_those_that_the_client_lists(path: Path) -> None:
    data = path.read_bytes()
    expected = (gzip.decompress(data) if path.suffix == ".gz" else data).decode().splitlines()
    first = path.parent.name.startswith("yarn1")
    # yarn 1 lists a package by the name that it is asked for by, later ones by its own.
    found = {
        f"{(one.alias if first else None) or one.name} {one.version}"
        for one in installed(records(real(path.parent.name)))
    }
    assert sorted(found) == sorted(expected)
    assert sorted(expected) == sorted(set(expected))


@pytest.mark.parametrize("name", sorted({*BIG} & {*REAL}))
def test_the_big_ones_are_big(name: str) -> None:
    assert len(installed(records(real(name)))) > 1500


PARTS = {
    "alias": {"resolution", "name"},
    "bins": {"bin"},
    "dependencies": {"dependencies", "optionalDependencies"},
    "integrity": {"integrity", "resolved", "checksum"},
    "origin": {"resolved", "resolution"},
    "version": {"version"},
}


@pytest.mark.parametrize("name", REAL)
def test_a_real_lock_is_read_without_doubt_and_every_line_is_right(name: str) -> None:
    lines = real(name).decode().split("\n")
    for record in records(real(name)):
        assert isinstance(record, (Package, Setting))
        text = lines[record.at.line - 1]
        if isinstance(record, Setting):
            assert record.at.text in text or record.name in _ROWS or name.startswith("yarn1")
            continue
        assert record.name in text
        for part, line in record.at.parts:
            assert lines[line - 1].strip().partition(" ")[0].rstrip(":") in PARTS[part]
        if record.stated_by == "manifest":
            assert isinstance(record.version, str)
            assert record.version in text
        elif isinstance(record.version, str):
            assert record.version in lines[record.at.part("version") - 1]
        if record.origin_kind in {"registry", "tarball", "file"} and isinstance(record.origin, str):
            assert record.origin in lines[record.at.part("origin") - 1]
        for digest in record.integrity if isinstance(record.integrity, tuple) else ():
            held = lines[record.at.part("integrity") - 1]
            assert digest.hex in held or f"{digest.algorithm}-" in held or digest.algorithm == "sha1"


@pytest.mark.parametrize("name", ["yarn1", "yarn2", "yarn3", "yarn4"])
def test_every_kind_of_entry_of_a_real_lock(name: str) -> None:
    found = packages(real(name))
    first = name == "yarn1"
    host = "git+file:///src/repos" if first else "git://127.0.0.1"
    url = f"{HOST}/core-js/-/core-js-3.51.0.tgz" if first else None
    kinds: dict[str, tuple[Any, ...]] = {
        "core-js@3.51.0": ("registry", url, None),
        "gitdep@git": ("git", f"{host}/gitdep.git#{COMMIT}", None),
        "is-odd@3.0.1": ("tarball", f"{HOST}/is-odd/-/is-odd-3.0.1.tgz", None),
        "localtar@1.0.0": ("file", "file:vendor/localtar-1.0.0.tgz", None),
        "pathdep@directory": ("directory", "pathdep", None),
        "lodash3@npm:lodash@3.10.1": ("registry", None, "lodash3"),
    }
    if first:
        kinds["lodash3@npm:lodash@3.10.1"] = ("registry", f"{HOST}/lodash/-/lodash-3.10.1.tgz", "lodash3")
    assert {key: (found[key].origin_kind, found[key].origin, found[key].alias) for key in kinds} == kinds
    assert found["lodash3@npm:lodash@3.10.1"].name == "lodash"
    assert found["anymatch@3.1.3"].dependencies == ("normalize-path@^3.0.0", "picomatch@^2.0.4")
    algorithms = [digest.algorithm for digest in found["core-js@3.51.0"].integrity or ()]
    caches = {"yarn1": ["sha1", "sha512"], "yarn2": ["sha512-zip-7"], "yarn3": ["sha512-zip-8"]}
    assert algorithms == caches.get(name, ["sha512-zip-10c0"])


@pytest.mark.parametrize("name", ["yarn2", "yarn3", "yarn4"])
def test_projects_and_patches_of_a_real_lock(name: str) -> None:
    found = packages(real(name))
    assert (found["."].origin_kind, found["packages/ws-a"].origin_kind) == ("virtual", "workspace")
    assert found["packages/ws-a"].dependencies == ("@fix/ws-b", "ms@2.1.3")
    assert "lodash3@npm:lodash@3.10.1" in found["."].dependencies
    assert found["requires/dependencies/lodash3"].version == "npm:lodash@^3.10.0"
    assert found["requires/dependencies/chokidar"].version == "^3.5.0"
    assert found["packages/ws-b#requires/peerDependencies/react"].version == ">=16"
    patched = found["fsevents@patch:2.3.3"]
    assert (patched.origin_kind, patched.origin) == ("patch", "builtin<compat/fsevents>")
    assert patched.install_scripts is True
    assert found["which@7.0.0" if name == "yarn4" else "node-gyp@13.1.0"].bins != ()
    platform = found["fsevents@2.3.3"]
    assert platform.flags == (() if name == "yarn2" else ("optional",))
    assert found["@esbuild/linux-x64@0.25.12"].integrity is (
        UNSTATED if name != "yarn2" else found["@esbuild/linux-x64@0.25.12"].integrity
    )


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("yarn.lock", True),
        ("web/yarn.lock", True),
        ("node_modules/left/yarn.lock", False),
        ("package.json", False),
        ("my-yarn.lock", False),
    ],
)
def test_wants(path: str, wanted: bool) -> None:  # noqa: FBT001  (a column of the table)
    assert yarn_classic.wants(path, b"") is yarn_berry.wants(path, b"") is wanted


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("left@^1.0.0", Asked("left", "left", "^1.0.0")),
        ("@a/left@npm:^1.0.0", Asked("@a/left", "@a/left", "^1.0.0")),
        ("old@npm:left@^1.0.0", Asked("old", "left", "^1.0.0")),
        ("old@npm:@a/left@^1.0.0", Asked("old", "@a/left", "^1.0.0")),
        ("left@npm:latest", Asked("left", "left", "latest")),
        ("left@git+ssh://git@h.example/l.git", Asked("left", "left", "git+ssh://git@h.example/l.git")),
        ("left", Asked("left", "left", "")),
    ],
)
def test_patterns(pattern: str, expected: Asked) -> None:
    assert yarn_names.asked(pattern) == expected


@pytest.mark.parametrize(
    ("pattern", "resolved", "kind", "origin"),
    [
        ("left@^1.0.0", f"{TGZ}#{SHA1}", "registry", TGZ),
        ("left@^1.0.0", f"{HOST}/download/left/1.0.0/abc", "registry", f"{HOST}/download/left/1.0.0/abc"),
        ("left@^1.0.0", f"{HOST}/l.tgz#{SHA1}", "tarball", f"{HOST}/l.tgz"),
        (f'"left@{TGZ}"', f"{TGZ}#{SHA1}", "tarball", TGZ),
        ("left@^1.0.0", "https://me:s3cret@registry.example/l.tgz", "tarball", "https://***@registry.example/l.tgz"),
        ('"left@git+ssh://git@h.example/l.git"', f"git+ssh://git@h.example/l.git#{COMMIT}", "git", f"git+ssh://git@h.example/l.git#{COMMIT}"),
        ('"left@https://h.example/l.git"', f"https://h.example/l.git#{COMMIT}", "git", f"https://h.example/l.git#{COMMIT}"),
        ('"left@github:a/left"', f"https://codeload.github.com/a/left/tar.gz/{COMMIT}", "git", f"https://codeload.github.com/a/left/tar.gz/{COMMIT}"),
        ('"left@file:l.tgz"', f"file:l.tgz#{SHA1}", "file", "file:l.tgz"),
        ('"left@file:./l"', "", "directory", "./l"),
        ('"left@../l"', "", "directory", "../l"),
        ("left@^1.0.0", "", "registry", UNSTATED),
        ("left@^1.0.0", f"left-1.0.0.tgz#{SHA1}", "registry", UNSTATED),
        ("left@^1.0.0", "ftp://h.example/left.tgz", UNSTATED, "ftp://h.example/left.tgz"),
    ],
)  # fmt: skip
def test_origins_of_the_first_lock(pattern: str, resolved: str, kind: Any, origin: Any) -> None:
    found = left(classic(pattern, more=f'  resolved "{resolved}"\n' if resolved else ""))
    assert (found.origin_kind, found.origin) == (kind, origin)
    sha1 = kind != "git" and f"#{SHA1}" in resolved
    assert found.integrity == ((Digest("sha1", SHA1),) if sha1 else ())


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("npm:1.0.0", Source("registry")),
        (f"npm:1.0.0::__archiveUrl={quote(TGZ, '')}", Source("registry", TGZ)),
        ("npm:1.0.0::__archiveUrl=https%3A%2F%2Fevil.example%2Fl.tgz", Source("tarball", "https://evil.example/l.tgz")),
        ("https://h.example/l.tgz", Source("tarball", "https://h.example/l.tgz")),
        ("https://me:s3cret@h.example/l.tgz", Source("tarball", "https://***@h.example/l.tgz")),
        (f"https://github.com/a/left.git#commit={COMMIT}", Source("git", f"https://github.com/a/left.git#{COMMIT}")),
        (f"git@github.com:a/left.git#commit={COMMIT}", Source("git", f"git@github.com:a/left.git#{COMMIT}")),
        (f"https://github.com/a/left#workspace=l&commit={COMMIT}", Source("git", f"https://github.com/a/left#{COMMIT}&workspace=l")),
        ("https://github.com/a/left.git#head=main", Source("git", "https://github.com/a/left.git#head=main")),
        ("file:v/l.tgz#v/l.tgz::hash=84e59a&locator=shop%40workspace%3A.", Source("file", "file:v/l.tgz")),
        ("file:../l::locator=a%40workspace%3Apackages%2Fa", Source("directory", "packages/l")),
        ("link:./l::locator=shop%40workspace%3A.", Source("link", "l")),
        ("portal:../l::locator=shop%40workspace%3A.", Source("link", "../l")),
        ("workspace:.", Source("virtual")),
        ("workspace:packages/a", Source("workspace")),
        (f"{PATCH}#optional!builtin<compat/left>::hash=ab", Source("patch", "builtin<compat/left>")),
        (f"{PATCH}#~builtin<compat/left>::version=1.0.0&hash=ab", Source("patch", "builtin<compat/left>")),
        (f"{PATCH}#~/.yarn/left.patch::version=1.0.0&hash=ab", Source("patch", "~/.yarn/left.patch")),
        ("exec:./make.js#make.js::hash=ab", Source("directory", "./make.js", builds=True)),
        ("custom:left", Source(UNSTATED, UNSTATED, fault="that only the code of a plugin can fetch")),
        ("1.0.0", Source(UNSTATED, UNSTATED, fault="without an origin")),
    ],
)  # fmt: skip
def test_origins_of_later_locks(reference: str, expected: Source) -> None:
    assert yarn_sources.source("left", "1.0.0", reference) == expected


def test_a_checksum_goes_by_the_cache_that_it_is_of() -> None:
    own = left(berry("left@npm:^1.0.0", "left@npm:1.0.0", more=f"  checksum: 10c0/{SUM}\n"))
    assert own.integrity == (Digest("sha512-zip-10c0", SUM),)
    # Of another cache: yarn does not look at it, and it counts as none.
    other = f"  checksum: 9/{SUM}\n"
    unseen = left(berry("left@npm:^1.0.0", "left@npm:1.0.0", more=other))
    assert unseen.integrity == (Digest("unchecked-sha512-zip-9", SUM),)
    assert hashes(unseen) == ()
    platform = left(berry("left@npm:^1.0.0", "left@npm:1.0.0", more=f"{other}  conditions: os=darwin\n"))
    assert platform.integrity == (Digest("sha512-zip-9", SUM),)
    old = left(berry("left@npm:^1.0.0", "left@npm:1.0.0", more=f"  checksum: {SUM}\n", cache="8"))
    assert old.integrity == (Digest("sha512-zip-8", SUM),)
    assert old.at.part("integrity") == 8
    assert left(berry("left@npm:^1.0.0", "left@npm:1.0.0")).integrity == ()
    elsewhere = berry("left@npm:^1.0.0", "left@npm:1.0.0", more="  conditions: os=darwin\n")
    assert left(elsewhere).integrity is UNSTATED


def test_who_asks_under_several_names_gets_a_record_for_each() -> None:
    found = packages(berry("left@npm:^1.0.0, old@npm:left@^1.0.0", "left@npm:1.0.0"))
    assert {key: (one.name, one.alias) for key, one in found.items()} == {
        "left@1.0.0": ("left", None),
        "old@npm:left@1.0.0": ("left", "old"),
    }
    found = packages(classic('left@^1.0.0, "evil@^1.0.0"', more=f'  resolved "{TGZ}#{SHA1}"\n'))
    assert set(found) == {"left@1.0.0", "evil@1.0.0"}


def test_the_same_release_from_elsewhere_is_another_entry() -> None:
    text = (
        classic(more=f'  resolved "{TGZ}#{SHA1}"\n')
        + f'\n"left@{HOST}/l.tgz":\n  version "1.0.0"\n  resolved "{HOST}/l.tgz"\n'
    )
    assert {key: one.origin_kind for key, one in packages(text).items()} == {
        "left@1.0.0": "registry",
        "left@1.0.0 (2)": "tarball",
    }


@pytest.mark.parametrize(
    ("key", "resolution", "version", "told"),
    [
        ("left@npm:^1.0.0", "evil@npm:1.0.0", "1.0.0", "left@npm:^1.0.0"),
        ("left@npm:^1.0.0", "left@npm:2.0.0", "1.0.0", "left@1.0.0"),
        ("left@npm:1.0.0", "left@npm:2.0.0", "2.0.0", "left@npm:1.0.0"),
        ("old@npm:left@^1.0.0", "evil@npm:1.0.0", "1.0.0", "old@npm:left@^1.0.0"),
        ("left@npm:^1.0.0", "evil@https://h.example/l.tgz", "1.0.0", "left@npm:^1.0.0"),
    ],
)
def test_a_key_that_names_another_release_is_told(key: str, resolution: str, version: str, told: str) -> None:
    found = settings_of(berry(key, resolution, version))
    line = 6 if told.endswith("left@1.0.0") else 7
    assert found[f"file-name.{told}"] == (resolution, line)


@pytest.mark.parametrize(
    ("key", "resolution", "version"),
    [
        ("left@npm:^1.0.0", "left@npm:1.0.0", "1.0.0"),
        ("left@npm:1.0.0+a", "left@npm:1.0.0+a", "1.0.0+a"),
        ("left@npm:1.0.0", f"left@npm:1.0.0::__archiveUrl={HOST}%2Fl.tgz", "1.0.0"),
        ("left@npm:latest, left@npm:>=1 <2 || 3", "left@npm:1.0.0", "1.0.0"),
        ("left@link:./l", "left@link:./l", "0.0.0-use.local"),
    ],
)
def test_a_key_that_fits_is_not(key: str, resolution: str, version: str) -> None:
    assert set(settings_of(berry(key, resolution, version))) - set(_ROWS) == {
        "lockfileVersion",
        "locked.cacheKey",
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (classic('"../left@^1.0.0"'), 4),
        (classic('".bin@^1.0.0"'), 4),
        (classic('"old@npm:../left@^1.0.0"'), 4),
        (classic(version="1.0.0/../../x"), 4),
        (classic(more="  integrity sha512-nonsense\n"), 6),
        ("# yarn lockfile v1\n\nleft@^1.0.0:\n  integrity x\n", 4),
        ("# yarn lockfile v1\nleft@^1.0.0 right@^1.0.0\n", 2),
        (berry("../left@npm:^1.0.0", "../left@npm:1.0.0"), 5),
        (berry("left@npm:^1.0.0", "left@npm:1.0.0", "../x"), 5),
        (berry("left@npm:^1.0.0", "left@npm:1.0.0", more="  checksum: 10c0/ab\n"), 8),
        (berry("left@npm:^1.0.0", "left@custom:1.0.0"), 5),
        (berry("left@npm:^1.0.0", "left"), 5),
        (berry("left@npm:^1.0.0", "left@patch:left@npm%3A1.0.0#./x.patch::version=1.0.0&hash=ab"), 5),
        (berry("le\u202eft@npm:^1.0.0", "le\u202eft@npm:1.0.0"), 5),
        ("__metadata:\n  version: 8\n  cacheKey: 8\n\nleft: no\n", 5),
        ("__metadata:\n  version: 8\n", 1),
    ],
)
def test_what_no_client_writes_is_told(text: str, line: int) -> None:
    found = unread(text)
    assert found
    assert line in {where for _, where in found}
    assert all(part for part, _ in found)


BOMB = range(ord("a"), ord("y"))


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"# yarn lockfile v2\n", 1),
        (b"# yarn lockfile v1\n<<<<<<< HEAD\n=======\n>>>>>>> x\n", 2),
        (b'# yarn lockfile v1\nleft@1:\n  version "1.0.0"\n\n  resolved "x"\n', 5),
        (b'# yarn lockfile v1\nleft@1:\n# x\n  version "1.0.0"\n', 4),
        (b'# yarn lockfile v1\nleft@1:\n    version "1.0.0"\n', 3),
        (b'# yarn lockfile v1\nleft@1:\n   version "1.0.0"\n', 3),
        (b'# yarn lockfile v1\nleft@1:\n  version "1.0.0" resolved "x"\n', 3),
        (b"# yarn lockfile v1\nleft@1:\n  version {}\n", 3),
        (b'# yarn lockfile v1\nleft@1:\n  version "\\x"\n', 3),
        (b'# yarn lockfile v1\nleft@1:\n\tversion "1.0.0"\n', 3),
        (b"# yarn lockfile v1\n@a/left@1:\n", 2),
        (b"\0", 1),
        (b"\xff", 1),
        (b"{}", 1),
        (b"__metadata:\n  version: 11\n", 2),
        (b"__metadata:\n  version: 3\n", 2),
        (b"__metadata: 8\n", 1),
        (b"__metadata:\n  cacheKey: 8\n", 1),
        (b"__metadata:\n  version: 8\nleft: [\n", 4),
        (b"__metadata:\n  version: 8\n<<<<<<< HEAD\n", 3),
        (b"---\n__metadata:\n  version: 8\n---\n__metadata:\n  version: 8\n", 1),
        (b"__metadata: &a [x]\n" + b"".join(b"%c: &%c [*%c,*%c]\n" % (n + 1, n + 1, n, n) for n in BOMB), 20),
    ],
)  # fmt: skip
def test_what_is_no_lockfile_is_told_with_its_line(data: bytes, line: int) -> None:
    (found,) = records(data)
    assert isinstance(found, Unread)
    assert (found.part, found.line) == ("", line)


@pytest.mark.parametrize(
    ("data", "part", "line"),
    [
        ('left@1:\n  version "1"\n\nleft@1:\n  version "2"\n', "left@1", 4),
        ('left@1:\n  version "1"\n  version "2"\n', "left@1.version", 3),
        ("__metadata:\n  version: 8\n  version: 8\n", "__metadata.version", 3),
        ("__metadata:\n  version: 8\na@npm:1:\n  version: 1\na@npm:1:\n  version: 2\n", "a@npm:1", 5),
    ],
)
def test_what_is_said_twice_is_told(data: str, part: str, line: int) -> None:
    assert (part, line) in unread(data)


def test_what_yarn_1_accepts_of_its_own_syntax() -> None:
    rows = [
        "# yarn lockfile v1",
        "",
        '"left@^1.0.0", left@~1.0.0:',
        '  version: "1.0.0" # new',
        "  # aside",
        '  resolved "a\\"b"',
        "  uid 1",
        "  dependencies:",
        '    true-left "*"',
        '    "true-right" true',
        "",
    ]
    text = "\r\n".join(rows)
    assert unread(text) == [("", 9)]  # what begins with `true` must be quoted
    found = left(text.replace("true-left", "a-left"))
    assert (found.version, found.dependencies) == ("1.0.0", ("a-left@*", "true-right@true"))
    assert found.at.part("dependencies") == 8
    assert dict(seen.switches(records(text.replace("true-left", "a-left"))))["locked.patterns"][0] == (
        "left@^1.0.0 1.0.0\nleft@~1.0.0 1.0.0"
    )


def test_an_empty_lock_is_one() -> None:
    assert (
        records("# THIS IS AN AUTOGENERATED FILE. DO NOT EDIT THIS FILE DIRECTLY.\n# yarn lockfile v1\n\n\n")
        == []
    )
    assert records("") == []


@pytest.mark.parametrize("name", SMALL)
@given(draw=st.data())
@settings(max_examples=25, deadline=None)
def test_a_broken_lock_raises_nothing(name: str, draw: st.DataObject) -> None:
    data = bytearray(real(name))
    for _ in range(draw.draw(st.integers(1, 4))):
        start = draw.draw(st.integers(0, len(data) - 1))
        end = draw.draw(st.integers(start, min(start + 60, len(data))))
        pieces = [
            b"",
            b":",
            b": ",
            b"\n",
            b"  ",
            b'"',
            b"\\",
            b"\xff",
            b"@",
            b"#",
            b"::",
            b"%",
            b"npm:",
            b",",
            b"|",
        ]
        data[start:end] = draw.draw(st.sampled_from(pieces))
    records(bytes(data))


WORDS = st.sampled_from(
    ["__metadata", "version", "8", "1.0.0", "left@npm:^1.0.0", "left@1, right@2", "resolution", "bin",
     "left@workspace:.", "left@patch:left@npm%3A1#x", "checksum", "dependencies", "conditions", "resolved",
     "left@npm:1.0.0", "integrity", "name", TGZ, SRI, "@", "", "a@npm:b@", "cacheKey"],
)  # fmt: skip
SHAPES = st.recursive(
    WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=30,
)


@given(st.dictionaries(WORDS, SHAPES, max_size=6))
@settings(max_examples=200, deadline=None)
def test_any_shape_raises_nothing(shape: dict[str, Any]) -> None:
    import yaml  # noqa: PLC0415  (only here)

    records(yaml.safe_dump({**shape, "__metadata": {"version": "8", "cacheKey": "10c0"}}).encode())


@given(
    st.lists(st.tuples(st.sampled_from([0, 2, 4, 6]), st.lists(WORDS, min_size=1, max_size=3)), max_size=12)
)
@settings(max_examples=200, deadline=None)
def test_any_rows_raise_nothing(rows: list[tuple[int, list[str]]]) -> None:
    text = "".join(" " * indent + " ".join(f'"{word}"' for word in words) + ":\n" for indent, words in rows)
    records(text)
    records(text.replace(":\n", ' "1"\n'))


HEAD = "__metadata:\n  version: 8\n\n"


def many(size: int) -> str:
    return "".join(f'left{n}@^1:\n  version "1.0.0"\n  resolved "{TGZ}"\n\n' for n in range(size))


def later(size: int) -> str:
    entry = '"left{0}@npm:^1":\n  version: 1.0.0\n  resolution: "left{0}@npm:1.0.0"\n\n'
    return HEAD + "".join(entry.format(n) for n in range(size))


def wide(size: int) -> str:
    return f'{", ".join(f"left@^{n}" for n in range(size))}:\n  version "1.0.0"\n'


@pytest.mark.parametrize("made", [many, later, wide])
def test_many_entries_take_linear_time(made: Callable[[int], str]) -> None:
    growth.is_linear(records, made, 700)


@pytest.mark.parametrize(
    ("start", "piece", "more"),
    [("", "@", ""), ("", "left@npm:", ""), ('"', "\\", ""), ("left@", "npm%3A", "::")],
)
def test_odd_names_take_linear_time(start: str, piece: str, more: str) -> None:
    def name(size: int) -> str:
        return start + piece * size + more * size

    growth.is_linear(records, lambda size: f'{name(size)}:\n  version "1"\n', 5000)
    entry = '{0}"{1}":\n  version: 1.0.0\n  resolution: "{1}"\n'
    growth.is_linear(records, lambda size: entry.format(HEAD, name(size)), 5000)
