"""Real git repositories for tests: made by git itself, sealed off from the machine's configuration."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

SEALED = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "author",
    "GIT_AUTHOR_EMAIL": "author@fimci.example",
    "GIT_COMMITTER_NAME": "author",
    "GIT_COMMITTER_EMAIL": "author@fimci.example",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
    "LC_ALL": "C.UTF-8",
}


def seal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide from this process what the machine and its CI say about git."""
    for name in list(os.environ):
        if name.startswith(("CI", "GITHUB_", "GITLAB_", "GIT_", "VIRTUAL_ENV", "CONDA_")):
            monkeypatch.delenv(name)
    for name, value in SEALED.items():
        monkeypatch.setenv(name, value)


def git(where: Path, *arguments: str) -> str:
    """Run git in a folder; return what it prints."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", *arguments],
        cwd=where,
        env={**kept, **SEALED},
        check=True,
        capture_output=True,
    )
    return os.fsdecode(done.stdout)


def create(where: Path, files: Mapping[str, str | bytes]) -> Path:
    """Make a repository with one commit of these files."""
    where.mkdir(parents=True, exist_ok=True)
    git(where, "init", "--quiet", "--initial-branch=main")
    write(where, files)
    commit(where)
    return where


def write(where: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files, with their folders."""
    for name, content in files.items():
        path = where / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def commit(where: Path, message: str = "change") -> None:
    """Commit everything."""
    git(where, "add", "--all")
    git(where, "commit", "--quiet", "--allow-empty", "--message", message)


def clone(origin: Path, where: Path, *options: str) -> Path:
    """Clone a repository, as a developer would."""
    git(origin.parent, *options, "clone", "--quiet", str(origin), str(where))
    return where
