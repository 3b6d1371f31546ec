"""pnpm's lockfiles: real files of pnpm 3 to 12, what was tampered with, and what is no lockfile."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.compare import compare
from fimci.model import UNSTATED, Digest, Package, Record, Setting, Unread
from fimci.readers.locks import pnpm, pnpm_keys
from fimci.readers.locks.pnpm_keys import Key
from tests import growth
from tests.readers import seen

FOLDER = Path(__file__).parents[3] / "fixtures" / "locks"
UPDATES = Path(__file__).parents[3] / "fixtures" / "updates"
LOCK = "pnpm-lock.yaml"
HOST = "https://registry.example"
COMMIT = "d9c008b9be6420c2812109bff8438dc41e2902f9"
PATCH = "3fe1dff9389fd7e2c1c0f371cb78af57f5660b289c8cfabbd4295fcdbcc6081f"
SRI = "sha512-" + "A" * 86 + "=="
BOMB = range(ord("a"), ord("y"))
#: What is in a lockfile beside what is installed from elsewhere.
OWN = ("bundled", "link", "virtual", "workspace")
BIG = ("pnpm7-big", "pnpm8-big", "pnpm12-big")
REAL = sorted(path.parent.name for path in FOLDER.glob("pnpm*/pnpm-lock.yaml*"))


def real(name: str) -> bytes:
    packed = FOLDER / name / f"{LOCK}.gz"
    return gzip.decompress(packed.read_bytes()) if packed.exists() else (FOLDER / name / LOCK).read_bytes()


def records(data: bytes | str, path: str = LOCK) -> list[Record]:
    return seen.records(pnpm, path, data)


def packages(data: bytes | str) -> dict[str, Package]:
    return seen.packages(records(data))


def unread(data: bytes | str) -> list[tuple[str, int]]:
    return seen.unread(records(data))


def entry(key: str, resolution: str, more: str = "", version: str = "'9.0'") -> str:
    """Return a lockfile of one package."""
    return f"lockfileVersion: {version}\n\npackages:\n\n  {key}:\n    resolution: {resolution}\n{more}"


def left(resolution: str, key: str = "left@1.0.0", more: str = "", version: str = "'9.0'") -> Package:
    entries = packages(entry(key, resolution, more, version)).values()
    (found,) = (one for one in entries if one.origin_kind != "virtual")
    return found


def installed(found: list[Record]) -> list[Package]:
    own = {*OWN, UNSTATED}
    return [
        one
        for one in found
        if isinstance(one, Package) and one.stated_by == "lock" and one.origin_kind not in own
    ]


def named(package: Package) -> str:
    """Return name and version as pnpm itself prints them: a folder goes by its path."""
    return f"{package.name} {package.version or 'file:' + str(package.origin)}"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("pnpm*/pnpm-ls.expected.txt*")), ids=str)
def test_the_packages_are_those_that_the_client_lists(path: Path) -> None:
    data = path.read_bytes()
    expected = (gzip.decompress(data) if path.suffix == ".gz" else data).decode().splitlines()
    found = [one for one in installed(records(real(path.parent.name))) if "#config:" not in one.place]
    assert sorted(map(named, found)) == sorted(expected)


def test_the_big_ones_are_big() -> None:
    assert all(len(installed(records(real(name)))) > 1500 for name in BIG)


@pytest.mark.parametrize("name", REAL)
def test_a_real_lock_is_read_without_doubt_and_every_line_is_right(name: str) -> None:
    lines = real(name).decode().split("\n")
    for record in records(real(name)):
        assert isinstance(record, (Package, Setting))
        text = lines[record.at.line - 1]
        if isinstance(record, Setting):
            assert record.name.rpartition("locked.")[2].rpartition(".")[2] in text or record.value in text
            continue
        if record.origin_kind in {"virtual", "workspace"}:
            assert f"{record.name}:" in text.replace('"', "") or record.name == "."
            continue
        assert record.name in text or (record.alias or "") in text or COMMIT in text
        for part, line in record.at.parts if record.stated_by == "lock" else ():
            assert PARTS[part] & words(lines[line - 1])
        for digest in record.integrity if isinstance(record.integrity, tuple) else ():
            assert f"{digest.algorithm}-" in lines[record.at.part("integrity") - 1]
        if isinstance(record.origin, str) and record.origin_kind != "link":
            assert record.origin.partition("#")[0] in lines[record.at.part("origin") - 1]
        if record.stated_by == "manifest" and isinstance(record.version, str):
            assert record.version in lines[record.at.part("version") - 1]


PARTS = {
    "alias": {"name"},
    "dependencies": {"dependencies", "optionalDependencies"},
    "install_scripts": {"requiresBuild", "prepare"},
    "integrity": {"integrity", "resolution"},
    "origin": {"resolution", "tarball", "directory", "commit", "version"},
    "version": {"version"},
}


def words(line: str) -> set[str]:
    """Return the keys that a line may have."""
    return {word.strip(" \"'{,\t") for word in line.split(":")}


@pytest.mark.parametrize(("name", "git"), [("pnpm6", "@git"), ("pnpm8", "@1.0.0"), ("pnpm12", "@1.0.0")])
def test_every_kind_of_entry_of_a_real_lock(name: str, git: str) -> None:
    found = packages(real(name))
    kinds: dict[str, tuple[Any, ...]] = {
        "core-js@3.51.0": ("registry", None, None),
        "localtar@1.0.0": ("file", "file:vendor/localtar-1.0.0.tgz", None),
        "localtar@1.0.0/node_modules/is-number": ("bundled", None, None),
        "lodash@3.10.1": ("registry", None, "lodash3"),
        "packages/ws-a/node_modules/@fix/ws-b": ("link", "packages/ws-b", None),
        ".": ("virtual", None, None),
        "packages/ws-a": ("workspace", None, None),
    }
    assert {key: (found[key].origin_kind, found[key].origin, found[key].alias) for key in kinds} == kinds
    repository = found[f"gitdep{git}"]
    assert (repository.name, repository.origin_kind, repository.integrity) == ("gitdep", "git", ())
    assert str(repository.origin).endswith(f"gitdep.git#{COMMIT}")
    assert [digest.algorithm for digest in found["lodash@3.10.1"].integrity or ()] == ["sha512"]
    assert found["fsevents@2.3.3"].flags == ("optional",)
    assert found["react-dom@18.3.1"].dependencies == ("loose-envify", "scheduler")  # react is its peer
    assert "lodash3@npm:lodash@3.10.1" in found["."].dependencies
    assert found["requires/dependencies/lodash3"].version == "npm:lodash@^3.10.0"
    assert found["requires/dependencies/lodash3"].stated_by == "manifest"
    assert found["packages/ws-a#requires/dependencies/ms"].version == "^2.1.0"
    flag = found["core-js@3.51.0"].install_scripts
    assert flag is (UNSTATED if name == "pnpm12" else True)


def test_the_document_of_what_runs_first_is_kept_apart() -> None:
    found = packages(real("pnpm12-config"))
    assert [key for key in found if found[key].stated_by == "lock"] == [
        ".", "config:.", "config:is-number@7.0.0", "ms@2.1.3",
    ]  # fmt: skip
    assert found["requires/configDependencies/is-number"].version == "7.0.0"
    alone = real("pnpm12-config").decode().rpartition("---\n")[0]
    assert "config:is-number@7.0.0" in packages(alone)


def test_copies_of_the_configuration_are_settings() -> None:
    found = seen.switches(records(real("pnpm10-full")))
    assert {name: value for name, (value, _) in found.items() if "hecksum" not in name} == {
        "lockfileVersion": "9.0",
        "locked.catalogs.default.react": "^18.2.0",
        "locked.catalogs.default.react-dom": "^18.2.0",
        "locked.ignoredOptionalDependencies.@esbuild/aix-ppc64": "true",
        "locked.overrides.is-number": "7.0.0",
        "locked.patchedDependencies.is-odd@3.0.1": PATCH,
    }
    assert found["locked.pnpmfileChecksum"][0].startswith("sha256-")
    newest = seen.switches(records(real("pnpm12-v13")))
    assert newest["locked.ignoredOptionalDependencies.@esbuild/aix-ppc64"] == ("true", 28)
    assert {name: value for name, (value, _) in newest.items()} == {
        **{name: value for name, (value, _) in found.items()},
        "lockfileVersion": "13.0",
    }


def differences(one: bytes, other: bytes) -> list[tuple[str, tuple[str, ...]]]:
    changes = [change for change in compare(records(one), records(other)) if change.real]
    return [(getattr(change.record, "place", ""), change.differs) for change in changes]


@pytest.mark.parametrize(
    ("one", "other"),
    [("pnpm9", "pnpm10"), ("pnpm10", "pnpm11"), ("pnpm11", "pnpm12"), ("pnpm10-full", "pnpm11-full")],
)
def test_clients_that_say_the_same_compare_equal(one: str, other: str) -> None:
    assert differences(real(one), real(other)) == []


def test_another_version_of_the_format_changes_no_release() -> None:
    """Apart from flags that one of them cannot state, nothing but the version of the format differs."""
    steps = ["pnpm-5.3-to-5.4", "pnpm-5.4-to-6.0", "pnpm-6.0-to-9.0", "pnpm-9-to-12", "pnpm-9.0-to-13.0"]
    for step in steps:
        before, after = ((UPDATES / step / side / LOCK).read_bytes() for side in ("before", "after"))
        found = [facts for place, facts in differences(before, after) if "requires/" not in place]
        assert {fact for facts in found for fact in facts} <= {"flags", "value", "dependencies"}, step


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("pnpm-lock.yaml", True),
        ("common/config/rush/pnpm-lock.yaml", True),
        ("pnpm-lock.feature!x.yaml", True),
        ("node_modules/.pnpm/lock.yaml", True),
        ("web/node_modules/.pnpm-lock.yaml", True),
        ("node_modules/left/pnpm-lock.yaml", False),
        ("charts/lock.yaml", False),
        ("my-pnpm-lock.yaml", False),
        ("pnpm-lock.yml", False),
    ],
)
def test_wants_by_name(path: str, wanted: bool) -> None:  # noqa: FBT001  (a column of the table)
    assert pnpm.wants(path, b"") is wanted


@pytest.mark.parametrize(
    ("key", "major", "expected"),
    [
        ("/left/1.0.0", 5, Key("left", "1.0.0")),
        ("/@a/left/1.0.0-rc.1_react@18.0.0+@b+c@1.0.0", 5, Key("@a/left", "1.0.0-rc.1")),
        ("registry.example/left/1.0.0", 5, Key("left", "1.0.0", registry=f"{HOST}/")),
        ("github.com/a/left/" + COMMIT, 5, Key("", source="github.com/a/left/" + COMMIT)),
        ("/left@1.0.0(react@18.0.0)(patch_hash=ab)", 6, Key("left", "1.0.0")),
        ("registry.example/@a/left@1.0.0", 6, Key("@a/left", "1.0.0", registry=f"{HOST}/")),
        ("file:vendor/left.tgz", 6, Key("", source="file:vendor/left.tgz")),
        ("@a/left@1.0.0+b.1(c@1.0.0(d@2.0.0))(e@3.0.0)", 9, Key("@a/left", "1.0.0+b.1")),
        ("left@work:1.0.0", 9, Key("left", "1.0.0", registry="work:")),
        ("node@runtime:24.0.0", 9, Key("node", "24.0.0", "runtime:24.0.0")),
        ("left@git+ssh://git@h.example/l.git#ab", 9, Key("left", source="git+ssh://git@h.example/l.git#ab")),
        ("left@file:../(old)/left", 9, Key("left", source="file:../(old)/left")),
    ],
)
def test_keys(key: str, major: int, expected: Key) -> None:
    assert pnpm_keys.parse(key, major) == expected


@pytest.mark.parametrize(
    ("reference", "major", "expected"),
    [
        ("1.0.0", 9, Key("left", "1.0.0")),
        ("1.0.0(right@2.0.0)", 9, Key("left", "1.0.0")),
        ("right@2.0.0(left@1.0.0)", 9, Key("right", "2.0.0")),
        ("@a/right@2.0.0", 9, Key("@a/right", "2.0.0")),
        ("work:1.0.0", 9, Key("left", "1.0.0", registry="work:")),
        ("git+ssh://git@h.example/l.git#ab", 9, Key("left", source="git+ssh://git@h.example/l.git#ab")),
        ("link:../left", 9, Key("left", source="link:../left")),
        ("1.0.0_react@18.0.0", 5, Key("left", "1.0.0")),
        ("/right/2.0.0", 5, Key("right", "2.0.0")),
        ("/right@2.0.0(left@1.0.0)", 6, Key("right", "2.0.0")),
    ],
)
def test_references(reference: str, major: int, expected: Key) -> None:
    assert pnpm_keys.target("left", reference, major) == expected


ARCHIVE = f"https://codeload.github.com/a/left/tar.gz/{COMMIT}"
TGZ = f"{HOST}/left/-/left-1.0.0.tgz"
REPOSITORY = f"{{type: git, repo: https://h.example/l.git, commit: {COMMIT}}}"


@pytest.mark.parametrize(
    ("resolution", "key", "kind", "origin"),
    [
        (f"{{integrity: {SRI}}}", "left@1.0.0", "registry", None),
        (f"{{integrity: {SRI}}}", "left@work:1.0.0", "registry", "work:"),
        (f"{{integrity: {SRI}, tarball: {TGZ}}}", "left@1.0.0", "registry", TGZ),
        (f"{{integrity: {SRI}, tarball: {TGZ}}}", "right@1.0.0", "tarball", TGZ),
        (f"{{integrity: {SRI}, tarball: {HOST}/l.tgz}}", f"left@{HOST}/l.tgz", "tarball", f"{HOST}/l.tgz"),
        (f"{{tarball: {ARCHIVE}}}", f"left@{ARCHIVE}", "git", ARCHIVE),
        (f"{{tarball: {HOST}/a.tgz, gitHosted: true}}", "left@1.0.0", "git", f"{HOST}/a.tgz"),
        (f"{{integrity: {SRI}, tarball: 'file:l.tgz'}}", "left@file:l.tgz", "file", "file:l.tgz"),
        ("{directory: l, type: directory}", "left@file:l", "directory", "l"),
        (REPOSITORY, "left@git+https://h.example/l.git#ab", "git", f"https://h.example/l.git#{COMMIT}"),
        (REPOSITORY, "left@1.0.0", "git", f"https://h.example/l.git#{COMMIT}"),
    ],
)  # fmt: skip
def test_origins(resolution: str, key: str, kind: str, origin: str | None) -> None:
    found = left(resolution, f"'{key}'")
    assert (found.origin_kind, found.origin) == (kind, origin)


def test_a_runtime_has_the_hashes_of_all_its_archives() -> None:
    variants = "".join(
        f"\n        - resolution:\n            archive: tarball\n            bin: bin/node\n"
        f"            integrity: sha256-{letter * 43}=\n            type: binary\n"
        f"            url: https://files.example/{letter}.tgz\n"
        f"          targets:\n            - cpu: x64\n              os: linux"
        for letter in "BA"
    )
    found = left(f"\n      type: variations\n      variants:{variants}", "node@runtime:24.0.0")
    assert (found.version, found.origin) == ("24.0.0", "https://files.example/A.tgz")
    assert [digest.hex[:2] for digest in found.integrity or ()] == ["00", "04"]


def test_a_registry_that_a_key_or_resolution_names_is_its_origin() -> None:
    found = left(f"{{integrity: {SRI}}}", "registry.example/left/1.0.0", version="5.4")
    assert (found.origin_kind, found.origin, found.place) == ("registry", f"{HOST}/", f"{LOCK}#left@1.0.0")
    stated = f"{{integrity: {SRI}, registry: '{HOST}/', tarball: left/-/left-1.0.0.tgz}}"
    assert left(stated, "/left@1.0.0", version="'6.0'").origin == f"{HOST}/left/-/left-1.0.0.tgz"


def test_credentials_are_never_kept() -> None:
    found = left(f"{{integrity: {SRI}, tarball: 'https://me:s3cret@registry.example/left/-/left-1.0.0.tgz'}}")
    assert found.origin == "https://***@registry.example/left/-/left-1.0.0.tgz"


CONTEXTS = f"""lockfileVersion: '9.0'

packages:

  left@1.0.0:
    resolution: {{integrity: {SRI}}}
    peerDependencies:
      react: '>=17'

snapshots:

  left@1.0.0(react@17.0.0):
    dependencies:
      react: 17.0.0
      right: 1.0.0

  left@1.0.0(react@18.0.0):
    dependencies:
      react: 18.0.0
      right-old: right@0.9.0
    optional: true
"""


def test_contexts_of_peers_are_one_package() -> None:
    (found,) = packages(CONTEXTS).values()
    assert (found.dependencies, found.flags) == (("right", "right-old@npm:right"), ())
    assert found.at.part("dependencies") == 13
    only = CONTEXTS.replace("left@1.0.0(react@17.0.0):\n", "left@1.0.0(react@17.0.0):\n    optional: true\n")
    assert packages(only)["left@1.0.0"].flags == ("optional",)


def test_the_same_release_from_elsewhere_is_another_entry() -> None:
    other = f"  left@{HOST}/l.tgz:\n    resolution: {{tarball: {HOST}/l.tgz}}\n    version: 1.0.0\n"
    found = packages(entry("left@1.0.0", f"{{integrity: {SRI}}}", other))
    assert {key: one.origin_kind for key, one in found.items()} == {
        "left@1.0.0": "registry",
        "left@1.0.0 (2)": "tarball",
    }


@pytest.mark.parametrize(
    "text",
    [
        entry("left@1.0.0", "{type: git, repo: https://h.example/l.git}"),
        entry("left@1.0.0", "{type: git, repo: https://h.example/l.git, commit: '--upload-pack=x'}"),
        entry("left@1.0.0", f"{{type: git, repo: '', commit: {COMMIT}}}"),
        entry("left@1.0.0", f"{{type: git, repo: '-x', commit: {COMMIT}}}"),
        entry("left@1.0.0", "{integrity: sha512-nonsense}"),
        entry("left@1.0.0", f"{{type: 'custom:x', integrity: {SRI}}}"),
        entry(
            "node@runtime:24.0.0", "{type: variations, variants: [{resolution: {url: https://h.example}}]}"
        ),
        entry("'../left@1.0.0'", f"{{integrity: {SRI}}}"),
        entry("'@a/../../left@1.0.0'", f"{{integrity: {SRI}}}"),
        entry("left@1.0.0/../../x", f"{{integrity: {SRI}}}"),
        entry("left@work:1.0.0/../../x", f"{{integrity: {SRI}}}"),
        entry("node_modules@1.0.0", f"{{integrity: {SRI}}}"),
        entry(".bin@1.0.0", f"{{integrity: {SRI}}}"),
        entry("'le\u202eft@1.0.0'", f"{{integrity: {SRI}}}"),
        entry("/left/1.0.0", f"{{integrity: {SRI}}}", "    name: ../left\n", version="5.4"),
        entry("left@1.0.0", f"{{integrity: {SRI}}}", "  right@1.0.0: yes\n"),
        entry(
            "left@1.0.0", f"{{integrity: {SRI}}}", "snapshots:\n  left@1.0.0: {dependencies: {../x: 1.0.0}}\n"
        ),
        entry("/left@1.0.0", f"{{integrity: {SRI}}}", "    dependencies: {.bin/x: 1.0.0}\n", "'6.0'"),
        entry("left@1.0.0", f"{{integrity: {SRI}}}", "snapshots:\n  right@1.0.0: {}\n"),
        "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      ../x: {version: 1.0.0}\n",
        "lockfileVersion: '9.0'\nimporters:\n  .: yes\n",
    ],
)
def test_what_no_client_writes_is_told(text: str) -> None:
    (found,) = unread(text)
    assert found[0]
    assert found[1] > 1


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"lockfileVersion: '9.0'\n<<<<<<< HEAD\npackages: {}\n=======\n>>>>>>> other\n", 2),
        (b"lockfileVersion: '9.0'\nlockfileVersion: '9.0'\n", 2),
        (b"a: 1\nlockfileVersion: '7.0'\n", 2),
        (b"lockfileVersion: 9\n", 1),
        (b"packages: {}\n", 1),
        (b"- a\n", 1),
        (b"", 1),
        (b"\0", 1),
        (b"lockfileVersion: '9.0'\npackages:\n  a: [\n", 4),
        (b"---\nlockfileVersion: '9.0'\n---\nlockfileVersion: '9.0'\n---\nlockfileVersion: '9.0'\n", 1),
        (b"a: &a [x]\n" + b"".join(b"%c: &%c [*%c,*%c]\n" % (n + 1, n + 1, n, n) for n in BOMB), 20),
    ],
)  # fmt: skip
def test_what_is_no_lockfile_is_told_with_its_line(data: bytes, line: int) -> None:
    found = records(data)
    assert [type(record) for record in found if not isinstance(record, Setting)] == [Unread]
    assert next(record.line for record in found if isinstance(record, Unread)) == line


@pytest.mark.parametrize("name", sorted({*REAL} - {*BIG}))
@given(draw=st.data())
@settings(max_examples=15, deadline=None)
def test_a_broken_lock_raises_nothing(name: str, draw: st.DataObject) -> None:
    data = bytearray(real(name))
    for _ in range(draw.draw(st.integers(1, 4))):
        start = draw.draw(st.integers(0, len(data) - 1))
        end = draw.draw(st.integers(start, min(start + 60, len(data))))
        data[start:end] = draw.draw(
            st.sampled_from(
                [b"", b"{", b"}", b": ", b"\n", b"  ", b"- ", b"'", b"\xff", b"[]", b"@", b"(", b"/"]
            )
        )
    list(pnpm.read(LOCK, bytes(data)))


WORDS = st.sampled_from(
    ["lockfileVersion", "9.0", "6.0", "packages", "snapshots", "importers", "projects", ".", "left@1.0.0",
     "/left/1.0.0", "/left@1.0.0", "resolution", "integrity", "tarball", "type", "git", "variations",
     "variants", "dependencies", "specifier", "version", "specifiers", "name", "repo", "settings", "catalogs",
     "hash", "bundledDependencies", "peerDependencies", "overrides"],
)  # fmt: skip
SHAPES = st.recursive(
    WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=30,
)


@given(SHAPES, st.sampled_from(["5.0", "5.4", "6.1", "9.0", "13.0"]))
@settings(max_examples=200, deadline=None)
def test_any_shape_raises_nothing(shape: Any, version: str) -> None:
    import yaml  # noqa: PLC0415  (only here)

    shape = {**shape, "lockfileVersion": version} if isinstance(shape, dict) else shape
    records(yaml.safe_dump(shape).encode())


@pytest.mark.parametrize(
    "text",
    [
        lambda size: "".join(
            f"  left{n}@1.0.0:\n    resolution: {{integrity: {SRI}}}\n\n" for n in range(size)
        ),
        lambda size: "".join(f"  '..{n}@1.0.0': no\n" for n in range(size)),
        lambda size: f"  left@1.0.0{'(' * 20 * size}: {{}}\n",
        lambda size: f"  left@1.0.0{'(' * 20 * size}{')' * 20 * size}: {{}}\n",
    ],
)
def test_many_entries_take_linear_time(text: Callable[[int], str]) -> None:
    growth.is_linear(records, lambda size: "lockfileVersion: '9.0'\npackages:\n" + text(size), 500)


def test_a_hash_is_decoded() -> None:
    assert left(f"{{integrity: {SRI}}}").integrity == (Digest("sha512", "00" * 64),)
