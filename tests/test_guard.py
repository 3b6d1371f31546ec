"""A guard around a command: its exit status, its policy, and what it says where it cannot see."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fimci import cli, guard
from fimci.errors import SourceError
from fimci.request import Request
from tests import repository

pytestmark = [
    pytest.mark.client,
    pytest.mark.skipif(sys.platform != "linux", reason="the events of Linux"),
    pytest.mark.skipif(shutil.which("git") is None, reason="no git"),
]
POLICY = 'writes = ["generated/", "*.log", "~/allowed/"]\n'


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    repository.seal(monkeypatch)
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    where = repository.create(
        tmp_path / "w",
        {"src/a.c": "a\n", "generated/b.c": "b\n", "fimci.toml": POLICY, ".gitignore": "build/\n"},
    )
    monkeypatch.chdir(where)
    return where


def run(*words: str, options: tuple[str, ...] = ()) -> int:
    return cli.main(["watch", "--source", "inotify", *options, "--", *words])


def shell(text: str, *options: str) -> int:
    return run("sh", "-c", text, options=options)


@pytest.mark.usefixtures("workspace")
def test_the_exit_status_is_that_of_the_command_unless_findings_fail(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert shell("exit 0") == 0
    assert shell("exit 7") == 7
    assert shell("kill -9 $$") == 128 + 9
    assert shell("echo told; echo x > src/a.c; exit 7") == 1
    out, err = capfd.readouterr()
    assert out == "told\n", "standard output is the command's"
    assert "source-tampered" in err
    assert shell("echo y > src/a.c; exit 7", "--fail-on", "critical") == 7


@pytest.mark.usefixtures("workspace")
def test_what_happens_is_told_while_the_command_runs(capfd: pytest.CaptureFixture[str]) -> None:
    code = shell(
        "printf 'x\\n' > src/a.c; cp /bin/true build-me; mkdir build; cp /bin/true build/quiet; sleep 1;"
        " printf 'a\\n' > src/a.c; sleep 0.3; echo late >&2"
    )
    assert code == 1
    early, _, report = capfd.readouterr().err.partition("late\n")
    assert re.search(r"^fimci: [0-9:.]+Z src/a\.c: has another content", early, re.MULTILINE)
    assert re.search(r"^fimci: [0-9:.]+Z build-me: is a new program", early, re.MULTILINE)
    assert early.count("\n") == 2, "one line for each, and none for what git ignores"
    assert report.startswith("critical[source-tampered]"), "the report is whole"
    assert "build-me" in report


def test_only_so_many_lines_are_told_at_once_and_none_gives_a_command(
    workspace: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    hooks = workspace / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    shell(
        "for i in $(seq 200); do echo x > '.git/hooks/a\033[31m'$i; done; sleep 0.5".replace("\\033", "\033")
    )
    lines = [line for line in capfd.readouterr().err.splitlines() if line.startswith("fimci: ")]
    assert len(lines) == 101
    assert lines[-1] == "fimci: more is told in the end"
    assert "\033" not in "".join(lines)


def test_policy_says_what_may_be_written(workspace: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = "echo x > generated/b.c; echo x > run.log; mkdir -p build; echo x > build/o; chmod +x build/o"
    assert shell(text) == 0
    assert "clean" in capfd.readouterr().err
    assert shell("echo x > src/a.c", "--may-write", "src/*.c") == 0
    (workspace / "fimci.toml").write_text('writes = ["*"]\n')
    assert shell("echo y > src/a.c") == 1, "the policy of the base counts, not the one that lies there"


@pytest.mark.usefixtures("workspace")
def test_the_policy_itself_and_the_workflow_are_guarded(capfd: pytest.CaptureFixture[str]) -> None:
    assert shell("echo 'fail-on = \"critical\"' > fimci.toml") == 1
    assert "workflow-written" in capfd.readouterr().err


def test_a_folder_without_git_is_guarded_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "a").write_text("a\n")
    monkeypatch.chdir(tmp_path / "w")
    assert shell("true") == 0
    assert shell("echo b > a; echo a > a") == 1


@pytest.mark.usefixtures("workspace")
def test_what_cannot_be_run_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    assert run("no-such-program-anywhere") == 2
    assert "no-such-program-anywhere cannot be run" in capfd.readouterr().err
    assert cli.main(["watch", "a", "b", "--", "true"]) == 2


def test_a_signal_ends_the_command_and_not_the_report(workspace: Path) -> None:
    words = [sys.executable, "-m", "fimci", "watch", "--source", "inotify", "--"]
    script = "echo x > src/a.c; echo ready; exec sleep 60"
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    with subprocess.Popen(
        [*words, "sh", "-c", script],
        cwd=workspace,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "source-tampered" in err


def test_what_no_event_told_is_told_by_the_times_of_files(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Deaf:
        name, descriptor = "nothing", None

        def read(self, seconds: float) -> list[object]:
            time.sleep(min(seconds, 0.01))
            return []

        def close(self) -> None:
            pass

    monkeypatch.setattr("fimci.guard._opened", lambda *_: (Deaf(), ""))
    script = "cp -p src/a.c build; echo evil > src/a.c; cp -p build src/a.c; rm build"
    request = Request(path=str(workspace), environment=os.environ, today=dt.date(2026, 1, 1))
    findings = guard.guard(request, ["sh", "-c", script]).report.findings
    assert [(f.rule, f.path, str(f.severity)) for f in findings] == [("source-tampered", "src/a.c", "high")]


def test_a_thousand_files_alike_are_few_findings(workspace: Path) -> None:
    for number in range(1000):
        (workspace / "src" / f"{number}.c").write_text("x\n")
    repository.git(workspace, "add", "-A")
    request = Request(path=str(workspace), environment=os.environ, today=dt.date(2026, 1, 1))
    found = guard.guard(request, ["sh", "-c", "for f in src/*.c; do echo y > $f; done"], source="inotify")
    assert len(found.report.findings) <= 12
    assert found.report.counts.changes >= 1000


def test_no_folder_is_refused(tmp_path: Path) -> None:
    request = Request(path=str(tmp_path / "none"), environment=os.environ, today=dt.date(2026, 1, 1))
    with pytest.raises(SourceError):
        guard.guard(request, ["true"])
