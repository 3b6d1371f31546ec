"""The hooks with the real client: commits of every kind, and an installation from this repository."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from fimci.cli import main
from fimci.packages.pairs import is_of_packages
from tests import repository

ROOT = Path(__file__).parent.parent
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
CLIENT = shutil.which(
    "pre-commit",
    path=os.pathsep.join(
        (os.environ.get("FIMCI_TEST_CLIENTS", ""), str(Path(sys.executable).parent), os.environ["PATH"])
    ),
)
needs_client = pytest.mark.skipif(CLIENT is None, reason="pre-commit is not installed")
SCRIPT = '{"name": "a", "scripts": {"postinstall": "node x.js"}}'
LOCK = {"name": "a", "lockfileVersion": 3, "packages": {"": {"name": "a"}}}


def client(where: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run pre-commit in a repository, with a cache of its own."""
    environment = {
        **os.environ,
        **repository.SEALED,
        "PRE_COMMIT_HOME": str(where.parent / "cache"),
        **variables,
    }
    return subprocess.run(
        [str(CLIENT), *words],
        cwd=where, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def commit(where: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **repository.SEALED, "PRE_COMMIT_HOME": str(where.parent / "cache")}
    return subprocess.run(
        ["git", "commit", "--quiet", "-m", "x", *words],
        cwd=where, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository whose commits run the hook's command by the fimci of these tests."""
    if CLIENT is None:
        pytest.skip("pre-commit is not installed")
    repository.seal(monkeypatch)
    (hook,) = (dict(hook) for hook in HOOKS if hook["id"] == "fimci")
    found = f"import sys; sys.path.insert(0, {str(ROOT)!r}); "
    program = found + "from fimci.cli import main; sys.exit(main(sys.argv[1:]))"
    hook["entry"] = hook["entry"].replace("fimci", f"{sys.executable} -I -c {json.dumps(program)}", 1)
    hook["language"] = "system"
    made = repository.create(
        tmp_path / "here",
        {
            "package.json": '{"name": "a"}',
            "package-lock.json": json.dumps(LOCK),
            "README": "1",
            ".pre-commit-config.yaml": yaml.safe_dump({"repos": [{"repo": "local", "hooks": [hook]}]}),
        },
    )
    assert client(made, "install", "-t", "pre-commit", "-t", "pre-merge-commit").returncode == 0
    return made


@pytest.mark.client
@needs_client
def test_the_manifest_is_one() -> None:
    done = subprocess.run(
        [str(CLIENT), "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")],
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b"")
    assert [hook["id"] for hook in HOOKS] == ["fimci", "fimci-lockfiles", "fimci-installed"]


@pytest.mark.client
@needs_client
def test_commits_of_every_kind(where: Path) -> None:
    repository.write(where, {"README": "2"})
    assert commit(where, "-a").returncode == 0
    repository.write(where, {"package.json": SCRIPT})
    done = commit(where, "-a")
    assert done.returncode == 1
    assert "install-script-added" in done.stderr + done.stdout
    assert commit(where, "package.json").returncode == 1
    repository.write(where, {"README": "3"})
    assert commit(where, "README").returncode == 0  # the script is not among what is committed
    repository.git(where, "checkout", "--quiet", "--", ".")
    repository.git(where, "rm", "--quiet", "package-lock.json")
    done = commit(where)
    assert (done.returncode, "lockfile-removed" in done.stderr + done.stdout) == (1, True)


@pytest.mark.client
@needs_client
def test_merges_and_worktrees(where: Path) -> None:
    repository.git(where, "checkout", "--quiet", "-b", "other")
    repository.write(where, {"package.json": SCRIPT})
    repository.git(where, "commit", "--quiet", "--no-verify", "-am", "x")
    repository.git(where, "checkout", "--quiet", "main")
    repository.write(where, {"README": "4"})
    assert commit(where, "-a").returncode == 0
    environment = {**os.environ, **repository.SEALED, "PRE_COMMIT_HOME": str(where.parent / "cache")}
    merge = subprocess.run(
        ["git", "merge", "--quiet", "--no-ff", "-m", "x", "other"],
        cwd=where, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert merge.returncode != 0
    assert "install-script-added" in merge.stdout + merge.stderr
    repository.git(where, "merge", "--abort")
    beside = where.parent / "beside"
    repository.git(where, "worktree", "add", "--quiet", "-b", "third", str(beside))
    repository.write(beside, {"package.json": SCRIPT})
    assert commit(beside, "-a").returncode == 1
    repository.write(beside, {"package.json": '{"name": "b"}'})
    assert commit(beside, "-a").returncode == 0


@pytest.mark.client
def test_a_submodule_is_a_commit_like_any_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.seal(monkeypatch)
    inner = repository.create(tmp_path / "inner", {"a": "1"})
    outer = repository.create(tmp_path / "outer", {"README": "1"})
    repository.git(
        outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "sub"
    )
    monkeypatch.chdir(outer)
    assert main(["check", "--staged"]) == 0
    repository.commit(outer)
    repository.write(outer / "sub", {"package.json": SCRIPT})
    repository.git(outer / "sub", "add", "--all")
    monkeypatch.chdir(outer / "sub")
    assert main(["check", "--staged"]) == 1


@pytest.mark.client
def test_the_check_of_lockfiles_looks_at_nothing_else(
    where: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(where)
    workflow = (
        "on: pull_request_target\njobs: {a: {runs-on: x, steps: [{run: 'echo ${{ github.head_ref }}'}]}}\n"
    )
    repository.write(where, {".github/workflows/a.yml": workflow})
    repository.git(where, "add", "--all")
    assert main(["check", "--staged"]) == 1
    assert main(["check", "--staged", "--lockfiles"]) == 0
    repository.git(where, "rm", "--quiet", "--cached", "package-lock.json")
    assert main(["check", "--staged", "--lockfiles"]) == 1
    assert "lockfile-removed" in capsys.readouterr().out


def test_the_check_of_lockfiles_needs_git(tmp_path: Path) -> None:
    assert main(["check", str(tmp_path), "--lockfiles"]) == 2


@pytest.mark.parametrize(
    ("path", "meant"),
    [("a/package.json", True), ("uv.lock", True), (".npmrc", True), ("requirements/dev.txt", True),
     ("constraints.txt", True), ("pylock.dev.toml", True), ("notes.txt", False), ("src/a.py", False),
     ("package.json/x", False)],
)  # fmt: skip
def test_what_decides_about_packages(path: str, meant: bool) -> None:  # noqa: FBT001  (a case)
    assert is_of_packages(path) is meant


@pytest.mark.network
@pytest.mark.client
@needs_client
def test_the_client_installs_it_from_this_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.seal(monkeypatch)
    made = repository.create(tmp_path / "here", {"package.json": '{"name": "a"}'})
    repository.write(made, {"package.json": SCRIPT})
    repository.git(made, "add", "--all")
    done = client(made, "try-repo", str(ROOT), "fimci", "--verbose")
    if "Could not find a version" in done.stdout or "Connection" in done.stdout:
        pytest.skip("no index answers")
    assert done.returncode == 1
    assert "install-script-added" in done.stdout
    took = re.search(r"duration: ([\d.]+)s", done.stdout)
    assert took is not None
    assert float(took[1]) < 20  # generous: the figure is in docs/benchmarks.md
