"""Environments of conda: silent as they were linked, loud for what differs from their records."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fimci import trees
from fimci.findings import Finding, Severity
from fimci.policy import Policy
from tests.environments import SITE, install

TODAY = dt.date(2026, 1, 1)
LEFT = "pkg:conda/left-pad@1.0.1"
PLACEHOLDER = "/opt/placehold_placehold_placehold"


def path(name: str, content: bytes, **more: object) -> dict[str, object]:
    """Return a row of a record, as conda writes it."""
    hexed = hashlib.sha256(content).hexdigest()
    return {
        "_path": name,
        "path_type": "hardlink",
        "sha256": hexed,
        "sha256_in_prefix": hexed,
        "size_in_bytes": len(content),
        **more,
    }


def record(prefix: Path, name: str, version: str, paths: list[dict[str, Any]], **more: object) -> Path:
    meta = prefix / "conda-meta"
    meta.mkdir(parents=True, exist_ok=True)
    file = meta / f"{name}-{version}-py312_0.json"
    stated = {
        "name": name,
        "version": version,
        "build": "py312_0",
        "url": f"https://registry.example/noarch/{name}-{version}-py312_0.conda",
        "sha256": "a" * 64,
        "md5": "b" * 32,
        "files": [row["_path"] for row in paths],
        "paths_data": {"paths_version": 1, "paths": paths},
        **more,
    }
    file.write_text(json.dumps(stated))
    return file


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project with a prefix that has a library, an interpreter, and packages of conda and of pip."""
    monkeypatch.setenv("HOME", str(tmp_path))
    prefix = tmp_path / "project/.venv"
    (prefix / "conda-meta").mkdir(parents=True)
    (prefix / "conda-meta/history").write_text("==> 2026-01-01 <==\n")
    rewritten = b"#!/opt/env/bin/python\n"
    files = {
        "bin/python3.12": b"\x7fELF",
        "lib/libz.so.1.3": b"\x7fELFz",
        "lib/python3.12/json/__init__.py": b"x = 1\n",
        "bin/2to3": rewritten,
    }
    for name, content in files.items():
        (prefix / name).parent.mkdir(parents=True, exist_ok=True)
        (prefix / name).write_bytes(content)
    (prefix / "bin/python").symlink_to("python3.12")
    rows = [path(name, content) for name, content in files.items()]
    original = f"#!{PLACEHOLDER}/bin/python\n".encode()
    rows[-1] |= {
        "sha256": hashlib.sha256(original).hexdigest(),
        "size_in_bytes": len(original),
        "file_mode": "text",
        "prefix_placeholder": PLACEHOLDER,
    }
    link = path("bin/python", b"\x7fELF", path_type="softlink")
    record(prefix, "python", "3.12.4", [*rows, link])
    info = install(prefix, "left-pad", "1.0.1", {"left_pad/__init__.py": "x = 1\n"}, installer="conda")
    code = (
        "left_pad/__init__.py",
        *(f"{info}/{name}" for name in ("METADATA", "WHEEL", "INSTALLER", "RECORD")),
    )
    names = [f"{SITE}/{code[0]}", *code[1:]]
    compiled = {"_path": f"{SITE}/left_pad/__pycache__/__init__.cpython-312.pyc", "path_type": "pyc_file"}
    (prefix / SITE / "left_pad/__pycache__").mkdir()
    (prefix / str(compiled["_path"])).write_bytes(b"")
    record(prefix, "left-pad", "1.0.1", [*(path(n, (prefix / n).read_bytes()) for n in names), compiled])
    install(prefix, "right-pad", "2.0", {"right_pad.py": "y = 1\n"})
    (prefix / "pkgs/left-pad-1.0.1-py312_0").mkdir(parents=True)
    (prefix / "pkgs/left-pad-1.0.1-py312_0/evil.py").write_text("")
    return tmp_path / "project"


def said(where: Path) -> list[Finding]:
    reports = trees.judged(trees.found(str(where), "", {}), Policy(), today=TODAY)
    return [finding for one in reports for finding in one.findings]


def write(name: str, content: str) -> Callable[[Path], object]:
    return lambda prefix: (prefix / name).write_text(content)


def edited_with_its_row(prefix: Path) -> None:
    """Edit a module, and its row in the list of Python's own, which conda's record has the hash of."""
    module, listed = (prefix / SITE / n for n in ("left_pad/__init__.py", "left_pad-1.0.1.dist-info/RECORD"))
    module.write_text("x = 2\n")
    listed.write_text(listed.read_text().replace("sha256=", "sha256=A"))


def test_silent_as_it_was_linked(project: Path) -> None:
    assert [finding.message for finding in said(project)] == []


@pytest.mark.parametrize(
    ("tamper", "rule", "package"),
    [
        (write("lib/libz.so.1.3", "other"), "installed-file-changed", "pkg:conda/python@3.12.4"),
        (write("lib/python3.12/json/__init__.py", "2"), "installed-file-changed", "pkg:conda/python@3.12.4"),
        (write("bin/2to3", "#!/bin/sh\n"), "installed-file-changed", "pkg:conda/python@3.12.4"),
        (edited_with_its_row, "installed-file-changed", LEFT),
        (write("lib/python3.12/evil.py", ""), "installed-file-unowned", None),
        (write(f"{SITE}/evil.py", ""), "installed-file-unowned", None),
        (write("bin/git", ""), "installed-file-unowned", None),
        (write(f"{SITE}/right_pad.py", "y = 2\n"), "installed-file-changed", "pkg:pypi/right-pad@2.0"),
        (lambda prefix: (prefix / "lib/libz.so.1.3").unlink(), "installed-file-missing", None),
    ],
)
def test_tampering_is_found_beside_the_packages_too(
    project: Path, tamper: Callable[[Path], object], rule: str, package: str | None
) -> None:
    tamper(project / ".venv")
    found = [finding for finding in said(project) if finding.rule == rule]
    assert found
    assert package is None or package in {finding.package for finding in found}
    assert max(finding.severity for finding in found) >= Severity.MEDIUM


@pytest.mark.parametrize(
    "garbage",
    [b"", b"[]", b"[" * 9999, b'{"paths_data": 1, "files": 2}', b'{"files": [1, {}]}', b"\xff\x00"],
)
def test_garbage_for_a_record_is_told(project: Path, garbage: bytes) -> None:
    (project / ".venv/conda-meta/left-pad-1.0.1-py312_0.json").write_bytes(garbage)
    assert said(project) or garbage.startswith(b"{")


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "C:/x", "a\0b", "", "a/../../b"])
def test_a_record_that_leads_out_is_told(project: Path, name: str) -> None:
    record(project / ".venv", "evil", "1", [path(name, b"")])
    assert "record-unreliable" in {finding.rule for finding in said(project)}


def test_an_old_record_has_nothing_but_paths(project: Path) -> None:
    record(
        project / ".venv", "left-pad", "1.0.1", [], files=[f"{SITE}/left_pad/__init__.py"], paths_data=None
    )
    rules = {finding.rule for finding in said(project)}
    assert "installed-file-changed" not in rules
