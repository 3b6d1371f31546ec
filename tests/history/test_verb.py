from __future__ import annotations

import json
import sqlite3
import sys
from pathlib import Path

import pytest

from fimci.cli import main
from fimci.history import store
from tests.history import runs


def test_runs_are_kept_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "a.txt").write_text("one")
    monkeypatch.chdir(folder)
    assert main(["baseline"]) == 0
    kept = str(tmp_path / "history.db")
    assert main(["check", "--history", kept]) == 0
    (folder / "a.txt").write_text("two")
    page = tmp_path / "report.html"
    assert main(["check", "--history", kept, "--format", f"html={page}"]) == 1
    assert "<svg" in page.read_text()
    capsys.readouterr()
    assert main(["history", kept, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert "unexpected-change" in json.dumps(told)
    assert main(["history", kept]) == 0
    assert "2 runs" in capsys.readouterr().out


def test_a_history_that_cannot_be_written_changes_no_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("one")
    monkeypatch.chdir(tmp_path)
    assert main(["baseline"]) == 0
    (tmp_path / "other.db").write_text("no database at all, but long enough to be read as one " * 20)
    assert main(["check", "--baseline", "fimci.baseline", "--history", "other.db"]) in {0, 1}
    assert "NOT in the history" in capsys.readouterr().out
    assert main(["history", "nonesuch.db"]) == 2


def test_every_verb_that_judges_can_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text(f"x = {name!r}\n")
    monkeypatch.chdir(tmp_path)
    assert main(["compare", "dir:old", "dir:new", "--history", "kept.db"]) == 0
    assert main(["inspect", "dir:new", "--rules", "--history", "kept.db"]) == 0
    assert main(["inspect", "dir:new", "--history", "kept.db"]) == 2
    with sqlite3.connect("kept.db") as database:
        verbs = [row[0] for row in database.execute("SELECT verb FROM runs ORDER BY number")]
    assert verbs == ["compare", "inspect"]
    capsys.readouterr()


def test_policy_keeps_runs_and_bounds_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "app.history"
    store.record(str(kept), runs.run(-400 * runs.DAY, runs.accepted(runs.finding(1))))
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "a.txt").write_text("one")
    monkeypatch.chdir(folder)
    policy = folder / "fimci.toml"
    policy.write_text(f"[history]\nfile = {json.dumps(str(kept))}\n")
    assert main(["baseline"]) == 0
    assert main(["check"]) == 0
    assert _verbs(kept) == ["check", "check"], "for ever, where no days are named"
    policy.write_text(f"[history]\nfile = {json.dumps(str(kept))}\ndays = 30\n")
    assert main(["baseline"]) == 0
    assert main(["watch", "--for", "1s", "--every", "0"]) == 0
    assert _verbs(kept)[-1] == "watch"
    with sqlite3.connect(kept) as database:
        assert database.execute("SELECT count(*) FROM findings").fetchone() == (0,), "the old run is gone"
    assert main(["check", "--history", "other.db"]) in {0, 1}
    assert _verbs(folder / "other.db") == ["check"], "the option wins"
    capsys.readouterr()


@pytest.mark.parametrize(
    "said", ['file = "/etc/profile.d/x.sh"', 'file = ".history"', "days = 3", 'file = "a.history"\ndays = -1']
)
def test_policy_names_a_history_by_its_ending(
    said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fimci.toml").write_text(f"[history]\n{said}\n")
    assert main(["baseline"]) == 2
    assert "fimci.toml:" in capsys.readouterr().err


def test_old_runs_are_removed_with_all_that_is_theirs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept.db"
    for day in (-9_000, -8_999, 30_000):
        store.record(str(kept), runs.run(day * runs.DAY, runs.accepted(runs.finding(day)), runs.finding(1)))
    assert main(["history", str(kept), "--prune", "0"]) == 2
    assert main(["history", str(tmp_path / "none.db"), "--prune", "3"]) == 2
    assert not (tmp_path / "none.db").exists()
    assert main(["history", str(kept), "--prune", "90"]) == 0
    out, err = capsys.readouterr()
    assert "2 runs removed" in err
    assert "1 run " in out
    with sqlite3.connect(kept) as database:
        counts = [
            database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
            for table in ("runs", "findings", "acceptances")
        ]
    assert counts == [1, 2, 1]


def _verbs(file: Path) -> list[str]:
    with sqlite3.connect(file) as database:
        return [row[0] for row in database.execute("SELECT verb FROM runs ORDER BY number")]


@pytest.mark.skipif(sys.platform != "linux", reason="the events of Linux")
def test_a_guard_around_a_command_is_no_look_at_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "a.txt").write_text("one")
    monkeypatch.chdir(folder)
    assert main(["baseline"]) == 0
    kept = str(tmp_path / "history.db")
    (folder / "a.txt").write_text("two")
    assert main(["check", "--history", kept]) == 1
    assert main(["watch", "--source", "inotify", "--history", kept, "--", "true"]) == 0
    assert _verbs(Path(kept)) == ["check", "watching"]
    capsys.readouterr()
    main(["history", kept, "--format", "json"])
    told = json.loads(capsys.readouterr().out)
    assert [one["rule"] for one in told["open"]] == ["unexpected-change"], "open still"
