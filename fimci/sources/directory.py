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
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias

from fimci.errors import SourceError
from fimci.model import Unread
from fimci.snapshot import Changed, Entry, reason
from fimci.sources import attributes
from fimci.sources.handles import OTHER, Folders

#: Read at once: most files fit, and a larger one costs a system call for each piece.
CHUNK = 1 << 20
#: Bytes that are read of a file that says it has none (`/proc`): some of them never end.
SIZELESS = 32 << 20
#: Bytes that a file may claim beyond what the disk holds: a hole of exbibytes takes one call to make.
HOLES = 1 << 40
#: A link in the file's place, a FIFO that waits for a writer, a controlling terminal: not for us.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
#: What looks at a file anew, once it has changed.
_Look: TypeAlias = Callable[[], Entry | Unread]
#: What `open` says of a link and of a socket that took the place of a file.
_REPLACED = {errno.ELOOP, errno.ENXIO}


def walk(root: str, skip: Callable[[str], bool] = lambda _: False) -> Iterator[Entry | Unread]:
    """Yield everything below `root` in canonical order; see `paths` and `entries`."""
    return entries(root, paths(root, skip))


def paths(root: str, skip: Callable[[str], bool] = lambda _: False) -> Iterator[str | Unread]:
    """Yield the paths below `root` in canonical order, those of folders with a `/` at the end.

    What is neither a folder nor a regular file has `OTHER` there, so that nobody tries to open it.
    A folder that `skip` takes (`a/b/`) is not entered. Only names are read here: what they name
    is looked at by `entries`, in whatever process. Raises `SourceError` if `root` cannot be listed.
    """
    with contextlib.closing(Folders(root)) as folders:
        try:
            folders.start()
            pending = [_members(folders)]
        except OSError as error:
            why = f"{root} cannot be listed: {reason(error)}"
            raise SourceError(why, "name a folder you can read") from error
        prefix = ""
        while True:
            if not pending[-1]:
                pending.pop()
                if not pending:
                    return
                prefix = prefix[: prefix.rfind("/", 0, -1) + 1]
                folders.leave()
                continue
            name = pending[-1].pop()
            path = prefix + name
            if name[-1] != "/" or name[-2:] == OTHER:
                if not skip(path.rstrip("/")):
                    yield path
                continue
            if skip(path):
                continue
            yield path
            try:
                folders.enter(name[:-1])
            except OSError as error:
                yield Unread(path=path[:-1], why=reason(error), part="members")
                continue
            prefix = path
            try:
                pending.append(_members(folders))
            except OSError as error:
                yield Unread(path=path[:-1], why=reason(error), part="members")
                pending.append([])


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
    listed = path[-1] == "/" and path[-2:] != OTHER
    path = path.rstrip("/")
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


class Plain(NamedTuple):
    """An ordinary file that was read whole: permission bits, and all its bytes."""

    size: int
    mode: int
    data: bytes


def plain(folders: Folders, path: str) -> Plain | None:
    """Read an ordinary file of at most one piece, in five system calls. The hot loop of every check.

    `None` for whatever is out of the ordinary (no regular file, empty by its own word, larger,
    changed meanwhile, not to be opened): `entry` and what it gives to read know how to tell of it.
    What was listed as something else than a file is not even opened: a writer that waits at a FIFO
    would go on, a tape would wind back.
    """
    if path[-1] == "/":
        return None
    folder, _, name = path.rpartition("/")
    try:
        start = folders.to(folder)
        if start is None:
            return None
        handle = os.open(name, _FLAGS | folders.noatime, dir_fd=start)
    except OSError:
        return None
    try:
        before = os.fstat(handle)
        size = before.st_size
        if not 0 < size < CHUNK or not stat.S_ISREG(before.st_mode):
            return None
        data = os.read(handle, size + 1)
        after = os.fstat(handle)
        # It is one open file: whatever else changes of it moves its ctime.
        if (
            len(data) != size
            or before.st_mtime_ns != after.st_mtime_ns
            or before.st_ctime_ns != after.st_ctime_ns
            or after.st_size != size
        ):
            return None
    except OSError:
        return None
    finally:
        os.close(handle)
    return Plain(size, stat.S_IMODE(before.st_mode), data)


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
            return os.open(name, _FLAGS | folders.noatime, dir_fd=start)
    except OSError as error:
        if error.errno in _REPLACED:
            raise Changed(anew) from error
        if error.errno == errno.EPERM:
            folders.noatime = 0
    return folders.open(name, _FLAGS | folders.noatime)


def _same(before: os.stat_result, after: os.stat_result) -> bool:
    """Tell whether two looks met the same file in the same state: kind, mode, inode, size, times."""
    if before.st_mtime_ns != after.st_mtime_ns or before.st_size != after.st_size:
        return False
    # Windows derives the mode from the name where it has one, and has numbered devices twice.
    return os.name == "nt" or (before.st_ctime_ns == after.st_ctime_ns and before[:6] == after[:6])


def _held(state: os.stat_result) -> int:
    """Return the bytes that a file takes on the disk, as far as the system tells."""
    return getattr(state, "st_blocks", state.st_size // 512 + 1) * 512


def _members(folders: Folders) -> list[str]:
    """Return the names in a folder, last one first, each with what tells its kind at the end."""
    names = folders.list()
    return [name + names[name] for name in sorted(names, reverse=True)]
