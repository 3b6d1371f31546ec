"""Clients themselves, as they are today: what they lock is read whole, and a routine update says nothing.

Each locks a small project, has one dependency updated, and locks everything anew. Programs are looked for on
the path and in the folder of `FIMCI_TEST_CLIENTS`; what is not installed is skipped.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from fimci.between import between
from fimci.findings import Severity
from fimci.policy import Policy
from fimci.registries import python_settings
from fimci.sources.locator import parse

pytestmark = [pytest.mark.client, pytest.mark.network]

PATH = os.pathsep.join((os.environ.get("FIMCI_TEST_CLIENTS", ""), os.environ["PATH"]))
TODAY = dt.date(2026, 11, 26)
_LIMIT = 120
#: Of the same two releases of a package whose dependency changes as well.
_NODE = ("4.3.4", "4.3.7")
_PYTHON = ("2.31.0", "2.32.3")
#: Folders that clients keep things in, below one that is forgotten; no installed package runs a script.
_PLACES = {
    "BUN_INSTALL_CACHE_DIR": "bun",
    "PDM_CACHE_DIR": "pdm",
    "PIPENV_CACHE_DIR": "pipenv",
    "POETRY_CACHE_DIR": "poetry",
    "UV_CACHE_DIR": "uv",
    "WORKON_HOME": "venvs",
    "XDG_CACHE_HOME": "cache",
    "XDG_DATA_HOME": "data",
    "YARN_CACHE_FOLDER": "yarn",
    "YARN_GLOBAL_FOLDER": "berry",
    "npm_config_cache": "npm",
    "npm_config_store_dir": "pnpm",
}
_SWITCHES = {
    "PIPENV_NOSPIN": "1",
    "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    "YARN_ENABLE_IMMUTABLE_INSTALLS": "false",
    "YARN_ENABLE_SCRIPTS": "false",
    "YARN_ENABLE_TELEMETRY": "false",
    # What is measured is what a lockfile says, wherever it is written.
    "npm_config_omit_lockfile_registry_resolved": "false",
}


class Client(NamedTuple):
    """A client: its lockfile, its manifest, and the words that lock."""

    lock: str
    manifest: str
    words: tuple[str, ...]


CLIENTS = {
    "npm": Client(
        "package-lock.json", "package.json", ("npm", "install", "--package-lock-only", "--ignore-scripts")
    ),
    "yarn1": Client(
        "yarn.lock", "package.json", ("yarn1", "install", "--ignore-scripts", "--non-interactive")
    ),
    "yarn4": Client("yarn.lock", "package.json", ("yarn4", "install", "--mode=skip-build")),
    "pnpm": Client(
        "pnpm-lock.yaml", "package.json", ("pnpm", "install", "--lockfile-only", "--no-frozen-lockfile")
    ),
    "bun": Client("bun.lock", "package.json", ("bun", "install", "--lockfile-only", "--ignore-scripts")),
    "uv": Client("uv.lock", "pyproject.toml", ("uv", "lock")),
    "poetry": Client("poetry.lock", "pyproject.toml", ("poetry", "lock", "--no-interaction")),
    "pdm": Client("pdm.lock", "pyproject.toml", ("pdm", "lock", "--no-isolation")),
    "pipenv": Client("Pipfile.lock", "Pipfile", ("pipenv", "lock")),
}


def manifest(client: Client, *, newer: bool) -> str:
    node, python = _NODE[newer], _PYTHON[newer]
    if client.manifest == "package.json":
        wanted = {"debug": node, "left-pad": "1.3.0"}
        return json.dumps({"name": "shop", "version": "1.0.0", "private": True, "dependencies": wanted})
    if client.manifest == "Pipfile":
        return f'[packages]\nrequests = "=={python}"\nidna = "==3.7"\n'
    head = '[project]\nname = "shop"\nversion = "1.0.0"\nrequires-python = ">=3.9"\n'
    wanted_list = f'dependencies = ["requests=={python}", "idna==3.7"]\n'
    # By default poetry asks one index alone in a way of its own, which others do not answer.
    source = f'[[tool.poetry.source]]\nname = "main"\nurl = "{python_settings.public()}"\n'
    return head + wanted_list + (source if client.lock == "poetry.lock" else "")


@functools.cache
def answers(tool: str) -> bool:
    """Tell whether the registry of a family of clients is there."""
    probes = {
        "node": (shutil.which("npm", path=PATH) or "npm", "view", "left-pad", "version"),
        "python": (sys.executable, "-m", "pip", "index", "versions", "idna"),
    }
    try:
        return subprocess.run(probes[tool], capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Keep what clients download apart from what whoever runs the tests has."""
    folder = tmp_path_factory.mktemp("clients")
    left_out = {"CI", "VIRTUAL_ENV", "PYTHONPATH"}
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return {**kept, **_SWITCHES, "PATH": PATH, **{key: str(folder / name) for key, name in _PLACES.items()}}


@pytest.mark.parametrize("name", CLIENTS)
def test_a_routine_update_by_the_client_is_quiet(
    tmp_path: Path, environment: dict[str, str], name: str
) -> None:
    client = CLIENTS[name]
    program = shutil.which(client.words[0], path=PATH)
    if program is None:
        pytest.skip(f"{name} is not installed")
    if not answers("node" if client.manifest == "package.json" else "python"):
        pytest.skip("no registry answers")
    words = (program, *client.words[1:])
    old = locked(words, client, tmp_path / "old", environment, newer=False)
    # The same project, with the lockfile that is there, and then without it.
    new = locked(words, client, tmp_path / "new", environment, newer=True, start=old)
    anew = locked(words, client, tmp_path / "anew", environment, newer=True)
    for before, after in ((old, new), (new, anew)):
        report = between(parse(f"dir:{before}"), parse(f"dir:{after}"), Policy(), today=TODAY)
        loud = [found for found in report.findings if found.severity >= Severity.MEDIUM]
        assert [f"{one.path}:{one.line}: {one.rule}: {one.message}" for one in loud] == []
        assert report.unread == ()
    versions = _NODE if client.manifest == "package.json" else _PYTHON
    assert [version in (side / client.lock).read_text() for version in versions for side in (old, new)] == [
        *(True, False),
        *(False, True),
    ]


def locked(  # noqa: PLR0913  (each is a part of what is done)
    words: tuple[str, ...],
    client: Client,
    folder: Path,
    environment: dict[str, str],
    *,
    newer: bool,
    start: Path | None = None,
) -> Path:
    """Lock a project; return a folder with its manifest and its lockfile alone."""
    work = folder / "work"
    work.mkdir(parents=True)
    (work / client.manifest).write_text(manifest(client, newer=newer))
    if start is not None:
        shutil.copy(start / client.lock, work)
    done = subprocess.run(
        words,
        cwd=work,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=_LIMIT,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    kept = folder / "kept"
    kept.mkdir()
    for file in (client.manifest, client.lock):
        shutil.copy(work / file, kept)
    return kept
