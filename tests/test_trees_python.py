"""Environments of Python: silent as they were installed, loud for each way to tamper with one."""

from __future__ import annotations

import datetime as dt
import json
import marshal
import os
import shutil
import struct
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from fimci import between, trees
from fimci.findings import Finding, Report, Severity
from fimci.model import Package
from fimci.policy import Policy
from fimci.sides import recipe, snapshot
from fimci.sources.locator import parse
from fimci.trees import bytecode, python, python_places
from fimci.trees.python_places import Places
from fimci.trees.tree import Tree
from tests import environments
from tests.environments import SITE, create, install

Files: TypeAlias = "dict[str, str | bytes]"
TODAY = dt.date(2026, 1, 1)
LOCK = f"""version = 1
revision = 3
requires-python = ">=3.10"

[[package]]
name = "left-pad"
version = "1.0.1"
source = {{ registry = "https://index.example/simple" }}
wheels = [
    {{ url = "https://files.index.example/left_pad-1.0.1-py3-none-any.whl", hash = "sha256:{"a" * 64}" }},
]

[[package]]
name = "right-pad"
version = "2.0"
source = {{ registry = "https://index.example/simple" }}
wheels = [
    {{ url = "https://files.index.example/right_pad-2.0-py3-none-any.whl", hash = "sha256:{"b" * 64}" }},
]

[[package]]
name = "winonly"
version = "1.0"
source = {{ registry = "https://index.example/simple" }}
"""


@pytest.fixture(autouse=True)
def nothing_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the archives out that installers of whoever runs this test have kept."""
    monkeypatch.setattr(python_places, "places", lambda *_: Places())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with an environment in which three distributions are installed from its lock."""
    where = tmp_path / "project"
    prefix = create(where / ".venv")
    code = {"left_pad/__init__.py": "def main():\n    return 1\n", "left_pad/data.txt": "words\n"}
    install(prefix, "left-pad", "1.0.1", code, commands={"left": "left_pad:main"}, bytecode=True)
    shared: Files = {"pads/right/__init__.py": "x = 1\n", "pads/right/_fast.abi3.so": b"\x7fELF" + bytes(60)}
    install(prefix, "right-pad", "2.0", shared, installer="uv")
    # Two distributions may share a folder, and bring files beside the packages.
    other = {"pads/six.py": "y = 2\n", "../../../share/man/pads.1": "manual\n"}
    install(prefix, "pip", "26.3", other, bytecode=True)
    (where / "uv.lock").write_text(LOCK)
    return where


def judged(where: Path, start: str = "") -> list[Report]:
    found = trees.found(str(where), start, {})
    return list(trees.judged(found, Policy(), today=TODAY))


def said(where: Path) -> list[Finding]:
    return [finding for report in judged(where) for finding in report.findings]


def tell(findings: list[Finding]) -> list[str]:
    return [f"{f.severity} {f.rule} {f.path}: {f.message}" for f in findings]


def test_an_environment_as_it_was_installed_is_silent(project: Path) -> None:
    reports = judged(project)
    assert tell([f for report in reports for f in report.findings]) == []
    assert all(report.complete for report in reports)
    notes = [note for report in reports for note in report.notes]
    assert "checked: .venv against the lists of 3 packages" in notes
    assert "checked: 2 files of bytecode against their sources" in notes
    assert "checked: .venv against uv.lock" in notes


def write(path: str, content: str | bytes) -> Callable[[Path], None]:
    def tamper(prefix: Path) -> None:
        file = prefix / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)

    return tamper


def flip(path: str) -> Callable[[Path], None]:
    """Change one bit and leave the size and the time as they were."""

    def tamper(prefix: Path) -> None:
        file = prefix / path
        state = file.stat()
        data = bytearray(file.read_bytes())
        data[-1] ^= 1
        file.write_bytes(bytes(data))
        os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))

    return tamper


def remove(path: str) -> Callable[[Path], None]:
    return lambda prefix: (prefix / path).unlink()


def link(path: str, target: str) -> Callable[[Path], None]:
    def tamper(prefix: Path) -> None:
        (prefix / path).unlink()
        (prefix / path).symlink_to(target)

    return tamper


def other_code(prefix: Path) -> None:
    """Put other code under the stamp of the source, which stays as it is."""
    (pyc,) = (prefix / SITE / "left_pad" / "__pycache__").glob("*.pyc")
    code = compile("def main():\n    return 2\n", "left_pad/__init__.py", "exec")
    pyc.write_bytes(pyc.read_bytes()[:16] + marshal.dumps(code))


def deeper_stack(prefix: Path) -> None:
    """Change what `==` on code objects does not look at."""
    (pyc,) = (prefix / SITE / "left_pad" / "__pycache__").glob("*.pyc")
    data = pyc.read_bytes()
    code = marshal.loads(data[16:])  # noqa: S302  (compiled above)
    pyc.write_bytes(data[:16] + marshal.dumps(code.replace(co_stacksize=code.co_stacksize + 9)))


def never_compared(prefix: Path) -> None:
    (pyc,) = (prefix / SITE / "left_pad" / "__pycache__").glob("*.pyc")
    data = pyc.read_bytes()
    pyc.write_bytes(data[:4] + struct.pack("<I", 1) + bytes(8) + data[16:])


def list_edited(prefix: Path) -> None:
    """Let the list say nothing of a file that was edited."""
    (record,) = (prefix / SITE).glob("left_pad-*/RECORD")
    lines = [line for line in record.read_text().split("\n") if not line.startswith("left_pad/__init__.py,")]
    record.write_text("\n".join([*lines, "left_pad/__init__.py,,"]))
    (prefix / SITE / "left_pad" / "__init__.py").write_text("import os\n")


def another_release(prefix: Path) -> None:
    shutil.rmtree(prefix / SITE / "right_pad-2.0.dist-info")
    files: Files = {"pads/right/__init__.py": "x = 2\n", "pads/right/_fast.abi3.so": b"\x7fELF" + bytes(61)}
    install(prefix, "right-pad", "1.9", files)


def another_archive(prefix: Path) -> None:
    """Replace a package by one of the same version, from a file."""
    stated = {
        "url": "file:///downloads/right_pad-2.0-py3-none-any.whl",
        "archive_info": {"hashes": {"sha256": "c" * 64}},
    }
    files: Files = {"pads/right/__init__.py": "x = 2\n", "pads/right/_fast.abi3.so": b"\x7fELF" + bytes(61)}
    install(prefix, "right-pad", "2.0", files, direct_url=json.dumps(stated))


def beside_the_lock(prefix: Path) -> None:
    install(prefix, "up-pad", "0.1", {"up_pad.py": "1\n"})


def command_changed(prefix: Path) -> None:
    """Change a command and its row in the list."""
    script = environments.SCRIPT.format(module="pads.right", function="main")
    (prefix / "bin" / "left").write_text(script)
    (record,) = (prefix / SITE).glob("left_pad-*/RECORD")
    lines = [line for line in record.read_text().split("\n") if not line.startswith("../../../bin/left,")]
    record.write_text("\n".join([*lines, environments.row("../../../bin/left", script.encode())]))


LEFT, RIGHT = "pkg:pypi/left-pad@1.0.1", "pkg:pypi/right-pad@2.0"
TAMPERINGS: dict[str, tuple[Callable[[Path], None], str, str | None]] = {
    "edited byte": (flip(f"{SITE}/left_pad/__init__.py"), "installed-file-changed", LEFT),
    "edited data": (write(f"{SITE}/left_pad/data.txt", "w"), "installed-file-changed", LEFT),
    "edited file outside": (write("share/man/pads.1", "x"), "installed-file-changed", "pkg:pypi/pip@26.3"),
    "edited command": (write("bin/left", "#!/bin/sh\n"), "installed-file-changed", LEFT),
    "swapped native library": (flip(f"{SITE}/pads/right/_fast.abi3.so"), "installed-file-changed", RIGHT),
    "file became a link": (link(f"{SITE}/pads/right/__init__.py", "/x.py"), "installed-file-changed", RIGHT),
    "added module": (write(f"{SITE}/left_pad/_x.py", "1"), "installed-file-unowned", LEFT),
    "added native library": (write(f"{SITE}/_x.so", b"\x7fELF"), "installed-file-unowned", None),
    "added package": (write(f"{SITE}/evil/__init__.py", "1"), "installed-file-unowned", None),
    "added to a shared folder": (write(f"{SITE}/pads/evil.py", "1"), "installed-file-unowned", None),
    "added command": (write("bin/git", "#!/bin/sh\n"), "installed-file-unowned", None),
    "removed file": (remove(f"{SITE}/pads/right/__init__.py"), "installed-file-missing", RIGHT),
    "edited bytecode only": (other_code, "bytecode-mismatch", LEFT),
    "edited stack size": (deeper_stack, "bytecode-mismatch", LEFT),
    "bytecode never compared": (never_compared, "bytecode-mismatch", LEFT),
    "a .pth with code": (write(f"{SITE}/x.pth", "import os\n"), "start-up-hook", None),
    "sitecustomize": (write(f"{SITE}/sitecustomize.py", "1"), "start-up-hook", None),
    "usercustomize package": (write(f"{SITE}/usercustomize/__init__.py", "1"), "start-up-hook", None),
    "activation": (write("bin/activate", "export PYTHONSTARTUP=/x.py\n"), "start-up-hook", None),
    "interpreter elsewhere": (link("bin/python", "/elsewhere/python3.12"), "start-up-hook", None),
    "interpreter a script": (write("bin/python3.12", "#!/bin/sh\n"), "start-up-hook", None),
    "list edited": (list_edited, "record-unreliable", None),
    "list leads outside": (
        write(f"{SITE}/left_pad-1.0.1.dist-info/RECORD", "../../../../../x,,\n"), "record-unreliable", None,
    ),
    "another release": (another_release, "installed-not-locked", "pkg:pypi/right-pad@1.9"),
    "another archive": (another_archive, "installed-origin-changed", RIGHT),
    "beside the lock": (beside_the_lock, "installed-not-locked", "pkg:pypi/up-pad@0.1"),
    "command and list": (command_changed, "script-mismatch", LEFT),
    "into another's package": (
        lambda prefix: void(install(prefix, "pads", "1", {"pads/__init__.py": ""})), "module-shadowed", None,
    ),
}  # fmt: skip


def void(_: object) -> None:
    return None


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_is_found_and_named(project: Path, name: str) -> None:
    tamper, rule, package = TAMPERINGS[name]
    tamper(project / ".venv")
    findings = [finding for finding in said(project) if finding.rule == rule]
    assert findings, tell(said(project))
    assert max(finding.severity for finding in findings) >= Severity.MEDIUM
    assert package in {finding.package for finding in findings}


def test_nothing_of_the_tree_runs(project: Path) -> None:
    mark = project / "mark"
    leave = f"open({str(mark)!r}, 'w')\n"
    site = project / ".venv" / SITE
    for name in ("sitecustomize.py", "usercustomize.py", "json.py", "re.py", "encodings/__init__.py"):
        write(name, leave)(site)
    (site / "x.pth").write_text(f"import os; {leave}")
    for name in ("python", "python3", "python3.12", "pip", "git"):
        file = project / ".venv" / "bin" / name
        file.unlink(missing_ok=True)
        file.write_text(f"#!/bin/sh\ntouch {mark}\n")
        file.chmod(0o755)
    (site / "left_pad" / "__init__.py").write_text(leave)
    environments.compiled(site / "left_pad" / "__init__.py")
    assert said(project)
    assert not mark.exists()


def test_one_finding_for_a_thousand_files(project: Path) -> None:
    for number in range(1000):
        write(f"{SITE}/evil/m{number}.py", "1")(project / ".venv")
    (finding,) = said(project)
    assert finding.message.startswith("1,000 files of no installed package: ")


def test_a_list_with_other_hashes_is_held_against_the_files(tmp_path: Path) -> None:
    prefix = create(tmp_path / ".venv")
    install(prefix, "left-pad", "1", {"left.py": "1\n"}, algorithm="sha512")
    assert said(tmp_path) == []
    write(f"{SITE}/left.py", "2\n")(prefix)
    assert [finding.rule for finding in said(tmp_path)] == ["installed-file-changed"]


def test_two_distributions_with_one_path_are_both_named(tmp_path: Path) -> None:
    prefix = create(tmp_path / ".venv")
    install(prefix, "view", "1", {"cv/__init__.py": "1\n"})
    install(prefix, "view-headless", "1", {"cv/__init__.py": "2\n"})
    (finding,) = said(tmp_path)
    assert (finding.severity, finding.path) == (Severity.LOW, f".venv/{SITE}/cv/__init__.py")
    assert finding.message == "claimed by several distributions: view, view-headless: 1 file"


def test_lists_of_debian_are_not_believed(tmp_path: Path) -> None:
    site = "lib/python3/dist-packages"
    install(tmp_path / "usr", "left-pad", "1", {"left.py": "1\n"}, site=site, installer="")
    write(f"{site}/left.py", "patched\n")(tmp_path / "usr")
    tree = Tree("python", str(tmp_path / "usr"), "", "")
    (report,) = trees.judged([tree], Policy(), today=TODAY)
    assert report.findings == ()


def test_a_prefix_is_judged_by_its_packages_alone(tmp_path: Path) -> None:
    usr = tmp_path / "usr"
    install(usr, "left-pad", "1", {"left.py": "1\n"}, commands={"left": "left:main"})
    write("bin/ls", "x")(usr)
    tree = Tree("python", str(usr), "", "")
    (report,) = trees.judged([tree], Policy(), today=TODAY)
    assert report.findings == ()
    write("bin/left", "x")(usr)
    (report,) = trees.judged([tree], Policy(), today=TODAY)
    assert {finding.rule for finding in report.findings} == {"installed-file-changed", "script-mismatch"}


def test_a_target_folder_comes_first_on_the_path(tmp_path: Path) -> None:
    target = tmp_path / "vendor"
    install(target, "left-pad", "1", {"left.py": "1\n"}, site="")
    tree = Tree("python", str(target), "", "")
    (report,) = trees.judged([tree], Policy(), today=TODAY)
    assert report.findings == ()
    install(target, "jason", "1", {"json.py": "1\n"}, site="")
    (report,) = trees.judged([tree], Policy(), today=TODAY)
    assert [str(finding.severity) for finding in report.findings] == ["high"]


def test_an_environment_of_windows(tmp_path: Path) -> None:
    prefix = tmp_path / ".venv"
    prefix.mkdir()
    (prefix / "pyvenv.cfg").write_text("home = C:\\Python312\nversion = 3.12.4\n")
    write("Scripts/python.exe", b"MZ" + bytes(200))(prefix)
    write("Scripts/activate.bat", "@echo off\n")(prefix)
    info = install(prefix, "left-pad", "1", {"left/__init__.py": "1\n"}, site=environments.WINDOWS)
    record = prefix / info / "RECORD"
    write("Scripts/left.exe", b"MZ")(prefix)
    row = environments.row("..\\..\\Scripts\\left.exe", b"MZ")
    record.write_bytes(record.read_bytes().replace(b"left/", b"left\\") + row.encode() + b"\r\n")
    assert tell(said(tmp_path)) == []
    write("Scripts/left.exe", b"MZ!")(prefix)
    assert [finding.rule for finding in said(tmp_path)] == ["installed-file-changed"]


def test_lists_of_setup_py_own_without_hashes(tmp_path: Path) -> None:
    prefix = create(tmp_path / ".venv")
    site = prefix / SITE
    info = site / "six-1.0-py3.12.egg-info"
    info.mkdir()
    (info / "PKG-INFO").write_text("Name: six\nVersion: 1.0\n")
    (info / "installed-files.txt").write_text("../six.py\nPKG-INFO\n")
    (site / "six.py").write_text("1\n")
    assert said(tmp_path) == []
    (site / "seven.py").write_text("1\n")
    assert [finding.rule for finding in said(tmp_path)] == ["installed-file-unowned"]


def test_what_virtualenv_seeds_is_known(tmp_path: Path) -> None:
    prefix = create(tmp_path / ".venv")
    info = install(prefix, "pip", "26.3", {"pip/__init__.py": "1\n"})
    (prefix / SITE / "pip-26.3.virtualenv").touch()
    write("bin/pip3", environments.SCRIPT.format(module="pip", function="main"))(prefix)
    record = prefix / info / "RECORD"
    more = "pip-26.3.virtualenv,,\r\npip/__pycache__,,\r\n../../../bin/pip3,,\r\n"
    record.write_bytes(record.read_bytes() + more.encode())
    assert tell(said(tmp_path)) == []


@pytest.mark.parametrize(
    "garbage", [b"\xff\xfe\0", b'"' * 99, b"a,b\n" * 9, b"\0,\0,\0\n", b"../" * 999 + b",,"]
)
def test_garbage_for_lists_is_told(tmp_path: Path, garbage: bytes) -> None:
    prefix = create(tmp_path / ".venv")
    info = prefix / SITE / "left-1.dist-info"
    info.mkdir()
    for name in ("RECORD", "METADATA", "direct_url.json", "entry_points.txt", "INSTALLER"):
        (info / name).write_bytes(garbage)
    assert {finding.rule for finding in said(tmp_path)} & {"record-unreliable", "installed-file-unowned"}


class TestFound:
    def test_its_own_environments(self, project: Path) -> None:
        create(project / "venv")
        (project / "env").symlink_to(project / "venv")  # a link may lead anywhere
        found = python.found(str(project), "", {"VIRTUAL_ENV": "/elsewhere"})
        assert [tree.start for tree in found] == [".venv", "venv"]

    def test_the_active_one_where_it_has_none(self, tmp_path: Path) -> None:
        active = create(tmp_path / "active")
        where = tmp_path / "project"
        where.mkdir()
        (tree,) = python.found(str(where), "", {"VIRTUAL_ENV": str(active)})
        assert (tree.root, tree.start, tree.project) == (str(active), "", str(where))
        assert python.found(str(where), "", {"VIRTUAL_ENV": str(tmp_path / "gone")}) == []

    def test_below_a_folder(self, project: Path) -> None:
        (tree,) = python.found(str(project.parent), "project", {})
        assert tree.start == "project/.venv"
        assert [report.findings for report in judged(project.parent, "project")] == [(), ()]


class TestBytecode:
    def test_a_crash_has_a_name_and_costs_no_other(
        self, monkeypatch: pytest.MonkeyPatch, project: Path, tmp_path: Path
    ) -> None:
        program = tmp_path / "dies.py"
        program.write_text(
            "import os, sys\n"
            "for line in sys.stdin:\n"
            "    os.write(1, b'>')\n"
            "    os.kill(os.getpid(), 9) if 'left_pad' in line else os.write(1, b'.')\n"
        )
        monkeypatch.setattr(bytecode, "_PROGRAM", str(program))
        (finding,) = said(project)
        assert finding.message.endswith("bytecode crashes the interpreter that loads or compiles it")
        assert finding.package == LEFT

    def test_another_version_is_said_not_to_be_checked(self, project: Path) -> None:
        for pyc in (project / ".venv").rglob("*.pyc"):
            pyc.write_bytes(b"\x01\x02\r\n" + pyc.read_bytes()[4:])
        notes = [note for report in judged(project) for note in report.notes]
        assert "not checked: 2 files of bytecode of another version of Python" in notes

    def test_bytecode_that_python_compiles_anew_is_harmless(self, project: Path) -> None:
        other_code(project / ".venv")
        os.utime(project / ".venv" / SITE / "left_pad" / "__init__.py", (1, 1))
        assert said(project) == []


def test_the_locator_names_files_and_packages(project: Path, tmp_path: Path) -> None:
    shutil.copytree(project / ".venv", tmp_path / "copy", symlinks=True)
    left, right = (parse(f"python:{path}") for path in (project / ".venv", tmp_path / "copy"))
    report = between.between(left, right, Policy(), today=TODAY)
    assert (report.findings, report.counts.changes) == ((), 0)
    assert report.counts.packages == 3
    shutil.rmtree(tmp_path / "copy" / SITE / "right_pad-2.0.dist-info")
    install(tmp_path / "copy", "right-pad", "2.1", {"pads/right/__init__.py": "x = 3\n"})
    report = between.between(left, right, Policy(), today=TODAY)
    assert [(one.name, one.before, one.after) for one in report.packages] == [
        ("right-pad", ("2.0",), ("2.1",))
    ]


def test_the_same_artifact_has_the_same_tree_digest_everywhere(tmp_path: Path) -> None:
    code = {"left_pad/__init__.py": "def main(): ...\n"}
    digests: set[object] = set()
    for name, installer, compiled in (("a", "pip", True), ("b", "uv", False)):
        prefix = create(tmp_path / name)
        install(
            prefix, "left-pad", "1", code,
            installer=installer, bytecode=compiled, commands={"left": "left_pad:main"},
        )  # fmt: skip
        taken = snapshot(parse(f"python:{prefix}"), recipe())
        digests.update(record.tree for record in taken.records if isinstance(record, Package))
    assert len(digests) == 1
    assert None not in digests


@pytest.mark.client
def test_an_environment_of_venv_is_silent(tmp_path: Path) -> None:
    venv.create(tmp_path / ".venv", with_pip=True)
    reports = judged(tmp_path)
    assert tell([f for report in reports for f in report.findings]) == []
    assert any("bytecode" in note for report in reports for note in report.notes) or sys.dont_write_bytecode


@pytest.mark.client
def test_check_judges_what_is_installed(project: Path) -> None:
    write(".gitignore", ".venv/\n")(project)
    subprocess.run(["git", "init", "--quiet", str(project)], check=True)
    flip(f"{SITE}/left_pad/__init__.py")(project / ".venv")
    command = [sys.executable, "-m", "fimci", "check", str(project)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "left-pad 1.0.1: modified after installation" in done.stdout
    assert "checked: .venv against uv.lock" in done.stdout


def test_bytecode_that_is_not_compared_is_counted(project: Path) -> None:
    trees_ = [tree._replace(thorough=False) for tree in trees.found(str(project), "", {})]
    first, second = trees.judged(trees_, Policy(), today=TODAY)
    assert first.notes[1] == "not compared with their sources: 2 files of bytecode (--no-quick)"
    assert (first.counts.packages, second.counts.packages) == (3, 0)
    assert not any("bytecode" in note for note in judged(project)[0].notes if note.startswith("not "))
