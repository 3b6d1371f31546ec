"""Each form of a lockfile leads to the releases that it takes up: what they gain is told at its lines."""

from __future__ import annotations

import hashlib

import pytest

from tests.loopback import Registry, sri, tarball, wheel
from tests.releases.lockfiles import NPM, PYTHON, Writer
from tests.releases.projects import LOUD, QUIET, Project

_CODE = {"left/__init__.py": "def trim(text):\n    return text.strip()\n"}
_LOUD = {**_CODE, "left/run.py": "import os\nos.system('id')\n"}
_MORE = {"left/_x.py": "import urllib.request\nurllib.request.urlopen('https://files.invalid/x')\n"}
_TAGS = ("py3-none-any", "cp312-cp312-win_amd64")


@pytest.mark.parametrize("form", NPM)
def test_npm(form: str, project: Project, server: Registry) -> None:
    name, write = NPM[form]
    for version, files in (("1.0.0", QUIET), ("1.0.1", LOUD)):
        data = server.npm("left", version, files)
        project.write(name, write(version, {"left.tgz": sri(data)}, server.url))
        if version == "1.0.0":
            project.commit()
    _, report = project.check()
    told = [f for f in report["findings"] if f["rule"] == "capability-gained"]
    assert [f["message"].partition(" gains ")[0] for f in told] == ["left 1.0.0 \u2192 1.0.1:"], report
    assert (told[0]["path"], told[0]["package"]) == (name, "pkg:npm/left@1.0.1")
    (row,) = report["releases"]
    assert (row["before"], row["after"], row["verdict"] == "ok") == ("1.0.0", "1.0.1", False)
    assert report["unread"] == []
    alone = (
        "of 1 of 1 release the lockfile has no hash of what is published: the registry alone vouches for it"
    )
    assert (alone in report["notes"]) == (form == "yarn berry")


@pytest.mark.parametrize("form", [one for one in NPM if one != "yarn berry"])
def test_other_bytes_than_each_form_of_npm_locks(form: str, project: Project, server: Registry) -> None:
    name, write = NPM[form]
    for version in ("1.0.0", "1.0.1"):
        data = server.npm("left", version, QUIET)
        project.write(name, write(version, {"left.tgz": sri(data)}, server.url))
        if version == "1.0.0":
            project.commit()
    server.npm("left", "1.0.1", LOUD)
    code, report = project.check()
    told = [(f["severity"], f["path"]) for f in report["findings"] if f["rule"] == "release-not-as-locked"]
    assert (code, told) == (1, [("critical", name)])


def published(server: Registry, project: Project, name: str, write: Writer, *, extra: bool) -> None:
    """Publish two releases of Python, each of two wheels and sources, and lock them one after the other."""
    every = {}
    for version, code in (("1.0", _CODE), ("1.1", _LOUD)):
        about = {"PKG-INFO": f"Metadata-Version: 2.1\nName: left\nVersion: {version}\n", "pyproject.toml": ""}
        mine = {f"left-{version}.tar.gz": tarball({**about, **code}, f"left-{version}")}
        for tag in _TAGS:
            more = _MORE if extra and tag != _TAGS[0] else {}
            mine[f"left-{version}-{tag}.whl"] = wheel("left", version, {**code, **more})
        every.update(mine)
        sums = {file: hashlib.sha256(data).hexdigest() for file, data in mine.items()}
        project.write(name, write(version, sums, server.url))
        if version == "1.0":
            project.commit()
    server.pypi("left", every)


@pytest.mark.parametrize("form", PYTHON)
def test_python(form: str, project: Project, server: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"{server.url}simple")
    name, write = PYTHON[form]
    published(server, project, name, write, extra=False)
    _, report = project.check()
    told = [f for f in report["findings"] if f["rule"] == "capability-gained"]
    assert [f["message"].partition(" gains ")[0] for f in told] == ["left 1.0 \u2192 1.1:"], report
    assert (told[0]["path"], told[0]["package"]) == (name, "pkg:pypi/left@1.1")
    (row,) = report["releases"]
    assert (row["before"], row["after"], row["verdict"]) == ("1.0", "1.1", "medium")
    assert report["unread"] == []
    assert "compared the files of 1 release with 2 other files, and not with 0 more" in report["notes"]


@pytest.mark.parametrize("form", PYTHON)
def test_a_file_for_another_system_that_can_do_more(
    form: str, project: Project, server: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"{server.url}simple")
    name, write = PYTHON[form]
    published(server, project, name, write, extra=True)
    _, report = project.check()
    told = [f["message"] for f in report["findings"] if "win_amd64 beside" in f["message"]]
    assert told, [f["message"] for f in report["findings"]]


@pytest.mark.parametrize("form", PYTHON)
def test_other_bytes_than_each_form_of_python_locks(
    form: str, project: Project, server: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"{server.url}simple")
    name, write = PYTHON[form]
    published(server, project, name, write, extra=False)
    file = f"/files/left-1.1-{_TAGS[0]}.whl"
    server.answers[file] = server.answers["/files/left-1.0.tar.gz"]
    code, report = project.check()
    told = [(f["severity"], f["path"]) for f in report["findings"] if f["rule"] == "release-not-as-locked"]
    assert (code, told) == (1, [("critical", name)])
