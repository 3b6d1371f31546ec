"""What is to be looked at: paths and whole folders of which the system told something."""

from __future__ import annotations

from typing import NamedTuple

from fimci.events.event import Deed, Event

#: Seconds that a file which somebody writes to is left alone, unless it is closed before.
OPEN = 1.0
#: Paths that are kept apart; beyond them a whole tree is in doubt, so that memory has a bound.
MOST = 100_000
#: A file is whole again with these; with all others somebody may be writing to it.
_WHOLE: frozenset[Deed] = frozenset({"written", "came", "left", "removed", "attributes", "seen"})
#: What can have been done to a content.
_TOUCHED: frozenset[Deed] = frozenset({"modified", "written", "created", "came", "left", "removed"})


class Doubt(NamedTuple):
    """Why a path is in doubt: since when, when it is due, what was done to it, by whom (the last one)."""

    since: float
    due: float
    deeds: frozenset[Deed] = frozenset()
    pid: int | None = None
    #: All that is below it is in doubt as well.
    below: bool = False


class Doubts:
    """Paths in doubt, relative to the root, in the order in which they came."""

    def __init__(self) -> None:
        """Doubt nothing."""
        self._paths: dict[str, Doubt] = {}

    def __len__(self) -> int:
        return len(self._paths)

    def put(self, path: str, event: Event) -> None:
        """Doubt what an event tells of."""
        before = self._paths.get(path)
        if before is None and len(self._paths) >= MOST:
            self.put_all(event.time)
            return
        due = event.time if event.folder or event.deeds & _WHOLE else event.time + OPEN
        below = event.folder and bool(event.deeds & {"created", "came", "removed", "left"})
        if before is None:
            self._paths[path] = Doubt(event.time, due, event.deeds, event.pid, below)
        else:
            self._paths[path] = Doubt(
                before.since,
                min(due, before.due),
                before.deeds | event.deeds,
                event.pid or before.pid,
                below or before.below,
            )

    def put_below(self, path: str, now: float) -> None:
        """Doubt a folder and all below it; `""` is the root."""
        if path:
            before = self._paths.get(path)
            deeds = before.deeds if before is not None else frozenset()
            self._paths[path] = Doubt(before.since if before else now, now, deeds, below=True)
        else:
            self.put_all(now)

    def put_all(self, now: float) -> None:
        """Doubt everything, which takes no more memory than one path."""
        self._paths = {"": Doubt(now, now, below=True)}

    def again(self, path: str, doubt: Doubt, due: float) -> None:
        """Put a path back that could not be looked at."""
        self._paths.setdefault(path, doubt._replace(due=due))

    def due(self) -> float | None:
        """Return when the next path is due, in seconds since the epoch; `None` without any."""
        return min((doubt.due for doubt in self._paths.values()), default=None)

    def take(self, now: float, most: int) -> dict[str, Doubt]:
        """Return paths that are due, at most so many, and doubt them no longer."""
        if "" in self._paths:
            found, self._paths = self._paths, {}
            return found
        due: dict[str, Doubt] = {}
        for path, doubt in self._paths.items():
            if doubt.due <= now:
                due[path] = doubt
                if len(due) == most:
                    break
        for path in due:
            del self._paths[path]
        return due


def touches(doubt: Doubt) -> bool:
    """Tell whether the content of a path may have been another meanwhile."""
    return bool(doubt.deeds & _TOUCHED)
