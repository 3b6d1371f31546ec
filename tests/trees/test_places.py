"""Where archives are looked for: what a project says of it is read, and nothing else is waited for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

NAMES = ("poetry.toml", "pdm.toml", "pyproject.toml", "requirements.txt", ".yarnrc.yml", ".npmrc")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
@pytest.mark.parametrize("name", NAMES)
def test_a_pipe_in_the_place_of_a_configuration_is_not_waited_for(tmp_path: Path, name: str) -> None:
    (tmp_path / ".venv/lib/python3.12/site-packages").mkdir(parents=True)
    (tmp_path / ".venv/pyvenv.cfg").write_text("version = 3.12.0\n")
    (tmp_path / "node_modules/left").mkdir(parents=True)
    (tmp_path / "node_modules/left/package.json").write_text('{"name": "left", "version": "1.0.0"}')
    os.mkfifo(tmp_path / name)
    command = [sys.executable, "-m", "fimci", "check", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in {0, 1, 3}, done.stderr
    assert "looked at: " in done.stdout
