"""The build backends themselves: what they make of a project is what its commit has, or is explained."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from fimci.sources.locator import Locator
from fimci.verify import Request, verify
from tests.artifacts import projects
from tests.test_verify_source import TODAY, committed, said

pytestmark = [pytest.mark.network, pytest.mark.client]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the backends into an environment of their own; skip where no index answers."""
    folder = tmp_path_factory.mktemp("backends")
    venv.create(folder, with_pip=True)
    made = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    needs = sorted({need for project in projects.PROJECTS.values() for need in project.needs})
    install = [str(made), "-m", "pip", "install", "--quiet", "--upgrade", "--only-binary", ":all:"]
    install += ["build", "wheel", *needs]
    done = subprocess.run(install, capture_output=True, text=True, timeout=500, check=False)
    if done.returncode:
        pytest.skip(f"no index answers: {done.stderr[-200:]}")
    return made


@pytest.mark.parametrize("name", sorted(projects.PROJECTS))
def test_what_a_backend_builds_is_its_source(tmp_path: Path, python: Path, name: str) -> None:
    folder = committed(tmp_path / "project", projects.repository(name))
    out = tmp_path / "out"
    build = [str(python), "-m", "build", "--no-isolation", "--quiet", "--outdir", str(out), str(folder)]
    there = {**os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(build, capture_output=True, text=True, timeout=300, check=False, env=there)
    if done.returncode and name in {"maturin", "extension"}:
        pytest.skip("no compiler here")
    assert not done.returncode, done.stderr
    source = Locator("git", str(folder), "v1.0")
    generated = projects.PROJECTS[name].generated
    made = sorted(out.iterdir())
    assert len(made) == 2
    for artifact in made:
        request = Request(artifacts=(str(artifact),), source=source, generated=generated, today=TODAY)
        report = verify(request)
        assert (said(report), report.exit_code) == ([], 0), artifact.name
