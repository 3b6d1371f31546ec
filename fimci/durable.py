"""Replace a file in one step: whoever looks, or dies, finds the old one or the new one, whole.

The new content goes to a draft in the same folder, which is flushed to the disk before it takes
the name; then the folder is flushed. Nothing is written through a link. Two writers do not mix,
and the slower of them writes nothing (docs/decisions/baseline-format.md).

A draft is locked by the process that writes it and carries its number, so that one left behind by
a killed run is known: nobody holds the lock and nobody has the number. The next run removes it.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import stat
import sys
import time
from collections.abc import Iterable, Iterator
from io import FileIO
from typing import NamedTuple

from fimci.errors import FimciError, OvertakenError

if sys.platform != "win32":
    import fcntl

#: A draft: the process that writes it, and 64 random bits. Nothing else is ever swept away.
_NAME = re.compile(r"\.fimci-(\d{1,10})-[0-9a-f]{16}\.new")
#: Seconds after which a draft that is not written to is left over, though its number is in use.
_OLD = 24 * 3600
#: Written at once, and the seconds that another writer may need for its last two system calls.
_PIECE, _PATIENCE = 1 << 20, 5.0
_PLAIN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_UNTOUCHED, _NOT_THERE = "the previous file is untouched", "name a file you may write"
#: What file systems say that flush no folders or lock nothing.
_UNABLE = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.ENOSYS, errno.ENOLCK})


class Draft(NamedTuple):
    """A new file on its way: the name it is to take, its own, and what had the name before."""

    path: str
    beside: str
    file: FileIO
    #: SHA-256 of what the name stood for when the draft was begun; `None`: there was nothing.
    before: str | None


def write(path: str, chunks: Iterable[bytes]) -> None:
    """Replace a file. Raises `FimciError`; see `draft`, `fill` and `commit`."""
    with draft(path) as new:
        fill(new, chunks)
        commit(new)


@contextlib.contextmanager
def draft(path: str) -> Iterator[Draft]:
    """Begin a new file beside the one it is to replace; whatever happens, no draft is left.

    Raises `FimciError` for a link, a folder, a device, and where nothing can be written.
    """
    folder = os.path.dirname(path) or "."
    beside = os.path.join(folder, f".fimci-{os.getpid()}-{os.urandom(8).hex()}.new")
    with _told(path):
        before = _digest(path)
    _sweep(folder)
    file = None
    try:
        with _told(path):
            file = _create(beside, path)
        yield Draft(path, beside, file, before)
    finally:
        _discard(beside)
        if file is not None:
            with contextlib.suppress(OSError):  # what was to be kept has been flushed
                file.close()


def fill(new: Draft, chunks: Iterable[bytes]) -> None:
    """Write the content of a draft, in pieces, as it comes."""
    pieces: list[bytes] = []
    held = 0
    for chunk in chunks:
        pieces.append(chunk)
        held += len(chunk)
        if held >= _PIECE:
            _write(new, b"".join(pieces))
            pieces.clear()
            held = 0
    _write(new, b"".join(pieces))


def commit(new: Draft) -> None:
    """Flush a draft to the disk and give it the name.

    Raises `OvertakenError` where the name stands for something else than when the draft was begun.
    """
    with _told(new.path):
        os.fsync(new.file.fileno())
    if os.name == "nt":
        new.file.close()  # Windows renames no open file
    with _folder(new.path) as handle:
        with _told(new.path):
            if _digest(new.path) != new.before:
                raise OvertakenError(
                    f"{new.path} changed while this run was reading: nothing was written",
                    "look at what the other run has written, then start again",
                )
            os.replace(new.beside, new.path)
        _flush(handle, new.path)


def _write(new: Draft, data: bytes) -> None:
    with _told(new.path):
        left = memoryview(data)
        while left:
            left = left[os.write(new.file.fileno(), left) :]


def _create(beside: str, path: str) -> FileIO:
    """Create a draft with the rights and, where allowed, the owner of what it replaces."""
    old = os.lstat(path) if os.path.lexists(path) else None
    rights = 0o666 if old is None else stat.S_IMODE(old.st_mode) & 0o777
    file = FileIO(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL | _PLAIN, rights), "w")
    try:
        if sys.platform != "win32":
            # Not `flock`: the processes that read files are forked, and would inherit that one.
            with contextlib.suppress(OSError):
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if old is not None:
                with contextlib.suppress(PermissionError):
                    os.fchown(file.fileno(), old.st_uid, old.st_gid)
                os.fchmod(file.fileno(), rights)
    except BaseException:
        file.close()
        raise
    return file


def _digest(path: str) -> str | None:
    """Return the digest of a regular file, `None` if there is nothing of that name."""
    try:
        state = os.lstat(path)
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(state.st_mode):
        target = os.readlink(path)
        raise FimciError(
            f"{path} is a link to {target}: nothing is written through links", "name the file itself"
        )
    if not stat.S_ISREG(state.st_mode):
        raise FimciError(f"{path} is not a regular file", "name another file")
    digest = hashlib.sha256()
    with FileIO(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _PLAIN)) as file:
        while chunk := file.read(_PIECE):
            digest.update(chunk)
    return digest.hexdigest()


@contextlib.contextmanager
def _folder(path: str) -> Iterator[int | None]:
    """Open the folder of a file and lock it, where the system can; two writers take turns."""
    if sys.platform == "win32":
        yield None
        return
    with _told(path):
        handle = os.open(os.path.dirname(path) or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with _told(path):
            _lock(handle, path)
        yield handle
    finally:
        os.close(handle)


def _lock(handle: int, path: str) -> None:
    if sys.platform == "win32":
        return
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                folder = os.path.dirname(path) or "."
                raise OvertakenError(
                    f"{path} was not written: another program has locked {folder}",
                    "start again when it has ended",
                ) from None
            time.sleep(0.02)
        except OSError as error:
            if error.errno not in _UNABLE:
                raise
            return  # a file system without locks: the rename is one step all the same
        else:
            return


def _flush(handle: int | None, path: str) -> None:
    """Make the rename itself durable."""
    if handle is None:
        return
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _UNABLE:
            why = (error.strerror or str(error)).lower()
            raise FimciError(
                f"{path} was replaced, but the disk does not confirm it: {why}",
                "the new file is there and whole; see that the disk is sound",
            ) from error


def _sweep(folder: str) -> None:
    """Remove the drafts that killed runs have left in a folder."""
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            match = _NAME.fullmatch(name)
            if match and _abandoned(os.path.join(folder, name), int(match[1])):
                _discard(os.path.join(folder, name))


def _abandoned(file: str, process: int) -> bool:
    """Tell whether nobody writes a draft any more.

    A number that is not in use here may be in another container, which a lock tells; a draft that
    was created a moment ago may not be locked yet, which the number tells.
    """
    if sys.platform == "win32":
        return True  # if somebody does, it will not go: it is open
    try:
        state = os.lstat(file)
        if not stat.S_ISREG(state.st_mode):
            return False
        if process == os.getpid() or (_running(process) and time.time() - state.st_mtime < _OLD):
            return False
        with FileIO(os.open(file, os.O_RDWR | os.O_NONBLOCK | _PLAIN), "r+") as opened:
            fcntl.lockf(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


@contextlib.contextmanager
def _told(path: str) -> Iterator[None]:
    """Say what went wrong with the system; nothing has been replaced by then."""
    try:
        yield
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        remedy = _UNTOUCHED if os.access(path, os.F_OK) else _NOT_THERE
        raise FimciError(f"{path} could not be written: {why}", remedy) from error


def _discard(path: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)
