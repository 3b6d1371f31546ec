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
    """Yield everything below `root`; a folder that `skip` takes (`a/b/`) is not entered.

    Raises `SourceError` if `root` itself cannot be listed.
    """
    try:
        members = _members(root)
    except OSError as error:
        raise SourceError(
            f"{root} cannot be listed: {reason(error)}", "name a folder you can read"
        ) from error
    pending = [("", members)]
    while pending:
        prefix, members = pending.pop()
        for member in members:
            path = prefix + member.name
            try:
                state = member.stat(follow_symlinks=False)
            except OSError as error:
                yield Unread(path=path, why=reason(error))
                continue
            if not stat.S_ISDIR(state.st_mode):
                if not skip(path):
                    yield _entry(f"{root}/{path}", path, state)
                continue
            if skip(path + "/"):
                continue
            yield Entry(path=path, kind="directory", mode=stat.S_IMODE(state.st_mode))
            try:
                pending.append((path + "/", _members(f"{root}/{path}")))
            except OSError as error:
                yield Unread(path=path, why=reason(error), part="members")


def read(file: str) -> Iterator[bytes]:
    """Yield the content of a regular file. Raises `Changed` if it changed meanwhile."""
    handle = os.open(file, _FLAGS)
    try:
        before = os.fstat(handle)
        if not stat.S_ISREG(before.st_mode):
            raise Changed
        while chunk := os.read(handle, CHUNK):
            yield chunk
        after = os.fstat(handle)
    finally:
        os.close(handle)
    if _version(before) != _version(after):
        raise Changed


def _members(folder: str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as members:
        return list(members)


def _entry(file: str, path: str, state: os.stat_result) -> Entry | Unread:
    mode = stat.S_IMODE(state.st_mode)
    if stat.S_ISREG(state.st_mode):
        return Entry(path=path, mode=mode, read=lambda: read(file))
    if not stat.S_ISLNK(state.st_mode):
        return Entry(path=path, kind="other", mode=mode)
    try:
        return Entry(path=path, kind="link", target=os.readlink(file))
    except OSError as error:
        return Unread(path=path, why=reason(error))


def _version(state: os.stat_result) -> tuple[int, int, int]:
    return state.st_size, state.st_mtime_ns, state.st_ctime_ns
