"""A folder as the lines of a baseline: what a new one holds, and what no longer is as an old one says.

The two hot loops of fimci. Files are many and most of them ordinary, so that no record is made of
one: its line is, and lines are what is compared.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import stat
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

import msgspec

from fimci import readers, rows
from fimci.batches import Batch
from fimci.folder import Packed, looked, looked_in_full, unpacked, wanting
from fimci.look import ALGORITHMS, readings, recorded
from fimci.model import Digest, File, Record, Unread, order
from fimci.snapshot import Recipe
from fimci.sources import clock, directory
from fimci.sources.handles import ODD, Folders


class Written(NamedTuple):
    """The lines of the files of a batch, how many, the other records, and the last path."""

    lines: bytes
    files: int
    records: list[Record]
    last: str


class Unlike(NamedTuple):
    """What is there now and not as the lines said, and the lines that no longer hold."""

    found: list[Record | Packed]
    lines: list[bytes]
    #: Whether the lines that hold stand in the order of a walk, each once.
    ordered: bool


#: A path and, of an ordinary file or folder, its line; its digest and content where a reader may speak of it.
_Seen: TypeAlias = tuple[str | Unread, str | None, bytes | None, bytes]


def written(root: str, how: Recipe, batch: Batch, begun: clock.Start | None = None) -> Written:
    """Look at a batch, in whatever process, and return it as it stands in a baseline."""
    begun = begun or clock.start()
    lines: list[str] = []
    records: list[Record] = []
    path: str | Unread = ""
    choose, silent = readers.of(how.readers), readers.silent_of(how.readers)
    with contextlib.closing(Folders(root)) as folders:
        for path, line, data, digest in _seen(folders, how, batch, begun.quiet, silent):
            if line is not None:
                lines.append(line)
                if data is None:
                    continue
                assert isinstance(path, str)  # noqa: S101  (for the type checker: it has a line)
                if shown := wanting(choose(path), path, data):
                    records.extend(readings(path, Digest(how.algorithm, digest.hex()), shown))
                continue
            for record in looked_in_full(folders, how, path):
                whole = unpacked(record, how.algorithm)
                if isinstance(whole, File):
                    lines.append(_encoded(whole, how))
                else:
                    records.append(whole)
    if clock.stepped(begun):
        return written(root, how, batch, clock.NEVER)
    text = "\n".join([*lines, ""]).encode()
    return Written(text, len(lines), records, path if isinstance(path, str) else path.path)


def unlike(
    root: str, how: Recipe, held: tuple[Batch, bytes], begun: clock.Start | None = None
) -> Unlike | None:
    """Hold a batch against the lines of a baseline about it, in whatever process; `None`: all as it was.

    What the readers said of a file holds as long as its line does.
    """
    begun = begun or clock.start()
    batch, text = held
    found: list[Record | Packed] = []
    with contextlib.closing(Folders(root)) as folders:
        seen = [(path, line) for path, line, _, _ in _seen(folders, how, batch, begun.quiet)]
        now = [line for _, line in seen if line is not None]
        if len(now) == len(seen) and "\n".join(now).encode() == text and not clock.stepped(begun):
            return None  # nearly always: what follows is for what differs
        lines = text.decode(errors="surrogateescape").split("\n") if text else []
        known = set(lines)
        now = [line or "" for _, line in seen]
        for at, (path, line) in enumerate(seen):
            if line is not None and line in known:
                continue
            look = looked_in_full if line is None else functools.partial(looked, quiet=begun.quiet)
            records = list(look(folders, how, path))
            first = unpacked(records[0], how.algorithm) if records else None
            now[at] = _encoded(first, how) if isinstance(first, File) else ""
            if now[at] not in known:
                found.extend(records)
    if clock.stepped(begun):
        return unlike(root, how, held, clock.NEVER)
    if now == lines:
        return None
    still = set(now)
    gone = [line.encode(errors="surrogateescape") for line in lines if line not in still]
    return Unlike(found, gone, _in_order(now, lines, how))


def ordered(line: bytes, algorithm: str) -> str:
    """Return what the line of a file is sorted by. Raises `ValueError` or `MsgspecError` if it is none."""
    record = rows.decode(line, algorithm)
    if not isinstance(record, File):
        raise ValueError("no file")  # noqa: TRY004  (of a text, not of a type)
    return order(record.path)


def _in_order(now: list[str], lines: list[str], how: Recipe) -> bool:
    """Tell whether lines stand in the order of a walk, each once.

    Those that hold do if they stand as the walk met them, the others if they do beside their neighbours.
    """
    known, still = set(lines), set(now)
    if [line for line in now if line in known] != [line for line in lines if line in still]:
        return False
    try:
        return all(
            ordered(one.encode(errors="surrogateescape"), how.algorithm)
            < ordered(other.encode(errors="surrogateescape"), how.algorithm)
            for one, other in itertools.pairwise(lines)
            if one not in still or other not in still
        )
    except (msgspec.MsgspecError, ValueError):
        return False


def _seen(
    folders: Folders,
    how: Recipe,
    batch: Batch,
    quiet: int,
    silent: Callable[[str, bytes], bool] | None = None,
) -> Iterator[_Seen]:
    """Look at each name in the short way, which ordinary files and folders allow.

    `silent` tells that no reader has anything to say; without it no content is asked for.
    """
    make, row, limit = ALGORITHMS[how.algorithm], rows.row, how.inspect_limit
    endings: dict[int, str] = {}  # by mode: a tree has a handful of them
    for run in batch:
        if isinstance(run, Unread):
            yield run, None, None, b""
            continue
        folder, names = run.folder, run.names
        text = folder + "".join(names).replace(ODD, "")
        if not (_entered(folders, folder) and rows.verbatim(text)):
            yield from ((folder + name, None, None, b"") for name in names)
            continue
        last = run.below
        for name, mode, data in directory.plains(folders, names[:-1] if last else names, quiet):
            path = folder + name
            if not mode or len(data) > limit:
                yield path, None, None, b""
                continue
            ending = endings.get(mode)
            if ending is None:
                ending = endings[mode] = rows.ending(recorded(stat.S_IMODE(mode), how))
            digest = make(data).digest()
            line = row(path, len(data), digest, ending)
            yield path, line, None if silent is None or silent(name, data) else data, digest
        if last:
            yield folder + last, _folder(folders, last[:-1], folder + last, how), None, b""


def _encoded(file: File, how: Recipe) -> str:
    return rows.encode_all([file], how.algorithm)[:-1].decode()


def _entered(folders: Folders, folder: str) -> bool:
    try:
        return folders.to(folder[:-1]) is not None
    except OSError:
        return False


def _folder(folders: Folders, name: str, path: str, how: Recipe) -> str | None:
    """Return the line of a folder; `None` where it is none, or has none."""
    if not how.directories:
        return None
    try:
        state = os.stat(name, dir_fd=folders.handle, follow_symlinks=False)
    except OSError:
        return None
    if not stat.S_ISDIR(state.st_mode):
        return None
    return rows.folder_row(path, recorded(stat.S_IMODE(state.st_mode), how))
