"""The registry of npm, through npm: whatever the user's configuration names is asked.

`npm pack` holds each archive against the hash that the registry states. Nothing of a package runs.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

_SECONDS = 600


def versions(package: str, folder: Path) -> list[str]:
    """Return all versions that the registry has of a package."""
    found = json.loads(_npm(folder, "view", package, "versions", "--json") or "[]")
    return [found] if isinstance(found, str) else list(found)


def fetch(package: str, wanted: Iterable[str], folder: Path) -> dict[str, Path]:
    """Download the tarballs of these versions that are not there; return those that are then."""
    place = folder / "archives" / "npm" / package
    place.mkdir(parents=True, exist_ok=True)
    files = {version: place / f"{package.rpartition('/')[2]}-{version}.tgz" for version in wanted}
    missing = [version for version, file in files.items() if not file.exists()]
    if missing:
        with tempfile.TemporaryDirectory(dir=folder) as fresh:
            names = [f"{package}@{version}" for version in missing]
            _npm(folder, "pack", "--silent", "--ignore-scripts", "--pack-destination", fresh, *names)
            for version in missing:
                for file in Path(fresh).glob(f"*-{version}.tgz"):
                    file.rename(files[version])
    return {version: file for version, file in files.items() if file.exists()}


def _npm(folder: Path, *words: str) -> str:
    # The folder has no project whose configuration could be meant, and the cache is not the user's.
    command = ("npm", "--cache", str(folder / "npm-cache"), *words)
    done = subprocess.run(
        command, cwd=folder, env=dict(os.environ), capture_output=True, timeout=_SECONDS, check=False
    )
    return done.stdout.decode("utf-8", "replace")
