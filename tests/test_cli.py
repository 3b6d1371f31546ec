"""The command line: exit codes, errors in words, and what a wrong word leads to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fimci import __version__, cli
from fimci.cli import main


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"fimci {__version__}\n"


@pytest.mark.parametrize(
    "arguments", [[], ["nonesuch"], ["check", "--nonesuch"], ["compare", "a"], ["--chec"]]
)
def test_a_wrong_word_is_a_usage_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: fimci" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "."], "cannot be read"),
        (["check", "nowhere"], "nowhere is not a folder"),
        (["check", ".", "--staged"], "not in a git repository"),
        (["compare", ".", ".", "--config", "nowhere.toml"], "nowhere.toml cannot be read"),
        (["compare", "ftp:x", "."], "ftp: is not a kind of source"),
        (["compare", "dir:", "."], "names nothing"),
        (["compare", "no-such-ref", "."], "not in a git repository"),
        (["compare", "archive:nowhere", "."], "nowhere"),
        (["explain", "hiden-text"], "did you mean hidden-text?"),
        (["explain", "zzz"], "lists them"),
        (["accept", "xyz", "--reason", "r"], "no fingerprint"),
        (["accept", "0" * 20, "--reason", "r", "--expires", "soon"], "is no date"),
        (["accept", "0" * 20, "--reason", "r", "--expires", "2020-01-01"], "has passed"),
        (["compare", "./nowhere", "."], "there is no ./nowhere"),
        (["inspect", "nowhere.tgz"], "there is no nowhere.tgz"),
        (["init", "no/such/folder"], "is not a folder"),
        (["verify", "."], "node:DIR"),
        (["compare", ".", ".", "--format", "json="], "names no file"),
        (["baseline", "nowhere"], "cannot be listed"),
        (["baseline", ".", "--output", "no/such/folder/b"], "could not be written"),
    ],
)
def test_what_goes_wrong_is_told_with_a_remedy(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    told = capsys.readouterr().err
    assert words in told
    assert told.startswith("fimci: ")
    assert told.count("\n") >= 2, "an error comes with a remedy"
    assert "Traceback" not in told


def test_an_unknown_format_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a").touch()
    assert main(["compare", str(tmp_path), str(tmp_path), "--format", "nonesuch"]) == 2
    assert "'nonesuch' is no format" in capsys.readouterr().err


def test_a_bug_is_not_a_finding(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(_: list[str]) -> int:
        raise RuntimeError("broken")

    monkeypatch.setattr(cli, "_dispatch", broken)
    assert main(["check"]) == 70
    assert "this is a bug in fimci" in capsys.readouterr().err


def test_an_interruption_is_not_a_bug(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_dispatch", interrupted)
    assert main(["check"]) == 130
    assert capsys.readouterr().err == "fimci: interrupted\n"


def test_names_of_files_cannot_write_to_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(tmp_path / "\x1b[31mred\n::error::x")]) == 2
    told = capsys.readouterr().err
    assert "\x1b" not in told
    assert "\n::error" not in told


def test_init_writes_what_is_not_there_and_keeps_what_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "fimci.toml").write_text('fail-on = "low"\n')
    assert main(["init", str(tmp_path)]) == 0
    assert (tmp_path / "fimci.toml").read_text() == 'fail-on = "low"\n'
    assert "fimci check --staged" in (tmp_path / ".pre-commit-config.yaml").read_text()
    assert "pull_request" in (tmp_path / ".github/workflows/fimci.yml").read_text()
    assert "kept" in capsys.readouterr().out


def test_the_list_of_rules_and_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    assert "unexpected-change" in capsys.readouterr().out
    assert main(["explain", "unexpected-change"]) == 0
    page = capsys.readouterr().out
    assert page.startswith("unexpected-change (high)\n")
    assert "\nFix: " in page


def test_a_module_of_the_folder_is_not_imported(tmp_path: Path) -> None:
    """`python -I -m fimci` in a hostile folder: its `json.py` must not run."""
    (tmp_path / "json.py").write_text("raise SystemExit('ran')")
    done = subprocess.run(
        [sys.executable, "-I", "-c", "import fimci.cli, sys; sys.exit(fimci.cli.main(['explain']))"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert b"ran" not in done.stderr


def test_a_reader_that_has_seen_enough_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(_: list[str]) -> int:
        raise BrokenPipeError

    monkeypatch.setattr(cli, "_dispatch", closed)
    monkeypatch.setattr(sys, "stderr", open("/dev/null", "w"))  # noqa: SIM115  (main closes it)
    assert main(["explain"]) == 141


def test_a_file_that_was_never_there_is_not_said_to_be_untouched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["baseline", str(tmp_path), "--output", str(tmp_path / "no/such")]) == 2
    assert "untouched" not in capsys.readouterr().err


def test_help_is_written_in_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in ("inspect", "verify", "check"):
        with pytest.raises(SystemExit):
            main([verb, "--help"])
    told = capsys.readouterr().out
    assert "?." not in told
    assert "or folder.\n" in told


@pytest.mark.parametrize(("given", "code"), [(">&-", 0), (">/dev/full", 2)])
def test_an_output_that_takes_nothing_is_no_bug(tmp_path: Path, given: str, code: int) -> None:
    (tmp_path / "a").mkdir()
    command = f'"{sys.executable}" -m fimci compare "{tmp_path}/a" "{tmp_path}/a" {given}'
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr


def test_an_acceptance_is_added_to_the_policy_that_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "fimci.toml"
    for mark, expires in (("0", "2100-01-31"), ("1", "2100-02-28")):
        arguments = ["--reason", "known", "--expires", expires, "--config", str(file)]
        assert main(["accept", mark * 20, *arguments]) == 0
    assert f"1 acceptance added, until {expires}" in capsys.readouterr().out
    assert file.read_text().count("[[accept]]") == 2
