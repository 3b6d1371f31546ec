"""The files of one release of Python beside each other: what a wheel has that the others do not have."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pytest

from fimci import cli
from fimci.registries.registry import Offered
from fimci.releases import siblings
from tests.loopback import Registry, Said, tarball, wheel
from tests.releases.projects import Project

_LINUX, _NEWER = "cp311-cp311-manylinux_2_17_x86_64", "cp312-cp312-manylinux_2_17_x86_64"
_WINDOWS = "cp312-cp312-win_amd64"
_CODE = "def trim(text):\n    return text.strip()\n"
_PLAIN = {"left/__init__.py": _CODE, "left/_x.so": ""}
_MORE = "def left(text):\n    return text\n"
_LOUD = "import os\nos.system('id')\n"
_START = {"left_init.pth": "import os; os.system('id')\n"}


def locked(project: Project, server: Registry, files: Mapping[str, bytes]) -> None:
    """Commit a lock of 1.0, and change it to all files of 1.1; `files` are by tags, or `sources`."""
    old = {f"left-1.0-{_NEWER}.whl": wheel("left", "1.0", _PLAIN)}
    new = {
        "left-1.1.tar.gz" if tags == "sources" else f"left-1.1-{tags}.whl": data
        for tags, data in files.items()
    }
    server.pypi("left", {**old, **new})
    for version, those in (("1.0", old), ("1.1", new)):
        hashes = " ".join(f"--hash=sha256:{hashlib.sha256(data).hexdigest()}" for data in those.values())
        project.write("requirements.txt", f"left=={version} {hashes}\n")
        if version == "1.0":
            project.commit()


def packed(**more: Mapping[str, str]) -> dict[str, bytes]:
    """Pack a wheel for each of three tags, with something more in some of them."""
    tags = {"linux": _LINUX, "newer": _NEWER, "windows": _WINDOWS}
    return {tag: wheel("left", "1.1", {**_PLAIN, **more.get(name, {})}) for name, tag in tags.items()}


def sources(module: str = _CODE) -> bytes:
    about = {"PKG-INFO": "Metadata-Version: 2.1\nName: left\nVersion: 1.1\n", "setup.py": ""}
    return tarball({**about, "src/left/__init__.py": module}, "left-1.1")


def said(report: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return rule, grade and message of each finding, without the name of the update."""
    return [
        (f["rule"], f["severity"], f["message"].removeprefix("left 1.0 → 1.1, ")) for f in report["findings"]
    ]


@pytest.fixture(autouse=True)
def _index(server: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"{server.url}simple")


def test_wheels_that_are_alike_are_not_spoken_of(project: Project, server: Registry) -> None:
    locked(project, server, {**packed(), "sources": sources()})
    code, report = project.check()
    assert (code, report["findings"], report["releases"][0]["verdict"]) == (0, [], "ok")
    assert "compared the files of 1 release with 3 other files, and not with 0 more" in report["notes"]


@pytest.mark.parametrize("where", ["windows", "linux"])
def test_a_payload_in_one_wheel_alone(where: str, project: Project, server: Registry) -> None:
    locked(project, server, packed(**{where: _START}))
    code, report = project.check()
    tags = {"windows": "cp312-win_amd64", "linux": "cp311-manylinux_2_17_x86_64"}[where]
    found = next(f for f in report["findings"] if f["rule"] == "implicit-execution-added")
    story = f"left 1.0 → 1.1, {tags} beside cp312-manylinux_2_17_x86_64: "
    assert (code, found["severity"], found["message"].startswith(story)) == (1, "high", True)
    assert (found["path"], found["line"]) == ("requirements.txt", 1)
    assert found["evidence"][0]["path"] == "pkg:pypi/left@1.1#left_init.pth"
    assert report["releases"][0]["verdict"] == "high"


def test_what_the_installed_wheel_alone_has_is_told_once(project: Project, server: Registry) -> None:
    locked(project, server, packed(newer=_START))
    _, report = project.check()
    told = [f["message"] for f in report["findings"] if f["rule"] == "implicit-execution-added"]
    assert len(told) == 1
    assert told[0].startswith("left 1.0 → 1.1: ")


def test_code_that_can_do_nothing_new(project: Project, server: Registry) -> None:
    # For the same system it should be the same; for another one it often is not.
    odd = {"left/_more.py": _MORE}
    locked(project, server, packed(linux=odd))
    code, report = project.check()
    beside = "cp311-manylinux_2_17_x86_64 beside cp312-manylinux_2_17_x86_64: "
    assert said(report) == [
        ("release-files-differ", "low", f"{beside}has code that the other file does not have: left/_more.py")
    ]
    assert code == 0


def test_code_of_the_installed_wheel_alone(project: Project, server: Registry) -> None:
    locked(project, server, packed(newer={"left/_more.py": _MORE}))
    beside = "cp312-manylinux_2_17_x86_64 beside cp311-manylinux_2_17_x86_64: "
    told = f"{beside}has code that the other file does not have: left/_more.py"
    assert said(project.check()[1]) == [("release-files-differ", "low", told)]


@pytest.mark.parametrize(
    "more",
    [
        {"windows": {"left/_more.py": _MORE}},
        {"windows": {"left/__init__.py": _CODE.replace("\n", "\r\n")}},
        {"linux": {"left/_build.py": "MADE = '2026-11-27'\n"}},
        {"linux": {"left/_y.so": "a program"}},
    ],
)
def test_what_differs_by_nature(more: dict[str, dict[str, str]], project: Project, server: Registry) -> None:
    locked(project, server, packed(**more))
    assert said(project.check()[1]) == []


@pytest.mark.parametrize(("module", "grade"), [(_LOUD, "medium"), (_MORE, "low")])
def test_a_wheel_of_a_platform_beside_its_sources(
    module: str, grade: str, project: Project, server: Registry
) -> None:
    odd = {"left/_more.py": module}
    locked(project, server, {**packed(linux=odd, newer=odd, windows=odd), "sources": sources()})
    _, report = project.check()
    told = {rule: (severity, text) for rule, severity, text in said(report)}
    where = "cp312-manylinux_2_17_x86_64 beside its sources: "
    what = f"{where}has code that the other file does not have: left/_more.py"
    assert told["release-files-differ"] == ("low", what)
    assert report["releases"][0]["verdict"] == grade


def test_a_module_that_the_sources_have_otherwise(project: Project, server: Registry) -> None:
    locked(project, server, {**packed(), "sources": sources(_CODE + "\n\ndef left(): ...\n")})
    where = "cp312-manylinux_2_17_x86_64 beside its sources: "
    told = f"{where}has different code than the other file: left/__init__.py"
    assert said(project.check()[1]) == [("release-files-differ", "low", told)]


def test_another_file_with_other_bytes_than_locked(project: Project, server: Registry) -> None:
    locked(project, server, packed(windows={"left/_y.so": "a program"}))
    server.say(f"/files/left-1.1-{_WINDOWS}.whl", Said(wheel("left", "1.1", {"left/other.py": ""})))
    code, report = project.check()
    assert (code, [(rule, severity) for rule, severity, _ in said(report)]) == (
        1,
        [("release-not-as-locked", "critical")],
    )


def test_another_file_that_cannot_be_had(project: Project, server: Registry) -> None:
    locked(project, server, packed(windows=_START))
    server.say(f"/files/left-1.1-{_WINDOWS}.whl", Said(status=404))
    code, report = project.check()
    assert (code, report["findings"]) == (0, [])
    assert "compared the files of 1 release with 1 other file, and not with 1 more" in report["notes"]


def test_policy_bounds_what_is_obtained(project: Project, server: Registry) -> None:
    project.write("fimci.toml", "siblings = 0\n")
    locked(project, server, packed(windows=_START))
    code, report = project.check()
    assert (code, report["findings"]) == (0, [])
    assert f"/files/left-1.1-{_WINDOWS}.whl" not in server.paths()


def test_a_release_that_is_named(
    server: Registry, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {f"left-1.1-{tags}.whl": data for tags, data in packed(windows=_START).items()}
    files[f"left-1.0-{_NEWER}.whl"] = wheel("left", "1.0", _PLAIN)
    server.pypi("left", files)
    monkeypatch.setenv("FIMCI_CACHE_DIR", "off")
    assert cli.main(["compare", "pkg:pypi/left@1.0", "pkg:pypi/left@1.1", "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    (found,) = [f for f in report["findings"] if f["rule"] == "implicit-execution-added"]
    assert found["path"] == f"left-1.1-{_WINDOWS}.whl!/left_init.pth"
    assert found["message"].startswith("cp312-win_amd64 beside cp312-manylinux_2_17_x86_64: ")
    assert "compared cp312-manylinux_2_17_x86_64 with 2 other files of its release" in " ".join(
        report["notes"]
    )


def test_other_systems_come_first_and_large_files_never() -> None:
    tags = (
        "cp312-cp312-manylinux_2_17_x86_64",
        "cp310-cp310-manylinux_2_17_x86_64",
        "cp310-cp310-win_amd64",
        "cp312-cp312-win_amd64",
        "cp312-cp312-musllinux_1_1_x86_64",
        "cp312-cp312-macosx_11_0_arm64",
    )
    files = [Offered(f"left-1.1-{tag}.whl", "", ()) for tag in tags]
    files.append(Offered("left-1.1.tar.gz", "", (), size=siblings.LARGE + 1))
    chosen = siblings.others(files, files[0], 4)
    assert [one.name.split("-")[2] + " " + siblings.system(one.name) for one in chosen] == [
        "cp312 macosx",
        "cp312 musllinux",
        "cp312 win",
        "cp310 linux",
    ]
    assert siblings.others(files, files[-1], 4) == []


_LOADS = {"left/_load.py": "import ctypes\nctypes.WinDLL('left.dll')\n"}


@pytest.mark.parametrize("compiled", [True, False])
def test_programs_are_loaded_as_the_system_wants_it(
    *, compiled: bool, project: Project, server: Registry
) -> None:
    files = packed(windows=_LOADS)
    if not compiled:
        files[_NEWER] = wheel("left", "1.1", {"left/__init__.py": _CODE})
    locked(project, server, files)
    told = [text for rule, _, text in said(project.check()[1]) if rule == "capability-gained"]
    assert [text.partition(": ")[2][:19] for text in told] == ([] if compiled else ["gains native-code ("])
