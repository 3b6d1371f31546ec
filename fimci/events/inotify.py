"""Events of Linux for anybody: inotify, one watch for each folder, through `inotify_simple`.

A folder is watched before it is listed, so that what comes between the two is heard of twice and never
missed. One that comes later is watched and listed likewise. Whoever writes is not told.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from fimci.events.event import Deed, Event, Lost, Told
from fimci.snapshot import reason

if TYPE_CHECKING:
    from inotify_simple import Event as Raw

#: The kernel's words (inotify.h): what is asked for, and what is told besides.
_DEEDS: tuple[tuple[int, Deed], ...] = (
    (0x2, "modified"),
    (0x4, "attributes"),
    (0x8, "written"),
    (0x40, "left"),
    (0x80, "came"),
    (0x100, "created"),
    (0x200, "removed"),
)
_ASKED = 0x2 | 0x4 | 0x8 | 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x800
_GONE, _MOVED, _UNMOUNTED, _OVERFLOW, _IGNORED = 0x400, 0x800, 0x2000, 0x4000, 0x8000
_ONLY_FOLDERS, _NO_LINK, _FOLDER = 0x01000000, 0x02000000, 0x40000000
_SEEN: frozenset[Deed] = frozenset({"seen"})
_ADVICE = "the limit of watches is reached (fs.inotify.max_user_watches)"


class Inotify:
    """Watches on folders and all below them, and on single files."""

    name = "inotify"

    def __init__(
        self,
        roots: Iterable[str],
        skip: Callable[[str], bool] = lambda _: False,
        flat: Iterable[str] = (),
        files: Iterable[str] = (),
    ) -> None:
        """Watch what is below the `roots`, but for folders that `skip` names (`/a/b/`).

        Of the folders in `flat` only the members are watched, and of `files` the files themselves, whatever
        the name by which they are written to.
        """
        from inotify_simple import INotify  # noqa: PLC0415  (there is none but on Linux)

        self._notify = INotify()
        self._roots = [os.path.abspath(root) for root in roots]
        self._skip = skip
        self._paths: dict[int, str] = {}
        self._watches: dict[str, int] = {}
        self._files: set[int] = set()
        self._begun: list[Told] = []
        for root in self._roots:
            self._begun += (told for told in self._tree(root) if isinstance(told, Lost))
        for folder in flat:
            self._begun += self._watch(os.path.abspath(folder), _ONLY_FOLDERS)
        for file in files:
            self._begun += self._watch(file, 0)
            if file in self._watches:
                self._files.add(self._watches[file])

    @property
    def descriptor(self) -> int:
        """The descriptor to wait for."""
        return int(self._notify.fileno())

    def read(self, seconds: float) -> list[Told]:
        """Return what there is, after at most so many seconds."""
        found, self._begun = self._begun, []
        raw = self._notify.read(timeout=0 if found else int(seconds * 1000))
        now = time.time()
        for event in raw:
            found.extend(self._told(event, now))
        return found

    def close(self) -> None:
        """Give all watches back."""
        self._notify.close()

    def _told(self, raw: Raw, now: float) -> Iterator[Told]:
        if raw.mask & _OVERFLOW:
            yield from self._overflown()
            return
        path = self._paths.get(raw.wd)
        if path is None:
            return  # of a folder that was moved away or removed, and told of by the one above it
        if raw.mask & (_UNMOUNTED | _IGNORED):
            self._paths.pop(raw.wd, None)
            self._watches.pop(path, None)
            if raw.mask & _UNMOUNTED:
                yield Lost(path, "what was mounted there is gone")
            return
        if raw.mask & (_GONE | _MOVED):
            if path in self._roots:
                yield Lost(path, "the watched folder itself was moved or removed", blind=True)
            return
        folder = bool(raw.mask & _FOLDER)
        whole = path if not raw.name or raw.wd in self._files else f"{path.rstrip('/')}/{raw.name}"
        deeds = frozenset(word for bit, word in _DEEDS if raw.mask & bit)
        if folder and deeds & {"left", "removed"}:
            self._forget(whole)
        yield Event(whole, deeds, folder, now)
        if (
            folder
            and deeds & {"created", "came"}
            and any(whole.startswith(r.rstrip("/") + "/") for r in self._roots)
        ):
            yield from self._tree(whole)

    def _overflown(self) -> Iterator[Lost]:
        """Watch what came while nothing was told, and say that all must be looked at."""
        for root in self._roots:
            yield Lost(root, "the queue of events was full")
            yield from (told for told in self._tree(root) if isinstance(told, Lost))

    def _tree(self, top: str) -> Iterator[Told]:
        """Watch a folder and all below; yield what is there by then, for nobody will tell of it later."""
        pending = [top]
        while pending:
            folder = pending.pop()
            if self._skip(folder + "/"):
                continue
            lost = self._watch(folder, _ONLY_FOLDERS)
            yield from lost
            try:
                members = os.scandir(folder)
            except OSError as error:
                if error.errno not in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP} and not lost:
                    yield Lost(folder, reason(error), blind=True)
                continue
            now = time.time()
            with members, contextlib.suppress(OSError):
                for member in members:
                    below = member.is_dir(follow_symlinks=False)
                    yield Event(f"{folder.rstrip('/')}/{member.name}", _SEEN, below, now)
                    if below:
                        pending.append(member.path)

    def _watch(self, path: str, flags: int) -> list[Told]:
        try:
            number = self._notify.add_watch(path, _ASKED | _NO_LINK | flags)
        except OSError as error:
            if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}:
                return []
            why = _ADVICE if error.errno == errno.ENOSPC else reason(error)
            return [Lost(path, why, blind=True)]
        before = self._paths.get(number)
        if before is not None:
            self._watches.pop(before, None)
        self._paths[number] = path
        self._watches[path] = number
        return []

    def _forget(self, top: str) -> None:
        """Give up the watches of a folder that is elsewhere by now, and of all below it."""
        below = top + "/"
        for path in [p for p in self._watches if p == top or p.startswith(below)]:
            number = self._watches.pop(path)
            self._paths.pop(number, None)
            with contextlib.suppress(OSError):
                self._notify.rm_watch(number)
