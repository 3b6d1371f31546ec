"""A change cannot make its own check green: not by policy, baseline, acceptance, workflow or pin.

Each is a pull request as a job sees it: a test merge is checked out, one commit deep or whole, and the
command line is what the workflow of the pull request itself would pass.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from fimci.cli import main
from tests import repository

pytestmark = pytest.mark.client
PIN = "0ad4b8fadaa221de15dcec353f45205ec38ea70b"
WORKFLOW = f"""\
on: pull_request
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8
      - uses: left/fimci@{PIN}
        with:
          fail-on: high
"""
START = {
    "package.json": '{"name": "a"}',
    "docs/README": "1",
    "fimci.toml": 'fail-on = "high"\n',
    ".github/workflows/fimci.yml": WORKFLOW,
}
BAD = {"package.json": '{"name": "a", "scripts": {"postinstall": "node x.js"}}'}
RULE = "install-script-added"


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository whose main branch is protected by fimci."""
    repository.seal(monkeypatch)
    made = repository.create(tmp_path / "here", START)
    assert main(["baseline", str(made)]) == 0
    repository.commit(made)
    return made


def judged(where: Path, patch: pytest.MonkeyPatch, files: dict[str, str | None], *options: str) -> int:
    """Merge a pull request with these files as the host does, and check it as its job would."""
    repository.git(where, "checkout", "--quiet", "-b", "change")
    for name, text in files.items():
        if text is None:
            (where / name).unlink()
        elif text.startswith("-> "):
            (where / name).unlink(missing_ok=True)
            (where / name).symlink_to(text[3:])
        else:
            repository.write(where, {name: text})
    repository.commit(where)
    repository.git(where, "checkout", "--quiet", "main")
    repository.git(where, "merge", "--quiet", "--no-ff", "-m", "merge", "change")
    patch.setenv("GITHUB_ACTIONS", "true")
    patch.setenv("CI", "true")
    patch.setenv("GITHUB_EVENT_NAME", "pull_request")
    patch.setenv("GITHUB_SHA", repository.git(where, "rev-parse", "HEAD").strip())
    return main(["check", str(where), *options])


def fingerprint(where: Path, capsys: pytest.CaptureFixture[str]) -> str:
    repository.write(where, BAD)
    main(["check", str(where)])
    found = re.search(r"fingerprint: ([0-9a-f]{20})", capsys.readouterr().out)
    assert found is not None
    repository.git(where, "checkout", "--quiet", "--", ".")
    return found[1]


def accepting(print_: str, expires: str = "2099-01-31") -> str:
    return f'fail-on = "high"\n[[accept]]\nfingerprint = "{print_}"\nreason = "x"\nexpires = {expires}\n'


@pytest.mark.parametrize(
    "policy",
    [
        'fail-on = "critical"\n',
        f'[rules.{RULE}]\nseverity = "off"\n',
        f'[rules.{RULE}]\nseverity = "info"\n',
        'ignore = ["package.json"]\n',
        'ignore = ["*"]\n',
        "not TOML",
        None,
        "-> docs/README",
    ],
)
def test_by_its_policy(where: Path, monkeypatch: pytest.MonkeyPatch, policy: str | None) -> None:
    assert judged(where, monkeypatch, {**BAD, "fimci.toml": policy}) == 1


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject.toml": '[tool.fimci]\nfail-on = "critical"\n', "fimci.toml": None},
        {"FIMCI.toml": 'fail-on = "critical"\n'},
        {"docs/fimci.toml": 'ignore = ["*"]\n'},
        {".fimci.toml": 'ignore = ["*"]\n'},
    ],
)
def test_by_a_policy_in_another_place(
    where: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str | None]
) -> None:
    assert judged(where, monkeypatch, {**BAD, **files}) == 1


def test_by_a_looser_policy_for_the_changes_after_it(where: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loose: dict[str, str | None] = {"fimci.toml": 'fail-on = "critical"\n'}
    assert judged(where, monkeypatch, loose, "--fail-on=critical") == 1


def test_by_its_own_acceptance(
    where: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mark = fingerprint(where, capsys)
    assert judged(where, monkeypatch, {**BAD, "fimci.toml": accepting(mark)}) == 1
    assert RULE in capsys.readouterr().out


@pytest.mark.parametrize(("expires", "code"), [("2099-01-31", 0), ("2020-01-31", 1)])
def test_an_acceptance_on_the_base_counts_until_its_day(
    where: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], expires: str, code: int
) -> None:
    mark = fingerprint(where, capsys)
    repository.write(where, {"fimci.toml": accepting(mark, expires)})
    repository.commit(where)
    assert judged(where, monkeypatch, dict(BAD)) == code


def test_by_a_fresh_baseline(where: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = repository.create(tmp_path / "other", {**START, **BAD})
    assert main(["baseline", str(other)]) == 0
    poisoned = (other / "fimci.baseline").read_text()
    assert judged(where, monkeypatch, {**BAD, "fimci.baseline": poisoned}) == 1


def test_by_a_baseline_that_sees_less(where: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = repository.create(tmp_path / "other", {**START, "fimci.toml": 'ignore = ["package.json"]\n'})
    assert main(["baseline", str(other)]) == 0
    weak: dict[str, str | None] = {"fimci.baseline": (other / "fimci.baseline").read_text()}
    assert judged(where, monkeypatch, weak, "--fail-on=critical") == 1


@pytest.mark.parametrize(
    ("old", "new", "options"),
    [
        ("fail-on: high", "fail-on: critical", ["--fail-on=critical"]),
        ("fail-on: high", "working-directory: docs", ["docs", "--fail-on=critical"]),
        ("with:\n          fail-on: high", "continue-on-error: true", ["--fail-on=critical"]),
        ("        with:", "        if: github.actor != 'x'\n        with:", ["--fail-on=critical"]),
        ("on: pull_request", 'on:\n  pull_request:\n    paths: ["docs/**"]', ["--fail-on=critical"]),
        ("fail-on: high", "config: lenient.toml", ["--config=base:lenient.toml", "--fail-on=critical"]),
        (PIN, "1" * 40, ["--fail-on=critical"]),
        (PIN, "v1", ["--fail-on=critical"]),
        ("left/fimci", "mallory/fimci", ["--fail-on=critical"]),
        (f"left/fimci@{PIN}\n        with:\n          fail-on: high", "left/x@v1", ["--fail-on=critical"]),
    ],
    ids=["fail-on", "folder", "may-fail", "if", "paths", "config", "commit", "tag", "repository", "gone"],
)  # fmt: skip
def test_by_its_workflow(
    where: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, options: list[str]
) -> None:
    assert old in WORKFLOW
    files: dict[str, str | None] = {
        ".github/workflows/fimci.yml": WORKFLOW.replace(old, new),
        "lenient.toml": 'ignore = ["*"]\n[rules.checker-disabled]\nseverity = "off"\n',
    }
    if options[0] == "docs":
        assert judged(where, monkeypatch, {**BAD, **files}, options[1]) == 1
        assert main(["check", str(where / "docs"), *options[1:]]) == 1
    else:
        assert judged(where, monkeypatch, {**BAD, **files}, *options) == 1


def test_a_quiet_change_stays_green(where: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert judged(where, monkeypatch, {"docs/README": "2"}) == 0


def test_the_verdict_says_why_a_lower_grade_fails(
    where: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files: dict[str, str | None] = {".github/workflows/fimci.yml": WORKFLOW.replace(PIN, "1" * 40)}
    assert judged(where, monkeypatch, files, "--fail-on=critical", "--format=json") == 1
    report = json.loads(capsys.readouterr().out)
    assert report["verdict"] == "1 finding at or above critical, or about the check itself"


def test_a_comparison_by_hand_fails_as_it_is_told_to(where: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(where)
    repository.write(where, {".github/workflows/fimci.yml": WORKFLOW.replace(PIN, "1" * 40)})
    assert main(["compare", "git:HEAD", "git::worktree"]) == 1
    assert main(["compare", "git:HEAD", "git::worktree", "--fail-on=critical"]) == 0
    assert main(["check", "--fail-on=critical"]) == 1
