"""Implants in real packages (`benchmarks/implants.py`): payloads, places, and how attempts are counted."""

from __future__ import annotations

import ast
import io
import json
import random
import re
import tarfile
from pathlib import Path

import msgspec
import pytest

from benchmarks import implants
from benchmarks.planting import packages, payloads
from benchmarks.planting.places import Place
from tests.archives import Zipped, zip_of
from tools.learn import releases
from tools.learn.releases import Release

MODULE = '''"""Left."""
from __future__ import annotations
from . import deep, tools
LEFT = 1

class Left:
    side = 1

    def __init__(self):
        self.a = 1
        self.b = 2

    def go(self):
        a = 1
        return a

def main():
    a = 1
    return a

try:
    import speedups
except ImportError:
    speedups = None
'''
SCRIPT = """'use strict';
const fs = require('fs');
class Left { constructor() { this.a = 1; this.b = 2; } }
function go() { const a = 1; return a; }
exports.go = go;
"""
BUNDLE = ";".join(f"exports.a{number} = {number}" for number in range(400)) + ";\n"


#: The word behind an address, without what is put together there.
HOST = re.compile(r"(?:https?|wss?)://([a-z][\w.-]*[a-z]|[\d.]+\d)")


def draw() -> random.Random:
    return random.Random(1)  # noqa: S311  (nothing depends on nobody guessing it)


def release(folder: Path, form: str) -> Release:
    name = {"wheel": "left-1.0.0-py3-none-any.whl", "sdist": "left-1.0.0.tar.gz", "tarball": "left-1.0.0.tgz"}
    (folder / name[form]).write_bytes(archive(form))
    ecosystem = "npm" if form == "tarball" else "pypi"
    return Release(
        use="newest",
        ecosystem=ecosystem,
        package="left",
        version="1.0.0",
        before="",
        form=form,
        file=name[form],
    )


def archive(form: str) -> bytes:
    code = {"left/__init__.py": MODULE, "left/tools.py": MODULE, "left/deep/__init__.py": ""}
    metadata = "Metadata-Version: 2.1\nName: left\nVersion: 1.0.0\n\nLeft.\n"
    if form == "wheel":
        info = "left-1.0.0.dist-info"
        held = {
            **code,
            f"{info}/RECORD": "",
            f"{info}/METADATA": metadata,
            f"{info}/entry_points.txt": "[console_scripts]\nl = left:main\n",
        }
        return zip_of(*(Zipped(path.encode(), text.encode()) for path, text in held.items()))
    if form == "sdist":
        files = {
            **code,
            "PKG-INFO": metadata,
            "setup.py": "from setuptools import setup\nsetup(name='left')\n",
        }
        return packed("left-1.0.0", files)
    manifest = {"name": "left", "version": "1.0.0", "bin": "cli.js", "scripts": {"install": "node a.js"}}
    files = {"index.js": SCRIPT + "require('./bundle');\n", "bundle.js": BUNDLE, "cli.js": SCRIPT, "a.js": ""}
    return packed("package", {"package.json": json.dumps(manifest), **files})


def packed(root: str, files: dict[str, str]) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as tar:
        for path, text in files.items():
            info = tarfile.TarInfo(f"{root}/{path}")
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return held.getvalue()


def places(form: str) -> list[Place]:
    return list(implants.PLACES["javascript" if form == "tarball" else "python"])


def test_payloads_are_code_that_names_reserved_hosts_alone() -> None:
    found = payloads.load()
    assert len({one.name for one in found}) > 30
    for one in found:
        if one.language == "python":
            ast.parse(one.text.replace("@@", "a"))
        assert one.told
        hosts = HOST.findall(one.text + one.first)
        assert all(host.endswith((".example", ".internal", "169.254.169.254")) for host in hosts), hosts


@pytest.mark.parametrize("form", ["tarball", "wheel", "sdist"])
def test_each_place_gets_an_implant_in_a_package_that_has_it(tmp_path: Path, form: str) -> None:
    package = packages.opened(release(tmp_path, form), tmp_path)
    spellings = payloads.load()
    lacking = set()
    for place in places(form):
        mine = [
            one for one in spellings if one.language == package.language and bool(one.first) == place.halves
        ]
        changed = place.plant(package, mine[0], draw())
        if changed is None:
            lacking.add(place.name)
            continue
        assert any(package.files.get(path) != data for path, data in changed.items())
        for path, data in changed.items():
            if path.endswith(".py"):
                ast.parse(data)
    sources = {"setup.py", "a command class of setup.py", "what setup.py imports"}
    wheels = {"a .pth", "sitecustomize", "a command's function", "a dependency from an address"}
    static = {"tarball": set(), "wheel": sources, "sdist": wheels}
    assert lacking == static[form]


@pytest.mark.parametrize("form", ["tarball", "wheel", "sdist"])
def test_the_next_patch_states_its_version(tmp_path: Path, form: str) -> None:
    first = packages.opened(release(tmp_path, form), tmp_path)
    new = packages.written(first, {"extra.txt": b"x"}, tmp_path)
    made = packages.opened(msgspec.structs.replace(first.release, file=new.name), tmp_path)
    assert made.files["extra.txt"] == b"x"
    stated = {"tarball": "package.json", "wheel": "left-1.0.1.dist-info/METADATA", "sdist": "PKG-INFO"}
    assert b"1.0.1" in made.files[stated[form]]


def test_attempts_are_the_same_each_time_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    releases.append(tmp_path, [release(tmp_path, "wheel"), release(tmp_path, "tarball")])
    arguments = [
        str(tmp_path),
        "--each",
        "3",
        "--log",
        str(tmp_path / "log"),
        "--keep",
        str(tmp_path / "kept"),
    ]
    told = []
    for _ in range(2):
        assert implants.main(arguments) == 0
        said = capsys.readouterr().out
        assert "6 implants in 2 packages" in said
        assert any(line.startswith("| all | 6 |") for line in said.split("\n"))
        told.append((tmp_path / "log").read_text())
    assert told[0] == told[1]


def test_what_cannot_be_compared_is_a_crash(tmp_path: Path) -> None:
    one = release(tmp_path, "tarball")
    package = packages.opened(one, tmp_path)
    (tmp_path / one.file).write_bytes(b"not an archive")
    payload = next(payload for payload in payloads.load() if payload.language == "javascript")
    place = implants.PLACES["javascript"][0]
    found = implants.judged(package, payload, place, draw(), folder=tmp_path, keep=None)
    assert found is not None
    assert found.outcome == "crashed"
    assert found.weak
