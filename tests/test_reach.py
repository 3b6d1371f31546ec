"""When code runs, over a whole package: what is followed, and what is left as the reader said it."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci import readers, sides
from fimci.capabilities import foreign_code
from fimci.look import take
from fimci.model import Capability, File, Package, Phase, Place, Record, Reference, Setting, Unread
from fimci.reach import Belonging, resolved, settled
from fimci.snapshot import Entry


def tree(files: str, *more: Record) -> list[Record]:
    """Make a snapshot: files by their paths, then other records in order."""
    found = sorted((File(path=path) for path in files.split()), key=lambda record: record.key)
    return [*found, *sorted(more, key=lambda record: record.key)]


def can(path: str, phase: Phase = "import") -> Capability:
    return Capability(path=path, name="network", subject="*", phase=phase, at=Place(path))


def loads(path: str, target: str, phase: Phase = "import") -> Reference:
    return Reference(path=path, target=target, phase=phase, at=Place(path))


def phases(records: list[Record], *, project: bool = False) -> dict[str, Phase]:
    return {r.path: r.phase for r in settled(records, project=project) if isinstance(r, Capability)}


def test_what_an_install_script_runs_and_loads_runs_at_installation() -> None:
    told = phases(
        tree(
            "package.json setup.js lib/collect.js lib/index.js lib/later.js",
            loads("package.json", "./setup.js", "install"),
            loads("setup.js", "./lib/collect"),
            loads("lib/collect.js", "./later", "call"),
            can("setup.js", "call"),
            can("lib/collect.js"),
            can("lib/index.js"),
            can("lib/later.js"),
        )
    )
    assert told == {
        "setup.js": "install",
        "lib/collect.js": "install",
        "lib/index.js": "import",
        "lib/later.js": "import",
    }


def test_a_file_may_be_run_by_a_script_and_imported_as_the_package() -> None:
    """Two readers of one manifest say so, and neither takes anything from the other."""
    text = b'{"name": "left", "main": "./index.js", "scripts": {"test": "node ./index.js"}}'
    entries = [
        Entry(path="package.json", read=lambda: iter([text])),
        Entry(path="index.js", read=lambda: iter([b"fetch('https://left.example/')"])),
    ]
    records = take(entries, sides.recipe(code=True), readers.ALL)
    assert [record for record in records if isinstance(record, Unread)] == []
    assert {r.phase for r in records if isinstance(r, Reference)} == {"call", "import"}
    assert phases(records) == {"index.js": "import"}


def test_a_script_that_is_run_runs_as_a_whole() -> None:
    links = (
        loads("package.json", "./a.js", "install"),
        loads("a.js", "./run.sh"),
        loads("run.sh", "b.py", "call"),
    )
    told = phases(tree("package.json a.js run.sh b.py", *links, can("run.sh", "call"), can("b.py")))
    assert told == {"run.sh": "install", "b.py": "install"}


def test_setup_py_loads_its_helpers_at_installation() -> None:
    told = phases(
        tree(
            "setup.py build_helpers.py src/left/__init__.py src/left/version.py src/left/net.py",
            loads("setup.py", "build_helpers"),
            loads("setup.py", "left.version"),
            can("build_helpers.py"),
            can("src/left/version.py"),
            can("src/left/net.py"),
        )
    )
    assert told == {
        "build_helpers.py": "install",
        "src/left/version.py": "install",
        "src/left/net.py": "import",
    }


@pytest.mark.parametrize(
    "path",
    [
        *("tests/test_all.py", "test/a.js", "src/a.test.ts", "examples/run.py", "docs/conf.py"),
        *("src/__tests__/a.js", "__benchmarks__/test.js", "lib/__mocks__/fs.js"),
    ],
)
def test_what_lies_beside_the_code_is_called_by_nobody_who_installs_it(path: str) -> None:
    assert phases(tree(path, can(path))) == {path: "call"}


def test_a_test_that_other_code_loads_is_no_test() -> None:
    """The file that started event-stream lay among the tests."""
    records = tree(
        "index.js test/run.js test/data.js test/all.js test/later.js pkg/core.py pkg/tests/data.py",
        loads("index.js", "./test/run"),
        loads("index.js", "./test/later", "call"),
        loads("test/run.js", "./data"),
        loads("pkg/core.py", ".tests.data"),
        loads("test/all.js", "./all"),
        *map(can, ("test/run.js", "test/data.js", "test/all.js", "test/later.js", "pkg/tests/data.py")),
    )
    assert phases(records) == {
        "test/run.js": "import",
        "test/data.js": "import",
        "pkg/tests/data.py": "import",
        "test/all.js": "call",
        "test/later.js": "call",
    }


def test_a_test_that_an_install_script_runs_is_no_test() -> None:
    """The file that started xz lay among the tests."""
    records = tree(
        "package.json tests/data.js", loads("package.json", "tests/data.js", "install"), can("tests/data.js")
    )
    assert phases(records) == {"tests/data.js": "install"}


OWN = Package(
    ecosystem="pypi",
    name="left",
    place="PKG-INFO#left",
    stated_by="artifact",
    version="1.0",
    at=Place("PKG-INFO"),
)
WORKSHOP = [
    *(
        ".github/workflows/ci.yml",
        ".gitlab-ci.yml",
        ".travis.yml",
        "azure-pipelines.yml",
        ".circleci/config.yml",
    ),
    *("Dockerfile", "docker/base.Dockerfile", "Dockerfile.dev", ".devcontainer/devcontainer.json"),
]


@pytest.mark.parametrize("path", WORKSHOP)
def test_what_builds_a_project_does_not_run_where_a_release_is_installed(path: str) -> None:
    records = tree(
        f"PKG-INFO {path} ci/build.sh", OWN, loads(path, "/ci/build.sh", "install"), can(path, "install")
    )
    assert phases(records) == {path: "call"}
    assert phases(records, project=True) == {path: "install"}


def test_what_builds_a_project_counts_where_an_install_script_runs_it() -> None:
    path = ".github/setup.sh"
    records = tree(f"setup.py {path}", OWN, loads("setup.py", path, "install"), can(path))
    assert phases(records) == {path: "install"}


@pytest.mark.parametrize(
    ("manifest", "ran"), [("PKG-INFO", "call"), ("package.json", "call"), ("", "install")]
)
def test_a_project_that_lies_in_a_release_is_not_built(manifest: str, ran: Phase) -> None:
    script = can("inner/setup.py", "install")
    records = tree(
        f"{manifest} setup.py inner/setup.py inner/help.py",
        loads("inner/setup.py", "help", "install"),
        script,
        msgspec.structs.replace(script, name="install-script"),
        can("inner/help.py"),
        can("setup.py", "install"),
    )
    found = [r for r in settled(records, project=False, released=True) if isinstance(r, Capability)]
    assert {r.path: r.phase for r in found if r.name == "network"} == {
        "setup.py": "install",
        "inner/setup.py": ran,
        "inner/help.py": "import" if manifest else "install",
    }
    assert [r.path for r in found if r.name == "install-script"] == ([] if manifest else ["inner/setup.py"])


def test_documents_for_tests_may_be_damaged_in_a_release() -> None:
    records = tree(
        "PKG-INFO",
        Unread(path="meson/test cases/a/Cargo.toml", why="not valid TOML: cannot overwrite a value"),
        Unread(path="tests/fixtures/odd.ipynb", why="not valid JSON: not JSON"),
        Unread(path="tests/fixtures/odd.py", why="more names than are followed in one file"),
        Unread(path="left/odd.ipynb", why="not valid JSON: not JSON"),
    )
    found = list(settled(records, project=False, released=True))
    left = [r.path for r in found if isinstance(r, Unread)]
    assert left == ["left/odd.ipynb", "tests/fixtures/odd.py"]
    counted = [r for r in found if isinstance(r, Capability) and foreign_code.is_foreign(r)]
    assert list(foreign_code.sentences(counted)) == ["2 documents for tests that are not valid: left out"]
    assert len([r for r in settled(records, project=False) if isinstance(r, Unread)]) == 4


def test_a_project_in_a_release_that_is_run_counts() -> None:
    records = tree(
        "PKG-INFO setup.py inner/setup.py",
        loads("setup.py", "inner/setup.py", "install"),
        can("inner/setup.py", "import"),
    )
    assert {
        r.path: r.phase for r in settled(records, project=False, released=True) if isinstance(r, Capability)
    } == {"inner/setup.py": "install"}


@pytest.mark.parametrize(
    ("path", "target", "found"),
    [
        ("a/b.js", "./c", ["a/c.js"]),
        ("a/b.js", "../d", ["d/index.js"]),
        ("a/b.js", "./c.js", ["a/c.js"]),
        ("a/b.ts", "./e.js", ["a/e.ts"]),
        ("a/b.js", "left-pad", []),
        ("a/b.js", "../../../etc/passwd", []),
        ("p/q.py", ".r", ["p/r.py"]),
        ("p/q.py", "..s", ["s.py"]),
        ("p/q.py", "p.r", ["p/__init__.py", "p/r.py"]),
        ("p/q.py", "os.path", []),
        ("package.json", "a/c", ["a/c.js"]),
    ],
)
def test_references_lead_where_the_language_leads(path: str, target: str, found: list[str]) -> None:
    files = {*["a/b.js", "a/c.js", "d/index.js", "a/e.ts", "p/__init__.py", "p/q.py", "p/r.py", "s.py"]}
    assert list(resolved(path, target, files)) == found


def test_code_belongs_to_its_package_and_a_project_to_none() -> None:
    own = Package(
        ecosystem="npm",
        name="@a/left",
        place="#package.json",
        stated_by="artifact",
        version="1",
        at=Place("package.json"),
    )
    records = tree("x.js node_modules/@b/c/d.js", can("x.js"), can("node_modules/@b/c/d.js"), own)

    def packages(*, project: bool) -> list[str | None]:
        return [r.package for r in settled(records, project=project) if isinstance(r, Capability)]

    assert packages(project=False) == ["pkg:npm/%40b/c", "pkg:npm/%40a/left"]
    assert packages(project=True) == ["pkg:npm/%40b/c", None]


def test_what_a_release_says_to_its_developers_is_left_out() -> None:
    """Of the scripts of a package from a registry three run, and its `prepare` is none of them."""

    def script(name: str) -> Capability:
        at = Place("package.json")
        return Capability(
            path="package.json", name="install-script", subject=name, phase="install", detail="x", at=at
        )

    switch = Setting(path="package.json", name="packageManager", value="pnpm@10", at=Place("package.json"))
    records = tree("package.json", script("prepare"), script("postinstall"), switch)
    kept = list(settled(records, project=False, released=True))
    assert [getattr(record, "subject", "") for record in kept] == ["", "postinstall"]
    assert len(list(settled(records, project=False))) == 4


@pytest.mark.parametrize(
    "path", [".github/workflows/a.yml", ".travis.yml", ".gitlab-ci.yml", "azure-pipelines.yml"]
)
def test_what_runs_at_a_code_host_runs_nowhere_else(path: str) -> None:
    """docker-modem has a `.travis.yml` in its archive, which installs it from its repository."""
    records = tree(f"package.json {path}", can(path, "install"))
    assert not [one for one in settled(records, project=False, released=True) if isinstance(one, Capability)]
    assert [one for one in settled(records, project=True) if isinstance(one, Capability)]


def test_nothing_in_a_wheel_is_built_where_it_is_installed() -> None:
    """numpy ships an example with a `setup.py` of its own."""
    path = "left/examples/setup.py"
    script = Capability(
        path=path, name="install-script", subject="setup.py", phase="install", detail="x", at=Place(path)
    )
    records = tree(f"{path} left/built.py", script, can(path, "install"), can("left/built.py", "call"))
    records.append(loads(path, "./built.py", "install"))

    def told(*, wheel: bool) -> list[tuple[str, str]]:
        kept = settled(records, project=False, released=True, wheel=wheel)
        return [(r.path, r.phase) for r in kept if isinstance(r, Capability) and r.name == "network"]

    assert told(wheel=True) == [("left/built.py", "call"), (path, "call")]
    assert (path, "install") in told(wheel=False)


def test_nothing_in_a_manifest_runs_at_installation_without_a_script_for_it() -> None:
    """What `prepare` starts was called a gain at installation: of content-type 2 and path-to-regexp 8."""
    at = Place("package.json")
    prepare = Capability(
        path="package.json", name="install-script", subject="prepare", phase="install", detail="x", at=at
    )
    started = [can("package.json", "install"), can("etc/prepare.js", "import")]
    link = loads("package.json", "./etc/prepare.js", "install")
    files = "package.json etc/prepare.js"

    def phases(*more: Record) -> list[str]:
        records = tree(files, *started, link, *more)
        kept = settled(records, project=False, released=True)
        return [r.phase for r in kept if isinstance(r, Capability) and r.name == "network"]

    assert "install" not in phases(prepare)
    script = msgspec.structs.replace(prepare, subject="postinstall")
    assert phases(prepare, script) == ["install", "install"]


@pytest.mark.parametrize(("path", "phase"), [("dist/node_modules/a", "call"), ("node_modules/a", "install")])
def test_manifests_that_a_bundle_has_taken_apart_are_run_by_nobody(path: str, phase: str) -> None:
    """pnpm has those of the packages that it is made of in `dist/node_modules`, with their scripts."""
    path = f"{path}/package.json"
    script = Capability(
        path=path, name="install-script", subject="postinstall", phase="install", detail="x", at=Place(path)
    )
    records = tree(f"package.json {path}", script, can(path, "install"))
    kept = settled(records, project=False, released=True)
    assert [r.phase for r in kept if isinstance(r, Capability) and r.name == "network"] == [phase]


def test_an_environment_inside_of_a_project_is_not_the_project_s() -> None:
    """A real project had `.venv` beside its `package.json`: all of it was told as the project's."""
    app = Package(
        ecosystem="npm",
        name="app",
        place="#package.json",
        stated_by="artifact",
        version="1",
        at=Place("package.json"),
    )
    folder = ".venv/lib/python3.11/site-packages"
    left = Package(
        ecosystem="pypi",
        name="left",
        place=f"{folder}/left-1.dist-info#RECORD",
        stated_by="artifact",
        version="1",
        owns=(f"{folder}/left",),
        at=Place(f"{folder}/left-1.dist-info/RECORD"),
    )
    found = Belonging([app, left], project=False)
    assert found.of(f"{folder}/left/a.py") == "pkg:pypi/left"
    assert found.of(f"{folder}/nobody_s.py") is None
    assert found.of(".venv/bin/activate_this.py") is None
    assert found.of("index.js") == "pkg:npm/app"


_PATHS = st.sampled_from(["a.js", "b/c.js", "d.py", "e/__init__.py", "setup.py", "package.json", "x/y.pth"])
_TARGETS = st.sampled_from(
    ["./a", "../a.js", ".", "..", "....", "e", "d", "/", "", "./b/c", "a.b.c", "\0", "./" * 500]
)


@given(st.lists(st.tuples(_PATHS, _TARGETS, st.sampled_from(["install", "import", "call"])), max_size=12))
def test_circles_end_and_nothing_but_phases_changes(links: list[tuple[str, str, Phase]]) -> None:
    paths = "a.js b/c.js d.py e/__init__.py setup.py package.json x/y.pth"
    unique = {(path, target): phase for path, target, phase in links}
    records = tree(
        paths,
        *(loads(path, target, phase) for (path, target), phase in unique.items()),
        *(can(path) for path in paths.split()),
    )
    after = list(settled(records, project=True))
    assert [r.key for r in after] == sorted(r.key for r in records if not isinstance(r, Reference))
    assert list(settled(after, project=True)) == after


def test_who_may_write_a_member_is_for_those_to_decide_who_unpack_it() -> None:
    member = File(path="history", kind="file", size=1, mode=0o766)
    kept = next(iter(settled([member], project=False, released=True)))
    assert isinstance(kept, File)
    assert kept.mode == 0o744
    assert next(iter(settled([member], project=False))) == member


def test_workflows_in_a_release_run_nowhere() -> None:
    use = Package(
        ecosystem="githubactions",
        name="owner/action",
        version="v1",
        stated_by="manifest",
        place=".github/workflows/ci.yml#owner/action[0]",
        at=Place(".github/workflows/ci.yml", 3, "uses: owner/action@v1"),
    )
    assert list(settled([use], project=False)) == [use]
    assert not list(settled([use], project=False, released=True))
    # An archive of a repository may be called like a source archive, and has no PKG-INFO.
    assert use in list(settled(tree("setup.py", use), project=False, released=None))
    assert use not in list(settled(tree("PKG-INFO setup.py", use), project=False, released=None))


def test_a_program_of_a_release_is_made_executable_by_who_installs_it() -> None:
    manifest = loads("package.json", "./cli", "call")
    files = [File(path=path, kind="file", size=1, mode=0o755) for path in ("cli.js", "hook.js", "a.scss")]
    modes = {
        r.path: r.mode
        for r in settled([*files, manifest], project=False, released=True)
        if isinstance(r, File)
    }
    assert modes == {"cli.js": 0o644, "hook.js": 0o755, "a.scss": 0o644}
    modes = {r.path: r.mode for r in settled([*files, manifest], project=False) if isinstance(r, File)}
    assert modes == dict.fromkeys(("cli.js", "hook.js", "a.scss"), 0o755)


def test_who_may_write_a_file_is_not_for_an_archive_of_sources_to_say() -> None:
    """As for any release; the archive of a repository is unpacked as it is."""
    files = [File(path=path, kind="file", size=1, mode=0o666) for path in ("PKG-INFO", "left.py")]

    def modes(found: list[File]) -> set[object]:
        return {r.mode for r in settled(found, project=False, released=None) if isinstance(r, File)}

    assert modes(files) == {0o644}
    assert modes(files[1:]) == {0o666}


@pytest.mark.parametrize(
    ("lock", "heeded"),
    [
        ("bun.lock", False),
        ("a/package-lock.json", False),
        ("npm-shrinkwrap.json", True),
        ("Cargo.lock", True),
    ],
)
def test_a_lockfile_in_a_release_is_told_if_clients_heed_it(lock: str, heeded: bool) -> None:  # noqa: FBT001  (a row of the table)
    one = Package(
        ecosystem="npm", name="left", version="1.0.0", stated_by="lock", place=f"{lock}#left", at=Place(lock)
    )
    setting = Setting(path=lock, name="overrides.left", value="2", at=Place(lock))
    assert set(settled([one, setting], project=False)) == {one, setting}
    assert set(settled([one, setting], project=False, released=True)) == ({one, setting} if heeded else set())
