"""The index of Python packages that pip's configuration names, else the public one, by `pypi-simple`.

pip itself would build what it downloads as source, and so run it; here nothing of a package runs.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pypi_simple import PYPI_SIMPLE_ENDPOINT, DistributionPackage, PyPISimple

_PURE = "-none-any.whl"


@contextmanager
def client() -> Iterator[PyPISimple]:
    """Connect to the index."""
    command = (sys.executable, "-m", "pip", "config", "get", "global.index-url")
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    with PyPISimple(told or PYPI_SIMPLE_ENDPOINT) as connected:
        yield connected


def files(index: PyPISimple, package: str) -> dict[str, dict[str, DistributionPackage]]:
    """Return the files of a package that are not yanked: `{form: {version: file}}`."""
    found: dict[str, dict[str, DistributionPackage]] = {"wheel": {}, "sdist": {}}
    for one in index.get_project_page(package).packages:
        if one.is_yanked or one.version is None:
            continue
        if one.filename.endswith(_PURE):
            found["wheel"][one.version] = one
        elif one.package_type == "sdist" and one.filename.endswith((".tar.gz", ".zip")):
            found["sdist"][one.version] = one
    return found


def fetch(
    index: PyPISimple, package: str, wanted: Mapping[str, DistributionPackage], folder: Path, most: int
) -> dict[str, Path]:
    """Download the files that are not there, up to `most` bytes each; return those that are then."""
    place = folder / "archives" / "pypi" / package
    place.mkdir(parents=True, exist_ok=True)
    done = {}
    for version, one in wanted.items():
        file = place / one.filename
        if not file.exists() and (one.size or 0) <= most:
            part = file.with_name(file.name + ".part")
            index.download_package(one, part, verify=True)
            part.rename(file)
        if file.exists():
            done[version] = file
    return done
