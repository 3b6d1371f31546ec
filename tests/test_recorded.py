"""Profiles end to end: a baseline, a change, and what a check says; and what `explain` says of a path."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fimci import folder, store
from fimci.cli import main
from fimci.model import File
from fimci.snapshot import Recipe
from tests import repository

POLICY = """\
profile = "content"
ignore = ["tmp/", "*.bak"]
critical = ["etc/hosts"]

[[paths]]
pattern = "var/log/*.new"
profile = "log+new+gone"

[[paths]]
pattern = "var/log/"
profile = "log"

[[paths]]
pattern = "var/"
profile = "off"

[[paths]]
pattern = "etc/"
profile = "host+ctime"

[[paths]]
pattern = "etc/passwd"
profile = "off"
"""
LOG = "one\ntwo\nthree\n"


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """Return a small host with a baseline."""
    root = tmp_path / "host"
    files = {
        "fimci.toml": POLICY,
        "etc/passwd": "root\n",
        "var/log/a.log": LOG,
        "var/log/empty.log": "",
        "var/cache": "1",
        "bin/run": "#!/bin/sh\n",
        "tmp/x": "x",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    assert main(["baseline", str(root)]) == 0
    return root


def check(root: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, str], dict[str, str]]:
    """Return the exit code, messages by path, and what is unread."""
    capsys.readouterr()
    code = main(["check", str(root), "--format", "json"])
    captured = capsys.readouterr()
    assert captured.err == ""
    report = json.loads(captured.out)
    unread = {item["path"]: item["why"] for item in report["unread"]}
    return code, {found["path"]: found["message"] for found in report["findings"]}, unread


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


SILENT: dict[str, Callable[[Path], object]] = {
    "nothing": lambda _: None,
    "a mode, where only content counts": lambda root: (root / "bin/run").chmod(0o700),
    "a log grows": lambda root: append(root / "var/log/a.log", "four\n" * 300_000),
    "an empty log grows": lambda root: append(root / "var/log/empty.log", "one\n"),
    "a file that is off": lambda root: (root / "var/cache").write_text("2"),
    "a file that is ignored": lambda root: (root / "tmp/x").write_text("y"),
    "a file that may come": lambda root: (root / "var/log/b.new").write_text("x"),
}
TOLD: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "content": (lambda root: (root / "bin/run").write_text("#!/bin/zz\n"), "bin/run", "content"),
    "exact mode": (lambda root: (root / "etc/passwd").chmod(0o640), "etc/passwd", "mode"),
    "mtime": (lambda root: os.utime(root / "etc/passwd", ns=(5, 5)), "etc/passwd", "mtime"),
    "content and what follows": (
        lambda root: (root / "etc/passwd").write_text("toor\nroot\n"),
        "etc/passwd",
        "content",
    ),
    "a hard link": (
        lambda root: os.link(root / "etc/passwd", root / "tmp/copy"),
        "etc/passwd",
        "number of hard links",
    ),
    "a log is cut": (lambda root: os.truncate(root / "var/log/a.log", 5), "var/log/a.log", "content"),
    "a log is emptied": (lambda root: os.truncate(root / "var/log/a.log", 0), "var/log/a.log", "content"),
    "a log is edited in the middle and grows": (
        lambda root: (root / "var/log/a.log").write_text(LOG.replace("two", "2wo") + "four\n"),
        "var/log/a.log",
        "content",
    ),
    "a log is edited in its last byte": (
        lambda root: (root / "var/log/a.log").write_text(LOG[:-1] + "\r"),
        "var/log/a.log",
        "content",
    ),
    "the mode of a log": (lambda root: (root / "var/log/a.log").chmod(0o640), "var/log/a.log", "mode"),
}


@pytest.mark.parametrize("name", SILENT)
def test_what_a_profile_does_not_hold_is_silent(
    name: str, host: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    SILENT[name](host)
    assert check(host, capsys) == (0, {}, {})


@pytest.mark.skipif(sys.platform == "win32", reason="no such modes there")
@pytest.mark.parametrize("name", TOLD)
def test_what_a_profile_holds_is_told_by_its_name(
    name: str, host: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change, path, facts = TOLD[name]
    change(host)
    code, found, unread = check(host, capsys)
    assert (code, list(found), unread) == (1, [path], {})
    assert found[path] == f"{facts} changed since the baseline"


def test_a_file_that_comes_or_goes_is_told_where_that_is_not_permitted(
    host: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (host / "var/log/b.log").write_text("")
    (host / "var/log/a.log").unlink()
    assert check(host, capsys)[:2] == (
        1,
        {"var/log/a.log": "in the baseline, but missing", "var/log/b.log": "not in the baseline"},
    )


def test_a_program_in_the_place_of_a_permitted_log_is_told(
    host: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elf = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00" + bytes(44)
    (host / "var/log/c.new").write_bytes(elf)
    (host / "var/log/empty.log").write_bytes(elf)
    code, found, _ = check(host, capsys)
    assert (code, set(found)) == (1, {"var/log/c.new", "var/log/empty.log"})


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_several_facts_are_named_together(host: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.chown(host / "var/log/a.log", 1, 2)
    (host / "var/log/a.log").chmod(0o600)
    assert check(host, capsys)[1] == {"var/log/a.log": "mode, group and owner changed since the baseline"}


def test_an_attribute_that_cannot_be_told_any_more_is_no_silence(
    host: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if not hasattr(os, "listxattr"):
        pytest.skip("no extended attributes there")

    def refused(*_: object, **__: object) -> list[str]:
        raise OSError(95, "not supported")

    monkeypatch.setattr(os, "listxattr", refused)
    code, found, unread = check(host, capsys)
    assert (code, found) == (3, {})
    assert "cannot be told on both sides, nor that of" in unread["etc"]


def test_the_default_profile_writes_the_baseline_that_it_always_wrote(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    snapshot = folder.taken(str(tmp_path), Recipe())
    header, row, _ = b"".join(store.dump(snapshot.recipe, snapshot.records)).splitlines()
    assert set(json.loads(header)["recipe"]) == {
        "algorithm", "directories", "ignore", "inspect_limit", "modes", "readers",
    }  # fmt: skip
    assert len(json.loads(row)) == 3


@pytest.mark.parametrize("profile", ["host+ctime+inode+blocks", "content", "host-digest", "host-digest-size"])
def test_a_baseline_keeps_what_a_profile_records(profile: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/file").write_text("x")
    (tmp_path / "link").symlink_to("folder")
    how = Recipe(profile=profile)
    records = list(folder.taken(str(tmp_path), how).records)
    loaded = store.load(b"".join(store.dump(how, records)), "b")
    assert loaded.recipe == how
    assert list(loaded.records) == records


@pytest.mark.parametrize("profile", ["host", "log", "content+sha512", "host-digest"])
def test_many_files_come_back_from_other_processes_as_they_are(profile: str, tmp_path: Path) -> None:
    for number in range(2_200):
        (tmp_path / f"{number:04}").write_text(str(number))
    how = Recipe(profile=profile)
    files = [r for r in folder.taken(str(tmp_path), how).records if isinstance(r, File)]
    assert len(files) == 2_200
    assert {len(file.attributes) for file in files} == {len(files[0].attributes)}


def explained(*arguments: str, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Return what `explain` says, by the word that begins the line."""
    capsys.readouterr()
    assert main(["explain", *arguments]) == 0
    path, *lines = capsys.readouterr().out.splitlines()
    return {"path": path, **{line.split(None, 1)[0]: line.split(None, 1)[1] for line in lines}}


@pytest.mark.parametrize(
    ("path", "word", "text"),
    [
        ("etc/passwd", "profile", "host+ctime, by the pattern etc/ (fimci.toml:18)"),
        ("etc/hosts", "critical", "by the pattern etc/hosts (fimci.toml:3)"),
        ("etc", "profile", "by the pattern etc/ "),
        ("var/log/a.log", "permitted", "its content may grow"),
        ("var/log/no.new", "permitted", "it may be added, it may be removed"),
        ("var/cache", "recorded", "nothing: it is left out"),
        ("bin/run", "profile", "content, for all (fimci.toml:1); no pattern of paths matches"),
        ("bin/run", "recorded", "kind, link target, digest, size"),
        ("tmp/x", "ignored", "by the pattern tmp/ (fimci.toml:2)"),
        ("no/such.bak", "ignored", "by the pattern *.bak (fimci.toml:2)"),
        (".git/config", "ignored", "git's own folder always is"),
    ],
)
def test_explain_says_which_line_decides_about_a_path(
    path: str, word: str, text: str, host: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = explained(str(host / path), capsys=capsys)
    assert found["path"].rstrip("/") == path
    assert text in found[word]


def test_explain_works_from_inside_and_names_of_rules_come_first(
    host: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(host / "etc")
    assert explained("passwd", capsys=capsys)["path"] == "etc/passwd"
    (host / "etc/unread").touch()
    assert main(["explain", "unread"]) == 0
    assert capsys.readouterr().out.startswith("unread (")
    assert explained("./unread", capsys=capsys)["path"] == "etc/unread"


def test_explain_takes_another_policy(host: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "other.toml").write_text('profile = "host"\n')
    found = explained(str(host / "bin/run"), "--config", str(tmp_path / "other.toml"), capsys=capsys)
    assert found["profile"].startswith("host, for all (")
    assert main(["explain", str(host)]) == 2 or main(["explain", "/"]) == 2


@pytest.mark.client
def test_explain_says_what_git_ignores(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "repository"
    root.mkdir()
    repository.create(root, {".gitignore": "out/\n", "a.txt": "x"})
    assert "git" not in explained(str(root / "a.txt"), capsys=capsys)
    found = explained(str(root / "out/b"), capsys=capsys)
    assert "a baseline does" in found["git"]
    assert found["policy"] == "none: built-in defaults apply"


def test_a_name_cannot_write_to_the_terminal(host: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", str(host / "a\x1b[2J\nb")]) == 0
    assert "\x1b" not in capsys.readouterr().out
