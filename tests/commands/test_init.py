"""What `fimci init` writes: valid, pinned, with few rights, and nothing to object to."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from fimci.adoption import SYSTEMS
from fimci.cli import main
from tests import repository


def written(where: Path) -> dict[str, Any]:
    return {
        path.relative_to(where).as_posix(): yaml.safe_load(path.read_text())
        for path in where.rglob("*.y*ml")
        if ".git/" not in path.as_posix()
    }


def test_without_a_sign_there_is_a_workflow_with_the_least_rights(tmp_path: Path) -> None:
    assert main(["init", str(tmp_path)]) == 0
    workflow = written(tmp_path)[".github/workflows/fimci.yml"]
    assert workflow["permissions"] == {}
    (job,) = workflow["jobs"].values()
    assert job["permissions"] == {"contents": "read"}
    uses = [step["uses"] for step in job["steps"] if "uses" in step]
    assert all(len(use.rpartition("@")[2]) == 40 for use in uses)
    assert job["steps"][0]["with"] == {"fetch-depth": 2, "persist-credentials": False}
    assert "${{" not in "".join(step.get("run", "") for step in job["steps"])


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
def test_what_is_found_decides_what_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], system: Any
) -> None:
    sign = tmp_path / system.signs[0]
    sign.mkdir() if "." not in sign.name[1:] else sign.write_text("")
    assert main(["init", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    files = written(tmp_path)
    assert (".github/workflows/fimci.yml" in files) is (system.file == ".github/workflows/fimci.yml")
    assert not system.file or system.file in files
    assert not system.advice or system.advice in told


def test_code_owners_become_critical_and_the_policy_is_one(tmp_path: Path) -> None:
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github" / "CODEOWNERS").write_text("* @left\n")
    assert main(["init", str(tmp_path)]) == 0
    assert 'critical = ["/.github/CODEOWNERS"]' in (tmp_path / "fimci.toml").read_text()


def test_what_is_there_is_left_alone_and_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".pre-commit-config.yaml").write_text("repos: []\n")
    assert main(["init", str(tmp_path)]) == 0
    assert (tmp_path / ".pre-commit-config.yaml").read_text() == "repos: []\n"
    assert "add the hook to it" in capsys.readouterr().out


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    where = tmp_path / "here"
    where.mkdir()
    (where / ".github").symlink_to(elsewhere)
    assert main(["init", str(where)]) == 2
    assert list(elsewhere.iterdir()) == []


@pytest.mark.client
def test_fimci_itself_has_nothing_to_hold_up_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.seal(monkeypatch)
    where = repository.create(tmp_path / "here", {"README": "1", ".gitlab-ci.yml": "", ".github/x": "1"})
    assert main(["init", str(where)]) == 0
    capsys.readouterr()
    assert main(["check", str(where), "--fail-on", "medium"]) == 0


@pytest.mark.client
@pytest.mark.parametrize(
    ("client", "words"),
    [
        ("zizmor", ["--offline", "--persona=auditor"]),
        ("check-jsonschema", ["--builtin-schema", "vendor.github-workflows"]),
    ],
)
@pytest.mark.parametrize("own", [True, False], ids=["own", "init"])
def test_other_checkers_have_nothing_to_say(
    tmp_path: Path,
    client: str,
    words: list[str],
    own: bool,  # noqa: FBT001  (a case)
) -> None:
    """`zizmor` at its strictest, and the schema, on what `init` writes and on our own."""
    program = shutil.which(
        client, path=os.environ.get("FIMCI_TEST_CLIENTS", "") + os.pathsep + os.environ["PATH"]
    )
    if program is None:
        pytest.skip(f"{client} is not installed")
    root = Path(__file__).parents[2]
    assert main(["init", str(tmp_path)]) == 0
    workflows = (root if own else tmp_path) / ".github" / "workflows"
    files = sorted(workflows.glob("*.yml"))
    assert len(files) == (2 if own else 1)
    if own and client == "zizmor":
        files.append(root / "action.yml")
    done = subprocess.run([program, *words, *map(str, files)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    if own and client == "check-jsonschema":
        schema = ["--builtin-schema", "vendor.github-actions", str(root / "action.yml")]
        assert subprocess.run([program, *schema], capture_output=True, check=False).returncode == 0
