"""An event, a loss, and what every source of them can do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple, Protocol, TypeAlias

#: What was done. `written`: something that was open for writing was closed. `left` and `came` are the two
#: ends of a renaming. `seen`: it was there when its folder was first looked at. `ran`: it was executed.
Deed: TypeAlias = Literal[
    "created", "modified", "written", "attributes", "removed", "left", "came", "seen", "ran"
]


class Event(NamedTuple):
    """Something was done to what `path` names (absolute, surrogate-escaped).

    `time` in seconds since the epoch, when it was read. `pid` is `None` where the system does not tell;
    `node` is what the file is, beyond its name, where that is told.
    """

    path: str
    deeds: frozenset[Deed]
    folder: bool
    time: float
    pid: int | None = None
    node: bytes = b""


class Lost(NamedTuple):
    """Events below `path` were lost, or cannot be had at all: what is there must be looked at again."""

    path: str
    why: str
    #: Nothing will be told of it later on either.
    blind: bool = False


Told: TypeAlias = Event | Lost


class Source(Protocol):
    """Where events come from."""

    @property
    def name(self) -> str:
        """What it is, for the note in a report."""
        ...

    @property
    def descriptor(self) -> int | None:
        """What to wait for beside other things; `None` where `read` does the waiting."""
        ...

    def read(self, seconds: float) -> list[Told]:
        """Return what there is, after at most so many seconds."""
        ...

    def close(self) -> None:
        """Hear of nothing any more."""
        ...


def is_below(path: str, roots: Iterable[str]) -> bool:
    """Tell whether a path is one of the roots, or below one."""
    return any(path == root or path.startswith(root.rstrip("/") + "/") for root in roots)
