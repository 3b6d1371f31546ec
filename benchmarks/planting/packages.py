"""Real releases, opened in memory, and written again as their next patch with other files."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tools.learn.releases import Release

#: Files without their root folder, if there is one.
Files = Mapping[str, bytes]


class Package(NamedTuple):
    """A release: its files by their paths below the one folder that an archive of sources has (`root`)."""

    release: Release
    root: str
    files: Files
    modes: Mapping[str, int]

    @property
    def language(self) -> str:
        """Return in which language implants are for it."""
        return "javascript" if self.release.ecosystem == "npm" else "python"


def opened(release: Release, folder: Path) -> Package:
    """Read an archive into memory."""
    path = folder / release.file
    files: dict[str, bytes] = {}
    modes: dict[str, int] = {}
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            for info in wheel.infolist():
                if not info.is_dir():
                    files[info.filename] = wheel.read(info)
        return Package(release, "", files, modes)
    with tarfile.open(path) as tar:
        for member in tar:
            held = tar.extractfile(member) if member.isfile() else None
            if held is not None:
                files[member.name], modes[member.name] = held.read(), member.mode
    root = next(iter(files)).partition("/")[0] + "/"
    inner = {name.removeprefix(root): data for name, data in files.items() if name.startswith(root)}
    return Package(release, root, inner, {name.removeprefix(root): mode for name, mode in modes.items()})


def written(package: Package, changed: Files, folder: Path) -> Path:
    """Write the next patch of a release: its files, but for those that are changed or new."""
    version = _next(package.release.version)
    files = _raised({**package.files, **changed}, package, version)
    if package.release.form == "wheel":
        return _wheel(files, package, version, folder)
    if package.release.form == "sdist":
        root = package.root.replace(package.release.version, version)
        path = folder / f"{root.rstrip('/')}.tar.gz"
    else:
        root = package.root
        path = folder / f"{package.release.package.rpartition('/')[2]}-{version}.tgz"
    with tarfile.open(path, "w:gz", compresslevel=1) as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(root + name)
            info.size, info.mode = len(data), package.modes.get(name, 0o644)
            tar.addfile(info, io.BytesIO(data))
    return path


def _next(version: str) -> str:
    found = re.match(r"(\d+(?:\.\d+)*)", version)
    numbers = (found[1] if found else "0").split(".")
    while len(numbers) < 3:  # noqa: PLR2004  (major, minor, patch)
        numbers.append("0")
    return ".".join([*numbers[:-1], str(int(numbers[-1]) + 1)])


def _raised(files: dict[str, bytes], package: Package, version: str) -> dict[str, bytes]:
    """State the new version where the old one is stated."""
    old = package.release.version
    stating = re.compile(rf"^Version: {re.escape(old)}\s*$", re.MULTILINE)
    raised = dict(files)
    for name, data in files.items():
        base = name.rpartition("/")[2]
        if package.release.ecosystem == "npm" and name == "package.json":
            raised[name] = json.dumps({**json.loads(data), "version": version}, indent=2).encode()
        elif base in {"METADATA", "PKG-INFO"}:
            raised[name] = stating.sub(f"Version: {version}", data.decode()).encode()
    return raised


def _wheel(files: Files, package: Package, version: str, folder: Path) -> Path:
    """Write a wheel whose RECORD is right: who publishes one has that from the program that builds it."""
    old = package.release.version
    name, _, tags = package.release.file.rpartition("/")[2].split("-", 2)
    record = f"{name}-{version}.dist-info/RECORD"
    named = {_moved(path, old, version): data for path, data in files.items() if not path.endswith("/RECORD")}
    lines = [f"{path},sha256={_hash(data)},{len(data)}\n" for path, data in named.items()]
    path = folder / f"{name}-{version}-{tags}"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as wheel:
        for one, data in named.items():
            wheel.writestr(zipfile.ZipInfo(one), data)
        wheel.writestr(zipfile.ZipInfo(record), "".join([*lines, f"{record},,\n"]))
    return path


def _moved(path: str, old: str, new: str) -> str:
    first, slash, rest = path.partition("/")
    if first.endswith((f"-{old}.dist-info", f"-{old}.data")):
        first = first.replace(old, new)
    return first + slash + rest


def _hash(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
