"""Git sides, held against git itself on real repositories."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from fimci.compare import compare
from fimci.errors import SourceError
from fimci.look import take
from fimci.model import Change, File, Record, Unread
from fimci.snapshot import Recipe
from fimci.sources import git
from tests import repository

pytestmark = pytest.mark.client
HOSTILE = [
    b"caf\xe9",
    b"line\nbreak",
    b"\x1b[31mred",
    "right\u202eleft".encode(),
    b"back\\slash",
    b" space ",
    b"%41",
]
RECIPE = Recipe(directories=False)


def records(where: Path, ref: str) -> list[Record]:
    opened = git.open_(str(where))
    return take(git.entries(opened, git.listing(opened, ref)), RECIPE)


def changed(where: Path, *, staged: bool = False) -> list[Change]:
    """Return what the index or worktree changes, as `fimci check` takes it."""
    opened = git.open_(str(where))
    tree = None if opened.head_is_unborn else git.commit(opened, "HEAD").tree
    sides = git.changes(opened, git.index_of(opened, staged=staged), tree, staged=staged)
    old, new = (take(git.entries(opened, side), RECIPE) for side in sides)
    return list(compare(old, new))


def told(changes: list[Change]) -> dict[str, tuple[str, ...] | str]:
    return {
        os.fspath(c.record.path): "added" if c.added else "removed" if c.removed else c.differs
        for c in changes
        if isinstance(c.record, File)
    }


@pytest.fixture
def where(tmp_path: Path) -> Path:
    made = repository.create(
        tmp_path / "made", {"a.txt": "one\n", "src/b.py": "x = 1\n", "bin/run": "#!/bin/sh\n"}
    )
    (made / "bin/run").chmod(0o755)
    (made / "link").symlink_to("a.txt")
    for name in HOSTILE:
        Path(os.fsdecode(os.fsencode(made) + b"/" + name)).write_bytes(name)
    repository.commit(made)
    return made


def test_all_sides_of_a_clean_clone_are_equal(where: Path) -> None:
    commit = records(where, "HEAD")
    assert {os.fsencode(r.path) for r in commit if isinstance(r, File)} >= set(HOSTILE)
    assert records(where, git.INDEX) == commit
    assert records(where, git.WORKTREE) == commit
    assert changed(where) == []


def test_a_name_that_is_no_utf8_is_read_in_the_worktree_too(where: Path) -> None:
    for name in (HOSTILE[0], b"\xff\xfe"):
        Path(os.fsdecode(os.fsencode(where) + b"/" + name)).write_bytes(b"changed\r\n")
    repository.git(where, "config", "core.autocrlf", "input")
    assert told(changed(where)) == {
        os.fsdecode(b"caf\xe9"): ("size", "digest"),
        os.fsdecode(b"\xff\xfe"): "added",
    }


@pytest.mark.parametrize("autocrlf", ["true", "input", "false"])
@pytest.mark.parametrize("line", ["", "* text=auto\n", "* text=auto eol=crlf\n", "*.txt ident\n*.py -text\n"])
def test_a_clean_clone_shows_nothing_whatever_its_line_endings(
    where: Path, tmp_path: Path, autocrlf: str, line: str
) -> None:
    repository.write(
        where, {".gitattributes": line, "dos.bat": "echo\r\n", "id.txt": "$Id$\n", "bin.dat": b"\0\r\n"}
    )
    repository.commit(where)
    clone = repository.clone(where, tmp_path / "clone", "-c", f"core.autocrlf={autocrlf}")
    repository.git(clone, "config", "core.autocrlf", autocrlf)
    assert repository.git(clone, "status", "--porcelain") == ""
    assert changed(clone) == []
    for path in clone.rglob("*.*"):
        if ".git/" not in str(path) and path.is_file():
            os.utime(path, (1, 1))  # now every file has to be read
    assert [change for change in changed(clone) if change.real] == []


def test_every_kind_of_change_is_told(where: Path) -> None:
    repository.write(where, {"a.txt": "two\n", "new.txt": "new\n"})
    (where / "src/b.py").unlink()
    (where / "bin/run").chmod(0o644)
    (where / "link").unlink()
    (where / "link").symlink_to("/etc/passwd")
    assert told(changed(where)) == {
        "a.txt": ("digest",),
        "new.txt": "added",
        "src/b.py": "removed",
        "bin/run": ("mode",),
        "link": ("target",),
    }
    assert changed(where, staged=True) == []
    repository.git(where, "add", "--all")
    assert told(changed(where, staged=True)) == told(changed(where))


def test_a_change_that_is_taken_back_in_the_worktree_is_none(where: Path) -> None:
    repository.write(where, {"a.txt": "two\n"})
    repository.git(where, "add", "a.txt")
    repository.write(where, {"a.txt": "one\n"})
    assert told(changed(where, staged=True)) == {"a.txt": ("digest",)}
    assert [change for change in changed(where) if change.real] == []


def test_a_file_that_became_a_folder(where: Path) -> None:
    (where / "a.txt").unlink()
    repository.write(where, {"a.txt/inner": "x\n"})
    assert told(changed(where)) == {"a.txt": "removed", "a.txt/inner": "added"}


def test_ignored_files_take_no_part(where: Path) -> None:
    repository.write(where, {".gitignore": "*.log\n", "debug.log": "x"})
    assert told(changed(where)) == {".gitignore": "added"}


def test_an_unborn_branch_has_nothing_before_it(tmp_path: Path) -> None:
    repository.git(tmp_path, "init", "--quiet")
    repository.write(tmp_path, {"a": "1"})
    repository.git(tmp_path, "add", "a")
    assert told(changed(tmp_path, staged=True)) == {"a": "added"}
    assert git.base(git.open_(str(tmp_path)))[0] is None


def test_submodules_are_their_commits(where: Path, tmp_path: Path) -> None:
    inner = repository.create(tmp_path / "inner", {"x": "1"})
    repository.git(
        where, "-c", "protocol.file.allow=always", "submodule", "add", "--quiet", str(inner), "sub"
    )
    repository.commit(where)
    assert changed(where) == []
    head = repository.git(inner, "rev-parse", "HEAD").strip()
    (sub,) = [r for r in records(where, "HEAD") if isinstance(r, File) and r.kind == "submodule"]
    assert sub.digest is not None
    assert str(getattr(sub.digest, "hex", "")) == head
    repository.write(where / "sub", {"x": "2"})
    assert [r for r in changed(where) if isinstance(r.record, Unread)]
    repository.commit(where / "sub")
    assert told(changed(where)) == {"sub": ("digest",)}


def test_a_repository_inside_is_not_passed_over_in_silence(where: Path) -> None:
    repository.create(where / "nested", {"x": "1"})
    (unread,) = [c.record for c in changed(where) if isinstance(c.record, Unread)]
    assert unread.path == "nested"


def test_the_base_is_the_merge_base_with_the_upstream(where: Path, tmp_path: Path) -> None:
    clone = repository.clone(where, tmp_path / "clone")
    start = repository.git(clone, "rev-parse", "HEAD").strip()
    repository.commit(where, "on the base")
    repository.git(clone, "checkout", "--quiet", "-b", "topic", "--track", "origin/main")
    repository.commit(clone, "on the branch")
    repository.git(clone, "fetch", "--quiet")
    base, why = git.base(git.open_(str(clone)))
    assert base is not None
    assert (str(base.id), why) == (start, "the merge base with refs/remotes/origin/main")


def test_unrelated_histories_have_no_base(where: Path) -> None:
    repository.git(where, "checkout", "--quiet", "--orphan", "other")
    repository.commit(where)
    with pytest.raises(SourceError, match="no commit in common"):
        git.base(git.open_(str(where)), "main")


def test_an_object_that_is_not_there_is_unread(where: Path) -> None:
    (blob,) = [repository.git(where, "rev-parse", "HEAD:src/b.py").strip()]
    (where / ".git/objects" / blob[:2] / blob[2:]).unlink()
    (unread,) = [r for r in records(where, "HEAD") if isinstance(r, Unread)]
    assert (unread.path, unread.why) == ("src/b.py", f"object {blob} is not in the repository")


def test_hooks_and_filters_of_the_repository_are_not_run(where: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    repository.git(where, "config", "filter.evil.clean", f"touch {ran}")
    repository.git(where, "config", "core.fsmonitor", f"touch {ran}")
    repository.write(where, {"evil.txt": "x\n"})
    (where / ".gitattributes").write_text("evil.txt filter=evil\n")
    (unread,) = [c.record for c in changed(where) if isinstance(c.record, Unread)]
    assert unread.path == "evil.txt"
    assert not ran.exists()


def test_an_index_of_its_own_belongs_to_its_repository(
    where: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`git commit PATH` gives its hooks an index in which nothing else is staged."""
    (where / "a.txt").write_text("two\n")
    (where / "src/b.py").write_text("x = 2\n")
    other = repository.create(tmp_path / "other", {"c": "1\n"})
    shutil.copy(where / ".git/index", where / ".git/next-index-1.lock")
    repository.git(where, "add", "src/b.py")
    monkeypatch.chdir(where / "src")
    for name in (".git/next-index-1.lock", str(where / ".git/next-index-1.lock")):
        monkeypatch.setenv("GIT_INDEX_FILE", name)
        assert changed(where, staged=True) == []
        assert changed(other, staged=True) == []
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    assert told(changed(where, staged=True)) == {"src/b.py": ("digest",)}


def test_what_a_sparse_checkout_leaves_out_is_not_removed(where: Path) -> None:
    repository.git(where, "sparse-checkout", "set", "--no-cone", "/src/")
    assert not (where / "a.txt").exists()
    assert changed(where) == []
    (where / "src/b.py").unlink()
    assert told(changed(where)) == {"src/b.py": "removed"}


def test_an_index_that_cannot_be_read_is_told_with_a_remedy(where: Path) -> None:
    repository.git(where, "sparse-checkout", "set", "--cone", "--sparse-index", "src")
    with pytest.raises(SourceError) as error:
        changed(where)
    assert "--no-sparse-index" in (error.value.remedy or "")
    (where / ".git/index").write_bytes(b"no index")
    with pytest.raises(SourceError) as error:
        changed(where)
    assert "git reset" in (error.value.remedy or "")


def test_a_conflict_that_is_staged_is_unread(where: Path) -> None:
    repository.git(where, "checkout", "-q", "-b", "ours")
    repository.write(where, {"a.txt": "ours\n"})
    repository.commit(where)
    repository.git(where, "checkout", "-q", "-b", "theirs", "HEAD~1")
    repository.write(where, {"a.txt": "theirs\n"})
    repository.commit(where)
    with pytest.raises(subprocess.CalledProcessError):
        repository.git(where, "merge", "ours")
    (unread,) = (c.record for c in changed(where, staged=True) if isinstance(c.record, Unread))
    assert (unread.path, unread.why) == ("a.txt", "a merge conflict that is not resolved")


def test_a_ref_that_names_nothing_is_told(where: Path) -> None:
    with pytest.raises(SourceError, match="is not a commit"):
        git.commit(git.open_(str(where)), "nowhere")
    with pytest.raises(SourceError, match="not in a git repository"):
        git.open_("/")


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_a_file_that_git_was_told_not_to_look_at_is_looked_at(where: Path, flag: str) -> None:
    repository.git(where, "update-index", flag, "a.txt")
    assert [change for change in changed(where) if change.real] == []
    repository.write(where, {"a.txt": "two\n"})
    assert repository.git(where, "status", "--porcelain") == ""
    assert told(changed(where)) == {"a.txt": ("digest",)}


def test_a_sparse_checkout_is_no_removal(where: Path) -> None:
    repository.git(where, "sparse-checkout", "set", "--no-cone", "/a.txt")
    assert not (where / "src").exists()
    assert changed(where) == []
