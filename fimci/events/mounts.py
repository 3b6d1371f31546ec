"""Where file systems are mounted: what is below one mark or watch ends there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from fimci.events.event import is_below

_FILE = "/proc/self/mountinfo"
_ESCAPE = re.compile(r"\\([0-7]{3})")
_FIELDS = 5


class Mount(NamedTuple):
    """Where something is mounted, and the type of its file system."""

    path: str
    system: str


def mounted() -> frozenset[Mount]:
    """Return all mounts that this process sees; none where the system has no such list."""
    try:
        with open(_FILE, encoding="utf-8", errors="surrogateescape") as opened:
            return parsed(opened.read())
    except OSError:
        return frozenset()


def parsed(text: str) -> frozenset[Mount]:
    """Read the text of `/proc/self/mountinfo` (proc_pid_mountinfo(5))."""
    found = set()
    for line in text.splitlines():
        front, _, behind = line.partition(" - ")
        fields = front.split(" ")
        if len(fields) >= _FIELDS:
            path = _ESCAPE.sub(lambda digits: chr(int(digits[1], 8)), fields[4])
            found.add(Mount(path, behind.split(" ")[0]))
    return frozenset(found)


def below(roots: Iterable[str]) -> list[str]:
    """Return where something is mounted below some folders, in order."""
    tops = list(roots)
    return sorted(
        {mount.path for mount in mounted() if mount.path not in tops and is_below(mount.path, tops)}
    )
