"""`dir:PATH`: a folder on this machine.

Nothing is followed and nothing but regular files is opened: links give their target, and FIFOs,
sockets and devices only their kind. Folders are walked and names looked at relative to handles
(`fimci.sources.handles`). A file is looked at by its name, opened and read once, and looked at
again through what was opened: unless both are the same file in the same state, `Changed` is
raised and the taker looks at it anew. docs/walking.md says what happens with everything else.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import stat
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import NamedTuple, TypeAlias

from fimci import opening
from fimci.errors import SourceError
from fimci.model import Unread
from fimci.snapshot import Changed, Entry, reason
from fimci.sources import attributes
from fimci.sources.handles import ODD, Folders

#: Read at once: most files fit, and a larger one costs a system call for each piece.
CHUNK = 1 << 20
#: What `plain` reads first: no buffer of this size takes a system call of its own.
PIECE = 1 << 16
#: The bits of a mode that tell its kind.
_KIND = 0o170000
#: Bytes that are read of a file that says it has none (`/proc`): some of them never end.
SIZELESS = 32 << 20
#: Bytes that a file may claim beyond what the disk holds: a hole of exbibytes takes one call to make.
HOLES = 1 << 40
#: What looks at a file anew, once it has changed.
_Look: TypeAlias = Callable[[], Entry | Unread]
#: What `open` says of a link and of a socket that took the place of a file.
_REPLACED = {errno.ELOOP, errno.ENXIO}


def walk(root: str, skip: Callable[[str], bool] = lambda _: False) -> Iterator[Entry | Unread]:
    """Yield everything below `root` in canonical order; see `paths` and `entries`."""
    return entries(root, paths(root, skip))


def paths(root: str, skip: Callable[[str], bool] = lambda _: False) -> Iterator[str | Unread]:
    """Yield the paths below `root` in canonical order, one by one; see `runs`."""
    for run in runs(root, skip):
        if isinstance(run, Unread):
            yield run
        else:
            for name in run.names:
                yield run.folder + name.removesuffix(ODD)


class Run(NamedTuple):
    """Names that follow each other in a folder (`""`, `a/b/`).

    Those of folders end with `/`, and those of links, devices and the like with `ODD` (of `handles`).
    """

    folder: str
    names: list[str]

    @property
    def below(self) -> str:
        """Return the folder that the names end with, with its `/`; empty where they end with none."""
        return self.names[-1] if self.names[-1][-1] == "/" else ""

    def __reduce__(self) -> tuple[Callable[[str, str], Run], tuple[str, str]]:
        """Go to a worker as two texts: a list of names takes three times as long."""
        return _run, (self.folder, "/".join(self.names))


def _run(folder: str, text: str) -> Run:
    names = text.split("/")
    if names[-1] == "":
        names.pop()
        if names:
            names[-1] += "/"
    return Run(folder, names)


def runs(
    root: str,
    skip: Callable[[str], bool] = lambda _: False,
    *,
    folders_alone: bool = False,
    start: str = "",
    enter: Callable[[str], bool] | None = None,
) -> Iterator[Run | Unread]:
    """Yield what is below `start`, a path in `root`, in canonical order; see `Run`.

    A run of names ends where a folder is entered, or named and left to somebody else, where `enter`
    (`a/b/`) says no.

    What `skip` takes (`a/b`, `a/b/`) is left out, and such a folder not entered; `folders_alone`:
    it is asked for folders only, as it takes nothing else. Only names are read here: what they
    name is looked at by `entries`, in whatever process. Raises `SourceError` if `root` cannot be
    listed.
    """
    with contextlib.closing(Folders(root)) as folders:
        try:
            folders.to(start)
            pending = [_parted(folders.list())]
        except OSError as error:
            if start:
                yield Unread(path=start, why=reason(error), part="members")
                return
            why = f"{root} cannot be listed: {reason(error)}"
            raise SourceError(why, "name a folder you can read") from error
        prefix = start + "/" if start else ""
        while pending:
            names = next(pending[-1], None)
            if names is None:
                pending.pop()
                if pending:
                    folders.leave()
                    prefix = prefix[: prefix.rfind("/", 0, -1) + 1]
                continue
            if not folders_alone:
                names = [name for name in names if not skip(prefix + name.removesuffix(ODD))]
            elif names[-1][-1] == "/" and skip(prefix + names[-1]):
                names.pop()
            if names:
                yield Run(prefix, names)
                if names[-1][-1] == "/" and (enter is None or enter(prefix + names[-1])):
                    prefix, below = yield from _below(folders, prefix, names[-1])
                    pending += below


def _below(
    folders: Folders, prefix: str, name: str
) -> Generator[Unread, None, tuple[str, list[Iterator[list[str]]]]]:
    """Enter a folder; return the prefix from then on, and the names in it (none where it is not entered)."""
    try:
        folders.enter(name[:-1])
    except OSError as error:
        yield Unread(path=prefix + name[:-1], why=reason(error), part="members")
        return prefix, []
    prefix += name
    try:
        return prefix, [_parted(folders.list())]
    except OSError as error:
        yield Unread(path=prefix[:-1], why=reason(error), part="members")
        return prefix, [iter(())]


def entries(
    root: str,
    paths: Iterable[str | Unread],
    wanted: Callable[[str], frozenset[str]] = lambda _: frozenset(),
) -> Iterator[Entry | Unread]:
    """Look at what each of the `paths` names. Best read one before asking for the next.

    `wanted` tells the words of a path's profile, where that asks for more than what a look gives
    anyway.
    """
    with contextlib.closing(Folders(root)) as folders:
        for path in paths:
            yield path if isinstance(path, Unread) else entry(folders, path, wanted(path))


def entry(folders: Folders, path: str, wanted: frozenset[str] = frozenset()) -> Entry | Unread:
    """Look at what a path names, without opening it. `/` at its end: it was a folder when listed."""
    listed = path[-1] == "/"
    if listed:
        path = path[:-1]
    folder, _, name = path.rpartition("/")
    try:
        handle = folders.to(folder)
        state = os.stat(folders.path(name) if handle is None else name, dir_fd=handle, follow_symlinks=False)
        found = _entry(folders, folder, name, state, wanted)
    except OSError as error:
        return Unread(path=path, why=reason(error))
    if found.kind == "directory" and not listed:
        return Unread(path=path, why="became a folder while the tree was walked", part="members")
    return attributes.described(found, folders.named(name), state, wanted) if wanted else found


def _entry(folders: Folders, folder: str, name: str, state: os.stat_result, wanted: frozenset[str]) -> Entry:
    path = f"{folder}/{name}" if folder else name
    mode = stat.S_IMODE(state.st_mode)
    if stat.S_ISREG(state.st_mode):
        look = functools.partial(entry, folders, path, wanted)
        return Entry(
            path=path, mode=mode, read=functools.partial(_content, folders, folder, name, state, look)
        )
    if stat.S_ISDIR(state.st_mode):
        return Entry(path=path, kind="directory", mode=mode)
    if stat.S_ISLNK(state.st_mode):
        target = os.readlink(folders.path(name), dir_fd=folders.handle)
        return Entry(path=path, kind="link", target=target)
    return Entry(path=path, kind="other", mode=mode)


def plain(folders: Folders, name: str, quiet: int) -> tuple[int, bytes]:
    """Read a file as `plains` does: return its mode, 0 if it is out of the ordinary, and its content."""
    _, mode, data = next(plains(folders, (name,), quiet))
    return mode, data


def plains(folders: Folders, names: Iterable[str], quiet: int) -> Iterator[tuple[str, int, bytes]]:
    """Read the ordinary files among names in the folder that this is in. The hot loop of every check.

    Yields each name with the file's mode (its kind included) and content, after four system calls: a file
    whose ctime is below `quiet` has held still since (`fimci.sources.clock`). The mode is 0 for whatever is
    out of the ordinary (no regular file, not of the size it says, large, touched lately, not to be opened):
    `entry` and what it gives to read know how to tell of it.
    """
    open_, read_, look, close = os.open, os.read, os.fstat, os.close  # looked up once, not for each file
    flags = opening.READ | folders.noatime
    for name in names:
        try:
            handle = open_(name, flags, dir_fd=folders.handle)
        except (OSError, ValueError):  # the latter: what is marked as odd is no name
            yield name, 0, b""
            continue
        try:
            data = read_(handle, PIECE)
            if len(data) == PIECE:
                data += read_(handle, CHUNK)
            state = look(handle)
        except OSError:
            yield name, 0, b""
            continue
        finally:
            close(handle)
        mode, size = state.st_mode, len(data)
        if state.st_size != size or state.st_ctime_ns >= quiet or mode & _KIND != stat.S_IFREG:
            mode, data = 0, b""
        yield name, mode, data


def read(file: str) -> Iterator[bytes]:
    """Yield the content of a regular file. Raises `Changed` if it changed meanwhile."""
    folder, name = os.path.split(file)
    with contextlib.closing(Folders(folder or os.curdir)) as folders:
        try:
            folders.to("")
            yield from _content(folders, "", name, os.lstat(file), functools.partial(entry, folders, name))
        except Changed as error:  # whoever reads a file by its name looks at it in a way of his own
            raise Changed from error


def _content(
    folders: Folders, folder: str, name: str, before: os.stat_result, anew: _Look
) -> Iterator[bytes]:
    """Yield the content of what was in the state `before`. The hot loop of every check.

    With the look at its name, five system calls for a file that fits into one piece. The last one
    proves that what was opened is what was looked at: reading a file by its name and state by
    another call would leave a gap for somebody to change the one or the other.
    """
    size = before.st_size
    if size >= CHUNK and size - _held(before) > HOLES:
        raise OSError(errno.EFBIG, f"claims {size:,} bytes, of which the disk holds {_held(before):,}")
    handle = _opened(folders, folder, name, anew)
    try:
        # One byte more than there should be: a file that grew is seen without another call, and
        # no buffer is larger than its file. `/proc` and its like say 0 and hold more.
        chunk = os.read(handle, size + 1 if 0 < size < CHUNK else CHUNK)
        total = len(chunk)
        yield chunk
        if total != size:
            limit = size or SIZELESS
            while total <= limit and (chunk := os.read(handle, CHUNK)):
                total += len(chunk)
                yield chunk
        after = os.fstat(handle)
    finally:
        os.close(handle)
    if total > SIZELESS and not size and _same(before, after):
        raise OSError(errno.EFBIG, "says that it is empty, and does not end")
    if total > size > 0 or not _same(before, after):
        raise Changed(anew)


def _opened(folders: Folders, folder: str, name: str, anew: _Look) -> int:
    """Open a member, without leaving a trace in its access time where that is allowed."""
    start = folders.to(folder)
    try:
        if start is not None:
            return os.open(name, opening.READ | folders.noatime, dir_fd=start)
    except OSError as error:
        if error.errno in _REPLACED:
            raise Changed(anew) from error
        if error.errno == errno.EPERM:
            folders.noatime = 0
    return folders.open(name, opening.READ | folders.noatime)


def _same(before: os.stat_result, after: os.stat_result) -> bool:
    """Tell whether two looks met the same file in the same state: kind, mode, inode, size, times."""
    if before.st_mtime_ns != after.st_mtime_ns or before.st_size != after.st_size:
        return False
    # Windows derives the mode from the name where it has one, and has numbered devices twice.
    return os.name == "nt" or (before.st_ctime_ns == after.st_ctime_ns and before[:6] == after[:6])


def _held(state: os.stat_result) -> int:
    """Return the bytes that a file takes on the disk, as far as the system tells."""
    return getattr(state, "st_blocks", state.st_size // 512 + 1) * 512


def _parted(kinds: dict[str, str]) -> Iterator[list[str]]:
    """Yield the names in a folder in order, parted after each that is a folder itself."""
    if kinds and not any(kinds.values()):  # nothing but files: most folders
        yield sorted(kinds)
        return
    run: list[str] = []
    for name in sorted(kinds):
        mark = kinds[name]
        run.append(name + mark)
        if mark == "/":
            yield run
            run = []
    if run:
        yield run
