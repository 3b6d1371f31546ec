"""What was done while a command ran, file by file: gathered from events, told as `Write` records.

Of a file that must not change, the content is read the moment an event tells of it: that is what a
compiler may have read, whatever is there afterwards.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping

from fimci.events.event import Deed, Event
from fimci.events.processes import Family, Process, told
from fimci.guarding import before
from fimci.guarding.before import Held
from fimci.guarding.difference import difference
from fimci.guarding.places import Places, kind, package_of
from fimci.model import UNSTATED, Digest, Place, Unstated, Write, WriteKind

#: Files of which anything is kept. What comes after them is counted.
MOST = 20_000
#: Files that are told at once: as many lines as a pipe holds that nobody reads.
SAID = 100
#: What is told at once of places where every write counts.
_NOTED: Mapping[WriteKind, str] = {
    "repository": "git's own file was written",
    "workflow": "decides over the job, and was written",
    "tool": "was written in a folder of tools",
    "start-up": "runs when a shell or session starts, and was written",
    "package": "was written by another package",
}
_CONTENT: frozenset[Deed] = frozenset({"modified", "written", "created", "came", "seen"})
#: What the kernel calls a file that never had a name (O_TMPFILE).
_NAMELESS = re.compile(r"#\d+")
_MAGIC = (b"\x7fELF", b"MZ", b"#!", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"\0asm")


class _Deeds:
    """What was done to one file so far."""

    def __init__(self, kind: WriteKind, time: float) -> None:
        self.kind = kind
        self.time = time
        self.deeds: set[str] = set()
        self.who: list[str] = []
        self.content: Digest | Unstated = UNSTATED
        self.data: bytes | None = None
        self.whole = False
        self.executable = False
        #: Whether it was told while the command ran.
        self.said = False


class Ledger:
    """All that was done, by path; and how much of it could not be kept or told apart."""

    def __init__(
        self, where: Places, was: Mapping[str, Held], family: Family, say: Callable[[str], None] | None = None
    ) -> None:
        """Begin with nothing done. `was` are the tracked files by their paths in the workspace.

        `say` is told at once, in one line, of what is likely to be a finding in the end.
        """
        self._say = say
        self._left = SAID
        self._where = where
        self._was = was
        self._family = family
        self._nodes = {(held.stamp.device, held.stamp.inode): path for path, held in was.items()}
        self._done: dict[str, _Deeds] = {}
        #: Files beyond the bound; writes elsewhere by processes of which nothing is known.
        self.beyond = 0
        self.unknown = 0
        #: Files in folders that were gone before they had a path.
        self.nameless = 0

    def put(
        self,
        event: Event,
        node: Callable[[Event], tuple[int, int] | None],
        place: Callable[[Event], str | None],
    ) -> None:
        """Take an event in. `node` tells what a file is beyond its name, `place` where it is by now.

        What came and has gone on to another place is read there: it is what stood here in between.
        """
        if event.deeds == {"ran"}:
            if event.pid is not None and self._family.has(event.pid):
                self._family.ran(event.pid, event.path)
            return
        if event.folder:
            self._put_folder(event, place)
            return
        path = event.path
        if path[0] == "?":
            self.nameless += path != "?/" and self._is_ours(event)
            return
        if _NAMELESS.fullmatch(path.rpartition("/")[2]) and not os.path.lexists(path):
            return
        if self._relative(path) not in self._was and event.deeds & {"modified", "written", "attributes"}:
            path = self._linked(event, node) or path
        came = "came" in event.deeds and self._relative(path) in self._was
        self._put(path, event, place(event) if came else None)

    def mounted(self, path: str, time: float) -> None:
        """Take in that something was mounted over a folder of the workspace."""
        if path == self._where.root or path.startswith(self._where.root + "/"):
            done = self._of(path, "source", time)
            done.deeds.add("mounted")
            self._tell(path, done, "something was mounted over this folder")

    def writes(self) -> Iterator[Write]:
        """Yield what was done, once the command is over, and what only the files' own times tell."""
        for path, held in self._was.items():
            absolute = f"{self._where.root}/{path}"
            known = kind(self._where, absolute)
            if known is not None and absolute not in self._done and before.stamp(absolute) != held.stamp:
                self._of(absolute, known, 0.0)
        for path, done in sorted(self._done.items()):
            write = self._write(path, done)
            if write is not None:
                yield write

    def _put(self, path: str, event: Event, elsewhere: str | None = None) -> None:
        what = kind(self._where, path)
        process = self._family.asked(event.pid) if event.pid is not None else None
        if package_of(path) and _is_foreign(path, process):
            what = "package"
        if what is None or (not self._is_inside(path) and not self._is_ours(event)):
            return
        if path not in self._done and len(self._done) >= MOST:
            self.beyond += 1
            return
        done = self._of(path, what, event.time)
        done.deeds |= event.deeds - {"seen", "ran"}
        self._name(done, event.pid, process)
        if event.deeds & _CONTENT or "attributes" in event.deeds:
            self._look(path, done, whole="written" in event.deeds)
            if elsewhere is not None and elsewhere != path:
                self._look_back(path, done, elsewhere, event.time)
        if not done.said and (word := at_once(done.kind, event.deeds, done.content, done.executable)):
            self._tell(path, done, word)

    def _tell(self, path: str, done: _Deeds, what: str) -> None:
        """Say one thing of each file, of a bounded number: who does not read must not hold the guard up."""
        if self._say is None or done.said or not self._left:
            return
        done.said = True
        self._left -= 1
        relative = self._relative(path)
        self._say(f"{_when(done.time)}{relative or path}: {what}{f', {done.who[0]}' if done.who else ''}")
        if not self._left:
            self._say("more is told in the end")

    def _put_folder(self, event: Event, place: Callable[[Event], str | None]) -> None:
        """Take in that a folder went or came, with all the files that it had."""
        moved = event.deeds & {"left", "came", "removed"}
        start = self._relative(event.path)
        if not moved or start is None:
            return
        now = place(event) if "came" in moved else None
        for path in [path for path in self._was if path.startswith(start + "/")]:
            elsewhere = f"{now}{path[len(start) :]}" if now is not None else None
            self._put(f"{self._where.root}/{path}", event._replace(deeds=moved, folder=False), elsewhere)

    def _look(self, path: str, done: _Deeds, *, whole: bool) -> None:
        """Read what is there at this moment, unless another content than before was seen in full already.

        What is read before the writer has closed it (not `whole`) may be a part.
        """
        held = self._was.get(self._relative(path) or "")
        if held is not None:
            if not done.whole:
                content = before.read(path)
                if content is not None and content.digest != held.digest and (whole or not done.data):
                    done.content, done.data, done.whole = content.digest, content.data, whole
        elif not done.executable:
            state = before.stamp(path)
            if state is not None and stat.S_ISREG(state.mode):
                done.executable = bool(state.mode & 0o111) or _is_program(path)

    def _look_back(self, path: str, done: _Deeds, elsewhere: str, time: float) -> None:
        """Read what stood at a path and was moved on, unless something else was seen or written since."""
        held, state = self._was.get(self._relative(path) or ""), before.stamp(elsewhere)
        if held is None or done.content is not UNSTATED or state is None or state.modified > time * 1e9:
            return
        content = before.read(elsewhere)
        if content is not None and content.digest != held.digest:
            done.content, done.data = content.digest, content.data

    def _write(self, path: str, done: _Deeds) -> Write | None:
        relative = self._relative(path)
        held = self._was.get(relative or "")
        seen: tuple[Place, ...] = ()
        undone = not os.path.lexists(path)
        deeds = tuple(sorted(done.deeds))
        content = done.content
        if held is not None:
            now, state = before.read(path, 0), before.stamp(path)
            undone = (
                now is not None
                and state is not None
                and (now.digest, state.mode) == (held.digest, held.stamp.mode)
            )
            if now is not None and content is UNSTATED and now.digest != held.digest:
                content, done.data = now.digest, now.data
            seen = difference(relative or path, held.text, done.data)
            if not deeds and state is not None:
                deeds = _by_stamps(held, state)
        elif done.kind == "source":  # a mount
            undone = False
        others = f" and {len(done.who) - 1} more" if len(done.who) > 1 else ""
        text = f"{_when(done.time)}{done.who[0] if done.who else 'by whom is not known'}{others}"
        return Write(
            path=relative if relative is not None else path,
            kind=done.kind,
            deeds=deeds,
            undone=undone,
            content=content,
            executable=done.executable,
            at=Place(relative if relative is not None else path, seen[0].line if seen else 1, text),
            seen=seen,
        )

    def _linked(self, event: Event, node: Callable[[Event], tuple[int, int] | None]) -> str | None:
        """Return the tracked file that is written to by another name."""
        found = node(event)
        path = self._nodes.get(found) if found is not None else None
        return None if path is None else f"{self._where.root}/{path}"

    def _name(self, done: _Deeds, pid: int | None, process: Process | None) -> None:
        text = f"by {told(process)}" if process is not None else ""
        if pid is not None and not text:
            text = f"by a process that was gone (pid {pid})"
        if text and text not in done.who:
            done.who.append(text)

    def _of(self, path: str, what: WriteKind, time: float) -> _Deeds:
        return self._done.setdefault(path, _Deeds(what, time))

    def _is_ours(self, event: Event) -> bool:
        """Tell whether the command did it; what is done elsewhere by others is not its business."""
        if event.pid is None:
            return True  # what is watched elsewhere without this knowledge, is watched for its own sake
        ours = self._family.has(event.pid)
        self.unknown += ours is None
        return bool(ours)

    def _is_inside(self, path: str) -> bool:
        return path.startswith(self._where.root + "/")

    def _relative(self, path: str) -> str | None:
        return path[len(self._where.root) + 1 :] if self._is_inside(path) else None


def at_once(
    kind: WriteKind,
    deeds: frozenset[Deed],
    content: Digest | Unstated,
    executable: bool,  # noqa: FBT001
) -> str:
    """Return what is worth a line while the command runs; nothing for what may yet be harmless."""
    if kind == "source" and content is not UNSTATED:
        return "has another content"
    if deeds & {"removed", "left"}:
        return "was removed" if kind == "source" else ""
    if kind in {"source", "new", "outside"}:
        return "is a new program" if executable and kind != "source" else ""
    return _NOTED[kind] if deeds & _CONTENT - {"seen"} else ""


def _when(time: float) -> str:
    if not time:
        return ""
    return dt.datetime.fromtimestamp(time, dt.timezone.utc).strftime("%H:%M:%S.%f")[:-3] + "Z "


def _is_foreign(path: str, process: Process | None) -> bool:
    """Tell whether a script of one package writes into the folder of another."""
    if process is None or not process.folder:
        return False
    own = package_of(process.folder + "/.")
    return bool(own) and not path.startswith(own)


def _by_stamps(held: Held, now: before.Stamp) -> tuple[str, ...]:
    """Return what a file's own times tell of what no event told of."""
    found: Iterable[str] = (
        word
        for word, is_so in (
            ("replaced", held.stamp[:2] != now[:2]),
            ("unseen", held.stamp.modified != now.modified or held.stamp.links == now.links),
            ("linked", held.stamp.links != now.links),
        )
        if is_so
    )
    return tuple(sorted(found))


def _is_program(path: str) -> bool:
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return os.read(opened, 4).startswith(_MAGIC)
    except OSError:
        return False
    finally:
        os.close(opened)
