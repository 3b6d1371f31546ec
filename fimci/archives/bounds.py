"""How much of an archive is read: limits, the meter that holds to them, and the error when it does.

Declared sizes are claims of whoever wrote the archive. Only bytes that were really unpacked are
counted: a zip that declared 1,000 bytes made `ZipFile.read` allocate 1.5 GB.
"""

from __future__ import annotations

import time
from typing import NamedTuple

MiB = 1024 * 1024
#: Grows whenever the same archive gives other entries, or what is remembered of it changes its form.
FORM = 3


class Limits(NamedTuple):
    """What one archive may cost. A limit that is hit becomes an `Unread` record.

    `ratio` holds once more than `floor` bytes were unpacked: small files of zeros are common and
    harmless. `layers` are compressions around one archive. `depth` counts archives inside archives;
    0 asks for none of them (and nothing is said about those that are met), as in a folder.
    """

    members: int = 500_000
    names: int = 128 * MiB  # of all paths, folders included
    bytes: int = 8 * 1024 * MiB
    ratio: int = 100
    floor: int = 64 * MiB
    held: int = 64 * MiB  # kept in memory at once: one inner archive, or all targets of hard links
    layers: int = 2
    depth: int = 3
    seconds: float = 600


LIMITS = Limits()


class ArchiveError(OSError):
    """What an archive does not give: `part` names what stays unread, the message says why."""

    def __init__(self, part: str, why: str) -> None:
        """Keep both; `OSError` would read two arguments as a number and a text."""
        super().__init__(why)
        self.part = part


class Meter:
    """Count what is unpacked, and refuse (`ArchiveError`, again and again) beyond the limits."""

    def __init__(self, limits: Limits, packed: int, started: float | None = None) -> None:
        """`packed` is the size of the whole file, `started` the time at which the walk began."""
        self.limits = limits
        self.packed = packed
        self.started = time.monotonic() if started is None else started
        self._members = self._names = self._bytes = 0

    def again(self) -> Meter:
        """Return a meter for a second look: it counts anew, while the time runs on."""
        return Meter(self.limits, self.packed, self.started)

    def meet(self, path: str) -> None:
        """Count a member or folder by its name."""
        self._members += 1
        self._names += len(path)
        self.check()

    def spend(self, number: int) -> None:
        """Count bytes that were unpacked."""
        self._bytes += number
        self.check()

    def check(self) -> None:
        """Raise `ArchiveError` if any limit is exceeded."""
        limits = self.limits
        if self._members > limits.members:
            raise ArchiveError("members", f"more than {limits.members:,} members: the rest was not read")
        if self._names > limits.names:
            raise ArchiveError("members", f"more than {limits.names:,} bytes of names: the rest was not read")
        if self._bytes > limits.bytes:
            raise ArchiveError("bytes", f"unpacks to more than {limits.bytes:,} bytes: the rest was not read")
        if self._bytes > limits.floor and self._bytes > limits.ratio * self.packed:
            raise ArchiveError(
                "ratio", f"unpacks to more than {limits.ratio} times its size: the rest was not read"
            )
        if time.monotonic() - self.started > limits.seconds:
            raise ArchiveError("time", f"took more than {limits.seconds:g} seconds: the rest was not read")
