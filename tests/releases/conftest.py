"""A registry on loopback, and a project that uses it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import repository
from tests.loopback import Registry, serving
from tests.releases.projects import Project


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    with serving() as one:
        repository.seal(monkeypatch)
        home = tmp_path / "home"
        home.mkdir()
        for name, folder in (("HOME", ""), ("XDG_CONFIG_HOME", "config"), ("XDG_CACHE_HOME", "cache")):
            monkeypatch.setenv(name, str(home / folder))
        monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
        monkeypatch.setattr("fimci.registries.client.ATTEMPTS", 1)
        for name in (
            "FIMCI_OFFLINE",
            "FIMCI_CACHE_DIR",
            "FIMCI_HOSTS",
            "npm_config_registry",
            "GITHUB_ACTIONS",
        ):
            monkeypatch.delenv(name, raising=False)
        yield one


@pytest.fixture
def project(tmp_path: Path, server: Registry, capsys: pytest.CaptureFixture[str]) -> Project:
    folder = tmp_path / "project"
    folder.mkdir()
    return Project(folder, server, capsys)
