"""Two sources of different kinds: each is taken in the form that the other can be held against."""

from __future__ import annotations

from pathlib import Path

import pytest

from fimci.cli import main
from tests import repository


def test_a_folder_is_held_against_a_commit_without_its_folders(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = repository.create(tmp_path / "here", {"src/a.txt": "1"})
    copy = tmp_path / "copy"
    repository.write(copy, {"src/a.txt": "1"})
    sides = [f"git:{where}@HEAD", f"dir:{copy}"]
    assert main(["compare", *sides]) == 0
    assert capsys.readouterr().out.endswith("clean\n")
    (copy / "empty").mkdir()
    assert main(["compare", *sides, "--list"]) == 0
    assert "empty" not in capsys.readouterr().out


def test_the_list_names_packages_and_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    repository.write(before, {"requirements.txt": "left==1.0\n", "old": "1"})
    repository.write(after, {"requirements.txt": "left==2.0\n", "new": "2"})
    assert main(["compare", f"dir:{before}", f"dir:{after}", "--list"]) == 0
    told = capsys.readouterr().out
    for line in (
        "- old",
        "+ new",
        "~ requirements.txt",
        "~ pypi left 1.0 → 2.0 in requirements.txt",
    ):
        assert line in told
