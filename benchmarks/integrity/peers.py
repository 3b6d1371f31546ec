"""Install the other monitors, as far as this machine lets us: nothing is built, nothing configured."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

DEBIAN = ("aide", "mtree-netbsd", "integrit", "rhash", "hashdeep")
_LIMIT = 600


def install(environment: Path) -> None:
    """Install what can be had, Python's into `environment`; say what cannot."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        print(f"not installed: {', '.join(DEBIAN)} (it takes apt-get and root)")
    else:
        for package in DEBIAN:
            _told(package, ("apt-get", "install", "--yes", "--quiet", "--no-install-recommends", package))
    if _told("model-signing", (sys.executable, "-m", "venv", str(environment))):
        # pyOpenSSL is imported by it, and not among what it asks for.
        _told(
            "model-signing",
            (str(environment / "bin/pip"), "install", "--quiet", "model-signing", "pyopenssl"),
        )


def _told(name: str, words: tuple[str, ...]) -> bool:
    """Run an installer; say so where it fails."""
    settings = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(words, capture_output=True, check=False, timeout=_LIMIT, env=settings)
    except subprocess.TimeoutExpired:
        print(f"not installed: {name} (over {_LIMIT} s)")
        return False
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        print(f"not installed: {name} ({' '.join(last)})")
    return done.returncode == 0
