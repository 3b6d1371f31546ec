"""What is made of one file of the source is followed to it, and what only looks so is told."""

from __future__ import annotations

import datetime as dt
import gzip
import importlib.util
import io
import marshal
import sys
from pathlib import Path

import pytest

from fimci.findings import Report
from fimci.sources.locator import Locator
from fimci.verify import Request, verify
from tests.artifacts import battery, projects
from tests.test_verify_source import committed, said

TODAY = dt.date(2026, 11, 26)
DATA = b'{"version": 2}\n' * 50
TOLD = "high artifact-file-unsourced {}:1"
SOURCE = {
    **projects.repository("hatchling"),
    "src/demo/data.json": DATA.decode(),
    "LICENSE": "MIT\n\nNo warranty.\n",
    "examples/look.py": "#!/usr/bin/env python3\nprint('look')\n",
    "look-at.py": "#!/usr/bin/python\nprint('at')\n",
    "examples/plain.py": "print('plain')\n",
}
LICENCE = f"{battery.INFO}/licenses/LICENSE"


def packed(data: bytes = DATA, name: str = "") -> bytes:
    made = io.BytesIO()
    with gzip.GzipFile(name, "wb", fileobj=made, mtime=0) as file:
        file.write(data)
    return made.getvalue()


def verified(folder: Path, members: dict[str, bytes]) -> Report:
    project = committed(folder / "project", SOURCE)
    files = {"demo/__init__.py": projects.INIT.encode(), "demo/core.py": projects.CORE.encode()}
    (folder / battery.WHEEL).write_bytes(battery.wheel({**files, **members}))
    source = Locator("git", str(project), "v1.0")
    return verify(Request(artifacts=(str(folder / battery.WHEEL),), source=source, today=TODAY))


@pytest.mark.parametrize("data", [packed(), packed(name="data.json"), packed(name="data.json.gz")])
def test_a_file_that_was_compressed_is_its_content(tmp_path: Path, data: bytes) -> None:
    report = verified(tmp_path, {"demo/data.json.gz": data})
    assert [one for one in said(report) if "sourced" in one] == []
    assert any("the source, compressed: data.json.gz" in note for note in report.notes)


def with_comment(data: bytes) -> bytes:
    return data[:3] + b"\x10" + data[4:10] + b"payload\0" + data[10:]


def with_extra(data: bytes) -> bytes:
    return data[:3] + b"\x04" + data[4:10] + b"\x04\0evil" + data[10:]


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("demo/data.json.gz", packed(DATA + b" ")),
        ("demo/other.json.gz", packed()),
        ("demo/data.json.gz", packed() + b"payload"),
        ("demo/data.json.gz", packed() + packed()),
        ("demo/data.json.gz", packed(name="evil.sh")),
        ("demo/data.json.gz", with_comment(packed())),
        ("demo/data.json.gz", with_extra(packed())),
        ("demo/data.json.gz", packed()[:-4] + b"\0\0\0\0"),
        ("demo/data.json.gz", packed()[:-20]),
        ("demo/data.json.gz", b"\x1f\x8b\x08"),
        ("demo/data.json.gz", b""),
    ],
)
def test_what_is_more_or_less_than_that_is_told(tmp_path: Path, path: str, data: bytes) -> None:
    found = [one for one in said(verified(tmp_path, {path: data})) if "sourced" in one]
    assert found == ([TOLD.format(path)] if data else [])  # what is empty holds nothing


def test_a_licence_may_go_on(tmp_path: Path) -> None:
    whole = SOURCE["LICENSE"].encode()
    report = verified(tmp_path, {LICENCE: whole.replace(b"\n", b"\r\n") + b"\n----\nlibfast: BSD\n"})
    assert [one for one in said(report) if "sourced" in one] == []
    assert any("the licence of the source, with more at its end: LICENSE" in note for note in report.notes)


@pytest.mark.parametrize(
    ("path", "data"),
    [
        (LICENCE, b"libfast: BSD\n"),
        (LICENCE, b"MIT\n\nNo warranty.\n\0\x01"),
        (LICENCE, b"MIT\n\nNo warranty.\n\xff\xfe"),
        (LICENCE.replace("licenses/LICENSE", "licenses/run.sh"), b"MIT\n\nNo warranty.\nrm\n"),
        ("demo/LICENSE", b"MIT\n\nNo warranty.\nmore\n"),
    ],
)
def test_a_licence_that_is_another_one_or_no_text_or_elsewhere_is_told(
    tmp_path: Path, path: str, data: bytes
) -> None:
    assert TOLD.format(path) in said(verified(tmp_path, {path: data}))


SCRIPTS = battery.INFO.replace(".dist-info", ".data/scripts")


def test_a_script_asks_installers_for_its_interpreter(tmp_path: Path) -> None:
    scripts = {"look.py": b"#!python\nprint('look')\n", "look-at.py": b"#!pythonw\nprint('at')\n"}
    report = verified(tmp_path, {f"{SCRIPTS}/{name}": data for name, data in scripts.items()})
    assert [one for one in said(report) if "source" in one] == []
    assert any("for whatever interpreter it is installed: look" in note for note in report.notes)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("look.py", b"#!python\nprint('look')\nprint('more')\n"),
        ("look.py", b"#!python -c 'print(1)'\nprint('look')\n"),
        ("look.py", b"#!/bin/sh\nprint('look')\n"),
        ("look-at.py", b"#!python\nprint('look')\n"),
        ("plain.py", b"#!python\nprint('plain')\n"),
        ("other.py", b"#!python\nprint('look')\n"),
    ],
)
def test_a_script_that_is_another_one_is_told(tmp_path: Path, name: str, data: bytes) -> None:
    assert any(f"{SCRIPTS}/{name}:" in one for one in said(verified(tmp_path, {f"{SCRIPTS}/{name}": data})))


def test_bytecode_of_the_source_needs_no_other_one(tmp_path: Path) -> None:
    path = f"demo/__pycache__/core.{sys.implementation.cache_tag}.pyc"
    code = marshal.dumps(compile(projects.CORE, "core.py", "exec", dont_inherit=True))
    data = importlib.util.MAGIC_NUMBER + bytes(12) + code
    report = verified(tmp_path, {path: data})
    assert [one for one in said(report) if "sourced" in one] == []
    assert any("compiled from the source beside it: core." in note for note in report.notes)
    (tmp_path / "again").mkdir()
    other = verified(tmp_path / "again", {path: data.replace(b"run", b"rum")})
    assert TOLD.format(path) in said(other)
