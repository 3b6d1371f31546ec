"""Keep the folder of downloads within bounds: what nobody used for longest goes first.

Any number of runs may prune at once, and others read and write meanwhile. What was used within the last hour
is left alone, so that no run loses what it has just obtained. A file that is gone is a download, no error.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator

#: Bytes that the folder may have, and of these what is left once something has to go.
MOST, LEFT = 4 << 30, 3 << 30
#: Seconds: how long what was used stays whatever it takes up, and between two looks at the folder.
_RECENT = 3600
#: The file beside the folder that says when somebody looked.
_MARK = ".pruned"


def used(path: str) -> None:
    """Note that a file was used, at most once an hour: access times are kept by few systems."""
    with contextlib.suppress(OSError):
        if time.time() - os.stat(path).st_mtime > _RECENT:
            os.utime(path)


def due(folder: str) -> bool:
    """Tell whether nobody looked at the folder for an hour, and note that somebody does now."""
    mark = folder + _MARK
    with contextlib.suppress(OSError):
        if time.time() - os.stat(mark).st_mtime < _RECENT:
            return False
    with contextlib.suppress(OSError):
        with open(mark, "wb"):
            os.utime(mark)
        return True
    return False


def prune(folder: str, most: int = MOST, left: int = LEFT) -> int:
    """Remove what nobody used for longest until `left` bytes remain, if there are more than `most`.

    Returns how many files are gone.
    """
    found = sorted(_files(folder))
    total, gone = sum(size for _, size, _ in found), 0
    if total <= most:
        return 0
    recent = time.time() - _RECENT
    for when, size, path in found:
        if total <= left or when > recent:
            break
        with contextlib.suppress(OSError):
            os.unlink(path)
            gone += 1
        total -= size
    return gone


def _files(folder: str) -> Iterator[tuple[float, int, str]]:
    """Yield when each file was used last, its size, and its path; links are not followed."""
    for here, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(here, name)
            with contextlib.suppress(OSError):
                state = os.lstat(path)
                yield state.st_mtime, state.st_size, path
