"""Installed Python packages against the archives that they came in, as each installer keeps those."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from fimci import trees
from fimci.findings import Finding, Severity
from fimci.policy import Policy
from fimci.trees import python_caches, python_files, wheel_names
from fimci.trees.python_places import Places, places
from tests import environments
from tests.environments import SITE, create, forget, row

Files: TypeAlias = "dict[str, str | bytes]"
TODAY = dt.date(2026, 1, 1)
INFO = "left_pad-1.0.1.dist-info"
FILES: Files = {
    "left_pad/__init__.py": "def main():\n    return 1\n",
    "left_pad/data.txt": "words\n",
    "left_pad-1.0.1.data/scripts/left.py": "#!python\nimport left_pad\n",
    "left_pad-1.0.1.data/data/share/man/left.1": "manual\n",
}
WHEEL = environments.wheel(FILES, "left-pad", "1.0.1")
LEFT = "pkg:pypi/left-pad@1.0.1"
LOCKS = {
    "uv.lock": """version = 1
revision = 3

[[package]]
name = "left-pad"
version = "1.0.1"
source = {{ registry = "https://index.example/simple" }}
wheels = [
    {{ url = "https://files.index.example/left_pad-1.0.1-py3-none-any.whl", hash = "sha256:{0}" }},
]
""",
    "poetry.lock": """[[package]]
name = "left-pad"
version = "1.0.1"
description = ""
optional = false
python-versions = "*"
files = [
    {{file = "left_pad-1.0.1-py3-none-any.whl", hash = "sha256:{0}"}},
]

[metadata]
lock-version = "2.0"
python-versions = "*"
content-hash = "00"
""",
    "pdm.lock": """[metadata]
lock_version = "4.5.0"

[[package]]
name = "left-pad"
version = "1.0.1"
files = [
    {{file = "left_pad-1.0.1-py3-none-any.whl", hash = "sha256:{0}"}},
]
""",
    "requirements.txt": "left-pad==1.0.1 --hash=sha256:{0}\n",
}


def kept_by_pip(home: Path, data: bytes) -> None:
    """Keep an archive as pip's cache of answers does: the whole body, under a name that says nothing."""
    folder = home / ".cache/pip/http-v2/a/b/c/d/e"
    folder.mkdir(parents=True)
    (folder / "abcde0123").write_bytes(b"cc=4,\x82")
    (folder / "abcde0123.body").write_bytes(data)


def kept_by_poetry(home: Path, data: bytes) -> None:
    file = home / ".cache/pypoetry/artifacts/aa/bb/cc/ddee/left_pad-1.0.1-py3-none-any.whl"
    file.parent.mkdir(parents=True)
    file.write_bytes(data)


def kept_by_uv(home: Path, data: bytes, sha256: str = "") -> None:
    """Keep what uv does: the unpacked files, and a note of the archive's hash."""
    cache = home / ".cache/uv"
    zipfile.ZipFile(io.BytesIO(data)).extractall(cache / "archive-v0/9oBqzrRQomN0S76p")
    note = cache / "wheels-v8/pypi/left-pad/1.0.1-py3-none-any.http"
    note.parent.mkdir(parents=True)
    hexed = sha256 or hashlib.sha256(data).hexdigest()
    note.write_bytes(b"\x95\xb09oBqzrRQomN0S76p\x91\x81\xa6Sha256\xd9\x40" + hexed.encode() + b"\xbeleft_pad")


KEPT: dict[str, Callable[[Path, bytes], None]] = {
    "pip": kept_by_pip,
    "poetry": kept_by_poetry,
    "uv": kept_by_uv,
}
USUAL = {"pip": "requirements.txt", "poetry": "poetry.lock", "uv": "uv.lock"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home without caches, and an environment that names none."""
    for name in ("PIP_CACHE_DIR", "UV_CACHE_DIR", "POETRY_CACHE_DIR", "PDM_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name in ("PIP_FIND_LINKS", "UV_FIND_LINKS", "PIP_CONFIG_FILE", "XDG_CONFIG_HOME", "PIPENV_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def project(tmp_path: Path, lock: str, installer: str = "pip", data: bytes = WHEEL) -> Path:
    where = tmp_path / "project"
    prefix = create(where / ".venv")
    environments.unpacked(data, prefix / SITE, installer=installer)
    if lock:
        (where / lock).write_text(LOCKS[lock].format(hashlib.sha256(WHEEL).hexdigest()))
    return where


def told(where: Path) -> tuple[list[Finding], str]:
    reports = list(trees.judged(trees.found(str(where), "", {}), Policy(), today=TODAY))
    return [f for one in reports for f in one.findings], "\n".join(n for one in reports for n in one.notes)


def edit(site: Path) -> None:
    file = site / "left_pad/__init__.py"
    file.write_text(file.read_text().replace("1", "2"))


def replace(site: Path) -> None:
    """Put another package of the same name and version in its place."""
    other: Files = {**FILES, "left_pad/__init__.py": "evil = 1\n", "left_pad/more.py": "evil = 2\n"}
    environments.unpacked(environments.wheel(other, "left-pad", "1.0.1"), site, installer="pip")


def add(site: Path) -> None:
    (site / "left_pad/more.py").write_text("evil = 1\n")
    with (site / INFO / "RECORD").open("a") as file:
        file.write("left_pad/more.py,,\n")


def remove(site: Path) -> None:
    (site / "left_pad/__init__.py").unlink()


def script(site: Path) -> None:
    (site / "../../../bin/left.py").resolve().write_text("#!/opt/env/bin/python\nimport evil\n")


def data(site: Path) -> None:
    (site / "../../../share/man/left.1").resolve().write_text("other\n")


def platform(site: Path) -> None:
    """Say that it came from the archive of another platform, which is not at hand."""
    edit(site)
    (site / INFO / "WHEEL").write_text("Wheel-Version: 1.0\nTag: cp312-cp312-linux_x86_64\n")


TAMPERINGS: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "edited": (edit, "installed-file-changed", "modified after installation; its row in RECORD was edited"),
    "replaced": (replace, "installed-file-changed", "its row in RECORD was edited to match"),
    "replaced, and more of it": (replace, "installed-file-unowned", "its row in RECORD was added"),
    "added": (add, "installed-file-unowned", "a file not part of left-pad 1.0.1, but in its folder; its row"),
    "removed": (remove, "installed-file-missing", "its row in RECORD was taken out"),
    "script": (script, "installed-file-changed", "modified after installation; its row in RECORD"),
    "data": (data, "installed-file-changed", "its row in RECORD was edited to match"),
    "another platform": (platform, "installed-file-changed", "modified after installation; its row"),
}


@pytest.mark.parametrize("installer", KEPT)
def test_silent_as_it_was_installed(tmp_path: Path, home: Path, installer: str) -> None:
    KEPT[installer](home, WHEEL)
    findings, notes = told(project(tmp_path, USUAL[installer], installer))
    assert findings == []
    what = "what installers keep" if installer == "uv" else "the locked archives"
    assert f".venv: 1 of 1 package compared with {what}" in notes


@pytest.mark.parametrize("installer", KEPT)
@pytest.mark.parametrize("name", TAMPERINGS)
def test_what_its_list_hides_is_found_and_named(
    tmp_path: Path, home: Path, installer: str, name: str
) -> None:
    tamper, rule, message = TAMPERINGS[name]
    KEPT[installer](home, WHEEL)
    where = project(tmp_path, USUAL[installer], installer)
    tamper(where / ".venv" / SITE)
    forget(where / ".venv" / SITE, INFO)
    findings, _ = told(where)
    found = [finding for finding in findings if finding.rule == rule]
    assert any(message in finding.message for finding in found), findings
    assert found[0].severity >= Severity.MEDIUM
    assert {finding.package for finding in found} <= {LEFT, None}


@pytest.mark.parametrize("lock", LOCKS)
def test_any_lockfile_vouches(tmp_path: Path, home: Path, lock: str) -> None:
    kept_by_pip(home, WHEEL)
    where = project(tmp_path, lock)
    assert "1 of 1 package compared with the locked archives" in told(where)[1]
    edit(where / ".venv" / SITE)
    forget(where / ".venv" / SITE, INFO)
    assert [finding.rule for finding in told(where)[0]] == ["installed-file-changed"]


def test_an_edit_that_the_list_tells_is_told_once(tmp_path: Path, home: Path) -> None:
    kept_by_pip(home, WHEEL)
    where = project(tmp_path, "uv.lock")
    edit(where / ".venv" / SITE)
    assert [finding.message for finding in told(where)[0]] == ["left-pad 1.0.1: modified after installation"]


def test_an_archive_that_is_not_locked_vouches_for_nothing(tmp_path: Path, home: Path) -> None:
    other = environments.wheel({**FILES, "left_pad/__init__.py": "evil\n"}, "left-pad", "1.0.1")
    kept_by_pip(home, other)
    kept_by_uv(home, other)
    findings, notes = told(project(tmp_path, "uv.lock"))
    assert findings == []
    assert ".venv: 1 package without an archive at hand: left-pad" in notes


def test_without_a_lockfile_what_an_installer_kept_is_a_witness(tmp_path: Path, home: Path) -> None:
    kept_by_uv(home, WHEEL)
    where = project(tmp_path, "")
    assert "compared with what installers keep, for which no lockfile vouches" in told(where)[1]
    edit(where / ".venv" / SITE)
    forget(where / ".venv" / SITE, INFO)
    assert [finding.severity for finding in told(where)[0]] == [Severity.CRITICAL]


def test_an_archive_of_another_platform_is_none(tmp_path: Path, home: Path) -> None:
    native: Files = {**FILES, "left_pad/_fast.so": b"\x7fELF"}
    there = environments.wheel(native, "left-pad", "1.0.1", tag="cp312-cp312-linux_x86_64")
    kept_by_pip(home, WHEEL)
    findings, notes = told(project(tmp_path, "uv.lock", data=there))
    assert findings == []
    assert "without an archive at hand" in notes


def test_an_edit_through_a_hard_link_into_uvs_cache(tmp_path: Path, home: Path) -> None:
    kept_by_uv(home, WHEEL)
    where = project(tmp_path, "uv.lock", "uv")
    file = where / ".venv" / SITE / "left_pad/__init__.py"
    file.unlink()
    os.link(home / ".cache/uv/archive-v0/9oBqzrRQomN0S76p/left_pad/__init__.py", file)
    assert told(where)[0] == []
    edit(where / ".venv" / SITE)
    (finding,) = told(where)[0]
    link = "it is a hard link, 1 more of it in other projects or a cache"
    assert finding.message == f"left-pad 1.0.1: modified after installation; {link}"
    forget(where / ".venv" / SITE, INFO)
    (finding,) = told(where)[0]
    assert finding.message.endswith(f"its row in RECORD was edited to match; {link}")


def test_a_list_that_was_wrong_in_the_archive_is_explained(tmp_path: Path, home: Path) -> None:
    right = row("left_pad/data.txt", b"words\n").encode()
    wrong = row("left_pad/data.txt", b"sword\n").encode()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WHEEL)) as archive, zipfile.ZipFile(out, "w") as new:
        for name in archive.namelist():
            new.writestr(name, archive.read(name).replace(right, wrong))
    kept_by_pip(home, out.getvalue())
    where = project(tmp_path, "")
    (where / "uv.lock").write_text(LOCKS["uv.lock"].format(hashlib.sha256(out.getvalue()).hexdigest()))
    record = where / ".venv" / SITE / INFO / "RECORD"
    record.write_bytes(record.read_bytes().replace(right, wrong))
    findings, notes = told(where)
    assert findings == []
    assert "though their lists say otherwise: .venv/lib/python3.12/site-packages/left_pad/data.txt" in notes


@pytest.mark.parametrize(
    "garbage", [b"", b"PK\x03\x04", WHEEL[:-40], WHEEL[:400] + WHEEL[300:], b"PK\x05\x06" * 9]
)
@pytest.mark.parametrize("installer", KEPT)
def test_garbage_in_a_cache_vouches_for_nothing(
    tmp_path: Path, home: Path, installer: str, garbage: bytes
) -> None:
    KEPT[installer](home, WHEEL)
    for file in home.rglob("*"):
        if file.is_file():
            file.write_bytes(garbage)
    findings, _ = told(project(tmp_path, USUAL[installer], installer))
    assert findings == []


def test_a_hash_of_an_unknown_kind_vouches_for_nothing(tmp_path: Path, home: Path) -> None:
    kept_by_pip(home, WHEEL)
    where = project(tmp_path, "")
    for algorithm in ("md7", "shake_128"):
        (where / "requirements.txt").write_text(f"left-pad==1.0.1 --hash={algorithm}:{'a' * 32}\n")
        findings, notes = told(where)
        assert findings == []
        assert "compared with the locked archives" not in notes


class TestPlaces:
    def test_folders_of_wheels_that_somebody_named(self, tmp_path: Path) -> None:
        (tmp_path / "pip.conf").write_text("[global]\nfind-links =\n    /a\n    https://index.example/b\n")
        (tmp_path / "requirements.txt").write_text("--find-links ./c\nleft-pad==1\n")
        (tmp_path / "pyproject.toml").write_text('[tool.uv]\nfind-links = ["d", "file:///e"]\n')
        found = places(
            str(tmp_path),
            {"HOME": "/h", "PIP_FIND_LINKS": "/f /g", "PIP_CONFIG_FILE": str(tmp_path / "pip.conf")},
        )
        assert {"/a", "/f", "/g", "/e"} <= {*found.wheels}
        assert {str(tmp_path / "d"), f"{tmp_path}/./c"} <= {*found.wheels}
        assert not any("index.example" in one for one in found.wheels)

    def test_caches_that_the_environment_names_come_first(self, tmp_path: Path) -> None:
        (tmp_path / "poetry.toml").write_text('cache-dir = "own"\n')
        found = places(str(tmp_path), {"HOME": "/h", "UV_CACHE_DIR": "/u", "LOCALAPPDATA": "/l"})
        assert found.uv[:2] == ("/u", "/h/.cache/uv")
        assert "/l/uv/cache" in found.uv
        assert found.poetry[0] == str(tmp_path / "own")

    def test_a_wheel_by_its_name(self, tmp_path: Path) -> None:
        (tmp_path / "Left_Pad-1.0.1+cpu-1-py3-none-any.whl").write_bytes(b"")
        (tmp_path / "left_pad-1.0.1.tar.gz").write_bytes(b"")
        assert list(python_caches.index(Places(wheels=(str(tmp_path),)))) == [("left-pad", "1.0.1+cpu")]

    def test_a_wheel_by_its_members_even_far_from_its_end(self, tmp_path: Path) -> None:
        many: Files = {f"x/{'n' * 90}{number}.py": "" for number in range(1500)}
        file = tmp_path / "a.body"
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name in ("left_pad-2.dist-info/WHEEL", *many):
                archive.writestr(name, "")
        file.write_bytes(out.getvalue())
        assert wheel_names.looked_into(str(file)) == ("left-pad", "2")


def test_a_file_with_one_name_is_no_hard_link(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    assert python_files.linked(str(tmp_path), "a") == ""
    assert python_files.linked(str(tmp_path), "gone") == ""
