"""`dir:PATH`: a folder on this machine.

Nothing is followed and nothing but regular files is opened: links give their target, and FIFOs,
sockets and devices only their kind. A file is opened once, without following what may have
taken its place, and looked at again after it was read: one that changed meanwhile raises
`Changed`, and the taker reads it anew.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator

from fimci.errors import SourceError
from fimci.model import Unread
from fimci.snapshot import Changed, Entry, reason
from fimci.sources import attributes

#: Read at once: most files fit, and a larger one costs a system call for each piece.
CHUNK = 1 << 20
#: A link in the file's place, a FIFO that waits for a writer, a controlling terminal: not for us.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


def walk(root: str, skip: Callable[[str], bool] = lambda _: False) -> Iterator[Entry | Unread]:
    """Yield everything below `root` in canonical order; see `paths`."""
    return (entry(root, path) for path in paths(root, skip))


def paths(root: str, skip: Callable[[str], bool] = lambda _: False) -> Iterator[str | Unread]:
    """Yield the paths below `root` in canonical order, those of folders with a `/` at the end.

    A folder that `skip` takes (`a/b/`) is not entered. Only names are read here: what they name
    is looked at by `entry`, in whatever process. Raises `SourceError` if `root` cannot be listed.
    """
    try:
        pending = [("", _members(root))]
    except OSError as error:
        why = f"{root} cannot be listed: {reason(error)}"
        raise SourceError(why, "name a folder you can read") from error
    while pending:
        prefix, members = pending[-1]
        if not members:
            pending.pop()
            continue
        name = members.pop()
        path = prefix + name
        if skip(path):
            continue
        yield path
        if name.endswith("/"):
            try:
                pending.append((path, _members(f"{root}/{path}")))
            except OSError as error:
                yield Unread(path=path[:-1], why=reason(error), part="members")


def entry(root: str, path: str | Unread, wanted: frozenset[str] = frozenset()) -> Entry | Unread:
    """Look at what one of the `paths` names, without opening it.

    `wanted` are the words of its profile, where that asks for more than what `lstat` gives anyway.
    """
    if isinstance(path, Unread):
        return path
    file = f"{root}/{path}".rstrip("/")
    path = path.rstrip("/")
    try:
        state = os.lstat(file)
        found = _entry(path, file, state)
    except OSError as error:
        return Unread(path=path, why=reason(error))
    return attributes.described(found, file, state, wanted) if wanted else found


def _entry(path: str, file: str, state: os.stat_result) -> Entry:
    mode = stat.S_IMODE(state.st_mode)
    if stat.S_ISREG(state.st_mode):
        return Entry(path=path, mode=mode, read=lambda: read(file))
    if stat.S_ISDIR(state.st_mode):
        return Entry(path=path, kind="directory", mode=mode)
    if stat.S_ISLNK(state.st_mode):
        return Entry(path=path, kind="link", target=os.readlink(file))
    return Entry(path=path, kind="other", mode=mode)


def read(file: str) -> Iterator[bytes]:
    """Yield the content of a regular file. Raises `Changed` if it changed meanwhile.

    The hot loop of every check: five system calls for a file that fits into one piece.
    """
    handle = os.open(file, _FLAGS)
    try:
        before = os.fstat(handle)
        size = before.st_size
        if not stat.S_ISREG(before.st_mode):
            raise Changed
        # One byte more than there should be: a file that grew is seen without another call, and
        # no buffer is larger than its file. `/proc` and its like say 0 and hold more.
        chunk = os.read(handle, size + 1 if 0 < size < CHUNK else CHUNK)
        yield chunk
        if len(chunk) != size:
            while chunk := os.read(handle, CHUNK):
                yield chunk
        after = os.fstat(handle)
    finally:
        os.close(handle)
    if (
        before.st_mtime_ns != after.st_mtime_ns
        or before.st_size != after.st_size
        or before.st_ctime_ns != after.st_ctime_ns
    ):
        raise Changed


def _members(folder: str) -> list[str]:
    """Return the names in a folder, last one first, those of folders with a `/` at the end."""
    with os.scandir(folder) as members:
        names = [m.name + "/" if m.is_dir(follow_symlinks=False) else m.name for m in members]
    names.sort(key=_unslashed, reverse=True)
    return names


def _unslashed(name: str) -> str:
    return name[:-1] if name[-1] == "/" else name
