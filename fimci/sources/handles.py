"""The folders on the way to one in a tree, held open, so that nobody can swap them for links.

A name is opened relative to the handle of its folder, never through a path: the system would
follow a link that has taken the place of a folder in the middle of a path, and refuses paths
beyond 4,096 bytes. However deep the tree is, only so many handles are open at once: those next
to the root are closed, and come back through `..` or, where that leads elsewhere by now, step by
step from the root, in either case only if they are still the same folder.

Where the system has no such handles (Windows), plain paths take their place.
"""

from __future__ import annotations

import errno
import itertools
import os
import sys

#: Whether names can be opened relative to folder handles here.
RELATIVE = os.scandir in os.supports_fd and {os.open, os.stat, os.readlink} <= os.supports_dir_fd
#: Handles of folders that are open at once, that of the root apart.
MOST = 32

#: Marks a name that was neither a file nor a folder when it was listed: no name holds it.
ODD = "\0"
_ROOT = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_FOLDER = _ROOT | getattr(os, "O_NOFOLLOW", 0)
_SHUT = -1


class Folders:
    """A way down from `root`: `enter` and `leave`, or go `to` a folder at once.

    Every method but `close` and `leave` raises `OSError` for what cannot be entered, and is then
    where it came from, or on the way.
    """

    def __init__(self, root: str) -> None:
        """Open nothing yet."""
        self._root = root
        self._here: str | None = None
        self._names: list[str] = []
        self._handles: list[int] = []
        self._ids: list[tuple[int, int]] = []
        self._above: set[tuple[int, int]] = set()
        #: What spares access times; 0 once it was refused, for it is the owner's and root's alone.
        self.noatime: int = getattr(os, "O_NOATIME", 0)
        #: That of the folder where this is. `None` where there are no such handles.
        self.handle: int | None = None
        #: Handles above this place, the root's apart, are shut.
        self._shut = 0

    def close(self) -> None:
        """Close every handle."""
        for handle in self._handles:
            if handle != _SHUT:
                os.close(handle)
        self._handles.clear()
        self._names.clear()
        self._ids.clear()
        self._above.clear()
        self._shut, self._here, self.handle = 0, None, None

    def to(self, folder: str) -> int | None:
        """Go to a folder, given by its path from the root (`""`: the root itself).

        Returns its handle, which names are relative to; `None` where there are no such handles.
        """
        if folder == self._here:
            return self.handle
        here, self._here = self._here, None
        self.start()
        if here is not None and (
            not here or folder.startswith(here + "/")
        ):  # the way of a walk: on, and down
            names = folder[len(here) + bool(here) :].split("/")
        else:
            names = folder.split("/") if folder else []
            shared = sum(
                1
                for _ in itertools.takewhile(
                    lambda pair: pair[0] == pair[1], zip(names, self._names, strict=False)
                )
            )
            while len(self._names) > shared:
                self.leave()
            names = names[shared:]
        for name in names:
            self.enter(name)
        if self.handle == _SHUT:
            raise _moved()
        self._here = folder
        return self.handle

    def start(self) -> None:
        """Open the root, a link to a folder included: whoever named it meant where it leads."""
        if RELATIVE and not self._handles:
            self._push(os.open(self._root, _ROOT))

    def enter(self, name: str) -> None:
        """Go into a folder below. A folder that is one of those above it is refused: a loop."""
        if RELATIVE:
            self._push(self.open(name, _FOLDER))
            if len(self._handles) - self._shut > MOST:
                self._shut_one()
        self._names.append(name)

    def leave(self) -> None:
        """Go back up. If the folder above is gone by now, whatever is asked of it fails."""
        self._names.pop()
        if not RELATIVE:
            return
        below = self._handles.pop()
        self._above.discard(self._ids.pop())
        try:
            if self._handles[-1] == _SHUT:
                self._shut = max(0, len(self._handles) - 2)
                self._handles[-1] = self._again(below)
            self.handle = self._handles[-1]
        finally:
            if below != _SHUT:
                os.close(below)

    def list(self) -> dict[str, str]:
        """Return the names in the folder, and what marks their kind: `/` a folder, `""` a file, else `ODD`.

        A name that is taken away and put back while the folder is listed may be met twice.
        """
        if self.handle == _SHUT:
            raise _moved()
        try:
            members = os.scandir(self.path("") if self.handle is None else self.handle)
        except OSError as error:
            if not self._spared(error):
                raise
            members = os.scandir(self.handle)
        with members:
            return {
                member.name: ""
                if member.is_file(follow_symlinks=False)
                else "/"
                if member.is_dir(follow_symlinks=False)
                else ODD
                for member in members
            }

    def open(self, name: str, flags: int) -> int:
        """Open a member of the folder; handles further up are given up for it if need be."""
        if self.handle == _SHUT:
            raise _moved()
        try:
            return os.open(self.path(name), flags, dir_fd=self.handle)
        except OSError as error:
            if not self._spared(error):
                raise
            return os.open(self.path(name), flags, dir_fd=self.handle)

    def path(self, name: str) -> str:
        """Return what names a member to the system, beside `handle`."""
        return name if RELATIVE else "/".join((self._root, *self._names, name))

    def named(self, name: str) -> str:
        """Return a path to a member for calls that know no handles (extended attributes).

        On Linux it leads through the handle all the same, and so past whoever swaps folders.
        """
        if self.handle is not None and sys.platform == "linux":
            return f"/proc/self/fd/{self.handle}/{name}"
        return os.path.join(self._root, *self._names, name)

    def _push(self, handle: int) -> None:
        """Take a handle in, unless it is of a folder that the way down has passed already."""
        try:
            seen = _identity(handle)
        except OSError:
            os.close(handle)
            raise
        if seen in self._above:
            os.close(handle)
            raise OSError(errno.ELOOP, "a folder that contains itself")
        self.handle = handle
        self._handles.append(handle)
        self._ids.append(seen)
        if seen[1]:  # some file systems number nothing
            self._above.add(seen)

    def _spared(self, error: OSError) -> bool:
        """Shut all handles but the root's and the last if there were too many; tell whether any was."""
        before = self._shut
        if error.errno in {errno.EMFILE, errno.ENFILE}:
            while len(self._handles) - self._shut > 2:  # noqa: PLR2004  (these two)
                self._shut_one()
        return self._shut > before

    def _shut_one(self) -> None:
        self._shut += 1
        if self._handles[self._shut] != _SHUT:
            os.close(self._handles[self._shut])
            self._handles[self._shut] = _SHUT

    def _again(self, below: int) -> int:
        """Open the last folder again, from one below it or from the root."""
        try:
            if below != _SHUT:
                handle = os.open("..", _FOLDER, dir_fd=below)
                if _identity(handle) == self._ids[-1]:
                    return handle
                os.close(handle)
            return self._from_root()
        except OSError:
            return _SHUT

    def _from_root(self) -> int:
        handle = os.dup(self._handles[0])
        for name in self._names:
            try:
                below = os.open(name, _FOLDER, dir_fd=handle)
            finally:
                os.close(handle)
            handle = below
        if _identity(handle) == self._ids[-1]:
            return handle
        os.close(handle)
        return _SHUT


def _moved() -> OSError:
    return OSError(errno.ESTALE, "its folder was moved while it was walked")


def _identity(handle: int) -> tuple[int, int]:
    state = os.fstat(handle)
    return state.st_dev, state.st_ino
