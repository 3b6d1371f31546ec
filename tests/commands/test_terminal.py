"""What a person at a terminal sees, and what a file or a pipe gets."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import pytest

from fimci.cli import main
from fimci.commands import terminal


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def screen(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Put a terminal in place of both streams; in the test itself, as pytest swaps them before it."""
    made = Terminal()
    monkeypatch.setattr("sys.stdout", made)
    monkeypatch.setattr("sys.stderr", made)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return made


def test_no_colour_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.show("high[a]: b\n", coloured=True)
    assert capsys.readouterr().out == "high[a]: b\n"


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_colour_where_nobody_wants_it(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    shown = screen(monkeypatch)
    monkeypatch.setenv(name, value)
    terminal.show("high[a]: b\n", coloured=True)
    assert shown.getvalue() == "high[a]: b\n"


def test_progress_counts_once_patience_is_over_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = screen(monkeypatch)
    monkeypatch.setattr(terminal, "_PATIENCE", 0)
    with terminal.progress("reading") as step:
        assert step is not None
        step("a\x1b[31m")
    assert "reading 1 a\\x1b[31m" in shown.getvalue()
    assert shown.getvalue().endswith("\r\x1b[K")


def test_grades_and_fixes_are_coloured_for_eyes(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = screen(monkeypatch)
    text = "high[a]: b\n     --> a:1\n      = fix: mend it\nclean\n"
    terminal.show(text, coloured=True)
    assert re.sub(r"\x1b\[[\d;]*m", "", shown.getvalue()) == text
    assert [line.startswith("\x1b[") for line in shown.getvalue().splitlines()] == [True, False, True, False]


def test_quick_work_shows_no_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = screen(monkeypatch)
    with terminal.progress("reading") as step:
        assert step is not None
        step("a")
    assert shown.getvalue() == ""


def test_nobody_watches_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.progress("reading") as step:
        assert step is None
    assert capsys.readouterr().err == ""


def test_a_report_goes_to_a_file_and_a_grade_from_the_command_line_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for side, text in (("old", "a"), ("new", "#!/bin/sh\n")):
        (tmp_path / side).mkdir()
        (tmp_path / side / "run.sh").write_text(text)
    (tmp_path / "new" / "run.sh").chmod(0o755)
    sides = [f"dir:{tmp_path / side}" for side in ("old", "new")]
    report = tmp_path / "report.json"
    assert main(["compare", *sides, "--format", f"json={report}", "--fail-on", "medium"]) == 1
    assert capsys.readouterr().out == ""
    assert '"fail_on": "medium"' in report.read_text()
    assert main(["compare", *sides, "--fail-on", "critical", "--list"]) == 0
    assert "~ run.sh (size, mode, digest)" in capsys.readouterr().out
    assert main(["compare", *sides, "--format", f"json={tmp_path / 'no' / 'file'}"]) == 2
    assert "could not be written" in capsys.readouterr().err


def test_a_baseline_is_held_against_a_folder_in_its_own_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a").write_text("1")
    baseline = tmp_path / "b.baseline"
    assert main(["baseline", str(tmp_path / "tree"), "--output", str(baseline)]) == 0
    assert main(["compare", f"baseline:{baseline}", f"dir:{tmp_path / 'tree'}"]) == 0
    assert "clean" in capsys.readouterr().out


def test_without_the_library_for_colours_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = screen(monkeypatch)
    monkeypatch.setitem(sys.modules, "rich.console", None)
    terminal.show("high[a]: b\n", coloured=True)
    assert shown.getvalue() == "high[a]: b\n"


def test_no_progress_on_a_terminal_that_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    screen(monkeypatch)
    monkeypatch.setenv("TERM", "dumb")
    with terminal.progress("reading") as step:
        assert step is None
