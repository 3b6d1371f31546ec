"""A project in git whose lockfile takes up releases, and what is said of a change to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from fimci import cli
from tests import repository
from tests.loopback import Registry, sri

QUIET = {"index.js": "exports.trim = (text) => text.trim()\n"}
LOUD = {"index.js": QUIET["index.js"] + 'require("child_process").execSync("id")\n'}


def lock(packages: Mapping[str, tuple[str, str, Mapping[str, str]]]) -> str:
    """Write a lockfile of npm: name to version, integrity, and what it needs."""
    entries: dict[str, Any] = {"": {"name": "app", "version": "1.0.0", "dependencies": {"left": "*"}}}
    for name, (version, integrity, needs) in packages.items():
        entries[f"node_modules/{name}"] = {
            "version": version,
            "resolved": f"https://registry.example/{name}/-/{name}-{version}.tgz",
            "integrity": integrity,
            **({"dependencies": dict(needs)} if needs else {}),
        }
    return json.dumps({"name": "app", "lockfileVersion": 3, "requires": True, "packages": entries}, indent=1)


class Project:
    """A repository with a lockfile, and what is said of a change to it."""

    def __init__(self, folder: Path, server: Registry, capsys: pytest.CaptureFixture[str]) -> None:
        repository.git(folder, "init", "--quiet", "--initial-branch=main")
        self.folder, self.capsys = folder, capsys
        self.write(".npmrc", f"registry={server.url}\n")
        self.write("package.json", '{"name": "app", "version": "1.0.0", "dependencies": {"left": "*"}}')

    def write(self, name: str, text: str) -> None:
        self.folder.joinpath(name).write_text(text)

    def commit(self) -> None:
        repository.commit(self.folder)

    def check(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        file = self.folder.parent / "report.json"
        code = cli.main(
            [
                "check",
                str(self.folder),
                "--releases",
                "--no-installed",
                "--format",
                f"json={file}",
                *arguments,
            ]
        )
        self.capsys.readouterr()
        report = json.loads(file.read_text())
        # The lockfile was made by hand, which has a rule of its own.
        report["findings"] = [one for one in report["findings"] if one["rule"] != "lock-edited"]
        return code, report


def updated(project: Project, server: Registry, new: Mapping[str, str]) -> None:
    """Commit a lockfile with `left` 1.0.0 and change it to 1.0.1."""
    old = server.npm("left", "1.0.0", QUIET)
    project.write("package-lock.json", lock({"left": ("1.0.0", sri(old), {})}))
    project.commit()
    data = server.npm("left", "1.0.1", new)
    project.write("package-lock.json", lock({"left": ("1.0.1", sri(data), {})}))
