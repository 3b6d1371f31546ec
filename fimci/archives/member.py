"""What both parsers make of an archive: members under the names that stand in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from fimci.model import UNSTATED, Unstated


class Member(NamedTuple):
    """One member as the archive states it; `name` is not judged yet.

    `read` gives the content and raises `OSError` where it cannot be had whole; of a tar it works
    until the walk goes on. `head` shows the first bytes without using them up. A `hard link` has
    the name of an earlier member for a target.
    """

    name: str
    kind: Literal["file", "link", "hard link", "directory", "other"] = "file"
    mode: int | Unstated = UNSTATED
    size: int = 0
    target: str | None = None
    read: Callable[[], Iterator[bytes]] | None = None
    head: Callable[[], bytes] | None = None
    #: What a tar says beside that: `owner` and `group`, and extended attributes by kind, sorted by name.
    facts: tuple[tuple[str, str | int], ...] = ()
    #: Seconds since 1970 of its last change, by a tar that says so.
    time: int | None = None


def text(name: bytes) -> str:
    """Decode a name as every path in fimci is: UTF-8, other bytes kept as surrogate escapes."""
    return name.decode("utf-8", "surrogateescape")
