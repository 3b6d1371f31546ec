"""Ten thousand random changes to trees, of every kind that there is: none may be missed, none made up.

All ways to look are held against one that knows nothing of fimci (`seen`): a check against a baseline,
which looks again only at what is not as it was, the same by the shortcut (`--quick`), and the comparison
of two snapshots. What a check says of each change is asked for as well: a file that was renamed is told
as renamed.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import shutil
import stat
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeAlias

import pytest

from fimci import batches, check, folder, quick, sides, store, workers
from fimci.compare import compare
from fimci.findings import Finding, Report
from fimci.held import held as by_lines
from fimci.model import Change, File
from fimci.request import Request
from fimci.snapshot import Recipe
from fimci.sources import clock, directory

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links, FIFOs, permission bits, non-UTF-8 names")

#: Trees, and changes to each of them.
TREES, EACH = 20, 510
FOLDERS, FILES = 110, 9
NAMES = ("a", "b.txt", "README", "c\udcff", "d\ne", "é", "run.sh", '","755', "g" * 80)
MODES = (0o644, 0o644, 0o644, 0o755, 0o600, 0o640)

#: What is at a path: kind, portable mode, content or target.
Thing: TypeAlias = tuple[str, int, bytes]


class Told(NamedTuple):
    """A finding that a change must lead to: at which path, and what is in its message."""

    path: str
    message: str = ""

    @property
    def moved(self) -> bool:
        return "moved here" in self.message


class Tree:
    """What of a tree has not been changed yet: no change may undo or hide another one."""

    def __init__(self, root: Path, chance: random.Random) -> None:
        self.root, self.chance, self.number = root, chance, 0
        found = sorted(root.rglob("*"))
        self.links = [str(p.relative_to(root)) for p in found if p.is_symlink()]
        self.folders = [p.name for p in found if p.name.startswith("whole-")]
        files = [p for p in found if p.is_file() and not p.is_symlink() and p.stat().st_size]
        self.files = [str(p.relative_to(root)) for p in files if p.parent.name not in self.folders]
        for names in (self.files, self.links, self.folders):
            chance.shuffle(names)

    def file(self) -> tuple[str, Path]:
        name = self.files.pop()
        return name, self.root / name

    def fresh(self, beside: str) -> tuple[str, Path]:
        """Return a path that nothing has, in the folder of another one."""
        self.number += 1
        name = os.path.join(os.path.dirname(beside), f"new-{self.number}")
        return name, self.root / name

    def data(self) -> bytes:
        return self.chance.randbytes(self.chance.randint(1, 300))


def flip(tree: Tree, path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[tree.chance.randrange(len(data))] ^= 1 << tree.chance.randrange(8)
    with path.open("r+b") as file:
        file.write(data)


def content(tree: Tree) -> list[Told]:
    name, path = tree.file()
    path.write_bytes(tree.data() + path.read_bytes())
    return [Told(name, "content changed")]


def replaced(tree: Tree) -> list[Told]:
    name, path = tree.file()
    mode = path.stat().st_mode
    path.unlink()
    path.write_bytes(tree.data())
    path.chmod(mode)
    return [Told(name, "content changed")]


def same_size(tree: Tree) -> list[Told]:
    name, path = tree.file()
    state = path.stat()
    flip(tree, path)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert path.stat().st_mtime_ns == state.st_mtime_ns
    assert path.stat().st_size == state.st_size
    return [Told(name, "content changed")]


def truncate(tree: Tree) -> list[Told]:
    name, path = tree.file()
    os.truncate(path, tree.chance.randrange(path.stat().st_size))
    return [Told(name, "content changed")]


def append(tree: Tree) -> list[Told]:
    name, path = tree.file()
    with path.open("ab") as file:
        file.write(b"\n")
    return [Told(name, "content changed")]


def mode(tree: Tree) -> list[Told]:
    name, path = tree.file()
    path.chmod(path.stat().st_mode ^ tree.chance.choice([0o100, 0o002, stat.S_ISUID, stat.S_ISGID]))
    return [Told(name)]


def target(tree: Tree) -> list[Told]:
    name = tree.links.pop()
    (tree.root / name).unlink()
    (tree.root / name).symlink_to(f"elsewhere-{tree.number}")
    return [Told(name)]


def rename(tree: Tree) -> list[Told]:
    name, path = tree.file()
    new, there = tree.fresh(tree.chance.choice([name, "elsewhere/x", "x"]))
    there.parent.mkdir(exist_ok=True)
    path.rename(there)
    return [Told(new, f"moved here from {name} since")]


def case(tree: Tree) -> list[Told]:
    name, path = tree.file()
    new = os.path.join(os.path.dirname(name), os.path.basename(name).swapcase() + "X")
    path.rename(tree.root / (new if new.lower() != name.lower() else name.upper()))
    return [Told(new, f"moved here from {name} since")]


def rename_folder(tree: Tree) -> list[Told]:
    name = tree.folders.pop()
    tree.number += 1
    number = len(list((tree.root / name).iterdir()))
    (tree.root / name).rename(tree.root / f"moved-{tree.number}")
    return [Told(f"moved-{tree.number}", f"{number} files moved here from {name} since")]


def swap(tree: Tree) -> list[Told]:
    (one, here), (other, there) = tree.file(), tree.file()
    modes = here.stat().st_mode, there.stat().st_mode
    between = tree.root / "between"
    here.rename(between)
    there.rename(here)
    between.rename(there)
    here.chmod(modes[0])
    there.chmod(modes[1])
    return [Told(one, "content changed"), Told(other, "content changed")]


def add(tree: Tree) -> list[Told]:
    name, path = tree.fresh(tree.chance.choice(tree.files))
    if tree.chance.random() < 0.1:
        path.symlink_to("a")
    else:
        path.write_bytes(tree.data())
    return [Told(name, "not in the baseline")]


def delete(tree: Tree) -> list[Told]:
    name = (tree.links if len(tree.links) > EACH // 10 and tree.chance.random() < 0.2 else tree.files).pop()
    (tree.root / name).unlink()
    return [Told(name, "in the baseline, but missing")]


def kind(tree: Tree) -> list[Told]:
    name, path = tree.file()
    path.unlink()
    match tree.chance.choice(["link", "fifo", "directory"]):
        case "link":
            path.symlink_to("b.txt")
            return [Told(name, "is a link now")]
        case "fifo":
            os.mkfifo(path)
            return [Told(name, "is a other now")]
    path.mkdir()
    return [Told(name, "is a directory now")]


def nothing(tree: Tree) -> list[Told]:
    """Change what the default profile does not record: times, inode, group write permission."""
    _, path = tree.file()
    data, rights = path.read_bytes(), path.stat().st_mode
    copy = path.with_name("copy")
    copy.write_bytes(data)
    copy.chmod(rights ^ 0o020)
    copy.rename(path)
    os.utime(path, ns=(0, tree.chance.randrange(1 << 60)))
    return []


MUTATIONS: tuple[Callable[[Tree], list[Told]], ...] = (
    content, replaced, same_size, truncate, append, mode, target, rename, case, swap, add, delete, kind,
    nothing,
)  # fmt: skip


def build(root: Path, chance: random.Random) -> None:
    """Make a tree of folders in folders, with files that are all different, links, and large files."""
    places = [root]
    for number in range(FOLDERS):
        place = chance.choice(places[-12:]) / f"folder-{number}"
        place.mkdir(parents=True)
        places.append(place)
        for name in NAMES[:FILES]:
            (place / name).write_bytes(b"%d\n" % number + chance.randbytes(chance.randint(0, 300)) + b"\n")
            (place / name).chmod(chance.choice(MODES))
        (place / "link").symlink_to(chance.choice(NAMES))
    for number in range(6):
        (root / f"whole-{number}").mkdir()
        for member in range(chance.randint(2, 40)):
            (root / f"whole-{number}" / str(member)).write_bytes(chance.randbytes(99))
    for number in range(2):
        (root / f"large-{number}").write_bytes(chance.randbytes(directory.CHUNK + 3000))
    (root / "empty").touch()


def mutate(tree: Tree) -> list[Told]:
    """Change a tree `EACH` times, in every way; return what must be said of it."""
    told = []
    for number in range(EACH):
        chosen = MUTATIONS[number] if number < len(MUTATIONS) else tree.chance.choice(MUTATIONS)
        if chosen is target and not tree.links:
            chosen = content
        if number % 90 == 0:
            chosen = rename_folder
        told += chosen(tree)
    return told


def seen(root: Path) -> dict[str, Thing]:
    """Look at a tree without fimci."""
    found: dict[str, Thing] = {}
    for here, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = os.path.join(here, name)
            state = os.lstat(path)
            rights = (0o755 if state.st_mode & 0o100 else 0o644) | state.st_mode & 0o7002
            if stat.S_ISLNK(state.st_mode):
                thing = ("link", 0, os.fsencode(os.readlink(path)))
            elif stat.S_ISREG(state.st_mode):
                thing = ("file", rights, Path(path).read_bytes())
            else:
                thing = ("directory" if stat.S_ISDIR(state.st_mode) else "other", rights, b"")
            found[os.path.relpath(path, root)] = thing
    return found


def facts(old: Thing | None, new: Thing | None) -> str:
    """Return in words what must be told to differ."""
    if old is None or new is None:
        return "added" if old is None else "removed"
    if old[0] != new[0]:
        return "kind"
    names = {
        "size": new[0] == "file" and len(old[2]) != len(new[2]),
        "mode": old[1] != new[1],
        "digest": new[0] == "file" and old[2] != new[2],
        "target": new[0] == "link" and old[2] != new[2],
    }
    return " ".join(name for name, differs in names.items() if differs)


def said(changes: list[Change]) -> dict[str, str]:
    """Return in the same words what was told."""
    found = {}
    for change in changes:
        assert not change.unstated
        if not isinstance(change.record, File):
            continue
        what = "added" if change.added else "removed" if change.removed else " ".join(change.differs)
        found[change.record.path] = "kind" if change.differs and "kind" in change.differs else what
    return found


def missed(report: Report, expected: list[Told]) -> list[Told]:
    """Return what nothing was said of; a rule that says more of a file than its change may do so."""
    spoken: dict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        spoken[finding.path].append(finding)
    return [
        told
        for told in expected
        if not any(
            told.message in found.message or (found.rule != "unexpected-change" and not told.moved)
            for found in spoken[told.path]
        )
    ]


@pytest.mark.parametrize("seed", range(TREES))
def test_no_change_is_missed_and_none_is_made_up(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if seed % 2:  # nobody else is at work here: files of this moment may go the way of older ones
        monkeypatch.setattr(clock, "_MARGIN", -(10**12))
    if seed % 3 == 0:  # the way that large trees go: many batches, spread over processes
        monkeypatch.setattr(batches, "MANY", 64)
        monkeypatch.setattr(workers, "ALONE", 1)
        monkeypatch.setattr(workers, "cores", lambda: 2)
    root, file = tmp_path / "tree", tmp_path / "good"
    build(root, random.Random(seed))  # noqa: S311  (a tree, not a secret)
    how = sides.recipe()
    before = seen(root)
    file.write_bytes(b"".join(store.dump(how, folder.taken(str(root), how).records)))
    first = list(sides.baseline(str(file)).records)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    time.sleep(0.02)  # times move in ticks of up to 10 ms on older systems
    assert held(root, file) == by_stamps(root, file) == [], "nothing has changed yet"

    tree = Tree(root, random.Random(seed))  # noqa: S311  (the same)
    expected = mutate(tree)

    after = seen(root)
    differing = {p: facts(before.get(p), after.get(p)) for p in before.keys() | after.keys()}
    differing = {path: what for path, what in differing.items() if what}
    changes = list(compare(first, folder.taken(str(root), how).records))
    assert said(changes) == differing
    assert held(root, file) == changes, "what readers say included"
    assert by_stamps(root, file) == changes, "whatever was changed by the system's own calls moves a stamp"
    report = check.check(
        Request(path=str(root), baseline=str(file), environment={}, today=dt.date(2026, 11, 1))
    )
    assert report.counts.changes == len(changes)
    assert missed(report, expected) == []
    assert report.unread == ()
    shutil.rmtree(root)


def held(root: Path, file: Path) -> list[Change]:
    """Return what a check against a baseline compares."""
    found = by_lines(str(root), sides.baseline(str(file)))
    return list(compare(found.left.records, found.right.records))


def by_stamps(root: Path, file: Path) -> list[Change]:
    """Return the same by the shortcut, which keeps its stamps for the next time."""
    found = quick.quick(str(root), sides.baseline(str(file)), None, {}, frozenset()).held
    return list(compare(found.left.records, found.right.records))


def test_there_are_as_many_as_promised() -> None:
    assert TREES * EACH > 10_000
    assert Recipe().profile == sides.recipe().profile == "repository"
