"""What a CI job's event names as the base is what its change is held against."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fimci.cli import main
from tests import repository

pytestmark = pytest.mark.client
SCRIPT = '{"name": "a", "scripts": {"postinstall": "node x.js"}}'


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository of two commits: the second adds an install script."""
    repository.seal(monkeypatch)
    where = repository.create(tmp_path / "here", {"package.json": '{"name": "a"}', "fimci.toml": ""})
    repository.write(where, {"package.json": SCRIPT})
    repository.commit(where)
    return where


def commit(where: Path, name: str) -> str:
    return repository.git(where, "rev-parse", name).strip()


def job(monkeypatch: pytest.MonkeyPatch, where: Path, name: str, **event: object) -> None:
    """Put a job on GitHub in the environment."""
    file = where.parent / "event.json"
    file.write_text(json.dumps(event))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_EVENT_NAME", name)
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(file))
    monkeypatch.setenv("GITHUB_SHA", commit(where, "HEAD"))


def test_a_push_is_held_against_the_commit_before_it(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    job(monkeypatch, here, "push", before=commit(here, "HEAD~"))
    assert main(["check", str(here)]) == 1
    told = capsys.readouterr().out
    assert "compared with the commit before the push" in told
    assert "install-script-added" in told


def test_a_pull_request_is_held_against_the_first_parent(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    job(monkeypatch, here, "pull_request")
    assert main(["check", str(here)]) == 1
    assert "first parent" in capsys.readouterr().out


def test_another_commit_than_the_job_is_about_is_told(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    job(monkeypatch, here, "push", before=commit(here, "HEAD~"))
    repository.commit(here)
    assert main(["check", str(here)]) == 2
    assert "but this job is about" in capsys.readouterr().err


def test_a_base_that_was_not_fetched_is_told_with_a_remedy(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    job(monkeypatch, here, "push", before="0123456789" * 4)
    assert main(["check", str(here)]) == 2
    assert "fetch-depth" in capsys.readouterr().err


def test_a_folder_of_the_repository_is_checked_alone(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repository.write(here, {"sub/a.txt": "1", "package.json": SCRIPT.replace("x.js", "y.js")})
    assert main(["check", str(here / "sub")]) == 0
    assert main(["check", str(here)]) == 1
    assert "--> package.json" in capsys.readouterr().out


def test_a_folder_that_git_ignores_and_a_bare_repository_are_told(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.write(here, {".gitignore": "build/\n", "build/a": "1"})
    assert main(["check", str(here / "build")]) == 2
    assert "git ignores" in capsys.readouterr().err
    bare = repository.clone(here, here.parent / "bare", "-c", "protocol.file.allow=always")
    repository.git(bare, "config", "core.bare", "true")
    assert main(["check", str(bare)]) == 2
    assert "has no worktree" in capsys.readouterr().err


def test_a_policy_that_the_command_line_names_counts(here: Path, tmp_path: Path) -> None:
    repository.write(here, {"package.json": SCRIPT.replace("x.js", "y.js")})
    lenient = tmp_path / "lenient.toml"
    lenient.write_text('fail-on = "critical"\n')
    assert main(["check", str(here)]) == 1
    assert main(["check", str(here), "--config", str(lenient)]) == 0


def test_the_first_commit_is_held_against_nothing(tmp_path: Path, here: Path) -> None:
    del here  # it seals the environment
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    repository.git(fresh, "init", "--quiet", "--initial-branch=main")
    repository.write(fresh, {"package.json": SCRIPT})
    repository.git(fresh, "add", "--all")
    assert main(["check", str(fresh), "--staged"]) == 1


def test_a_manifest_is_judged_with_the_lockfile_beside_it(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = {"lockfileVersion": 3, "packages": {"": {"name": "a"}}}
    repository.write(here, {"sub/package.json": '{"name": "a"}', "sub/package-lock.json": json.dumps(lock)})
    repository.commit(here)
    repository.write(here, {"sub/package.json": '{"name": "a", "dependencies": {"left": "^1.0.0"}}'})
    assert main(["check", str(here)]) == 0
    assert "lock-drift" in capsys.readouterr().out
