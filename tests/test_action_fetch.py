"""The right base for every event, from the shallowest clone: real git, with a folder as the server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fimci.cli import main
from tests import repository

pytestmark = pytest.mark.client
ROOT = Path(__file__).parent.parent
SCRIPT = '{"name": "a", "scripts": {"postinstall": "node x.js"}}'
CLEAN = '{"name": "a"}'


class Host:
    """A code host: one repository as a server would have it, and the jobs that clone from it."""

    def __init__(self, where: Path, patch: pytest.MonkeyPatch) -> None:
        self.where, self.patch = where, patch
        self.work = repository.create(where / "work", {"package.json": CLEAN, "README": "1"})
        self.bare = where / "server" / "left" / "left"
        repository.git(where, "clone", "--quiet", "--bare", str(self.work), str(self.bare))
        for key in ("uploadpack.allowAnySHA1InWant", "uploadpack.allowFilter"):
            repository.git(self.bare, "config", key, "true")

    def branch(self, name: str, start: str = "main") -> None:
        repository.git(self.work, "checkout", "--quiet", "-B", name, start)

    def commit(self, **files: str) -> str:
        repository.write(self.work, {name.replace("_", "."): text for name, text in files.items()})
        repository.commit(self.work)
        return self.id("HEAD")

    def id(self, name: str) -> str:
        return repository.git(self.work, "rev-parse", name).strip()

    def push(self, *refs: str) -> None:
        repository.git(self.work, "push", "--quiet", "--force", str(self.bare), *refs)

    def pull(self, number: int, head: str) -> str:
        """Make the test merge of a pull request, as the host does."""
        repository.git(self.work, "checkout", "--quiet", "--detach", "main")
        repository.git(self.work, "merge", "--quiet", "--no-ff", "-m", "merge", head)
        merge = self.id("HEAD")
        self.push(f"{head}:refs/pull/{number}/head", f"{merge}:refs/pull/{number}/merge", "main")
        return merge

    def job(self, name: str, commit: str, depth: int, **event: object) -> Path:
        """Check out as actions/checkout does, and set the variables of a job."""
        clone = self.where / "job"
        clone.mkdir()
        repository.git(clone, "init", "--quiet")
        repository.git(clone, "remote", "add", "origin", self.bare.as_uri())
        cut = [f"--depth={depth}"] if depth else []
        refs = (
            [f"+{commit}:refs/remotes/fimci/job"]
            if depth
            else ["+refs/heads/*:refs/remotes/origin/*", commit]
        )
        repository.git(clone, "fetch", "--quiet", "--no-tags", *cut, "origin", *refs)
        repository.git(clone, "checkout", "--quiet", "--detach", commit)
        file = self.where / "event.json"
        file.write_text(json.dumps(event))
        for key, value in {
            "GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(file),
            "GITHUB_SHA": commit, "GITHUB_SERVER_URL": (self.where / "server").as_uri(),
            "GITHUB_REPOSITORY": "left/left", "GITHUB_WORKSPACE": str(clone),
        }.items():  # fmt: skip
            self.patch.setenv(key, value)
        return clone


def fetched(clone: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "action" / "fetch.py")],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=clone.parent,
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout + done.stderr == ""


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    repository.seal(monkeypatch)
    return Host(tmp_path, monkeypatch)


def judged(clone: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    fetched(clone)
    code = main(["check", str(clone)])
    return code, " ".join("".join(capsys.readouterr()).split())


@pytest.mark.parametrize("depth", [1, 2, 0])
def test_a_pull_request_brings_its_own_files_alone(
    host: Host, depth: int, capsys: pytest.CaptureFixture[str]
) -> None:
    host.branch("change")
    head = host.commit(package_json=SCRIPT)
    host.branch("main", "main")
    host.commit(README="2", other_txt="of the base alone")
    merge = host.pull(7, head)
    clone = host.job("pull_request", merge, depth, number=7)
    code, told = judged(clone, capsys)
    assert (code, "1 file: 1 changed" in told, "install-script-added" in told) == (1, True, True)
    shallow = repository.git(clone, "rev-parse", "--is-shallow-repository").strip()
    assert shallow == ("true" if depth else "false")
    assert repository.git(clone, "status", "--porcelain") == ""


def test_a_pull_request_whose_job_runs_on_the_base_is_data(
    host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    host.branch("change")
    head = host.commit(package_json=SCRIPT, fimci_toml='fail-on = "critical"\n')
    host.branch("main", "main")
    base = host.commit(README="2")
    host.pull(7, head)
    pull = {"number": 7, "head": {"sha": head}, "base": {"ref": "main", "sha": base}}
    clone = host.job("pull_request_target", base, 1, pull_request=pull)
    code, told = judged(clone, capsys)
    assert (code, "install-script-added" in told, "first parent of its test merge" in told) == (1, True, True)
    assert (clone / "package.json").read_text() == CLEAN
    assert not (clone / "fimci.toml").exists()


def test_a_pull_request_in_conflict_is_held_against_the_merge_base(
    host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    host.branch("change")
    head = host.commit(package_json=SCRIPT)
    host.branch("main", "main")
    base = [host.commit(package_json=f'{{"name": "a{number}"}}') for number in range(60)][-1]
    host.push("main", f"{head}:refs/pull/7/head")
    pull = {"number": 7, "head": {"sha": head}, "base": {"ref": "main", "sha": base}}
    clone = host.job("pull_request_target", base, 1, pull_request=pull)
    code, told = judged(clone, capsys)
    assert (code, "install-script-added" in told, "the merge base" in told) == (1, True, True)


def test_a_test_merge_of_another_head_is_not_taken(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    host.branch("change")
    old = host.commit(package_json=CLEAN + "\n")
    host.pull(7, old)
    host.branch("change", old)
    head = host.commit(package_json=SCRIPT)
    host.push(f"{head}:refs/pull/7/head")
    base = host.id("main")
    pull = {"number": 7, "head": {"sha": head}, "base": {"ref": "main", "sha": base}}
    clone = host.job("pull_request_target", base, 1, pull_request=pull)
    code, told = judged(clone, capsys)
    assert (code, "install-script-added" in told) == (1, True)


def test_a_push_a_forced_push_and_a_new_branch(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    before = host.id("main")
    after = host.commit(package_json=SCRIPT)
    host.push("main")
    repo = {"default_branch": "main"}
    clone = host.job("push", after, 1, before=before, ref="refs/heads/main", repository=repo)
    code, told = judged(clone, capsys)
    assert (code, "the commit before the push" in told) == (1, True)


@pytest.mark.parametrize("kind", ["created", "forced"])
def test_a_branch_without_its_past_is_held_against_where_it_left(
    host: Host, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    created = kind == "created"
    host.branch("change")
    host.commit(package_json=CLEAN + "\n")
    after = host.commit(package_json=SCRIPT)
    host.branch("main", "main")
    for number in range(60):
        host.commit(README=str(number))
    host.push("main", f"{after}:refs/heads/change")
    before = "0" * 40 if created else "12" * 20
    clone = host.job(
        "push", after, 1, before=before, created=created, forced=not created, ref="refs/heads/change",
        repository={"default_branch": "main"},
    )  # fmt: skip
    code, told = judged(clone, capsys)
    assert (code, "1 file: 1 changed" in told, "install-script-added" in told) == (1, True, True)
    assert ("is gone" in told) is not created


def test_the_first_push_of_the_default_branch_is_all_new(
    host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    after = host.commit(package_json=SCRIPT)
    host.push("main")
    clone = host.job(
        "push", after, 1, before="0" * 40, created=True, ref="refs/heads/main",
        repository={"default_branch": "main"},
    )  # fmt: skip
    code, told = judged(clone, capsys)
    assert (code, "2 files: 2 added" in told) == (1, True)


def test_a_merge_group_has_its_base(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    before = host.id("main")
    after = host.commit(package_json=SCRIPT)
    host.push(f"{after}:refs/heads/queue")
    clone = host.job("merge_group", after, 1, merge_group={"base_sha": before})
    code, told = judged(clone, capsys)
    assert (code, "the base of the merge group" in told) == (1, True)


def test_a_scheduled_run_holds_everything_against_the_baseline(
    host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["baseline", str(host.work)]) == 0
    repository.commit(host.work)
    host.push("main")
    clone = host.job("schedule", host.id("main"), 1)
    assert judged(clone, capsys)[0] == 0
    repository.write(clone, {"README": "edited by a step before"})
    code, told = judged(clone, capsys)
    assert (code, "unexpected-change" in told) == (1, True)


def test_a_run_about_nothing_is_never_clean(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    clone = host.job("workflow_dispatch", host.id("main"), 1)
    code, told = judged(clone, capsys)
    assert (code, "brings no change" in told) == (2, True)
