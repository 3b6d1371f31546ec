"""`fimci check`, end to end: a clone of a real repository, one edit, and exactly the right finding."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fimci.cli import main
from tests import repository

pytestmark = pytest.mark.client
PROJECT = Path(__file__).parent.parent / "fixtures" / "project"


@pytest.fixture(autouse=True)
def sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    repository.seal(monkeypatch)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a fresh clone of the sample project."""
    origin = tmp_path / "origin"
    shutil.copytree(PROJECT, origin)
    repository.create(origin, {})
    return repository.clone(origin, tmp_path / "clone")


def run(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, object]]:
    """Run fimci in this process; return the exit code and the JSON report."""
    capsys.readouterr()
    code = main([*arguments, "--format", "json"])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return code, json.loads(captured.out) if captured.out else {"error": captured.err}


def told(report: dict[str, object]) -> list[tuple[str, str, int, str]]:
    found = report["findings"]
    assert isinstance(found, list)
    return [(f["rule"], f["path"], f["line"], f["severity"]) for f in found]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new))


def line(path: Path, text: str) -> int:
    """Return the line of the only occurrence of a text."""
    (number,) = [n for n, row in enumerate(path.read_text().splitlines(), 1) if text in row]
    return number


def test_an_untouched_clone_is_silent(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, report = run("check", str(clone), capsys=capsys)
    assert (code, report["findings"], report["unread"], report["complete"]) == (0, [], [], True)


def make_executable(clone: Path) -> int:
    (clone / "src/left.js").chmod(0o755)
    return 1


def link_to_passwd(clone: Path) -> int:
    (clone / "src/words").symlink_to("/etc/passwd")
    return 1


def bidi(clone: Path) -> int:
    edit(clone / "src/left.js", 'role === "user"', 'role === "user\u202e \u2066// admin only\u2069 \u2066"')
    return line(clone / "src/left.js", "admin only")


def postinstall(clone: Path) -> int:
    edit(
        clone / "package.json",
        '"test": "node --test"',
        '"test": "node --test",\n    "postinstall": "node setup.js"',
    )
    return line(clone / "package.json", "postinstall")


def integrity(clone: Path) -> int:
    edit(clone / "package-lock.json", "sha512-Wu1V", "sha512-AAAA")
    return line(clone / "package-lock.json", "sha512-AAAA")


def resolved(clone: Path) -> int:
    text = (clone / "package-lock.json").read_text()
    old = next(row for row in text.splitlines() if '"resolved"' in row)
    edit(clone / "package-lock.json", old, old.replace("registry.example", "registry.invalid"))
    return line(clone / "package-lock.json", "registry.invalid")


def unpin(clone: Path) -> int:
    path = clone / ".github/workflows/test.yml"
    (pinned,) = [row for row in path.read_text().splitlines() if "actions/checkout@" in row]
    edit(path, pinned, pinned.partition("@")[0] + "@v5")
    return line(path, "actions/checkout@v5")


def write_all(clone: Path) -> int:
    path = clone / ".github/workflows/test.yml"
    edit(path, "permissions:\n  contents: read\n", "permissions: write-all\n")
    return line(path, "write-all")


def elf(clone: Path) -> int:
    (clone / "src/helper").write_bytes(b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00" + bytes(44))
    return 1


def loosen(clone: Path) -> int:
    edit(clone / "fimci.toml", 'fail-on = "high"', 'fail-on = "critical"')
    return line(clone / "fimci.toml", "fail-on")


EDITS: dict[str, tuple[Callable[[Path], int], str, str]] = {
    "chmod +x on a source file": (make_executable, "executable-appeared", "src/left.js"),
    "a link to the password file": (link_to_passwd, "link-escapes", "src/words"),
    "bidi characters in a source file": (bidi, "hidden-text", "src/left.js"),
    "a postinstall script": (postinstall, "install-script-added", "package.json"),
    "another hash in the lockfile": (integrity, "integrity-changed", "package-lock.json"),
    "another host in the lockfile": (resolved, "origin-changed", "package-lock.json"),
    "an action moved to a tag": (unpin, "action-unpinned", ".github/workflows/test.yml"),
    "permissions to write all": (write_all, "workflow-privileges-widened", ".github/workflows/test.yml"),
    "a native binary": (elf, "binary-appeared", "src/helper"),
    "a looser policy": (loosen, "policy-changed", "fimci.toml"),
}


@pytest.mark.parametrize("name", EDITS)
def test_one_edit_is_exactly_one_finding_at_its_line(
    name: str, clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change, rule, path = EDITS[name]
    number = change(clone)
    code, report = run("check", str(clone), "--fail-on", "medium", capsys=capsys)
    assert [found[:3] for found in told(report)] == [(rule, path, number)]
    assert code == 1
    repository.git(clone, "add", "--all")
    staged, same = run("check", str(clone), "--staged", "--fail-on", "medium", capsys=capsys)
    assert (staged, told(same)) == (1, told(report))


def test_a_lockfile_that_is_deleted_though_its_manifest_stays(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (clone / "package-lock.json").unlink()
    code, report = run("check", str(clone), capsys=capsys)
    assert (code, told(report)[0][:2]) == (1, ("lockfile-removed", "package-lock.json"))
    repository.write(clone, {"pnpm-lock.yaml": "lockfileVersion: '9.0'\n"})
    _, report = run("check", str(clone), capsys=capsys)
    found = {item[:2] for item in told(report)}
    assert ("package-manager-changed", "pnpm-lock.yaml") in found
    assert ("lockfile-removed", "package-lock.json") not in found


def test_a_lock_of_providers_goes_with_one_of_the_modules_beside_it(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = f'  version = "1.0.0"\n  hashes = [\n    "zh:{"a" * 64}",\n  ]\n'
    provider = f'provider "registry.example/a/b" {{\n{facts}}}\n'
    modules = {"live/main.tf": "terraform {}\n", "live/outputs.tf": "# none\n"}
    repository.write(clone, {**modules, "live/.terraform.lock.hcl": provider})
    repository.commit(clone)
    (clone / "live/.terraform.lock.hcl").unlink()
    (clone / "live/outputs.tf").unlink()
    _, report = run("check", str(clone), "--base", "HEAD", capsys=capsys)
    assert ("lockfile-removed", "live/.terraform.lock.hcl") in {found[:2] for found in told(report)}
    (clone / "live/main.tf").unlink()
    code, report = run("check", str(clone), "--base", "HEAD", capsys=capsys)
    assert (code, told(report)) == (0, [])


def test_a_workflow_is_held_against_the_lock_of_actions_that_did_not_change(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = "version: 'v0.0.2'\ndependencies:\n    'acme/build@v1':\n        ref: 'v1'\n"
    repository.write(clone, {".github/workflows/actions.lock": lock})
    repository.commit(clone)
    unpin(clone)
    _, report = run("check", str(clone), "--base", "HEAD", capsys=capsys)
    assert ("lock-drift", ".github/workflows/test.yml") in {found[:2] for found in told(report)}


def test_all_edits_together_lose_none(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    expected = {(rule, path, change(clone)) for change, rule, path in EDITS.values()}
    _, report = run("check", str(clone), capsys=capsys)
    assert {(rule, path) for rule, path, _ in expected} <= {found[:2] for found in told(report)}


def test_a_looser_policy_does_not_apply_to_the_change_that_brings_it(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.write(clone, {"fimci.toml": 'fail-on = "critical"\nignore = ["*"]\n'})
    elf(clone)
    code, report = run("check", str(clone), capsys=capsys)
    assert code == 1
    assert {found[0] for found in told(report)} == {"policy-changed", "binary-appeared"}


def test_a_finding_that_is_accepted_on_the_base_is_shown_and_does_not_fail(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elf(clone)
    _, report = run("check", str(clone), capsys=capsys)
    findings = report["findings"]
    assert isinstance(findings, list)
    config = str(clone / "fimci.toml")
    assert main(["accept", findings[0]["fingerprint"], "--reason", "reviewed", "--config", config]) == 0
    (clone / "src/helper").rename(clone.parent / "helper")
    repository.commit(clone)
    (clone.parent / "helper").rename(clone / "src/helper")
    code, report = run("check", str(clone), "--base", "HEAD", capsys=capsys)
    findings = report["findings"]
    assert isinstance(findings, list)
    assert (code, findings[0]["accepted"]["reason"]) == (0, "reviewed")
    with (clone / "src/helper").open("ab") as file:
        file.write(b"\0")
    assert run("check", str(clone), "--base", "HEAD", capsys=capsys)[0] == 1


def test_a_broken_lockfile_is_unread_and_the_rest_is_judged(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(clone / "package-lock.json", '"lockfileVersion": 3,', '"lockfileVersion": 3')
    code, report = run("check", str(clone), capsys=capsys)
    unread = report["unread"]
    assert isinstance(unread, list)
    assert (code, report["complete"], [item["path"] for item in unread]) == (3, False, ["package-lock.json"])
    elf(clone)
    code, report = run("check", str(clone), capsys=capsys)
    assert code == 1
    assert "binary-appeared" in {found[0] for found in told(report)}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_listed_is_unread(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (clone / "secret").mkdir(mode=0o000)
    code, report = run("check", str(clone), capsys=capsys)
    (clone / "secret").chmod(stat.S_IRWXU)
    assert (code, report["complete"]) == (3, False)


@pytest.mark.parametrize("how", [["--all"], ["src/left.js"], ["--amend", "--all"]])
def test_the_hook_judges_what_is_committed(clone: Path, how: list[str]) -> None:
    """`git commit -a` and `git commit PATH` keep what they take in an index of their own."""
    hook = clone / ".git/hooks/pre-commit"
    hook.write_text(
        f'#!/bin/sh\nPYTHONPATH="{PROJECT.parents[1]}" '
        f'exec "{sys.executable}" -m fimci check --staged --fail-on medium\n'
    )
    hook.chmod(0o755)
    edit(clone / "src/left.js", "user", "guest")
    repository.git(clone, "commit", "--quiet", "--all", "--message", "innocent")
    make_executable(clone)
    with pytest.raises(subprocess.CalledProcessError) as error:
        repository.git(clone, "commit", "--quiet", "--message", "not so", *how)
    assert b"executable-appeared" in error.value.stdout + error.value.stderr


def test_a_single_file_can_be_asked_for(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_executable(clone)
    elf(clone)
    code, report = run("check", str(clone / "src/left.js"), "--fail-on", "medium", capsys=capsys)
    assert (code, [found[:2] for found in told(report)]) == (1, [("executable-appeared", "src/left.js")])
    assert report["counts"]["files"] == 1  # type: ignore[index]
    assert run("check", str(clone / "package.json"), capsys=capsys)[0] == 0


def test_outside_git_a_folder_is_held_against_its_baseline(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "folder"
    shutil.copytree(PROJECT, folder)
    code, report = run("check", str(folder), capsys=capsys)
    assert (code, "take one with `fimci baseline`" in str(report["error"])) == (2, True)
    assert main(["baseline", str(folder)]) == 0
    first = (folder / "fimci.baseline").read_bytes()
    assert main(["baseline", str(folder)]) == 0
    assert (folder / "fimci.baseline").read_bytes() == first
    assert run("check", str(folder), capsys=capsys)[0] == 0
    edit(folder / "src/left.js", "user", "root")
    (folder / "new.txt").write_text("new\n")
    elf(folder)
    code, report = run("check", str(folder), capsys=capsys)
    assert code == 1
    assert {found[:2] for found in told(report)} == {
        ("unexpected-change", "src/left.js"),
        ("unexpected-change", "new.txt"),
        ("binary-appeared", "src/helper"),
    }


def test_a_policy_that_the_baseline_did_not_see_is_not_obeyed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "folder"
    shutil.copytree(PROJECT, folder)
    assert main(["baseline", str(folder)]) == 0
    (folder / "fimci.toml").write_text('fail-on = "critical"\n[rules.unexpected-change]\nseverity = "off"\n')
    edit(folder / "src/left.js", "user", "root")
    code, report = run("check", str(folder), capsys=capsys)
    assert code == 1
    assert ("unexpected-change", "src/left.js") in {found[:2] for found in told(report)}


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: data.replace(b"left", b"1eft", 1)])
def test_a_damaged_baseline_is_refused(
    damage: Callable[[bytes], bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "folder"
    shutil.copytree(PROJECT, folder)
    assert main(["baseline", str(folder)]) == 0
    (folder / "fimci.baseline").write_bytes(damage((folder / "fimci.baseline").read_bytes()))
    code, report = run("check", str(folder), capsys=capsys)
    assert code == 3
    assert "fimci.baseline" in str(report["error"])


def test_a_lesser_finding_does_not_speak_for_an_unexpected_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "folder"
    shutil.copytree(PROJECT, folder)
    assert main(["baseline", str(folder)]) == 0
    edit(folder / "package.json", '"ms": "2.1.3"', '"ms": "2.1.3",\n    "left": "1.0.0"')
    edit(folder / "package.json", "src/left.js", "src/evil.js")
    code, report = run("check", str(folder), capsys=capsys)
    assert code == 1
    assert ("unexpected-change", "package.json") in {found[:2] for found in told(report)}


def test_packages_of_a_lockfile_that_cannot_be_read_are_not_told_as_removed(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(clone / "package-lock.json", '"lockfileVersion": 3,', '"lockfileVersion": 3')
    _, report = run("check", str(clone), capsys=capsys)
    assert report["summary"] == ["1 file: 1 changed"]


def test_a_submodule_that_moved_is_said_to_be_not_looked_into(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.git(clone, "update-index", "--add", "--cacheinfo", f"160000,{'12' * 20},vendor/left")
    code, report = run("check", str(clone), "--staged", capsys=capsys)
    notes = report["notes"]
    assert isinstance(notes, list)
    assert code == 0
    assert "not looked into: the commits of 1 submodule: vendor/left (1212121)" in notes
