"""What continuous integration does to trees: clone them anew each time, and update packages in them.

Every monitor's default flags all of a fresh clone (owner, inode and times are new), and five hundred
lines for a package update. Neither is news here.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fimci.cli import main
from tests import repository

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="permission bits and links of POSIX")
FILES = 500


@pytest.fixture(autouse=True)
def sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    repository.seal(monkeypatch)


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """Return a repository with all that git can keep."""
    where = repository.create(tmp_path / "origin", {
        "README.md": "# read me\n", "src/a.py": "import os\n", "src/deep/er/b.py": "",
        "bin/run": "#!/bin/sh\n",
        "data": bytes(range(256)), "caf\u00e9": "x", "line\nbreak": "x", " blank": "x",
        "package.json": '{"name": "x", "scripts": {"postinstall": "node x.js"}}\n',
        ".github/workflows/ci.yml": "on: push\njobs: {}\n",
    })  # fmt: skip
    (where / "bin/run").chmod(0o755)
    (where / "link").symlink_to("src/a.py")
    repository.commit(where)
    return where


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on another file system, where there is one."""
    memory = Path("/dev/shm")  # noqa: S108  (another file system is the point)
    if not os.access(memory, os.W_OK) or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("no second file system")
    place = memory / f"fimci-test-{os.getpid()}"
    place.mkdir()
    try:
        yield place
    finally:
        shutil.rmtree(place)


def check(tree: Path, baseline: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = main(["check", str(tree), "--baseline", str(baseline), "--format", "json"])
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, report


@pytest.mark.parametrize("umask", [0o002, 0o022, 0o027, 0o077])
def test_a_fresh_clone_of_the_same_commit_shows_no_change(
    umask: int, origin: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = repository.clone(origin, tmp_path / "first")
    assert main(["baseline", str(first), "--output", str(tmp_path / "good")]) == 0
    old = os.umask(umask)
    try:
        second = repository.clone(origin, tmp_path / "another name")
    finally:
        os.umask(old)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        for path in second.rglob("*"):
            os.chown(path, 12345, 54321, follow_symlinks=False)
    code, report = check(second, tmp_path / "good", capsys)
    assert (code, report["findings"], report["unread"], report["counts"]["changes"]) == (0, [], [], 0)


def test_nor_does_one_on_another_file_system(
    origin: Path, tmp_path: Path, elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = repository.clone(origin, tmp_path / "first")
    assert main(["baseline", str(first), "--output", str(tmp_path / "good")]) == 0
    second = repository.clone(origin, elsewhere / "second")
    code, report = check(second, tmp_path / "good", capsys)
    assert (code, report["counts"]["changes"]) == (0, 0)
    assert main(["baseline", str(second), "--output", str(tmp_path / "other")]) == 0
    assert (tmp_path / "good").read_bytes() == (tmp_path / "other").read_bytes()


def test_whoever_asks_for_times_is_told_of_every_file(
    origin: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same trees by the profile of a host, so that the silence above is that of the default profile."""
    (tmp_path / "policy.toml").write_text('profile = "host"\n')
    first = repository.clone(origin, tmp_path / "first")
    words = ["--output", str(tmp_path / "good"), "--config", str(tmp_path / "policy.toml")]
    assert main(["baseline", str(first), *words]) == 0
    code, report = check(repository.clone(origin, tmp_path / "second"), tmp_path / "good", capsys)
    assert code == 1
    assert report["counts"]["changes"] >= 10


def python_package(site: Path, version: str) -> None:
    """Install a package as pip does: its files, and what it says that it brought."""
    for old in [*site.glob("left*")]:
        shutil.rmtree(old)
    info = site / f"left-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: left\nVersion: {version}\n")
    paths = [site / "left" / f"part_{number % 7}" / f"module_{number}.py" for number in range(FILES)]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"VERSION, NAME = {version!r}, {path.stem!r}\n")
    rows = []
    for path in (*paths, info / "METADATA"):
        found = base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).rstrip(b"=").decode()
        rows.append(f"{path.relative_to(site)},sha256={found},{path.stat().st_size}\n")
    (info / "RECORD").write_text("".join(rows) + f"{info.name}/RECORD,,\n")


def node_package(modules: Path, version: str) -> None:
    package = modules / "left"
    shutil.rmtree(package, ignore_errors=True)
    for number in range(FILES):
        path = package / f"lib_{number % 7}" / f"module-{number}.js"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"exports.number = {number}; exports.version = {version!r};\n")
    (package / "package.json").write_text(json.dumps({"name": "left", "version": version}))


@pytest.mark.parametrize(
    ("install", "folder"),
    [(python_package, "lib/python3.11/site-packages"), (node_package, "node_modules")],
)
def test_five_hundred_files_of_one_package_update_are_one_line(
    install: Callable[[Path, str], None], folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = tmp_path / "tree"
    (tree / folder).mkdir(parents=True)
    (tree / "mine").write_text("mine\n")
    install(tree / folder, "1.0")
    assert main(["baseline", str(tree), "--output", str(tmp_path / "good")]) == 0
    install(tree / folder, "1.1")
    code, report = check(tree, tmp_path / "good", capsys)
    (told,) = report["findings"]
    assert code == 1
    assert "left 1.0 → 1.1: 50" in told["message"]
    assert report["counts"]["changes"] >= FILES

    (tree / "mine").write_text("touched by the same run\n")
    _, report = check(tree, tmp_path / "good", capsys)
    assert {f["path"] for f in report["findings"]} == {told["path"], "mine"}, (
        "what nothing explains stands out"
    )
