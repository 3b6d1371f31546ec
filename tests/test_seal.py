"""`fimci baseline`: what a refresh shows, asks, keeps and carries over."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from fimci import durable, packing, readers, seal, store
from fimci.cli import main
from fimci.model import File, Record, Unread

PROJECT = Path(__file__).parent.parent / "fixtures" / "project"

#: The readers, one of them in another version.
OTHERS = tuple("npmrc/99" if v.startswith("npmrc/") else v for v in readers.VERSIONS)


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test depend on the terminal that it runs at."""
    monkeypatch.setattr("fimci.commands.baseline._watched", lambda: False)


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """Return a copy of the sample project with its baseline."""
    root = tmp_path / "folder"
    shutil.copytree(PROJECT, root)
    assert main(["baseline", str(root)]) == 0
    capsys.readouterr()
    return root


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Pretend that somebody sits at a terminal and types these answers."""
    given: list[str] = []
    monkeypatch.setattr("fimci.commands.baseline._watched", lambda: True)

    def answer(question: str) -> str:
        assert question == "accept this as the known good state? [y/N] "
        if not given:
            raise EOFError
        return given.pop(0)

    monkeypatch.setattr("builtins.input", answer)
    return given


def records(path: Path) -> dict[tuple[str, ...], Record]:
    return {record.key: record for record in store.load(path.read_bytes(), "b").records}


def files(path: Path) -> dict[str, File]:
    return {record.path: record for record in records(path).values() if isinstance(record, File)}


def test_a_refresh_of_what_did_not_change_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (folder / "fimci.baseline").stat()
    assert main(["baseline", str(folder), "--diff"]) == 0
    assert capsys.readouterr().out == "nothing would change\n"
    assert (folder / "fimci.baseline").stat().st_ino == before.st_ino


def test_without_a_terminal_the_difference_is_only_shown(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (folder / "fimci.baseline").read_bytes()
    (folder / "src/left.js").write_text("changed\n")
    assert main(["baseline", str(folder), "--diff"]) == 1
    told = capsys.readouterr().out
    assert "unexpected-change" in told
    assert "--> src/left.js:1" in told
    assert "nothing was written" in told
    assert (folder / "fimci.baseline").read_bytes() == before
    assert main(["check", str(folder)]) == 1
    assert main(["baseline", str(folder), "--diff", "--yes"]) == 0
    assert main(["check", str(folder)]) == 0
    assert not [name for name in os.listdir(folder) if name.endswith(".new")]


@pytest.mark.parametrize("answer", ["n", "", "yep", None])
def test_whoever_does_not_say_yes_keeps_the_old_one(
    folder: Path, answers: list[str], answer: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (folder / "fimci.baseline").read_bytes()
    (folder / "new.txt").write_text("new\n")
    answers[:] = [] if answer is None else [answer]
    assert main(["baseline", str(folder), "--diff"]) == 1
    assert capsys.readouterr().out.endswith("nothing was written\n")
    assert (folder / "fimci.baseline").read_bytes() == before


def test_whoever_says_yes_gets_what_was_shown(
    folder: Path, answers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is changed while somebody reads the question is not accepted with it."""
    (folder / "new.txt").write_text("seen\n")

    def answer(_: str) -> str:
        (folder / "new.txt").write_text("not seen\n")
        return "y"

    monkeypatch.setattr("builtins.input", answer)
    assert not answers
    assert main(["baseline", str(folder), "--diff"]) == 0
    assert files(folder / "fimci.baseline")["new.txt"].size == len("seen\n")
    assert main(["check", str(folder)]) == 1


def test_a_baseline_that_another_run_writes_during_the_question_stays(
    folder: Path, answers: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "new.txt").write_text("new\n")

    def answer(_: str) -> str:
        durable.write(str(folder / "fimci.baseline"), [b"another"])
        return "y"

    assert not answers
    monkeypatch.setattr("builtins.input", answer)
    assert main(["baseline", str(folder), "--diff"]) == 3
    assert "changed while this run was reading: nothing was written" in capsys.readouterr().err
    assert (folder / "fimci.baseline").read_bytes() == b"another"


def test_the_first_baseline_has_nothing_to_differ_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a").touch()
    assert main(["baseline", str(tmp_path), "--diff"]) == 1
    assert "everything would be new" in capsys.readouterr().out
    assert os.listdir(tmp_path) == ["a"]
    assert main(["baseline", str(tmp_path), "--diff", "--yes"]) == 0
    assert main(["check", str(tmp_path)]) == 0


def test_a_recipe_that_sees_less_is_said_loudly(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "fimci.toml").write_text('ignore = ["src/"]\n')
    assert main(["baseline", str(folder), "--diff"]) == 1
    told = capsys.readouterr()
    assert "WEAKER than the baseline before: src/ is ignored" in told.err
    assert "high[baseline-weakened]: src/ is ignored" in told.out
    assert main(["baseline", str(folder)]) == 0
    assert "WEAKER" in capsys.readouterr().err
    assert main(["baseline", str(folder)]) == 0
    assert "WEAKER" not in capsys.readouterr().err


def test_a_damaged_baseline_is_replaced_and_not_compared_with(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "fimci.baseline"
    path.write_bytes(path.read_bytes()[:-20])
    for options in (["--diff"], ["--only", "src/"]):
        assert main(["baseline", str(folder), *options]) == 3
        assert "is truncated" in capsys.readouterr().err
    assert main(["baseline", str(folder)]) == 0
    assert "is truncated" in capsys.readouterr().err
    assert main(["check", str(folder)]) == 0


def test_only_what_is_named_is_taken_anew(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "fimci.baseline"
    old = records(path)
    (folder / "src/left.js").write_text("changed\n")
    (folder / "src/added.js").write_text("added\n")
    (folder / "package.json").write_text("{}\n")
    (folder / "other.txt").write_text("other\n")
    assert main(["baseline", str(folder), "--only", "src/"]) == 0
    told = capsys.readouterr().out
    assert "10 entries (7 carried over)" in told
    new = records(path)
    differing = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    assert {key[-1] for key in differing} == {"src\0left.js", "src\0added.js"}
    code = main(["check", str(folder), "--format", "json"])
    found = json.loads(capsys.readouterr().out)["findings"]
    assert code == 1
    assert {finding["path"] for finding in found} >= {"other.txt", "package.json"}
    assert not [finding for finding in found if finding["path"].startswith("src/")]


def test_what_readers_say_goes_with_the_file_they_speak_of(folder: Path) -> None:
    path = folder / "fimci.baseline"
    lock = folder / "package-lock.json"
    assert any(key[0] == "package" for key in records(path))
    lock.write_text(lock.read_text().replace("registry.example", "registry.invalid"))
    assert main(["baseline", str(folder), "--only", "*.js"]) == 0
    assert b"registry.invalid" not in path.read_bytes()
    assert main(["baseline", str(folder), "--only", "/package-lock.json"]) == 0
    assert b"registry.example" not in path.read_bytes()
    partial = path.read_bytes()
    assert main(["baseline", str(folder)]) == 0
    assert path.read_bytes() == partial, "all parts together are the whole, byte by byte"


def test_what_is_gone_below_the_pattern_leaves_the_baseline(folder: Path) -> None:
    shutil.rmtree(folder / "src")
    (folder / "src").write_text("a file now\n")
    assert main(["baseline", str(folder), "--only", "src/"]) == 0
    now = files(folder / "fimci.baseline")
    assert now["src"].kind == "file"
    assert "src/left.js" not in now
    assert main(["check", str(folder)]) == 0


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_listed_is_told_in_part_as_well(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "src").chmod(0o000)
    assert main(["baseline", str(folder), "--only", "*.js"]) == 3
    (folder / "src").chmod(0o755)
    assert "unread: src" in capsys.readouterr().out
    assert any(isinstance(r, Unread) for r in records(folder / "fimci.baseline").values())


def test_a_part_needs_a_whole_of_the_same_readers(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = str(tmp_path / "absent")
    assert main(["baseline", str(folder), "--output", absent, "--only", "src/"]) == 2
    assert "leave out --only" in capsys.readouterr().err
    before = (folder / "fimci.baseline").read_bytes()
    monkeypatch.setattr("fimci.readers.VERSIONS", OTHERS)
    assert main(["baseline", str(folder), "--only", "src/"]) == 3
    assert "of other readers" in capsys.readouterr().err
    assert (folder / "fimci.baseline").read_bytes() == before


def test_a_part_is_taken_by_the_recipe_of_the_whole(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "fimci.toml").write_text('ignore = ["*.js"]\n')
    assert main(["baseline", str(folder), "--only", "src/"]) == 0
    assert "a whole refresh applies that" in capsys.readouterr().out
    assert "src/left.js" in files(folder / "fimci.baseline")


def test_other_readers_are_told_and_files_compared(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fimci.readers.VERSIONS", OTHERS)
    assert main(["baseline", str(folder), "--diff"]) == 1
    told = capsys.readouterr().out
    assert "other readers: only files are compared" in told
    assert "looked at: 9 files, 0 packages, 1 change" in told


def test_a_packed_baseline_is_found_refreshed_and_not_doubled(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain, packed = folder / "fimci.baseline", folder / "fimci.baseline.zst"
    text = plain.read_bytes()
    plain.unlink()
    assert main(["baseline", str(folder), "--output", str(packed)]) == 0
    assert packed.read_bytes().startswith(packing.MAGIC)
    assert b"".join(packing.unpack(packed.read_bytes())) == text
    assert main(["check", str(folder)]) == 0
    (folder / "src/left.js").write_text("changed\n")
    assert main(["check", str(folder)]) == 1
    assert main(["baseline", str(folder), "--only", "src/"]) == 0
    assert not plain.exists()
    assert main(["check", str(folder)]) == 0
    plain.write_bytes(text)
    capsys.readouterr()
    for verb in ("check", "baseline"):
        assert main([verb, str(folder)]) == 2
        assert "remove one of them" in capsys.readouterr().err


def test_a_large_baseline_is_packed_and_a_small_one_is_text_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / "fimci.baseline"
    text = file.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(seal, "LARGE", len(text) - 1)
        assert main(["baseline", str(folder)]) == 0
        packed = file.read_bytes()
        assert b"".join(packing.unpack(packed)) == text
        assert main(["check", str(folder)]) == 0
        assert main(["baseline", str(folder), "--diff"]) == 0
        patched.setattr(seal, "LARGE", len(text))
        assert main(["baseline", str(folder)]) == 0
        assert file.read_bytes() == text
        patched.setattr(seal, "LARGE", len(text) - 1)
        assert main(["baseline", str(folder), "--only", "src/"]) == 0
        assert file.read_bytes() == packed
    (folder / "src/left.js").write_text("changed\n")
    assert main(["check", str(folder)]) == 1


def test_a_large_baseline_of_another_name_stays_text(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal, "LARGE", 1000)
    kept = tmp_path / "kept.jsonl"
    assert main(["baseline", str(folder), "--output", str(kept)]) == 0
    assert kept.read_bytes().startswith(b"{")
    assert "kept.jsonl.zst with --output" in capsys.readouterr().out


def test_the_draft_is_not_part_of_what_is_recorded(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"d{number}").mkdir()
    path = tmp_path / "d2" / "kept.baseline"
    assert main(["baseline", str(tmp_path), "--output", str(path)]) == 0
    assert list(files(path)) == ["d0", "d1", "d2"]


def test_a_folder_may_be_named_as_a_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "folder"
    root.mkdir()
    (root / "a").write_text("1")
    monkeypatch.chdir(tmp_path)
    assert main(["baseline", "dir:folder"]) == 0
    assert (root / "fimci.baseline").is_file()
    assert main(["check", "dir:folder"]) == 0
    (root / "a").write_text("2")
    assert main(["check", "dir:folder"]) == 1
    assert main(["baseline", f"dir:{root}"]) == 0
    assert main(["check", "dir:folder"]) == 0
    (tmp_path / "dir:folder").mkdir()  # a path of just that name is that path
    assert main(["baseline", "dir:folder"]) == 0
    assert (tmp_path / "dir:folder" / "fimci.baseline").is_file()
    assert main(["baseline", "dir:gone"]) == 2
    capsys.readouterr()
