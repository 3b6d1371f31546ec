"""What an update of a lockfile brings in: from a repository, its registry on loopback, to a report."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest

from fimci import cli
from tests import repository
from tests.loopback import Registry, Said, serving, sri, tarball, wheel
from tests.releases.projects import LOUD, QUIET, Project, lock, updated


def test_what_an_update_gained_is_told_at_the_lockfile(project: Project, server: Registry) -> None:
    updated(project, server, LOUD)
    code, report = project.check()
    (found,) = report["findings"]
    assert code == 0
    assert (found["rule"], found["severity"], found["package"]) == (
        "capability-gained",
        "medium",
        "pkg:npm/left@1.0.1",
    )
    assert found["message"].startswith("left 1.0.0 → 1.0.1: gains shell (id) when imported")
    assert (found["path"], found["line"]) == ("package-lock.json", 14)
    assert found["evidence"][0]["path"] == "pkg:npm/left@1.0.1#index.js"
    (row,) = report["releases"]
    assert (row["name"], row["before"], row["after"], row["bump"]) == ("left", "1.0.0", "1.0.1", "patch")
    assert row["verdict"] == "medium"
    assert any("shell" in word for word in row["gained"])


def test_a_quiet_update(project: Project, server: Registry) -> None:
    updated(project, server, {"index.js": QUIET["index.js"] + "exports.left = 1\n"})
    code, report = project.check()
    assert (code, report["findings"]) == (0, [])
    assert [(row["verdict"], row["provenance"]) for row in report["releases"]] == [("ok", None)]


def test_the_address_in_the_lockfile_is_not_asked(project: Project, server: Registry) -> None:
    with serving() as other:
        old, new = server.npm("left", "1.0.0", QUIET), server.npm("left", "1.0.1", QUIET)
        project.write("package-lock.json", lock({"left": ("1.0.0", sri(old), {})}))
        project.commit()
        text = lock({"left": ("1.0.1", sri(new), {})}).replace("https://registry.example/", other.url)
        project.write("package-lock.json", text)
        project.check()
        assert other.seen == []


def test_a_change_does_not_choose_the_registry(project: Project, server: Registry) -> None:
    updated(project, server, QUIET)
    with serving() as other:
        project.write(".npmrc", f"registry={other.url}\n")
        _, report = project.check()
        assert other.seen == []
    assert [row["verdict"] for row in report["releases"]] == ["ok"]


def test_an_update_that_is_known_to_be_malicious_is_not_ok(project: Project, server: Registry) -> None:
    updated(project, server, QUIET)
    affected = {"package": {"ecosystem": "npm", "name": "left"}, "versions": ["1.0.1"]}
    known = project.folder.parent / "known.jsonl"
    known.write_text(
        json.dumps({"id": "MAL-2099-1", "modified": "2099-01-01T00:00:00Z", "affected": [affected]})
    )
    code, report = project.check("--osv", str(known))
    assert (code, [found["rule"] for found in report["findings"]]) == (1, ["known-malicious"])
    assert [row["verdict"] for row in report["releases"]] == ["critical"]


def test_other_bytes_than_locked_are_critical(project: Project, server: Registry) -> None:
    updated(project, server, QUIET)
    server.npm("left", "1.0.1", LOUD)
    code, report = project.check()
    found = next(f for f in report["findings"] if f["rule"] == "release-not-as-locked")
    assert (code, found["severity"], found["line"]) == (1, "critical", 14)
    assert [row["verdict"] for row in report["releases"]] == ["critical"]
    assert not any(f["rule"] == "capability-gained" for f in report["findings"])


@pytest.mark.parametrize("answer", [Said(status=404), Said(status=500), Said(b"half", length=99)])
def test_what_cannot_be_had_is_unread(project: Project, server: Registry, answer: Said) -> None:
    updated(project, server, LOUD)
    server.say("/left/-/left-1.0.1.tgz", answer)
    code, report = project.check()
    assert (code, report["complete"]) == (3, False)
    assert [row["verdict"] for row in report["releases"]] == ["not looked at"]
    (missed,) = report["unread"]
    assert (missed["path"], missed["part"], missed["line"]) == ("package-lock.json", "left@1.0.1", 14)


def test_an_old_release_that_is_gone(project: Project, server: Registry) -> None:
    updated(project, server, LOUD)
    server.say("/left/1.0.0", Said(status=404))
    server.say("/left/-/left-1.0.0.tgz", Said(status=404))
    code, report = project.check()
    assert code == 3
    assert [missed["part"] for missed in report["unread"]] == ["left@1.0.0"]
    (row,) = report["releases"]
    assert row["gained"] == []
    assert row["why"].startswith("left@1.0.0: ")


def test_offline_says_what_was_not_judged(project: Project, server: Registry) -> None:
    updated(project, server, LOUD)
    code, report = project.check("--offline")
    assert (code, server.seen) == (3, [])
    assert "offline" in report["unread"][0]["why"]
    project.check()
    server.seen.clear()
    assert project.check("--offline")[1]["releases"][0]["verdict"] == "medium"
    assert server.seen == []


def test_a_new_dependency_is_told_through_what_brought_it(project: Project, server: Registry) -> None:
    old, new = server.npm("left", "1.0.0", QUIET), server.npm("left", "1.0.1", QUIET)
    script = {
        "package.json": json.dumps(
            {"name": "plain", "version": "4.2.1", "scripts": {"postinstall": "node s.js"}}
        )
    }
    plain = server.npm("plain", "4.2.1", {**script, "s.js": LOUD["index.js"]})
    project.write("package-lock.json", lock({"left": ("1.0.0", sri(old), {})}))
    project.commit()
    entries = {"left": ("1.0.1", sri(new), {"plain": "^4.2.1"}), "plain": ("4.2.1", sri(plain), {})}
    project.write("package-lock.json", lock(entries))
    _, report = project.check()
    messages = [f["message"] for f in report["findings"] if f["rule"] == "install-script-added"]
    story = "left now brings plain 4.2.1, which runs a script at install: new postinstall script: node s.js"
    assert story in messages, report["findings"]
    row = next(row for row in report["releases"] if row["name"] == "plain")
    assert (row["through"], row["bump"], row["before"]) == ("left", "new", None)
    assert any(word.endswith("(install)") for word in row["gained"])


def test_facts_of_the_registry(project: Project, server: Registry) -> None:
    updated(project, server, QUIET)
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(b"").digest()).decode()
    versions = {
        "1.0.0": {
            "dist": {"attestations": {}},
            "maintainers": [{"name": "ann"}],
            "_npmUser": {"name": "ann"},
        },
        "1.0.1": {
            "dist": {"integrity": integrity},
            "maintainers": [{"name": "mallory"}],
            "_npmUser": {"name": "mallory"},
            "deprecated": "use right",
            "scripts": {"postinstall": "node s.js"},
        },
    }
    for version, manifest in versions.items():
        manifest.update(name="left", version=version)
    times = {"created": "2020-01-01T00:00:00.000Z", "1.0.1": "2999-01-01T00:00:00.000Z"}
    document = {"name": "left", "versions": versions, "time": times}
    server.say("/left", Said(json.dumps(document).encode()))
    code, report = project.check()
    assert code == 1
    assert {f["rule"]: f["severity"] for f in report["findings"]} == {
        "release-confused": "high",
        "release-provenance-lost": "high",
        "release-publisher-changed": "medium",
        "release-withdrawn": "low",
        "release-young": "low",
    }
    assert (report["releases"][0]["age"], report["releases"][0]["provenance"]) == (0, "lost")
    # A mirror says when it took a release up, and does not know since when there is the package.
    del times["created"]
    server.say("/left", Said(json.dumps(document).encode()))
    _, report = project.check()
    assert "release-young" not in {f["rule"] for f in report["findings"]}
    assert report["releases"][0]["age"] is None
    told = "the age of 1 of 1 release is unstated: their registry has no times, or those of a mirror"
    assert told in report["notes"]


def test_policy_asks_for_it(project: Project, server: Registry) -> None:
    project.write("fimci.toml", "releases = true\noffline = true\n")
    updated(project, server, LOUD)
    file = project.folder.parent / "report.json"
    arguments = ["check", str(project.folder), "--no-installed", "--format", f"json={file}"]
    assert cli.main(arguments) == 3
    assert len(json.loads(file.read_text())["releases"]) == 1
    assert cli.main([*arguments, "--no-releases"]) == 0
    assert cli.main([*arguments, "--staged"]) == 0
    assert cli.main([*arguments, "--staged", "--releases"]) == 2
    assert server.seen == []


def test_tables_for_people(project: Project, server: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    updated(project, server, LOUD)
    project.check()
    cli.main(["check", str(project.folder), "--releases", "--no-installed", "--offline"])
    assert "release: medium: left 1.0.0 → 1.0.1 (patch): gains" in capsys.readouterr().out
    cli.main(
        ["check", str(project.folder), "--releases", "--no-installed", "--offline", "--format", "markdown"]
    )
    assert "| `left` | `1.0.0` | `1.0.1` | patch |" in capsys.readouterr().out


def test_the_same_version_with_other_bytes(project: Project, server: Registry) -> None:
    old = server.npm("left", "1.0.0", QUIET)
    project.write("package-lock.json", lock({"left": ("1.0.0", sri(old), {})}))
    project.commit()
    project.check()
    new = server.npm("left", "1.0.0", LOUD)
    project.write("package-lock.json", lock({"left": ("1.0.0", sri(new), {})}))
    code, report = project.check()
    said = {f["rule"]: f["severity"] for f in report["findings"]}
    assert (code, said["integrity-changed"], report["releases"][0]["verdict"]) == (1, "high", "not looked at")


def test_what_comes_from_git_is_unread(project: Project, server: Registry) -> None:
    updated(project, server, QUIET)
    text = json.loads(lock({"left": ("1.0.1", "", {})}))
    entry = text["packages"]["node_modules/left"]
    entry["resolved"] = "git+ssh://git@github.com/left/left.git#" + "a" * 40
    del entry["integrity"]
    project.write("package-lock.json", json.dumps(text, indent=1))
    _, report = project.check()
    assert "elsewhere than a registry (git)" in report["unread"][0]["why"]
    assert server.seen == []


def test_a_start_up_file_of_python(
    project: Project, server: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"{server.url}simple")
    old = wheel("left", "1.0", {"left.py": ""})
    new = wheel("left", "1.1", {"left.py": "", "left_init.pth": "import os; os.system('id')\n"})
    server.pypi("left", {"left-1.0-py3-none-any.whl": old, "left-1.1-py3-none-any.whl": new})
    for version, data in (("1.0", old), ("1.1", new)):
        digest = hashlib.sha256(data).hexdigest()
        project.write("requirements.txt", f"left=={version} --hash=sha256:{digest}\n")
        if version == "1.0":
            project.commit()
    code, report = project.check()
    told = next(f for f in report["findings"] if f["rule"] == "implicit-execution-added")
    assert (code, told["path"], told["line"]) == (1, "requirements.txt", 1)
    assert told["message"].startswith("left 1.0 → 1.1: ")


@pytest.mark.parametrize("extra", ["", "import os; os.system('id')\n"])
def test_a_wheel_is_held_against_the_sources_beside_it(
    extra: str, project: Project, server: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"{server.url}simple")
    code = "def trim(text):\n    return text.strip()\n"
    files = {}
    for version in ("1.0", "1.1"):
        more = {"left/_x.py": extra} if extra and version == "1.1" else {}
        about = f"Metadata-Version: 2.1\nName: left\nVersion: {version}\n"
        sources = {"PKG-INFO": about, "pyproject.toml": "[project]\n", "left/__init__.py": code}
        files[f"left-{version}-py3-none-any.whl"] = wheel("left", version, {"left/__init__.py": code, **more})
        files[f"left-{version}.tar.gz"] = tarball(sources, f"left-{version}")
    server.pypi("left", files)
    for version in ("1.0", "1.1"):
        mine = [data for name, data in files.items() if f"-{version}" in name]
        hashes = " ".join(f"--hash=sha256:{hashlib.sha256(data).hexdigest()}" for data in mine)
        project.write("requirements.txt", f"left=={version} {hashes}\n")
        if version == "1.0":
            project.commit()
    _, report = project.check()
    told = [f for f in report["findings"] if f["rule"].startswith("artifact-")]
    assert [f["rule"] for f in told] == (["artifact-file-unsourced"] if extra else [])
    assert [(f["path"], f["message"].partition(": ")[0]) for f in told] == (
        [("requirements.txt", "left 1.0 → 1.1, py3-any beside its sources")] if extra else []
    )
    assert report["releases"][0]["verdict"] == ("high" if extra else "ok")


@pytest.mark.parametrize("forgotten", [False, True])
def test_a_release_without_a_tag(forgotten: bool, project: Project, server: Registry, tmp_path: Path) -> None:  # noqa: FBT001  (a case)
    clone = repository.create(tmp_path / "left", {"index.js": QUIET["index.js"]})
    for tag in ("v1.0.0", "other@1.0.1", *(() if forgotten else ("v1.0.1",))):
        repository.git(clone, "tag", tag)
    updated(project, server, QUIET)
    code, report = project.check("--source", f"left=git:{clone}@main")
    told = [(f["rule"], f["severity"], f["path"], f["line"]) for f in report["findings"]]
    assert (code, told) == (
        0,
        [("release-untagged", "medium", "package-lock.json", 14)] if forgotten else [],
    )
    assert report["releases"][0]["verdict"] == ("medium" if forgotten else "ok")


@pytest.mark.parametrize(
    ("origin", "tags", "told"),
    [
        ("git@github.com:Acme/All.git", "v1.0.0", ["release-untagged"]),
        ("https://github.com/acme/all", "v1.0.0 v1.0.1", []),
        ("https://github.com/acme/all", "", []),
        ("https://github.com/acme/other", "v1.0.0", []),
        (None, "v1.0.0", []),
    ],
)
def test_a_repository_that_takes_up_its_own_release(
    origin: str | None, tags: str, told: list[str], project: Project, server: Registry
) -> None:
    about = {"name": "left", "repository": "https://github.com/acme/all"}
    for version in ("1.0.0", "1.0.1"):
        data = tarball({"package.json": json.dumps({**about, "version": version})})
        server.npm("left", version, QUIET)
        server.say(f"/left/-/left-{version}.tgz", Said(data))
        project.write("package-lock.json", lock({"left": (version, sri(data), {})}))
        if version == "1.0.0":
            project.commit()
    for tag in tags.split():
        repository.git(project.folder, "tag", tag)
    if origin is not None:
        repository.git(project.folder, "remote", "add", "origin", origin)
    assert [f["rule"] for f in project.check()[1]["findings"]] == told


def test_a_source_of_a_release_is_a_clone(project: Project, server: Registry, tmp_path: Path) -> None:
    updated(project, server, QUIET)
    arguments = ["check", str(project.folder), "--no-installed"]
    for source in ("left=pkg:npm/left@1.0.0", f"left=git:{tmp_path}@main", "left"):
        assert cli.main([*arguments, "--releases", "--source", source]) == 2
    assert cli.main([*arguments, "--source", "left=git:HEAD"]) == 2
    assert server.seen == []
