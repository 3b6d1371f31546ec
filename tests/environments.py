"""Environments of Python made by hand, as installers leave them: files, lists, bytecode, commands."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import py_compile
import zipfile
from collections.abc import Mapping
from pathlib import Path

SITE = "lib/python3.12/site-packages"
WINDOWS = "Lib/site-packages"

SCRIPT = """#!/opt/env/bin/python
# -*- coding: utf-8 -*-
import sys
from {module} import {function}
if __name__ == '__main__':
    sys.argv[0] = sys.argv[0].removesuffix('.exe')
    sys.exit({function}())
"""


def create(prefix: Path, *, home: str = "/opt/python/bin") -> Path:
    """Make an empty environment, as `python -m venv` does."""
    (prefix / SITE).mkdir(parents=True)
    (prefix / "bin").mkdir()
    (prefix / "pyvenv.cfg").write_text(
        f"home = {home}\ninclude-system-site-packages = false\nversion = 3.12.4\n"
    )
    (prefix / "bin" / "activate").write_text('VIRTUAL_ENV="/opt/env"\nexport VIRTUAL_ENV\n')
    (prefix / "bin" / "python").symlink_to(f"{home}/python3.12")
    (prefix / "bin" / "python3").symlink_to("python")
    return prefix


def install(  # noqa: PLR0913  (each is a choice of an installer)
    prefix: Path,
    name: str,
    version: str,
    files: Mapping[str, str | bytes],
    *,
    site: str = SITE,
    commands: Mapping[str, str] | None = None,
    direct_url: str | None = None,
    installer: str = "pip",
    algorithm: str = "sha256",
    bytecode: bool = False,
) -> str:
    """Install a distribution; return the path of its `.dist-info` from the prefix."""
    folder = f"{name.replace('-', '_')}-{version}.dist-info"
    members: dict[str, str | bytes] = dict(files)
    members[f"{folder}/METADATA"] = f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n\nHello.\n"
    members[f"{folder}/WHEEL"] = "Wheel-Version: 1.0\n"
    if installer:
        members[f"{folder}/INSTALLER"] = f"{installer}\n"
    if direct_url is not None:
        members[f"{folder}/direct_url.json"] = direct_url
    if commands:
        lines = "".join(f"{command} = {target}\n" for command, target in commands.items())
        members[f"{folder}/entry_points.txt"] = f"[console_scripts]\n{lines}"
        up = "../" * (site.count("/") + 1)
        for command, target in commands.items():
            module, _, function = target.partition(":")
            members[f"{up}bin/{command}"] = SCRIPT.format(module=module, function=function)
    rows = []
    for path, content in members.items():
        data = content.encode() if isinstance(content, str) else content
        place = Path(os.path.normpath(prefix / site / path))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        rows.append(row(path, data, algorithm))
        if bytecode and path.endswith(".py"):
            rows.append(f"{os.path.relpath(compiled(place), prefix / site)},,")
    rows.append(f"{folder}/RECORD,,")
    end = "\r\n" if installer == "pip" else "\n"
    (prefix / site / folder / "RECORD").write_bytes((end.join(rows) + end).encode("utf-8", "surrogateescape"))
    return f"{site}/{folder}"


def row(path: str, data: bytes, algorithm: str = "sha256") -> str:
    """Return the row of a list for a file with this content."""
    digest = base64.urlsafe_b64encode(hashlib.new(algorithm, data).digest()).rstrip(b"=").decode()
    quoted = f'"{path}"' if "," in path else path
    return f"{quoted},{algorithm}={digest},{len(data)}"


def compiled(source: Path) -> Path:
    """Compile a source, as an import would; return the bytecode."""
    mode = py_compile.PycInvalidationMode.TIMESTAMP
    done = py_compile.compile(str(source), doraise=True, invalidation_mode=mode)
    assert done is not None
    return Path(done)


def wheel(members: Mapping[str, str | bytes], name: str, version: str, *, tag: str = "py3-none-any") -> bytes:
    """Return a wheel with these files, and those that `install` writes of a wheel's own."""
    folder = f"{name.replace('-', '_')}-{version}.dist-info"
    every = {
        **members,
        f"{folder}/METADATA": f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n\nHello.\n",
        f"{folder}/WHEEL": f"Wheel-Version: 1.0\nTag: {tag}\n",
    }
    data = {path: text.encode() if isinstance(text, str) else text for path, text in every.items()}
    rows = [row(path, content) for path, content in data.items()]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in data.items():
            archive.writestr(zipfile.ZipInfo(path), content, zipfile.ZIP_DEFLATED)
        archive.writestr(zipfile.ZipInfo(f"{folder}/RECORD"), "\n".join([*rows, f"{folder}/RECORD,,", ""]))
    return out.getvalue()


def unpacked(data: bytes, site: Path, *, installer: str, executable: str = "/opt/env/bin/python") -> None:
    """Install a wheel into a folder of packages: its files and scripts, and a list of them."""
    rows = []
    info = ""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.namelist():
            content = archive.read(member)
            path = member
            if ".data/scripts/" in member:
                path = f"../../../bin/{member.rpartition('/')[2]}"
                content = content.replace(b"#!python\n", f"#!{executable}\n".encode(), 1)
            elif ".data/data/" in member:
                path = f"../../../{member.partition('.data/data/')[2]}"
            if path.endswith(".dist-info/RECORD"):
                info = path.rpartition("/")[0]
                continue
            place = Path(os.path.normpath(site / path))
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
            rows.append(row(path, content))
    (site / info / "INSTALLER").write_text(installer)
    rows += [row(f"{info}/INSTALLER", installer.encode()), f"{info}/RECORD,,", ""]
    (site / info / "RECORD").write_text("\n".join(rows))


def forget(site: Path, info: str) -> None:
    """Write the list of a distribution anew, so that it says what is on the disk."""
    record = site / info / "RECORD"
    paths = [line.split(",")[0] for line in record.read_text().splitlines()]
    rows = []
    for path in paths:
        place = Path(os.path.normpath(site / path))
        if path.endswith("/RECORD"):
            rows.append(f"{path},,")
        elif place.exists():
            rows.append(row(path, place.read_bytes()))
    record.write_text("\n".join([*rows, ""]))
