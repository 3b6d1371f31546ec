"""`fimci check` in a project whose packages are installed: what is judged as what, and told once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fimci.cli import main
from tests import repository
from tests.environments import SITE, create, install

pytestmark = pytest.mark.client
LOCK = """version = 1
requires-python = ">=3.10"

[[package]]
name = "left-pad"
version = "1.0.1"
source = { registry = "https://index.example/simple" }
"""


@pytest.fixture(autouse=True)
def sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    repository.seal(monkeypatch)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a repository with an environment that git neither knows nor ignores."""
    where = tmp_path / "project"
    where.mkdir()
    repository.create(where, {"uv.lock": LOCK, "left.py": "import left_pad\n"})
    code: dict[str, str | bytes] = {
        "left_pad/__init__.py": "x = 1\n",
        "left_pad/fast.so": b"\x7fELF" + bytes(60),
    }
    install(create(where / ".venv"), "left-pad", "1.0.1", code)
    return where


def check(path: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = main(["check", str(path), *more, "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


def test_what_git_does_not_know_of_a_tree_is_installed_and_not_new(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report = check(project, capsys)
    assert (code, report["findings"]) == (0, [])
    assert any(note.startswith("judged as what is installed, and not as new: ") for note in report["notes"])
    code, report = check(project, capsys, "--no-installed")
    assert code == 1
    assert {f["rule"] for f in report["findings"]} == {"binary-appeared", "link-escapes"}


def test_what_git_knows_of_a_tree_is_judged_as_a_change_too(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.git(project, "add", "--force", f".venv/{SITE}/left_pad/fast.so")
    code, report = check(project, capsys)
    assert (code, {f["rule"] for f in report["findings"]}) == (1, {"binary-appeared"})


def test_a_line_that_runs_at_every_start_is_told_once(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / ".venv" / SITE / "x.pth").write_text("import left_pad\n")
    code, report = check(project, capsys)
    assert (code, [f["rule"] for f in report["findings"]]) == (1, ["start-up-hook"])


def test_a_lockfile_that_cannot_be_read_makes_the_run_incomplete(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "uv.lock").write_text("version = [\n")
    repository.git(project, "commit", "--all", "--quiet", "--message", "broken")
    code, report = check(project, capsys, "--base", "HEAD")
    assert (code, report["complete"], report["findings"]) == (3, False, [])
    assert {one["path"] for one in report["unread"]} == {"uv.lock"}


def test_a_folder_without_git_is_judged_by_what_is_installed(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = tmp_path / "alone"
    (project / ".venv").rename(project / "env")
    alone.mkdir()
    (project / "env").rename(alone / ".venv")
    code, report = check(alone, capsys)
    assert (code, report["findings"]) == (0, [])
    (alone / ".venv" / SITE / "left_pad" / "__init__.py").write_text("x = 2\n")
    code, report = check(alone, capsys)
    assert (code, [f["rule"] for f in report["findings"]]) == (1, ["installed-file-changed"])
    assert main(["check", str(tmp_path)]) == 2, "neither git, nor a baseline, nor anything installed"


def test_a_baseline_of_a_tree_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["baseline", "python:.venv"]) == 2
    assert "python:.venv is not a tree that can be listed" in capsys.readouterr().err
