"""The shortcut for unchanged files: what it finds, what it may miss, and whose word it takes."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import struct
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pygit2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci import folder, quick, rows, shortcut, sides, stamps, store
from fimci.cli import main
from fimci.compare import compare
from fimci.held import held
from fimci.model import Change, Digest, File
from fimci.snapshot import Snapshot
from fimci.sources import clock, directory
from fimci.sources.handles import Folders

#: Longer than the clock of the kernel takes to tick, in seconds.
TICK = 0.02
NONE: frozenset[str] = frozenset()


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let what was made a moment ago count as settled, and keep stamps in a cache of the test's own."""
    monkeypatch.setattr(clock, "_MARGIN", -1_000_000_000)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    plant(root)
    return root


def plant(root: Path) -> None:
    for name in ("a/b/c.py", "a/b/d.py", "a/e.py", "f.py", "g/h/i.txt", "package.json"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}" if name.endswith("json") else f"# {name}\n")
    (root / "link").symlink_to("f.py")
    (root / 'q"uote').write_text("x")
    time.sleep(TICK)


def baseline(root: Path) -> Snapshot:
    how = sides.recipe((".git/",))
    return store.load(b"".join(store.dump(how, folder.taken(str(root), how).records)), "b")


def root_of(left: Snapshot) -> str:
    assert isinstance(left.records, store.Body)
    return left.records.root


def by_stamps(root: Path, left: Snapshot) -> list[Change]:
    found = quick.quick(str(root), left, None, {}, NONE)
    assert not found.notes
    return list(compare(found.held.left.records, found.held.right.records))


def in_full(root: Path, left: Snapshot) -> list[Change]:
    found = held(str(root), left)
    return list(compare(found.left.records, found.right.records))


def swap(root: Path) -> None:
    (root / "f.py").rename(root / "x")
    (root / "a/e.py").rename(root / "f.py")
    (root / "x").rename(root / "a/e.py")


def edit(root: Path) -> None:
    # A pipe that another edit has put there would wait for a reader for ever.
    with open(os.open(root / "f.py", os.O_WRONLY | os.O_TRUNC | os.O_NONBLOCK), "w") as file:
        file.write("other")


def edit_quietly(root: Path) -> None:
    state = (root / "a/b/c.py").stat()
    (root / "a/b/c.py").write_text("# a/b/C.py\n")
    os.utime(root / "a/b/c.py", ns=(state.st_atime_ns, state.st_mtime_ns))


def turn_into_link(root: Path) -> None:
    (root / "a").rename(root.parent / "elsewhere")
    (root / "a").symlink_to(root.parent / "elsewhere")


def add_deeply(root: Path) -> None:
    (root / "g/new/er").mkdir(parents=True)
    (root / "g/new/er/x.py").write_text("1")
    (root / "g/new/package.json").write_text('{"scripts": {"postinstall": "x"}}')


def file_for_folder(root: Path) -> None:
    shutil.rmtree(root / "a/b")
    (root / "a/b").write_text("1")


def folder_for_file(root: Path) -> None:
    (root / "f.py").unlink()
    (root / "f.py").mkdir()
    (root / "f.py/in").write_text("1")


def replace_folder(root: Path) -> None:
    shutil.copytree(root / "g", root / "g2", symlinks=True)
    shutil.rmtree(root / "g")
    (root / "g2").rename(root / "g")
    (root / "g/h/i.txt").write_text("other")


def retarget(root: Path) -> None:
    (root / "link").unlink()
    (root / "link").symlink_to("a/e.py")


def pipe(root: Path) -> None:
    (root / "f.py").unlink()
    os.mkfifo(root / "f.py")


EDITS: dict[str, Callable[[Path], object]] = {
    "nothing": lambda root: root,
    "edit": edit,
    "edit quietly": edit_quietly,
    "mode": lambda root: (root / "f.py").chmod(0o755),
    "mode of a folder": lambda root: (root / "g").chmod(0o777),
    "remove": lambda root: (root / "a/e.py").unlink(),
    "remove a folder": lambda root: shutil.rmtree(root / "a"),
    "add": lambda root: (root / "a/new.py").write_text("1"),
    "add at the top": lambda root: (root / "new.py").write_text("1"),
    "add deeply": add_deeply,
    "move": lambda root: (root / "a/b").rename(root / "g/b"),
    "swap": swap,
    "retarget": retarget,
    "turn a folder into a link": turn_into_link,
    "turn a folder into a file": file_for_folder,
    "turn a file into a folder": folder_for_file,
    "replace a folder": replace_folder,
    "edit a manifest": lambda root: (root / "package.json").write_text('{"scripts": {"postinstall": "x"}}'),
    "escaped": lambda root: (root / 'q"uote').write_text("other"),
    "pipe": pipe,
}


@pytest.mark.parametrize("edit", EDITS)
def test_the_shortcut_finds_what_a_full_check_finds(tree: Path, edit: str) -> None:
    left = baseline(tree)
    assert by_stamps(tree, left) == []
    EDITS[edit](tree)
    expected = in_full(tree, left)
    assert bool(expected) == (edit != "nothing")
    assert by_stamps(tree, left) == expected
    assert by_stamps(tree, left) == expected, "whatever differs is not vouched for the next time"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(sorted(EDITS)), min_size=1, max_size=3), st.booleans())
def test_edits_on_edits(edits: list[str], punctual: bool) -> None:  # noqa: FBT001  (of hypothesis)
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        if not punctual:
            patch.setattr(shortcut, "punctual", frozenset)
        root = Path(name) / "tree"
        plant(root)
        left = baseline(root)
        by_stamps(root, left)
        for edit in edits:
            try:
                EDITS[edit](root)
            except OSError:
                continue  # what it is about is gone already
            time.sleep(TICK)
            assert by_stamps(root, left) == in_full(root, left)


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of files as they are read."""
    read: list[str] = []
    plains = directory.plains

    def noted(folders: Folders, names: Iterable[str], quiet: int) -> Iterator[tuple[str, int, bytes]]:
        names = list(names)
        read.extend(names)
        return plains(folders, names, quiet)

    monkeypatch.setattr(directory, "plains", noted)
    return read


def test_what_is_vouched_for_is_not_read(tree: Path, reading: list[str]) -> None:
    left = baseline(tree)
    reading.clear()
    by_stamps(tree, left)
    assert "c.py" in reading
    reading.clear()
    (tree / "f.py").write_text("other")
    by_stamps(tree, left)
    assert set(reading) == {"f.py"}


def test_what_was_touched_lately_is_read_again(
    tree: Path, reading: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git calls such an entry racy: it could change once more within the grain of the clock."""
    monkeypatch.setattr(clock, "_MARGIN", 4_000_000_000)
    left = baseline(tree)
    by_stamps(tree, left)
    monkeypatch.setattr(clock, "_MARGIN", -1_000_000_000)
    reading.clear()
    by_stamps(tree, left)
    assert "c.py" in reading
    reading.clear()
    by_stamps(tree, left)
    assert reading == []


def test_a_clock_that_was_set_leaves_no_stamps(
    tree: Path, reading: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "stepped", lambda begun: begun != clock.NEVER)
    left = baseline(tree)
    by_stamps(tree, left)
    reading.clear()
    by_stamps(tree, left)
    assert "c.py" in reading


def cached(tmp_path: Path) -> Path:
    (file,) = (tmp_path / "cache/fimci/stamps").iterdir()
    return file


def test_stamps_are_private_and_bound(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = baseline(tree)
    by_stamps(tree, left)
    file = cached(tmp_path)
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    root = root_of(left)
    assert stamps.load(str(tree), root).marks
    assert not stamps.load(str(tree), "sha256:other").marks
    assert not stamps.load(str(tmp_path), root).marks
    monkeypatch.setattr(stamps, "_machine", lambda: "another")
    assert not stamps.load(str(tree), root).marks


@pytest.mark.parametrize("who", ["file", "folder"])
def test_stamps_that_others_may_write_are_not_used(tree: Path, tmp_path: Path, who: str) -> None:
    left = baseline(tree)
    by_stamps(tree, left)
    file = cached(tmp_path)
    (file if who == "file" else file.parent).chmod(0o777)
    found = quick.quick(str(tree), left, None, {}, NONE)
    assert found.notes == (f"{file} can be written by others: it is not used",)


def test_damaged_stamps_are_not_used(tree: Path, tmp_path: Path) -> None:
    left = baseline(tree)
    by_stamps(tree, left)
    file = cached(tmp_path)
    data = file.read_bytes()
    file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    (tree / "f.py").write_text("other")
    found = quick.quick(str(tree), left, None, {}, NONE)
    assert found.notes == (f"{file} is damaged: it is not used",)
    assert [c.differs for c in compare(found.held.left.records, found.held.right.records)] == [
        ("size", "digest")
    ]


def test_stamps_that_cannot_be_kept_are_told(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("")
    found = quick.quick(str(tree), baseline(tree), None, {}, NONE)
    (note,) = found.notes
    assert note.startswith("the stamps of this folder could not be kept: ")


def test_who_can_write_the_stamps_can_hide_a_change_from_it_alone(tree: Path) -> None:
    """docs/shortcut.md says so; a full check finds it."""
    left = baseline(tree)
    by_stamps(tree, left)
    (tree / "f.py").write_text("other")
    kept = stamps.load(str(tree), root_of(left))
    names = [record.path for record in left.records if isinstance(record, File)]
    at = names.index("f.py") * stamps.SIZE
    forged = kept.marks[:at] + stamps.stamp((tree / "f.py").lstat()) + kept.marks[at + stamps.SIZE :]
    assert stamps.save(kept, forged) == ""
    assert by_stamps(tree, left) == []
    assert [change.record.key[1] for change in in_full(tree, left)] == ["f.py"]


def test_other_profiles_are_read_in_full(tree: Path) -> None:
    how = sides.recipe((), profile="host")
    left = store.load(b"".join(store.dump(how, folder.taken(str(tree), how).records)), "b")
    found = quick.quick(str(tree), left, None, {}, NONE)
    assert found.notes == ("every file was read: the shortcut needs a baseline by the default profile",)
    assert not list(compare(found.held.left.records, found.held.right.records))


@pytest.fixture
def somewhere(tree: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tree)
    return tree


def test_on_the_command_line(somewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["baseline"]) == 0
    assert main(["check", "--quick"]) == 0
    assert main(["check", "--quick"]) == 0
    assert "looked at: 12 files" in capsys.readouterr().out
    (somewhere / "f.py").write_text("other")
    assert main(["check", "--quick"]) == 1
    assert "--> f.py:1\n" in capsys.readouterr().out


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a repository whose index vouches for a file that was changed behind its back."""
    root = tmp_path / "clone"
    repository = pygit2.init_repository(str(root))
    (root / "a.js").write_text("module.exports = 1;\n")
    (root / "fimci.toml").write_text('critical = ["a.js"]\n')
    repository.index.add_all()
    repository.index.write()
    who = pygit2.Signature("a", "a@example.org", 1)
    repository.create_commit("HEAD", who, who, "first", repository.index.write_tree(), [])
    (root / "a.js").write_text("module.exports = 2;\n")
    forge(root / ".git/index", root / "a.js")
    return root


def forge(index: Path, file: Path) -> None:
    """Write the stamps of a file into the first entry of an index of version 2, and seal it anew."""
    state = file.lstat()
    data = bytearray(index.read_bytes()[:-20])
    (data[12:52]) = struct.pack(
        ">10I",
        *divmod(state.st_ctime_ns, 10**9),
        *divmod(state.st_mtime_ns, 10**9),
        state.st_dev & 0xFFFFFFFF,
        state.st_ino & 0xFFFFFFFF,
        state.st_mode,
        state.st_uid,
        state.st_gid,
        state.st_size,
    )
    index.write_bytes(data + hashlib.sha1(data).digest())  # noqa: S324  (git's own)
    os.utime(index, ns=(state.st_atime_ns, state.st_mtime_ns + 10**9))


@pytest.mark.parametrize(
    "case",
    [([], "", 0), (["--no-quick"], "", 1), ([], "true", 1), (["--quick"], "true", 0)],
    ids=["trusting", "asked not to", "in CI", "asked to"],
)
def test_the_index_is_believed_outside_of_ci_alone(
    clone: Path,
    case: tuple[list[str], str, int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments, ci, code = case
    for name in ("GITHUB_ACTIONS", "GITLAB_CI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CI", ci)
    assert main(["check", str(clone), "--base", "HEAD", *arguments]) == code
    assert ("protected-file-changed" in capsys.readouterr().out) == bool(code)


def row(path: str) -> bytes:
    file = File(path=path, size=1, mode=0o644, digest=Digest("sha256", "0" * 64))
    return rows.encode_all([file], "sha256").removesuffix(b"\n")


def doubted(root: Path, lines: list[bytes], marks: bytes, before: int = 0) -> shortcut.Doubted:
    return shortcut.doubted(str(root), "sha256", marks, (b"\n".join(lines), before))


def test_lines_are_doubted_one_by_one(tree: Path) -> None:
    """In the short way, where all paths are plain and there, and in the long one."""
    lines = [row("f.py"), row("a/e.py"), row("package.json")]
    marks = b"".join(stamps.stamp((tree / name).lstat()) for name in ("f.py", "a/e.py", "package.json"))
    assert doubted(tree, lines, marks) == ([], [2])
    assert doubted(tree, lines[1:], marks, before=1) == ([], [1])
    (tree / "a" / "e.py").write_text("other")
    assert doubted(tree, lines, marks) == ([1], [2])
    (tree / "f.py").unlink()
    assert doubted(tree, lines, marks) == ([0, 1], [2])


@pytest.mark.parametrize(
    "line", [b'["gone.py",1,"0"]', b'["f.py', b'["f.py"]\n["f.py', b"", b'{"type":"file"}', b'["q\\"uote",1]']
)
def test_a_line_without_a_stamp_is_doubted_whatever_it_states(tree: Path, line: bytes) -> None:
    number = line.count(b"\n") + 1
    assert doubted(tree, [line], stamps.NONE * number).lines == list(range(number))
