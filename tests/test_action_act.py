"""The real action.yml under a real runner (act, in host mode), with a stand-in for the code host.

`act` is looked for on the path and in the folder of `FIMCI_TEST_CLIENTS`. It takes the action from the last
commit of this repository, so what is not committed yet is not tested here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import repository
from tests.forge.standin import TOKEN, Fault, Forge, serving

ROOT = Path(__file__).parent.parent
ACT = shutil.which("act", path=os.environ.get("FIMCI_TEST_CLIENTS", "") + os.pathsep + os.environ["PATH"])
pytestmark = [
    pytest.mark.client,
    pytest.mark.network,
    pytest.mark.skipif(ACT is None, reason="act is not installed"),
    pytest.mark.skipif(not (ROOT / ".git").exists(), reason="act takes the action from a repository"),
]
CHECKOUT = "08c6903cd8c0fde910a37f88322edcfb5dd907a8"
SCRIPT = '{"name": "a", "scripts": {"postinstall": "node x.js"}}'


def workflow(event: str, **inputs: str) -> str:
    """Return a workflow that checks, and prints the outputs of the check."""
    step = {
        "id": "fimci",
        "uses": f"left/fimci@{'1' * 40}",
        "with": {"token": "${{ secrets.TOKEN }}", **inputs},
    }
    values = {
        "VERDICT": "${{ steps.fimci.outputs.verdict }}",
        "NUMBER": "${{ steps.fimci.outputs.findings }}",
    }
    steps = [
        {"uses": f"actions/checkout@{CHECKOUT}", "with": {"persist-credentials": False}},
        step,
        {"if": "always()", "env": values, "run": 'echo "outputs are $VERDICT $NUMBER"'},
    ]
    return json.dumps(
        {"on": event, "permissions": {}, "jobs": {"check": {"runs-on": "ubuntu-latest", "steps": steps}}}
    )


@pytest.fixture
def forge() -> Iterator[Forge]:
    with serving() as found:
        yield found
        assert found.wrong == []


def run(tmp_path: Path, forge: Forge, patch: pytest.MonkeyPatch, event: str, bad: str, **inputs: str) -> str:
    """Run the job of a change that makes `package.json` say `bad`; return the log."""
    repository.seal(patch)
    files = {"package.json": '{"name": "a"}', ".github/workflows/fimci.yml": workflow(event, **inputs)}
    where = repository.create(tmp_path / "repository", files)
    base = repository.git(where, "rev-parse", "HEAD").strip()
    repository.git(where, "checkout", "--quiet", "-b", "change")
    repository.write(where, {"package.json": bad})
    repository.commit(where)
    head = repository.git(where, "rev-parse", "HEAD").strip()
    repository.git(where, "checkout", "--quiet", "main")
    repository.git(where, "merge", "--quiet", "--no-ff", "-m", "merge", "change")
    pull = {"number": 7, "head": {"sha": head, "ref": "change"}, "base": {"sha": base, "ref": "main"}}
    payload = {"pull_request": pull, "number": 7, "before": base, "after": head, "ref": "refs/heads/main"}
    payload["merge_group"] = {"base_sha": base, "head_sha": head}
    payload["repository"] = {"full_name": "left/left", "default_branch": "main"}
    (tmp_path / "event.json").write_text(json.dumps(payload))
    words = [str(ACT), event, "-e", str(tmp_path / "event.json"), "-P", "ubuntu-latest=-self-hosted"]
    words += ["-s", f"TOKEN={TOKEN}", "--env", f"GITHUB_API_URL={forge.url}"]
    words += ["--env", "GITHUB_REPOSITORY=left/left", "--local-repository", f"left/fimci@{'1' * 40}={ROOT}"]
    home = {"HOME": str(tmp_path / "home"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        words,
        cwd=where,
        env={**os.environ, **home, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    log = done.stdout + done.stderr
    if "Could not find a version" in log:
        pytest.skip("no index answers")
    return log


def test_a_pull_request_is_told_in_its_comment_and_fails(
    tmp_path: Path, forge: Forge, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"comment": "on-findings", "check-run": "true", "review": "true"}
    log = run(tmp_path, forge, monkeypatch, "pull_request", SCRIPT, **asked)
    assert "outputs are fail 1" in log, log
    assert "Job failed" in log
    assert "install-script-added" in forge.comments[0]["body"]
    assert forge.runs[0]["conclusion"] == "failure"
    assert TOKEN not in log


def test_a_read_only_token_changes_nothing_but_where_it_is_told(
    tmp_path: Path, forge: Forge, monkeypatch: pytest.MonkeyPatch
) -> None:
    forge.faults = [Fault("", 403, words="Resource not accessible by integration")]
    log = run(tmp_path, forge, monkeypatch, "pull_request", SCRIPT, comment="always")
    assert "outputs are fail 1" in log, log
    assert "needs `pull-requests: write`" in log


@pytest.mark.parametrize("event", ["push", "merge_group"])
def test_a_quiet_change_passes(
    tmp_path: Path, forge: Forge, monkeypatch: pytest.MonkeyPatch, event: str
) -> None:
    log = run(tmp_path, forge, monkeypatch, event, '{"name": "a", "version": "1.0.1"}')
    assert "outputs are pass 0" in log, log
    assert "Job succeeded" in log
    assert forge.asked == []


def test_a_command_runs_under_guard_and_what_it_put_back_is_told(
    tmp_path: Path, forge: Forge, monkeypatch: pytest.MonkeyPatch
) -> None:
    swap = (
        "cp package.json $RUNNER_TEMP/kept && echo '{}' > package.json && sleep 0.3"
        " && cp $RUNNER_TEMP/kept package.json && echo built > out.txt"
    )
    given = {"run": swap, "may-write": "out.txt"}
    log = run(tmp_path, forge, monkeypatch, "push", '{"name": "a", "version": "1.0.1"}', **given)
    assert "source-tampered" in log, log
    assert "outputs are fail" in log
    assert "Job failed" in log


def test_a_command_that_keeps_to_what_it_may_write_passes(
    tmp_path: Path, forge: Forge, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"run": "echo built > out.txt", "may-write": "out.txt"}
    log = run(tmp_path, forge, monkeypatch, "push", '{"name": "a", "version": "1.0.1"}', **given)
    assert "source-tampered" not in log, log
    assert "Job succeeded" in log
