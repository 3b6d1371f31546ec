"""Dependencies and entry points that a build puts into the metadata, beside what its source declares."""

from __future__ import annotations

from pathlib import Path

import pytest

from fimci.artifacts import declared, locked, members, names
from fimci.sources.locator import Locator
from fimci.verify import Request, verify
from tests.artifacts import battery, projects
from tests.test_verify_source import NAMES, TODAY, committed, said, verified

INFO = battery.INFO
#: The backends whose projects here state all in `[project]`.
STATIC = {"setuptools", "hatchling", "maturin"}
PLANTED = {
    f"{INFO}/METADATA": f"{projects.METADATA}Requires-Dist: evil>=1\n",
    f"{INFO}/entry_points.txt": "[pytest11]\ndemo = demo.evil\n",
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("path", PLANTED)
def test_what_is_planted_into_the_metadata_is_found(tmp_path: Path, name: str, path: str) -> None:
    folder = committed(tmp_path / "project", projects.repository(name))
    data = projects.wheel(name, {path: PLANTED[path]})
    report = verified(folder, battery.WHEEL, data, patterns=projects.PROJECTS[name].generated)
    rules = [(f.rule, str(f.severity)) for f in report.findings if f.rule == "artifact-metadata-unsourced"]
    # Where only the version is dynamic (scm), the rest is stated as well.
    grade = "medium" if name in {"extension", "poetry"} else "high"
    assert rules == [("artifact-metadata-unsourced", grade)]
    assert name in STATIC or "dynamic" in str(projects.repository(name)) or grade == "medium"


def test_a_dependency_that_is_planted_into_an_sdist_is_found(tmp_path: Path) -> None:
    folder = committed(tmp_path / "project", projects.repository("hatchling"))
    data = projects.sdist("hatchling", {"PKG-INFO": f"{projects.METADATA}Requires-Dist: evil\n"})
    assert said(verified(folder, battery.SDIST, data)) == [
        "high artifact-metadata-unsourced demo-1.0/PKG-INFO:4"
    ]


def test_a_tag_that_differs_in_its_version_alone_is_the_wrong_one(tmp_path: Path) -> None:
    files = projects.repository("hatchling")
    folder = committed(tmp_path / "project", files)
    newer = {"pyproject.toml": files["pyproject.toml"].replace('"1.0"', '"1.1"')}
    committed(folder, newer, "v1.1")
    data = projects.wheel("hatchling")
    assert said(verified(folder, battery.WHEEL, data)) == []
    (finding,) = verified(folder, battery.WHEEL, data, ref="v1.1").findings
    assert (finding.rule, finding.message) == (
        "artifact-metadata-unsourced",
        "is version 1.0, but the source is 1.1",
    )


def unsourced(tmp_path: Path, source: dict[str, str], metadata: str, entries: str = "") -> list[str]:
    """Return what is told of a wheel with this metadata beside a source."""
    described = {f"{INFO}/METADATA": f"{projects.METADATA}{metadata}".encode()}
    if entries:
        described[f"{INFO}/entry_points.txt"] = entries.encode()
    path = tmp_path / battery.WHEEL
    path.write_bytes(battery.wheel(described))
    found = members.taken(str(path))
    named = names.named(found.file, found.files)
    texts = {name: text.encode() for name, text in source.items()}
    there = locked.locked(texts[name] for name in locked.wanted(texts))
    left, right = declared.sides(named, found, {name: texts[name] for name in declared.wanted(texts)}, there)
    own = {record.name: record.value for record in left}
    return [record.name for record in right if own.get(record.name) != record.value]


PROJECT = """
[project]
name = "Demo"
version = "1.0"
dependencies = ["Left_Pad >= 1, <2", 'right[x,Y]; python_version < "3.11"', "far @ https://far.example/a.whl"]
[project.optional-dependencies]
all = ['deep>=3; sys_platform == "linux"', "left-pad<2,>=1"]
[project.scripts]
demo = "demo.core:run"
[project.entry-points."demo.plug.ins"]
"a.b" = "demo.core"
"""
METADATA = """Requires-Dist: left-pad (<2,>=1)
Requires-Dist: right[X,y]; python_full_version < '3.11'
Requires-Dist: far@ https://far.example/a.whl
Provides-Extra: all
Requires-Dist: deep>=3; (sys_platform == "linux") and extra == "all"
Requires-Dist: left-pad<2,>=1; extra == 'all'
"""
ENTRIES = "[console_scripts]\ndemo = demo.core:run\n\n[demo.plug.ins]\na.b=demo.core\n"


def test_other_spellings_are_no_difference(tmp_path: Path) -> None:
    assert unsourced(tmp_path, {"pyproject.toml": PROJECT}, METADATA, ENTRIES) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("left-pad (<2,>=1)", "left-pad (<2)", "declared.requires.left-pad"),
        ("right[X,y]", "right", "declared.requires.right"),
        ("'3.11'", "'3.99'", "declared.requires.right"),
        ("far.example", "evil.example", "declared.requires.far"),
        ('"linux"', '"win32"', "declared.requires.deep"),
        ("deep>=3", "deep>=3.1", "declared.requires.deep"),
        ("Provides-Extra: all", "Requires-Dist: -e nothing", "declared.requires.-e nothing"),
        ("demo = demo.core:run", "demo = demo.core:evil", "declared.entry.console_scripts demo"),
        (
            "demo = demo.core:run",
            "demo = demo.core:run\nmore = demo.core:run",
            "declared.entry.console_scripts more",
        ),
        ("a.b=demo.core", "a.b=demo.evil", "declared.entry.demo.plug.ins a.b"),
        ("[demo.plug.ins]", "[pytest11]", "declared.entry.pytest11 a.b"),
        ("[console_scripts]\n", "", "declared.entry.broken entry_points.txt"),
    ],
)
def test_each_difference_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    metadata, entries = METADATA.replace(old, new), ENTRIES.replace(old, new)
    assert (metadata, entries) != (METADATA, ENTRIES)
    assert unsourced(tmp_path, {"pyproject.toml": PROJECT}, metadata, entries) == [told]


@pytest.mark.parametrize(
    "source",
    [
        {"setup.py": "setup(install_requires=['left-pad', 'Right'], scripts={'x': ['d=demo.core:run']})"},
        {"setup.cfg": "[options]\ninstall_requires =\n  left_pad\n  right\n[x]\nd = demo.core : run\n"},
        {
            "pyproject.toml": '[project]\nname = "demo"\ndynamic = ["version", "dependencies", "scripts"]\n',
            "requirements/base.txt": "left.pad\nright  # demo.core:run\n",
        },
        {"pyproject.toml": '[tool.poetry.dependencies]\nleft-pad = "^1"\nright = 1\n[s]\nd="demo.core:run"'},
    ],
)
def test_what_is_not_stated_must_be_named_somewhere(tmp_path: Path, source: dict[str, str]) -> None:
    metadata = "Requires-Dist: left-pad>=1\nRequires-Dist: right\n"
    entries = "[console_scripts]\ndemo = demo.core:run\n"
    assert unsourced(tmp_path, source, metadata, entries) == []
    metadata, entries = f"{metadata}Requires-Dist: evil\n", f"{entries}evil = demo.evil:run\n"
    assert unsourced(tmp_path, source, metadata, entries) == [
        "mentioned.requires.evil",
        "mentioned.entry.console_scripts evil",
    ]


def test_the_project_of_that_name_counts_where_a_source_has_several(tmp_path: Path) -> None:
    other = PROJECT.replace('"Demo"', '"other"').replace("Left_Pad", "evil")
    source = {"pyproject.toml": other, "packages/demo/pyproject.toml": PROJECT}
    assert unsourced(tmp_path, source, METADATA, ENTRIES) == []
    planted = METADATA.replace("left-pad (<2,>=1)", "evil")
    assert "declared.requires.evil" in unsourced(tmp_path, source, planted, ENTRIES)


def test_a_wheel_is_held_against_the_declarations_of_its_sdist(tmp_path: Path) -> None:
    sdist, wheel = tmp_path / battery.SDIST, tmp_path / battery.WHEEL
    sdist.write_bytes(projects.sdist("hatchling"))
    wheel.write_bytes(projects.wheel("hatchling", {f"{INFO}/METADATA": PLANTED[f"{INFO}/METADATA"]}))
    request = Request(artifacts=(str(wheel),), source=Locator("archive", str(sdist)), today=TODAY)
    assert said(verify(request)) == [f"high artifact-metadata-unsourced {INFO}/METADATA:4"]


LOCK = """version = 1
[[package]]
name = "Left_Pad"
version = "1.3.0"
[[package]]
name = "right"
version = "2.0"
"""
BARE = '[project]\nname = "demo"\nversion = "1.0"\n'


@pytest.mark.parametrize("name", ["pdm.lock", "poetry.lock", "uv.lock"])
def test_extras_of_what_is_locked_need_no_declaration(tmp_path: Path, name: str) -> None:
    asked = 'Requires-Dist: left-pad==1.3.0; extra == "locked"\nRequires-Dist: right==2.0; extra == "all"\n'
    assert unsourced(tmp_path, {"pyproject.toml": BARE, name: LOCK}, asked) == []
    found = unsourced(tmp_path, {"pyproject.toml": BARE}, asked)
    assert found == ["declared.requires.left-pad", "declared.requires.right"]


@pytest.mark.parametrize(
    "asked",
    [
        'left-pad==1.3.1; extra == "locked"',
        'left-pad>=1.3.0; extra == "locked"',
        'left-pad==1.3.*; extra == "locked"',
        'left-pad @ https://evil.invalid/left-pad-1.3.0.zip ; extra == "locked"',
        'evil==1.3.0; extra == "locked"',
        "left-pad==1.3.0",
        'left-pad==1.3.0; python_version > "3"',
    ],
)
def test_what_is_not_just_what_is_locked_is_told(tmp_path: Path, asked: str) -> None:
    source = {"pyproject.toml": BARE, "pdm.lock": LOCK}
    (told,) = unsourced(tmp_path, source, f"Requires-Dist: {asked}\n")
    assert told.startswith("declared.requires.")


@pytest.mark.parametrize(
    ("extras", "same"),
    [
        ('locked = ["left-pad==1.3.0", "right==2.0"]', True),
        ('locked = ["left-pad==1.3.0", "evil==2.0"]', False),
        ('locked = ["left-pad"]', False),
        ('own = ["left-pad==1.3.0"]', False),
        ("locked = 1", False),
    ],
)
def test_a_manifest_may_have_extras_of_what_is_locked(extras: str, *, same: bool) -> None:
    table = "[project.optional-dependencies]\n"
    kept = 'own = ["right"]\n'
    own = f"{table}{kept}"
    ours = f"{BARE}{table}{extras}\n{'' if 'own' in extras else kept}"
    named = names.named("demo-1.0.tar.gz", ["demo-1.0/PKG-INFO"])
    there = locked.locked([LOCK.encode()])
    pair = (ours.encode(), f"{BARE}{own}".encode())
    assert locked.same_but_extras(named, "demo-1.0/pyproject.toml", pair, there) is same
    assert not locked.same_but_extras(named, "demo-1.0/pyproject.toml", (pair[0], b"["), there)


@pytest.mark.parametrize(
    "text", [b"", b"[", b"package = 1", b"[[package]]\nname = 1\n", b"\xff", b"package = [1]"]
)
def test_what_is_no_lockfile_locks_nothing(text: bytes) -> None:
    assert locked.locked([text]) == {}


CRATE = '[build-system]\nrequires = ["maturin"]\nbuild-backend = "maturin"\n[project]\nname = "demo"\n'


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("Cargo.toml", ""),
        ("crates/demo/Cargo.toml", '[tool.maturin]\nmanifest-path = "crates/demo/Cargo.toml"\n'),
    ],
)
@pytest.mark.parametrize(("version", "told"), [("1.0", []), ("1.0.1", ["declared.version"])])
def test_the_version_of_a_crate_is_that_of_its_package(
    tmp_path: Path, path: str, more: str, version: str, told: list[str]
) -> None:
    crate = f'[package]\nname = "demo"\nversion = "{version}"\n'
    assert unsourced(tmp_path, {"pyproject.toml": f"{CRATE}{more}", path: crate}, "") == told


@pytest.mark.parametrize("crate", ["[", "", "[package]\nversion.workspace = true\n"])
def test_a_crate_without_a_version_says_nothing(tmp_path: Path, crate: str) -> None:
    assert unsourced(tmp_path, {"pyproject.toml": CRATE, "Cargo.toml": crate}, "") == []
