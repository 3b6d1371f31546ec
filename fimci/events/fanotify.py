"""Events of Linux for those who may ask (root): fanotify, one mark for a whole file system.

No folder is missed for being new, links and mounts make no difference, and each event says which
process made it. The kernel tells the folder by a handle, which leads back to its path.
"""

from __future__ import annotations

import os
import select
import struct
import time
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from fimci.events import handles, mounts
from fimci.events.event import Deed, Event, Lost, Told, is_below

_DEEDS: tuple[tuple[int, Deed], ...] = (
    (0x2, "modified"),
    (0x4, "attributes"),
    (0x8, "written"),
    (0x40, "left"),
    (0x80, "came"),
    (0x100, "created"),
    (0x200, "removed"),
    (0x1000, "ran"),
)
_RAN, _OVERFLOW, _FOLDER = 0x1000, 0x4000, 0x40000000
_ASKED = 0x2 | 0x4 | 0x8 | 0x40 | 0x80 | 0x100 | 0x200 | _FOLDER
#: CLOEXEC and NONBLOCK; with folder, name and the file itself told by handle; and a queue without end.
_HOW, _ENDLESS = 0x1 | 0x2 | 0x200 | 0x400 | 0x800 | 0x1000, 0x10
_ADD, _FILE_SYSTEM, _AT_FDCWD = 0x1, 0x100, -100
_HEAD = struct.Struct("=IBBHQii")
_INFO = struct.Struct("=BBHQ")
_OF_FILE, _OF_NAME = 1, 2
_PIECE, _KEPT = 1 << 16, 1 << 16
#: Seconds in which events of others gather, so that they wake nobody one by one.
_REST = 0.01


class _Raw(NamedTuple):
    mask: int
    pid: int
    system: int
    folder: bytes
    name: str
    node: bytes


class Fanotify:
    """Marks on the file systems of some folders; of what happens elsewhere on them nothing is told."""

    name = "fanotify"

    def __init__(
        self,
        roots: Iterable[str],
        *,
        everywhere: bool = False,
    ) -> None:
        """Mark the file systems of `roots`. Raises `OSError` where that is not allowed, or not possible.

        `everywhere`: tell what happens outside of the roots too, and what is executed, and lose nothing
        for a full queue.
        """
        self._libc = handles.library()
        self._roots = [os.path.realpath(root) for root in roots]
        self._everywhere = everywhere
        self._mounts: dict[int, int] = {}
        self._known: dict[tuple[int, bytes], str] = {}
        self._own = os.getpid()
        flags = _HOW | (_ENDLESS if everywhere else 0)
        self._handle = handles.checked(self._libc.fanotify_init(flags, os.O_RDONLY))
        #: File systems that give no events, where everything else does.
        self.deaf: list[str] = []
        try:
            self._mark(self._roots[0])
            for root in self._roots[1:] if everywhere else (*self._roots[1:], *mounts.below(self._roots)):
                self._mark_if_possible(root)
        except OSError:
            self.close()
            raise
        self._poll = select.poll()
        self._poll.register(self._handle, select.POLLIN)

    @property
    def descriptor(self) -> int:
        """The descriptor to wait for."""
        return self._handle

    def read(self, seconds: float) -> list[Told]:
        """Return what there is, after at most so many seconds."""
        found: list[Told] = []
        end = time.monotonic() + seconds
        while not found and self._poll.poll(max(0.0, end - time.monotonic()) * 1000):
            self._drain(found)
            if not found and seconds and not self._everywhere:
                time.sleep(_REST)  # of a busy machine most is none of our business
            if time.monotonic() >= end:
                break
        return found

    def _drain(self, found: list[Told]) -> None:
        """Read what the kernel has, up to a number of events."""
        while len(found) <= _KEPT:
            try:
                data = os.read(self._handle, _PIECE)
            except BlockingIOError:
                return
            now = time.time()
            for raw in _parsed(data):
                found.extend(self._told(raw, now))

    def node(self, event: Event) -> tuple[int, int] | None:
        """Return device and inode of what an event is about, whatever its name; `None` where it is gone."""
        mount = self._mounts.get(int.from_bytes(event.node[:8], "little"))
        handle = event.node[8:]
        return handles.node_of(self._libc, mount, handle) if handle and mount is not None else None

    def place(self, event: Event) -> str | None:
        """Return where what an event is about is by now; `None` where it is gone."""
        mount = self._mounts.get(int.from_bytes(event.node[:8], "little"))
        handle = event.node[8:]
        return handles.path_of(self._libc, mount, handle) if handle and mount is not None else None

    def close(self) -> None:
        """Give the marks back."""
        for handle in (self._handle, *self._mounts.values()):
            os.close(handle)
        self._mounts.clear()

    def _mark_if_possible(self, root: str) -> None:
        """Mark a file system; one that cannot be, is a fault only where all depends on it."""
        try:
            self._mark(root)
        except OSError:
            if not self._everywhere:
                raise
            self.deaf.append(root)

    def _mark(self, root: str) -> None:
        system = os.statvfs(root).f_fsid
        if system in self._mounts:
            return
        asked = _ASKED | (_RAN if self._everywhere else 0)
        name = os.fsencode(root)
        handles.checked(self._libc.fanotify_mark(self._handle, _ADD | _FILE_SYSTEM, asked, _AT_FDCWD, name))
        mount = os.open(root, os.O_RDONLY | os.O_CLOEXEC)
        self._mounts[system] = mount
        # Where handles lead nowhere (some overlays), events would be no use.
        if handles.path_of(self._libc, mount, handles.of(self._libc, root)) is None:
            raise OSError("this file system gives no way back from a handle")

    def _told(self, raw: _Raw, now: float) -> Iterator[Told]:
        if raw.mask & _OVERFLOW:
            yield from (Lost(root, "the queue of events was full") for root in self._roots)
            return
        if raw.pid == self._own:
            return
        folder = self._path(raw.system, raw.folder)
        if folder is None:
            path = f"?/{raw.name}"
        elif raw.name == ".":
            path = folder
        else:
            path = f"{folder.rstrip('/')}/{raw.name}"
        is_folder = bool(raw.mask & _FOLDER)
        deeds = frozenset(word for bit, word in _DEEDS if raw.mask & bit)
        if is_folder:
            self._learn(raw, path, deeds)
        if self._everywhere or is_below(path, self._roots):
            yield Event(
                path, deeds, is_folder, now, raw.pid or None, raw.system.to_bytes(8, "little") + raw.node
            )

    def _learn(self, raw: _Raw, path: str, deeds: frozenset[Deed]) -> None:
        """Keep the path of a folder that came, which may be gone when it is asked for."""
        if deeds & {"left", "came"}:
            self._known.clear()
        if deeds & {"created", "came"} and raw.node and path[0] == "/":
            self._known[raw.system, raw.node] = path

    def _path(self, system: int, handle: bytes) -> str | None:
        known = self._known.get((system, handle))
        if known is not None:
            return known
        mount = self._mounts.get(system, next(iter(self._mounts.values())))
        path = handles.path_of(self._libc, mount, handle)
        if path is not None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[system, handle] = path
        return path


def _parsed(data: bytes) -> Iterator[_Raw]:
    """Yield the events of a piece that the kernel gave."""
    at = 0
    while at + _HEAD.size <= len(data):
        length, _, _, head, mask, _, pid = _HEAD.unpack_from(data, at)
        if length < _HEAD.size:
            return
        folder = node = b""
        name, system = "", 0
        inside, end = at + head, min(at + length, len(data))
        while inside + _INFO.size <= end:
            kind, _, size, which = _INFO.unpack_from(data, inside)
            if size < _INFO.size:
                break
            body = data[inside + _INFO.size : inside + size]
            handle = body[: 8 + int.from_bytes(body[:4], "little")]
            if kind == _OF_NAME:
                folder, system = handle, which
                name = os.fsdecode(body[len(handle) :].split(b"\0", 1)[0])
            elif kind == _OF_FILE:
                node = handle
            inside += size
        yield _Raw(mask, pid, system, folder, name, node)
        at += length
