"""Installed trees of Node: silent where they are as clients leave them, loud on what was tampered with."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci import trees
from fimci.findings import Report, Severity
from fimci.policy import Policy
from fimci.trees import node_locks
from tests import node_trees
from tests.node_trees import LAYOUTS, Project

TODAY = dt.date(2026, 11, 26)
HOME = Path(tempfile.gettempdir())


@pytest.fixture(autouse=True, scope="module")
def home() -> Iterator[Path]:
    """Have a home with npm's cache in it, and nobody's settings."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        place = Path(folder)
        node_trees.cached(place)
        patch.setenv("HOME", folder)
        for name in list(os.environ):
            if name.lower().startswith(("npm_config_", "yarn_", "xdg_", "pnpm_")):
                patch.delenv(name)
        yield place


def reports(project: Project) -> list[Report]:
    found = trees.node.found(str(project.root), "")
    return list(trees.judged(found, Policy(), today=TODAY))


def said(project: Project) -> set[tuple[str, str]]:
    """Return rule and path of what is worth reading."""
    found = [finding for report in reports(project) for finding in report.findings]
    return {(finding.rule, finding.path) for finding in found if finding.severity >= Severity.MEDIUM}


@pytest.fixture(params=LAYOUTS)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    return LAYOUTS[request.param](tmp_path / "home")


def test_as_installed_is_silent_and_tells_what_it_was_held_against(project: Project) -> None:
    told = reports(project)
    assert [finding for report in told for finding in report.findings] == []
    assert all(report.complete for report in told)
    notes = [note for report in told for note in report.notes]
    assert any("3 packages compared with the locked archives" in note for note in notes)
    assert not any("not verified" in note for note in notes)


@settings(max_examples=60, deadline=None)
@given(
    layout=st.sampled_from(sorted(LAYOUTS)),
    file=st.sampled_from([(one.name, path) for one in node_trees.ALL for path in one.files]),
    at=st.integers(min_value=0),
    flip=st.integers(min_value=1, max_value=255),
)
def test_a_byte_of_any_file_is_told(layout: str, file: tuple[str, str], at: int, flip: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = LAYOUTS[layout](Path(folder) / "home")
        path = f"{project.folders[file[0]]}/{file[1]}"
        data = bytearray((project.root / path).read_bytes())
        data[at % len(data)] ^= flip
        project.write(path, bytes(data))
        found = said(project)
    # A manifest may state another name or version by now: that is another package, and told as one.
    assert {("installed-file-changed", path), ("installed-not-locked", path)} & found


def test_a_file_is_added(project: Project) -> None:
    path = f"{project.folders['@scope/right']}/lib/more.js"
    project.write(path, b"require('child_process')\n")
    assert said(project) == {("installed-file-unowned", path)}


def test_a_file_is_put_where_a_package_would_be(project: Project) -> None:
    project.write("node_modules/quietly.js", b"")
    assert said(project) == {("installed-file-unowned", "node_modules/quietly.js")}


def test_a_file_is_removed(project: Project) -> None:
    path = f"{project.folders['left']}/index.js"
    (project.root / path).unlink()
    assert said(project) == {("installed-file-missing", path)}


def test_a_native_library_is_swapped(project: Project) -> None:
    path = f"{project.folders['@scope/right']}/native/right.node"
    project.write(path, node_trees.ELF + bytes(64))
    assert said(project) == {("installed-file-changed", path)}


def test_a_file_is_replaced_by_a_link(project: Project) -> None:
    path = f"{project.folders['left']}/index.js"
    (project.root / path).unlink()
    (project.root / path).symlink_to("/usr/share/elsewhere.js")
    assert ("installed-file-changed", path) in said(project)
    assert ("installed-link-unexpected", path) in said(project)


def test_a_package_is_replaced_by_another_content_of_the_same_version(project: Project) -> None:
    folder = project.folders["inner"]
    shutil.rmtree(project.root / folder)
    project.write(f"{folder}/package.json", node_trees.manifest("inner", "0.1.0"))
    project.write(f"{folder}/index.js", b"require('https')\n")
    assert said(project) == {("installed-file-changed", f"{folder}/index.js")}


def test_a_package_is_another_release(project: Project) -> None:
    path = f"{project.folders['left']}/package.json"
    text = (project.root / path).read_bytes().replace(b"1.0.1", b"1.0.2")
    project.write(path, text)
    assert ("installed-not-locked", path) in said(project)


def test_a_package_stands_under_the_name_of_another(project: Project) -> None:
    path = f"{project.folders['inner']}/package.json"
    project.write(path, node_trees.manifest("left", "1.0.1"))
    assert ("installed-not-locked", path) in said(project)


@pytest.mark.parametrize("name", ["", " ", "/", "@", "@/", "a/b/c", "\0", 7, None, "x" * 9999])
def test_a_manifest_has_a_name_that_is_none(project: Project, name: object) -> None:
    path = f"{project.folders['left']}/package.json"
    project.write(path, json.dumps({"name": name, "version": "1.0.1"}).encode())
    assert ("installed-not-locked", path) in said(project)


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b"\xff", b'{"a":' * 9999, b"null"])
def test_a_manifest_is_none(project: Project, text: bytes) -> None:
    path = f"{project.folders['left']}/package.json"
    project.write(path, text)
    assert path in {path for _, path in said(project)}


def test_a_package_is_added_beside_the_lock(project: Project) -> None:
    folder = f"{project.folders['left'].rpartition('/')[0]}/quietly"
    project.write(f"{folder}/package.json", node_trees.manifest("quietly", "1.0.0"))
    project.write(f"{folder}/index.js", b"")
    assert said(project) == {("installed-not-locked", f"{folder}/package.json")}


def test_a_package_is_added_where_a_release_of_that_name_is_locked(project: Project) -> None:
    folder = f"{project.folders['left']}/node_modules/@scope/right"
    project.write(f"{folder}/package.json", node_trees.manifest("@scope/right", "6.6.6"))
    rules = {rule for rule, path in said(project) if path.startswith(folder)}
    assert "installed-not-locked" in rules


def test_a_package_is_removed(project: Project) -> None:
    shutil.rmtree(project.root / project.folders["inner"])
    link = project.root / project.folders["left"] / "../inner"
    if link.is_symlink():
        link.unlink()
    assert {rule for rule, _ in said(project)} == {"installed-package-missing"}


@pytest.mark.parametrize("target", ["../@scope/right/lib/index.js", "../../../elsewhere.js", "/bin/true"])
def test_a_command_is_made_to_lead_elsewhere(project: Project, target: str) -> None:
    command = project.root / "node_modules/.bin/left"
    command.unlink()
    command.symlink_to(target)
    assert said(project) == {("bin-mismatch", "node_modules/.bin/left")}


def test_a_command_is_replaced_by_a_program(project: Project) -> None:
    command = project.root / "node_modules/.bin/left"
    command.unlink()
    project.write("node_modules/.bin/left", b"#!/bin/sh\necho harmless\n")
    assert said(project) == {("bin-mismatch", "node_modules/.bin/left")}


def test_a_command_of_the_system_is_shadowed(project: Project) -> None:
    (project.root / "node_modules/.bin/git").symlink_to("../left/cli.js")
    assert said(project) == {("bin-mismatch", "node_modules/.bin/git")}


def test_a_package_is_replaced_by_a_link_out_of_the_tree(project: Project) -> None:
    folder = project.folders["inner"]
    shutil.rmtree(project.root / folder)
    (project.root / folder).symlink_to("../" * folder.count("/") + "../elsewhere")
    assert ("installed-link-unexpected", folder) in said(project)


def test_a_package_is_replaced_by_a_link_into_the_project(project: Project) -> None:
    folder = project.folders["inner"]
    shutil.rmtree(project.root / folder)
    project.write("vendor/inner/package.json", node_trees.manifest("inner", "0.1.0"))
    (project.root / folder).symlink_to(
        os.path.relpath(project.root / "vendor/inner", (project.root / folder).parent)
    )
    assert ("installed-link-unexpected", folder) in said(project)


def test_a_hard_link_is_edited_through_another_project(project: Project, tmp_path: Path) -> None:
    path = f"{project.folders['left']}/index.js"
    other = tmp_path / "other.js"
    os.link(project.root / path, other)
    other.write_bytes(b"require('net')\n")
    assert said(project) == {("installed-file-changed", path)}


def test_the_hidden_lock_is_edited_along(tmp_path: Path) -> None:
    project = node_trees.npm(tmp_path / "home")
    path = "node_modules/.package-lock.json"
    notes = json.loads((project.root / path).read_bytes())
    notes["packages"]["node_modules/left"]["integrity"] = node_trees.sri(b"another")
    project.write(path, json.dumps(notes, indent=2).encode())
    assert said(project) == {("hidden-lock-differs", path)}


def test_a_lockfile_behind_a_link_is_not_taken_for_none(project: Project) -> None:
    (lock,) = (one for one in project.root.iterdir() if one.name in node_locks.NAMES)
    lock.rename(lock.with_name("elsewhere"))
    lock.symlink_to("elsewhere")
    assert "installed-not-locked" in {rule for rule, _ in said(project)}
    assert lock.name in {one.path for report in reports(project) for one in report.unread}


def test_zips_whose_lockfile_is_behind_a_link_are_told(tmp_path: Path) -> None:
    project = node_trees.plug_and_play(tmp_path / "home")
    lock = project.root / "yarn.lock"
    lock.rename(lock.with_name("elsewhere"))
    lock.symlink_to("elsewhere")
    assert [one.path for report in reports(project) for one in report.unread] == ["yarn.lock"]


def test_a_cached_archive_that_is_another_one_vouches_for_nothing(tmp_path: Path) -> None:
    project = node_trees.npm(tmp_path / "home")
    cache = tmp_path / ".npm/_cacache/content-v2/sha512"
    node_trees.cached(tmp_path)
    for file in cache.rglob("*"):
        if file.is_file():
            file.write_bytes(file.read_bytes() + b"\0")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path))
        told = reports(project)
    notes = [note for report in told for note in report.notes]
    assert any("not used" in note and "not the archive that is locked" in note for note in notes)
    assert any("files of 3 packages not verified" in note for note in notes)


def test_a_script_is_added_where_no_archive_is_at_hand(tmp_path: Path) -> None:
    project = node_trees.npm(tmp_path / "home")
    lock = json.loads((project.root / "package-lock.json").read_bytes())
    lock["packages"]["node_modules/@scope/right"]["hasInstallScript"] = True
    project.write("package-lock.json", json.dumps(lock, indent=2).encode())
    path = f"{project.folders['left']}/package.json"
    manifest = json.loads((project.root / path).read_bytes())
    project.write(path, json.dumps({**manifest, "scripts": {"postinstall": "node bundle.js"}}).encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path))
        assert said(project) == {("install-script-unlocked", path)}


def test_zips_are_held_against_their_checksums(tmp_path: Path) -> None:
    project = node_trees.plug_and_play(tmp_path / "home")
    assert said(project) == set()
    path = project.folders["left"]
    edited = node_trees.LEFT._replace(files={**node_trees.LEFT.files, "index.js": b"require('net')\n"})
    project.write(path, node_trees.zipped(edited))
    assert said(project) == {("installed-file-changed", path)}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda file: file.unlink(), None),
        (
            lambda file: shutil.copy(file, file.with_name("quietly-npm-1.0.0-0-0.zip")),
            "installed-file-unowned",
        ),
    ],
)
def test_zips_that_are_locked_may_be_absent_and_no_others_present(
    tmp_path: Path, change: Callable[[Path], object], rule: str | None
) -> None:
    project = node_trees.plug_and_play(tmp_path / "home")
    change(project.root / project.folders["left"])
    assert {rule for rule, _ in said(project)} == ({rule} - {None})


def test_pnpm_tells_by_its_store_what_was_edited(tmp_path: Path) -> None:
    project = node_trees.pnpm(tmp_path / "home")
    for one in node_trees.ALL:
        digest = hashlib.sha512(node_trees.tarball(one)).hexdigest()
        files = {
            path: {"integrity": node_trees.sri(data), "size": len(data)} for path, data in one.files.items()
        }
        name = f"{digest[2:64]}-{one.name.replace('/', '+')}@{one.version}.json"
        file = tmp_path / ".local/share/pnpm/store/v10/index" / digest[:2] / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"name": one.name, "files": files}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path))
        notes = [note for report in reports(project) for note in report.notes]
        assert any("3 packages compared with pnpm's store" in note for note in notes)
        assert said(project) == set()
        path = f"{project.folders['left']}/index.js"
        project.write(path, b"require('net')\n")
        assert said(project) == {("installed-file-changed", path)}


@pytest.mark.parametrize(
    ("name", "prefix"),
    [("left+1.0.1", "node_modules/left/"), ("left@1.0.1", "")],
    ids=["patch-package", "pnpm"],
)
def test_a_patch_of_the_project_explains_what_it_touches(project: Project, name: str, prefix: str) -> None:
    path = f"{project.folders['left']}/index.js"
    patch = f"--- a/{prefix}index.js\n+++ b/{prefix}index.js\n@@ -1 +1 @@\n-a\n+b\n"
    project.write(f"patches/{name}.patch", patch.encode())
    project.write(path, b"b\n")
    notes = [note for report in reports(project) for note in report.notes]
    assert said(project) == set()
    assert any(path in note and f"patches/{name}.patch" in note for note in notes)
    project.write(f"{project.folders['left']}/cli.js", b"b\n")
    assert said(project) == {("installed-file-changed", f"{project.folders['left']}/cli.js")}


def test_what_install_scripts_leave_is_told_apart(tmp_path: Path) -> None:
    program = node_trees.RIGHT.files["native/right.node"]
    manifest = json.loads(node_trees.LEFT.files["package.json"])
    manifest["scripts"] = {"postinstall": "node install.js"}
    files = {**node_trees.LEFT.files, "package.json": json.dumps(manifest).encode()}
    left = node_trees.LEFT._replace(files=files)
    project = node_trees.npm(tmp_path / "home")
    lock = json.loads((project.root / "package-lock.json").read_bytes())
    lock["packages"]["node_modules/left"]["integrity"] = node_trees.sri(node_trees.tarball(left))
    project.write("package-lock.json", json.dumps(lock).encode())
    (project.root / "node_modules/.package-lock.json").unlink()
    project.write("node_modules/left/package.json", files["package.json"])
    project.write("node_modules/left/cli.js", program)
    project.write("node_modules/left/build/Release/left.node", node_trees.ELF + bytes(9))
    node_trees.cached(tmp_path, (left, node_trees.RIGHT, node_trees.INNER))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path))
        assert said(project) == set()
        notes = [note for report in reports(project) for note in report.notes]
    assert "put there by install scripts, and equal to what is verified: node_modules/left/cli.js" in notes
    built = "built or fetched by install scripts, and not verified: node_modules/left/build/Release/left.node"
    assert built in notes


def test_nothing_of_a_tree_runs(project: Project, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    program = f"#!/bin/sh\ntouch {mark}\n".encode()
    for name in ("node", "npm", "left"):
        file = project.root / "node_modules/.bin" / name
        file.unlink(missing_ok=True)
        file.write_bytes(program)
        file.chmod(0o755)
    project.write(".npmrc", f"cache=$(touch {mark})\n".encode())
    reports(project)
    assert not mark.exists()
