from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from fimci.cli import main


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
    assert main(["history", "nonesuch.db"]) == 3


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
