"""Trees that are installed in an image: told as they are when they stand on a disk, whatever layer did it."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fimci import cli, images, trees
from fimci.findings import Finding
from fimci.policy import Policy
from fimci.sources.locator import parse
from fimci.trees.tree import Tree
from tests import node_trees
from tests.environments import SITE, create, install
from tests.images import Member, layer, layer_of, layout

TODAY = dt.date(2026, 11, 27)
APP = "srv/app"
VENV = f"{APP}/.venv"


@pytest.fixture(autouse=True, scope="module")
def home() -> Iterator[None]:
    """Have a home with npm's cache in it, and nobody's settings."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        node_trees.cached(Path(folder))
        patch.setenv("HOME", folder)
        yield


@pytest.fixture
def rootfs(tmp_path: Path) -> Path:
    """Make a file system with a project in it: an environment, a `node_modules`, and their lockfiles."""
    root = tmp_path / "rootfs"
    app = root / APP
    app.mkdir(parents=True)
    node_trees.npm(app)
    create(root / VENV)
    install(
        root / VENV,
        "left",
        "1.0.1",
        {"left/__init__.py": "A = 1\n", "left/pad.py": "def pad(): return 1\n"},
        commands={"left": "left.pad:pad"},
        bytecode=True,
    )
    install(root / VENV, "right", "2.0", {"right.py": "B = 2\n"})
    hashes = "--hash=sha256:" + 64 * "0"
    (app / "requirements.txt").write_text(f"left==1.0.1 {hashes}\nright==2.0 {hashes}\n")
    return root


def told(place: str) -> list[Finding]:
    reports = images.judged(parse(place), Policy(), today=TODAY)
    return [finding for report in reports for finding in report.findings]


def rules(found: list[Finding]) -> set[tuple[str, str]]:
    return {(one.rule, one.path) for one in found}


def on_disk(root: Path) -> list[Finding]:
    """Return what is told of the same trees in a folder."""
    project = str(root / APP)
    there = [
        Tree("python", str(root), VENV, APP),
        Tree("node", str(root), f"{APP}/node_modules", project),
    ]
    reports = trees.judged(there, Policy(), today=TODAY)
    return [finding for report in reports for finding in report.findings]


def test_pristine_trees_of_an_image_are_silent(rootfs: Path, tmp_path: Path) -> None:
    place = layout(tmp_path / "image", [layer_of(rootfs)])
    assert told(f"oci:{place}") == []
    with images.opened(parse(f"oci:{place}")) as there:
        assert [(tree.kind, tree.start, tree.project) for tree in there] == [
            ("python", VENV, APP),
            ("node", f"{APP}/node_modules", APP),
        ]


def _edited(root: Path) -> None:
    (root / VENV / SITE / "left/pad.py").write_text("def pad(): return 2\n")


def _added(root: Path) -> None:
    (root / VENV / SITE / "left/more.py").write_text("C = 3\n")
    (root / VENV / SITE / "stray.py").write_text("C = 3\n")


def _hooked(root: Path) -> None:
    (root / VENV / SITE / "zz.pth").write_text("import os; os.environ.get('HOME')\n")


def _compiled(root: Path) -> None:
    source = root / VENV / SITE / "right.py"
    code = next((root / VENV / SITE / "left/__pycache__").glob("pad.*.pyc"))
    before = source.stat()
    twin = source.parent / "__pycache__" / code.name.replace("pad", "right")
    twin.parent.mkdir()
    data = bytearray(code.read_bytes())
    data[8:16] = int(before.st_mtime).to_bytes(4, "little") + before.st_size.to_bytes(4, "little")
    twin.write_bytes(data)


def _removed(root: Path) -> None:
    (root / VENV / SITE / "right.py").unlink()


def _other_release(root: Path) -> None:
    shutil.rmtree(root / VENV / SITE / "right-2.0.dist-info")
    install(root / VENV, "right", "2.1", {"right.py": "B = 3\n"})


def _node_edited(root: Path) -> None:
    (root / APP / "node_modules/left/index.js").write_text("module.exports = (text) => `${text}`\n")


def _node_added(root: Path) -> None:
    (root / APP / "node_modules/stray").mkdir()
    (root / APP / "node_modules/stray/package.json").write_text('{"name": "stray", "version": "1.0.0"}')


TAMPERED: dict[Callable[[Path], None], set[tuple[str, str]]] = {
    _edited: {("installed-file-changed", f"{VENV}/{SITE}/left/pad.py")},
    _added: {
        ("installed-file-unowned", f"{VENV}/{SITE}/left/more.py"),
        ("installed-file-unowned", f"{VENV}/{SITE}/stray.py"),
    },
    _hooked: {("start-up-hook", f"{VENV}/{SITE}/zz.pth")},
    _compiled: {
        (
            "bytecode-mismatch",
            f"{VENV}/{SITE}/__pycache__/right.cpython-{sys.version_info[0]}{sys.version_info[1]}.pyc",
        )
    },
    _removed: {("installed-file-missing", f"{VENV}/{SITE}/right.py")},
    _other_release: {("installed-not-locked", f"{VENV}/{SITE}/right-2.1.dist-info/METADATA")},
    _node_edited: {("installed-file-changed", f"{APP}/node_modules/left/index.js")},
    _node_added: {("installed-not-locked", f"{APP}/node_modules/stray/package.json")},
}


@pytest.mark.parametrize("tamper", TAMPERED, ids=lambda one: one.__name__)
def test_what_a_layer_does_to_a_tree_is_told_as_on_a_disk(
    rootfs: Path, tmp_path: Path, tamper: Callable[[Path], None]
) -> None:
    base = layer_of(rootfs)
    before = {path: path.read_bytes() for path in rootfs.rglob("*") if path.is_file()}
    tamper(rootfs)
    gone = [path for path in before if not path.exists()]
    outs = [Member(str(path.relative_to(rootfs).with_name(f".wh.{path.name}"))) for path in gone]
    upper = tmp_path / "upper"
    for path in (path for path in rootfs.rglob("*") if path.is_file() and not path.is_symlink()):
        if before.get(path) != path.read_bytes():
            (upper / path.relative_to(rootfs)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, upper / path.relative_to(rootfs))
    upper.mkdir(exist_ok=True)
    place = layout(tmp_path / "image", [base, layer(*outs), layer_of(upper)])
    found = told(f"oci:{place}")
    assert rules(found) >= TAMPERED[tamper]
    assert [(f.rule, f.path, f.package, f.message, f.severity) for f in found] == [
        (f.rule, f.path, f.package, f.message, f.severity) for f in on_disk(rootfs)
    ]
    named = [f for f in found if f.rule in {"installed-file-changed", "installed-file-missing"}]
    assert all(f.package for f in named)


@pytest.mark.parametrize("tamper", [_compiled, _node_edited], ids=lambda one: one.__name__)
def test_without_room_to_keep_anything_the_layers_are_read_again(
    rootfs: Path, tmp_path: Path, tamper: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "KEPT", 0)
    monkeypatch.setattr("fimci.trees.bytecode.HELD", 1000)
    tamper(rootfs)
    place = layout(tmp_path / "image", [layer_of(rootfs)])
    assert rules(told(f"oci:{place}")) >= TAMPERED[tamper]


def test_what_is_installed_for_the_whole_system_is_held_against_the_lock_of_where_the_image_works(
    tmp_path: Path,
) -> None:
    root = tmp_path / "rootfs"
    install(root / "usr/local", "left", "1.0.1", {"left.py": "A = 1\n"}, commands={"left": "left:run"})
    install(root / "opt/packages", "right", "2.0", {"right.py": "B = 2\n"}, site=".")
    install(root / "usr", "ours", "1", {"ours.py": ""}, site="lib/python3/dist-packages", installer="")
    (root / "srv").mkdir()
    lock = "".join(f"{name} --hash=sha256:{64 * '0'}\n" for name in ("left==1.0.2", "right==2.0"))
    (root / "srv/requirements.txt").write_text(lock)
    place = layout(tmp_path / "image", [layer_of(root)], {"WorkingDir": "/srv"})
    with images.opened(parse(f"oci:{place}")) as there:
        assert [(tree.start, tree.project) for tree in there] == [
            ("opt/packages", "srv"),
            ("usr/local", "srv"),
        ]
    found = told(f"oci:{place}")
    assert [(one.rule, one.package) for one in found] == [("installed-not-locked", "pkg:pypi/left@1.0.1")]
    assert "1.0.2" in found[0].message


def test_caches_are_no_trees_and_a_folder_that_is_merely_called_so_is_no_cache(tmp_path: Path) -> None:
    root = tmp_path / "rootfs"
    for place in ("opt/pkgs", "opt/conda/pkgs/right-2.0/lib/python3.12/site-packages", "root/.cache/uv/x"):
        install(root / place, "right", "2.0", {"right.py": "B = 2\n"}, site=".")
    for place in ("srv/pkgs/web", "root/.npm/_npx/1", "root/.npm/_cacache/tmp/x"):
        (root / place / "node_modules/left").mkdir(parents=True)
    (root / "opt/conda/pkgs/urls.txt").write_text("")
    with images.opened(parse(f"oci:{layout(tmp_path / 'image', [layer_of(root)])}")) as there:
        assert [tree.start for tree in there] == [
            "opt/pkgs",
            "root/.npm/_npx/1/node_modules",  # what `npx` runs again
            "srv/pkgs/web/node_modules",
        ]


@pytest.mark.parametrize("name", ["requirements.txt", "package-lock.json"])
def test_a_lockfile_behind_a_link_is_unread(rootfs: Path, tmp_path: Path, name: str) -> None:
    lock = rootfs / APP / name
    lock.rename(lock.with_name("elsewhere"))
    lock.symlink_to("elsewhere")
    place = layout(tmp_path / "image", [layer_of(rootfs)])
    reports = images.judged(parse(f"oci:{place}"), Policy(), today=TODAY)
    assert {one.path for report in reports for one in report.unread} == {f"{APP}/{name}"}


def test_every_verb_tells_of_the_trees_and_compare_only_of_what_is_new(
    rootfs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _hooked(rootfs)
    first = layout(tmp_path / "first", [layer_of(rootfs)])
    _edited(rootfs)
    second = layout(tmp_path / "second", [layer_of(rootfs)])
    baseline = str(tmp_path / "first.baseline")
    assert cli.main(["baseline", f"oci:{first}", "--output", baseline]) == 0
    capsys.readouterr()

    def run(*words: str) -> set[tuple[str, str]]:
        assert cli.main([*words, "--format", "json"]) == 1
        return {(one["rule"], one["path"]) for one in json.loads(capsys.readouterr().out)["findings"]}

    hook, edit = next(iter(TAMPERED[_hooked])), next(iter(TAMPERED[_edited]))
    assert run("check", f"oci:{first}", "--baseline", baseline) == {hook}
    assert run("check", f"oci:{second}", "--baseline", baseline) >= {hook, edit}
    assert edit not in _failing(cli.main, capsys, "check", f"oci:{second}", "--baseline", baseline)
    assert {hook, edit} & run("compare", f"oci:{first}", f"oci:{second}") == {edit}
    assert run("inspect", "--rules", f"oci:{second}") >= {hook, edit}
    cli.main(["check", f"oci:{second}", "--baseline", baseline])
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("change: ")]
    of_trees = [line for line in told if " against " in line]
    assert of_trees
    assert len(told) == len(of_trees) + 1, "what is said of a tree says of which, and against what"


def _failing(
    main: Callable[[list[str]], int], capsys: pytest.CaptureFixture[str], *words: str
) -> set[tuple[str, str]]:
    """Return what is told where installed trees are not asked for."""
    main([*words, "--no-installed", "--format", "json"])
    return {(one["rule"], one["path"]) for one in json.loads(capsys.readouterr().out)["findings"]}


@pytest.mark.client
@pytest.mark.skipif(shutil.which("umoci") is None, reason="needs umoci")
def test_a_real_image_with_a_real_environment(tmp_path: Path) -> None:
    """An environment as `python -m venv` makes it, packed by a real builder, then tampered."""
    one, bundle = f"{tmp_path}/layout:v", tmp_path / "bundle"
    rootless = [] if os.getuid() == 0 else ["--rootless"]
    here = tmp_path / "made" / ".venv"
    subprocess.run([sys.executable, "-m", "venv", str(here)], check=True, capture_output=True)
    python = [str(here / "bin/python"), "-m", "compileall", "-q", str(here / "lib")]
    subprocess.run(python, check=True, capture_output=True)
    site = f"{APP}/.venv/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"

    def step(change: Callable[[Path], object]) -> list[Finding]:
        for words in (["unpack", *rootless], []):
            if words:
                subprocess.run(
                    ["umoci", *words, "--image", one, str(bundle)], check=True, capture_output=True
                )
                change(bundle / "rootfs")
        subprocess.run(["umoci", "repack", "--image", one, str(bundle)], check=True, capture_output=True)
        shutil.rmtree(bundle)
        return told(f"oci:{one}")

    subprocess.run(["umoci", "init", "--layout", str(tmp_path / "layout")], check=True, capture_output=True)
    subprocess.run(["umoci", "new", "--image", one], check=True, capture_output=True)
    assert step(lambda root: shutil.copytree(here, root / VENV, symlinks=True)) == []

    def tamper(root: Path) -> None:
        module = root / site / "pip/__main__.py"
        module.write_bytes(module.read_bytes().replace(b"import", b"imp0rt", 1))
        (root / site / "pip/_internal/more.py").write_text("C = 3\n")
        (root / site / "zz.pth").write_text("import os; os.environ.get('HOME')\n")
        (root / site / "pip/py.typed").unlink()

    found = step(tamper)
    assert rules(found) == {
        ("installed-file-changed", f"{site}/pip/__main__.py"),
        ("installed-file-unowned", f"{site}/pip/_internal/more.py"),
        ("start-up-hook", f"{site}/zz.pth"),
        ("installed-file-missing", f"{site}/pip/py.typed"),
    }
    assert all(one.package and one.package.startswith("pkg:pypi/pip@") for one in found if "pip/" in one.path)
