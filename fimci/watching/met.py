"""What stands at some paths now, as a walk would meet it."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterable

from fimci.model import Unread, order
from fimci.shortcut import grouped
from fimci.sources import directory
from fimci.sources.directory import Run
from fimci.sources.handles import ODD, Folders


def met(
    root: str, paths: Iterable[str], below: Iterable[str], skip: Callable[[str], bool]
) -> list[Run | Unread]:
    """Return what is at these paths, and all that is below those of `below`, in the order of a walk.

    What `skip` takes is left out, and so is what is not there. No link is followed on the way.
    """
    found: dict[tuple[str, int], str | Unread] = {}
    with contextlib.closing(Folders(root)) as folders:
        for path in sorted({*paths, *below}, key=order):
            mark = _mark(folders, path) if path else None
            if mark is not None and not _passed(path, mark, skip):
                found[order(path), 0] = path + mark
    for top in below:
        if top == "" or found.get((order(top), 0)) == top + "/":
            for run in directory.runs(root, skip, start=top):
                if isinstance(run, Unread):
                    found[order(run.path), 1] = run
                else:
                    for name in run.names:
                        path = run.folder + name
                        found[order(path.rstrip("/" + ODD)), 0] = path
    return list(grouped(found[key] for key in sorted(found)))


def _mark(folders: Folders, path: str) -> str | None:
    """Return what marks the kind of what stands at a path; `None` where nothing does."""
    folder, _, name = path.rpartition("/")
    try:
        handle = folders.to(folder)
        state = os.stat(folders.path(name) if handle is None else name, dir_fd=handle, follow_symlinks=False)
    except OSError:
        return None
    if stat.S_ISDIR(state.st_mode):
        return "/"
    return "" if stat.S_ISREG(state.st_mode) else ODD


def _passed(path: str, mark: str, skip: Callable[[str], bool]) -> bool:
    """Tell whether a walk goes past a path: for what it is, or for a folder that it is in."""
    if skip(path + ("/" if mark == "/" else "")):
        return True
    while path := path.rpartition("/")[0]:
        if skip(path + "/"):
            return True
    return False
