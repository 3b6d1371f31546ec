"""The files of a workspace before a command runs: what was in them, and what the system said of them.

The system gives a file another ctime whatever is done to it and by which name, and nobody can set it
back. So a file that was touched is known afterwards even where no event told of it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterable
from typing import NamedTuple

from fimci import opening
from fimci.model import Digest

#: Bytes of a text that is kept to show a difference, and of all of them.
TEXT, _TEXTS = 128 << 10, 64 << 20
#: Bytes that are read of a file while the command runs: reading more would let events wait.
LOOK = 16 << 20
_PIECE = 1 << 20


class Stamp(NamedTuple):
    """What the system says of a file. The first three tell that something was done to it."""

    device: int
    inode: int
    changed: int
    modified: int
    mode: int
    links: int


class Held(NamedTuple):
    """A file as it was: its stamp, the digest of its content (or of its target), and a short text."""

    stamp: Stamp
    digest: Digest | None
    text: bytes | None


class Content(NamedTuple):
    """What is in a file now; the data only of a short one."""

    digest: Digest
    data: bytes | None


def held(root: str, paths: Iterable[str]) -> dict[str, Held]:
    """Look at files; those that are not there (a sparse checkout) are left out."""
    found: dict[str, Held] = {}
    kept = 0
    for path in paths:
        state = stamp(f"{root}/{path}")
        if state is None or stat.S_ISDIR(state.mode):
            continue
        content = read(f"{root}/{path}", limit=0)
        text = content.data if content is not None and kept < _TEXTS else None
        kept += len(text or b"")
        found[path] = Held(state, content.digest if content is not None else None, text)
    return found


def stamp(path: str) -> Stamp | None:
    """Return what the system says of a file, without following a link; `None` where there is none."""
    try:
        state = os.lstat(path)
    except OSError:
        return None
    return Stamp(
        state.st_dev, state.st_ino, state.st_ctime_ns, state.st_mtime_ns, state.st_mode, state.st_nlink
    )


def read(path: str, limit: int = LOOK) -> Content | None:
    """Return what is in a file, or where a link leads; `None` where that cannot be told.

    `limit`: bytes beyond which it is not; 0 for none.
    """
    try:
        opened = os.open(path, opening.READ)
    except OSError:
        with contextlib.suppress(OSError):
            target = os.fsencode(os.readlink(path))
            return Content(_digest(b"link\0" + target), b"-> " + target)
        return None
    state = hashlib.sha256()
    first, size = b"", 0
    try:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            return None
        while piece := os.read(opened, _PIECE):
            state.update(piece)
            first = first or piece
            size += len(piece)
            if limit and size > limit:
                return None
    except OSError:
        return None
    finally:
        os.close(opened)
    return Content(
        Digest("sha256", state.hexdigest()), first if size <= TEXT and size == len(first) else None
    )


def _digest(data: bytes) -> Digest:
    return Digest("sha256", hashlib.sha256(data).hexdigest())
