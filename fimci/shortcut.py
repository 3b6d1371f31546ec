"""The shortcut for unchanged files: what the system says of a file is what it said when its line held.

Off unless it is asked for. `doubted` goes through the lines of a baseline without reading a file or
listing a folder, and `remaining` gives what is left to be looked at in full. docs/shortcut.md says
what can be hidden from it, and by whom.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import stat
from collections.abc import Callable, Container, Iterable, Iterator
from typing import NamedTuple

import msgspec

from fimci import drift, rows
from fimci.model import File, Unread, order
from fimci.snapshot import reason
from fimci.sources import directory
from fimci.sources.directory import Run
from fimci.sources.handles import ODD, Folders
from fimci.stamps import NONE, SIZE, packed, stamp, touched

#: File systems of Linux that give a folder another time whenever a name in it comes, goes or is
#: put in the place of another. On others (FAT) every folder is listed.
_PUNCTUAL = frozenset({"bcachefs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "overlay", "tmpfs", "xfs", "zfs"})
_MOUNTS = "/proc/self/mountinfo"
#: The stamp of what is not there, which no file has: of those with none, every line is in doubt.
_NOBODY = b"\xff" * SIZE


class Doubted(NamedTuple):
    """Which of some lines their stamps do not vouch for, and which of the others are of manifests."""

    lines: list[int]
    manifests: list[int]


def doubted(root: str, algorithm: str, marks: bytes, held: tuple[bytes, int]) -> Doubted:
    """Ask the system about what some lines are of, in whatever process.

    `marks` are the stamps of all lines, `held` these lines and how many stand before them. The hot loop of a
    quick check: where every path is plain and there, it is one of the interpreter's own. Each path leads
    through folders that are lines themselves, so that a link in the place of one of these is found there.
    """
    text, before = held
    paths = _paths(text.decode(errors="surrogateescape"), algorithm)
    base = root + "/"
    marks = marks[before * SIZE : (before + len(paths)) * SIZE]
    try:
        seen = packed(map(os.lstat, [base + path for path in paths]))
    except (OSError, ValueError):
        seen = b"".join(_seen(base + path) for path in paths)
    lines = [] if seen == marks else [at for at in range(len(paths)) if _one(seen, at) != _one(marks, at)]
    manifests = [at for at, path in enumerate(paths) if path[path.rfind("/") + 1 :] in drift.NAMES]
    return Doubted(lines, [at for at in manifests if _one(seen, at) == _one(marks, at)])


def _one(marks: bytes, at: int) -> bytes:
    return marks[at * SIZE : (at + 1) * SIZE]


def _paths(text: str, algorithm: str) -> list[str]:
    """Return the path of each line, without the `/` of a folder; that of nothing where a line states none."""
    if text.startswith('["') and "\\" not in text:
        parts = text.replace('/",', '",')[2:].split('\n["')
        if len(parts) == text.count("\n") + 1 and all('"' in part for part in parts):
            return [part[: part.index('"')] for part in parts]
    return [_path(line, algorithm) for line in text.split("\n")]


def _path(line: str, algorithm: str) -> str:
    try:
        return path_of(line, algorithm).rstrip("/")
    except (msgspec.MsgspecError, ValueError):
        return "\0"  # the name of nothing


def _seen(path: str) -> bytes:
    try:
        return stamp(os.lstat(path))
    except (OSError, ValueError):
        return _NOBODY


def stamps_of(root: str, algorithm: str, quiet: int, devices: frozenset[int], text: bytes) -> bytes:
    """Return the stamps of some lines that hold, in whatever process.

    There is none for what was touched after `quiet`, nor for a folder on a device that is not
    among these: what happened between reading and now must show in the times.
    """
    found: list[bytes] = []
    for line in text.decode(errors="surrogateescape").split("\n"):
        try:
            state = os.lstat(f"{root}/{path_of(line, algorithm).rstrip('/')}")
        except (OSError, ValueError):
            found.append(NONE)
            continue
        mark = stamp(state)
        listed = not stat.S_ISDIR(state.st_mode) or state.st_dev in devices
        found.append(mark if listed and touched(mark) < quiet else NONE)
    return b"".join(found)


def punctual() -> frozenset[int]:
    """Return the devices whose folders tell by their times that a name came or went."""
    found: set[int] = set()
    with contextlib.suppress(OSError), open(_MOUNTS, encoding="utf-8", errors="replace") as mounts:
        for mount in mounts:
            before, _, after = mount.partition(" - ")
            if after.split(" ", 1)[0] in _PUNCTUAL:
                major, _, minor = before.split(" ")[2].partition(":")
                found.add(os.makedev(int(major), int(minor)))
    return frozenset(found)


def path_of(line: str, algorithm: str) -> str:
    """Return the path that the line of a file states, that of a folder with a `/` at its end."""
    if line.startswith('["') and "\\" not in line:
        return line[2 : line.index('"', 2)]
    record = rows.decode(line.encode(errors="surrogateescape"), algorithm)
    if not isinstance(record, File):
        raise ValueError("no file")  # noqa: TRY004  (of a text, not of a type)
    return record.path + "/" if record.kind == "directory" else record.path


def remaining(
    root: str, skip: Callable[[str], bool], doubtful: Iterable[str], known: Container[str]
) -> list[Run | Unread]:
    """Return what a walk would meet of what is in doubt, in its order.

    `doubtful` are the paths whose stamps do not hold, folders with a `/` at the end, `/` for the
    root. `known` are all paths of the baseline in the folders among them, written alike.
    """
    met: dict[tuple[str, int], str | Unread] = {}
    listed: dict[str, dict[str, str]] = {}
    paths = set(doubtful)
    with contextlib.closing(Folders(root)) as folders:
        for path in paths:
            if path.endswith("/"):
                listed[path[:-1]] = _listed(folders, path[:-1], met)
    for path in paths - {"/"}:
        folder, _, name = path.rstrip("/").rpartition("/")
        if folder not in listed:
            met[order(path.rstrip("/")), 0] = path
        elif name in listed[folder]:
            met[order(path.rstrip("/")), 0] = f"{folder}/{name}".lstrip("/") + listed[folder][name]
    for folder, names in listed.items():
        for name, mark in names.items():
            path = f"{folder}/{name}" if folder else name
            if path + mark.replace(ODD, "") not in known and not skip(path + mark.replace(ODD, "")):
                met[order(path), 0] = path + mark
                if mark == "/":
                    _put(met, directory.runs(root, skip, start=path))
    return list(grouped(met[key] for key in sorted(met)))


def _listed(folders: Folders, folder: str, met: dict[tuple[str, int], str | Unread]) -> dict[str, str]:
    """List a folder; one that is gone, or none any more, has no names, and needs no word here."""
    try:
        folders.to(folder)
        return folders.list()
    except OSError as error:
        if error.errno not in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}:
            met[order(folder), 1] = Unread(path=folder, why=reason(error), part="members")
        return {}


def _put(met: dict[tuple[str, int], str | Unread], found: Iterable[Run | Unread]) -> None:
    for run in found:
        if isinstance(run, Unread):
            met[order(run.path), 1] = run
        else:
            for name in run.names:
                path = run.folder + name
                met[order(path.rstrip("/" + ODD)), 0] = path


def grouped(met: Iterable[str | Unread]) -> Iterator[Run | Unread]:
    """Put names that follow each other in a folder into one run, which ends with a folder.

    `met` is in the order of a walk, with the marks of `sources.directory.Run`.
    """
    for folder, paths in itertools.groupby(met, _folder):
        names: list[str] = []
        for path in paths:
            if isinstance(path, Unread):
                yield path
                continue
            names.append(path[len(folder) :])
            if path[-1] == "/":
                yield Run(folder, names)
                names = []
        if names:
            yield Run(folder, names)


def _folder(path: str | Unread) -> str:
    """Return the folder of a path with a `/` at its end; of what is unread nothing that is one."""
    return "/" if isinstance(path, Unread) else path[: path.rfind("/", 0, -1) + 1]
