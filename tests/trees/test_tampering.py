"""Whatever is done to an installed tree is found and named with its package, whichever tool made the tree.

Each tampering is drawn many times, on a file and at a byte that chance picks. Packages are small and made
here, and trees are laid out as the tools lay them out: nothing is fetched.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import marshal
import os
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote

import pytest

from fimci import trees
from fimci.findings import Finding, Severity
from fimci.policy import Policy
from fimci.sources import clock
from tests import environments, node_trees
from tests.environments import SITE, create, install
from tests.node_trees import LAYOUTS, Project

TODAY = dt.date(2026, 11, 26)
#: How often each tampering is drawn for each tool.
DRAWS = 6
Tampering: TypeAlias = Callable[[Project, random.Random], str]


@pytest.fixture(autouse=True, scope="module")
def home() -> Iterator[None]:
    """Have a home with npm's cache in it, and nobody's settings."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        node_trees.cached(Path(folder))
        patch.setenv("HOME", folder)
        for name in list(os.environ):
            if name.lower().startswith(("npm_config_", "yarn_", "xdg_", "pnpm_")):
                patch.delenv(name)
        yield


def told(root: Path) -> list[Finding]:
    """Return what is found: data that is gone is worth less than code, and told all the same."""
    reports = trees.judged(trees.found(str(root), "", {}), Policy(), today=TODAY)
    return [finding for report in reports for finding in report.findings if finding.severity >= Severity.LOW]


def names(finding: Finding) -> str:
    return f"{unquote(finding.package or '')} {finding.path} {finding.message}"


def flipped(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _drawn(project: Project, chance: random.Random) -> tuple[str, str]:
    """Return a package and one of its files, as a path in the project. Manifests are for other tests."""
    release = chance.choice(node_trees.ALL)
    file = chance.choice([path for path in release.files if path != "package.json"])
    return release.name, f"{project.folders[release.name]}/{file}"


def edited_byte(project: Project, chance: random.Random) -> str:
    name, path = _drawn(project, chance)
    project.write(path, flipped((project.root / path).read_bytes(), chance))
    return name


def added_module(project: Project, chance: random.Random) -> str:
    name, path = _drawn(project, chance)
    project.write(f"{path.rpartition('/')[0]}/more{chance.randrange(99)}.js", b"module.exports = 2\n")
    return name


def removed_file(project: Project, chance: random.Random) -> str:
    name, path = _drawn(project, chance)
    (project.root / path).unlink()
    return name


def swapped_library(project: Project, chance: random.Random) -> str:
    library = node_trees.ELF + bytes(chance.randrange(1, 99))
    project.write(f"{project.folders['@scope/right']}/native/right.node", library)
    return "@scope/right"


def replaced_package(project: Project, chance: random.Random) -> str:
    release = chance.choice(node_trees.ALL)
    folder = project.folders[release.name]
    inner = [path for name, path in project.folders.items() if name != release.name and folder in path]
    if not inner:
        shutil.rmtree(project.root / folder)
    for path, data in release.files.items():
        project.write(f"{folder}/{path}", data if path == "package.json" else data + b" ")
    return release.name


def beside_the_lock(project: Project, chance: random.Random) -> str:
    folder = f"{project.folders['left'].rpartition('/')[0]}/quietly{chance.randrange(99)}"
    name = folder.rpartition("/")[2]
    project.write(f"{folder}/package.json", node_trees.manifest(name, "1.0.0"))
    project.write(f"{folder}/index.js", b"")
    return name


def redirected_shim(project: Project, chance: random.Random) -> str:
    shim = project.root / "node_modules/.bin/left"
    shim.unlink()
    shim.symlink_to(chance.choice(["../@scope/right/lib/index.js", "../../elsewhere.js", "/bin/true"]))
    return "left"


def edited_through_another_project(project: Project, chance: random.Random) -> str:
    name, path = _drawn(project, chance)
    other = project.root.parent / "other"
    os.link(project.root / path, other)
    other.write_bytes(flipped(other.read_bytes(), chance))
    return name


NODE: dict[str, Tampering] = {
    one.__name__: one
    for one in (
        edited_byte, added_module, removed_file, swapped_library, replaced_package, beside_the_lock,
        redirected_shim, edited_through_another_project,
    )
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("tampering", NODE)
def test_what_is_done_to_packages_of_node_is_told(layout: str, tampering: str, tmp_path: Path) -> None:
    chance = random.Random(f"{layout}/{tampering}")  # noqa: S311  (no secret: which file is edited)
    for draw in range(DRAWS):
        project = LAYOUTS[layout](tmp_path / str(draw) / "home")
        name = NODE[tampering](project, chance)
        findings = told(project.root)
        assert any(name in names(finding) for finding in findings), (draw, name, findings)


def test_what_is_done_inside_of_a_zip_of_yarn_is_told(tmp_path: Path) -> None:
    chance = random.Random("zip")  # noqa: S311  (no secret)
    for draw in range(4 * DRAWS):
        project = node_trees.plug_and_play(tmp_path / str(draw) / "home")
        assert told(project.root) == []
        release = chance.choice(node_trees.ALL)
        file = chance.choice(list(release.files))
        files = {**release.files, file: flipped(release.files[file], chance)}
        project.write(project.folders[release.name], node_trees.zipped(release._replace(files=files)))
        assert any(release.name in names(finding) for finding in told(project.root)), (release.name, file)


#: What each installer writes as its name, and whether it compiles.
INSTALLERS = {"pip": True, "uv": False, "Poetry 2.5.1": False, "pdm": False}
PYTHON = {
    "left-pad": {
        "left_pad/__init__.py": b"def main():\n    return 1\n",
        "left_pad/deep/data.txt": b"words\n",
    },
    "right-pad": {"right_pad/__init__.py": b"x = 1\n", "right_pad/_fast.abi3.so": node_trees.ELF},
}


def environment(root: Path, installer: str) -> Path:
    prefix = create(root / ".venv")
    for name, files in PYTHON.items():
        commands = {"left": "left_pad:main"} if name == "left-pad" else None
        install(
            prefix, name, "1.0", files, commands=commands, installer=installer, bytecode=INSTALLERS[installer]
        )
    rows = "".join(
        f'\n[[package]]\nname = "{name}"\nversion = "1.0"\n'
        'source = { registry = "https://index.example/simple" }\n'
        for name in PYTHON
    )
    (root / "uv.lock").write_text(f'version = 1\nrequires-python = ">=3.10"\n{rows}')
    return prefix / SITE


def _chosen(chance: random.Random) -> tuple[str, str]:
    name = chance.choice(list(PYTHON))
    return name, chance.choice(list(PYTHON[name]))


def byte_in_python(site: Path, chance: random.Random) -> str:
    name, file = _chosen(chance)
    (site / file).write_bytes(flipped((site / file).read_bytes(), chance))
    return name


def module_in_python(site: Path, chance: random.Random) -> str:
    name, _ = _chosen(chance)
    (site / name.replace("-", "_") / f"more{chance.randrange(99)}.py").write_bytes(b"x = 2\n")
    return name


def removed_from_python(site: Path, chance: random.Random) -> str:
    name, file = _chosen(chance)
    (site / file).unlink()
    return name


def library_of_python(site: Path, chance: random.Random) -> str:
    (site / "right_pad/_fast.abi3.so").write_bytes(node_trees.ELF + bytes(chance.randrange(1, 99)))
    return "right-pad"


def line_of_a_start(site: Path, chance: random.Random) -> str:
    name = f"quiet{chance.randrange(99)}.pth"
    (site / name).write_text("import os\n")
    return name


def package_beside_the_lock(site: Path, chance: random.Random) -> str:
    name = f"up-pad{chance.randrange(99)}"
    install(site.parents[2], name, "0.1", {f"{name.replace('-', '_')}.py": "x = 1\n"})
    return name


def package_of_the_same_version(site: Path, chance: random.Random) -> str:
    """Put the files of another archive under the old list; a list that goes with them is another matter."""
    name, _ = _chosen(chance)
    for file, data in PYTHON[name].items():
        (site / file).write_bytes(data + b" ")
    return name


ENVIRONMENT: dict[str, Callable[[Path, random.Random], str]] = {
    one.__name__: one
    for one in (
        byte_in_python, module_in_python, removed_from_python, library_of_python, line_of_a_start,
        package_beside_the_lock, package_of_the_same_version,
    )
}  # fmt: skip


@pytest.mark.parametrize("installer", INSTALLERS)
@pytest.mark.parametrize("tampering", ENVIRONMENT)
def test_what_is_done_to_packages_of_python_is_told(installer: str, tampering: str, tmp_path: Path) -> None:
    chance = random.Random(f"{installer}/{tampering}")  # noqa: S311  (no secret)
    for draw in range(DRAWS):
        site = environment(tmp_path / str(draw), installer)
        name = ENVIRONMENT[tampering](site, chance)
        findings = told(tmp_path / str(draw))
        assert any(name in names(finding) for finding in findings), (draw, name, findings)


@pytest.mark.parametrize("installer", INSTALLERS)
def test_environments_and_trees_of_these_tests_are_silent_before(installer: str, tmp_path: Path) -> None:
    environment(tmp_path, installer)
    assert told(tmp_path) == []


def test_edited_bytecode_alone_is_told(tmp_path: Path) -> None:
    site = environment(tmp_path, "pip")
    (bytecode,) = (site / "left_pad/__pycache__").glob("*.pyc")
    code = compile("def main():\n    return 2\n", "left_pad/__init__.py", "exec")
    bytecode.write_bytes(bytecode.read_bytes()[:16] + marshal.dumps(code))
    assert any("left-pad" in names(finding) for finding in told(tmp_path))


def test_nothing_of_a_tree_of_another_platform_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Judge a copied environment of Windows beside packages of Node, its programs first on the path."""
    mark = tmp_path / "mark"
    prefix = tmp_path / "project" / ".venv"
    project = node_trees.npm(tmp_path / "project")
    (prefix / "Scripts").mkdir(parents=True)
    (prefix / "pyvenv.cfg").write_text("home = C:\\Python312\nversion = 3.12.4\n")
    leave = f"open({str(mark)!r}, 'w')\n"
    install(prefix, "left-pad", "1.0", {"left_pad.py": leave}, site=environments.WINDOWS)
    environments.compiled(prefix / environments.WINDOWS / "left_pad.py")
    (prefix / environments.WINDOWS / "x.pth").write_text(f"import os; {leave}")
    (prefix / environments.WINDOWS / "sitecustomize.py").write_text(leave)
    places = [prefix / "Scripts", project.root / "node_modules/.bin"]
    for place in places:
        for name in ("python", "python3", "python.exe", "node", "npm", "git", "sh", "pip", "file", "uname"):
            program = place / name
            program.write_text(f"#!/bin/sh\necho ran > {mark}\n")
            program.chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join(map(str, places)), prepend=os.pathsep)
    monkeypatch.setenv("PYTHONPATH", str(prefix / environments.WINDOWS))
    monkeypatch.chdir(project.root)
    assert told(project.root)
    assert not mark.exists()


class TestExact:
    """The short way: what goes it must be all of its archive, and no other."""

    @staticmethod
    def npm(tmp_path: Path, files: dict[str, bytes]) -> Project:
        """Install one package whose archive has these files."""
        release = node_trees.Release(
            "left", "1.0.1", {"package.json": node_trees.manifest("left", "1.0.1"), **files}
        )
        node_trees.cached(tmp_path, (release,))
        project = node_trees.npm(tmp_path / "home")
        shutil.rmtree(project.root / "node_modules")
        data = node_trees.tarball(release)
        integrity = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
        project.write(
            "package-lock.json",
            b'{"name": "home", "lockfileVersion": 3, "packages": {"": {"dependencies": {"left": "1"}},'
            b' "node_modules/left": {"version": "1.0.1", "integrity": "' + integrity.encode() + b'"}}}',
        )
        for path, content in release.files.items():
            project.write(f"node_modules/left/{path}", content)
        return project

    def test_an_ignore_file_goes_by_the_name_that_npm_gives_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        project = self.npm(tmp_path, {".gitignore": b"x\n", "index.js": b"1\n"})
        monkeypatch.setenv("HOME", str(tmp_path))
        folder = project.root / "node_modules/left"
        (folder / ".gitignore").rename(folder / ".npmignore")
        assert told(project.root) == []
        # Both at once stand for one member: that must not make up for another one that is gone.
        shutil.copy(folder / ".npmignore", folder / ".gitignore")
        assert [finding.path.rpartition("/")[2] for finding in told(project.root)] == [".npmignore"]
        (folder / "index.js").unlink()
        assert any(finding.path.endswith("index.js") for finding in told(project.root))

    @pytest.mark.parametrize("hours", [0, 1], ids=["touched just now", "touched long ago"])
    def test_files_are_compared_to_their_ends(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: int
    ) -> None:
        now, later = clock.start(), hours * 3_600_000_000_000
        monkeypatch.setattr(clock, "start", lambda: clock.Start(now.wall + later, now.monotonic + later))
        large = bytes(range(256)) * 9000
        small = b"check()\nrun()\n"
        project = self.npm(tmp_path, {"large.bin": large, "empty.js": b"", "small.js": small})
        monkeypatch.setenv("HOME", str(tmp_path))
        assert told(project.root) == []
        changed = {
            "large.bin": (large[:-1] + b"\0", large + b"\0", large[:-1]),
            "empty.js": (b"1",),
            "small.js": (small[8:], small[:8], b"", small + b"\0"),
        }
        whole = {"large.bin": large, "empty.js": b"", "small.js": small}
        for path, contents in changed.items():
            for data in contents:
                project.write(f"node_modules/left/{path}", data)
                assert any(finding.path.endswith(path) for finding in told(project.root)), (path, len(data))
            project.write(f"node_modules/left/{path}", whole[path])

    def test_a_link_is_not_what_it_leads_to(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        project = self.npm(tmp_path, {"index.js": b"1\n"})
        monkeypatch.setenv("HOME", str(tmp_path))
        project.write("copy.js", b"1\n")
        file = project.root / "node_modules/left/index.js"
        file.unlink()
        file.symlink_to("../../copy.js")
        assert any(finding.path.endswith("index.js") for finding in told(project.root))
