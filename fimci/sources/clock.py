"""When a file that was read in one go can be known to have held still meanwhile.

Whatever is done to a file sets its ctime to the time of the system's clock, and nobody can set it
to another. A file whose ctime lies before the start of the work was not touched since, so that one
look after reading is enough. That fails where the clock is turned back meanwhile: `stepped` tells.
"""

from __future__ import annotations

import time
from typing import NamedTuple

#: Nanoseconds: twice what the coarsest file system rounds times to (FAT), and more than clocks of
#: the kernel lag behind.
_MARGIN = 4_000_000_000
#: Nanoseconds by which the clock may be off the monotonic one; NTP slews far less in a batch.
_STEP = 1_000_000_000


class Start(NamedTuple):
    """The time at which some work began, by both clocks, in nanoseconds."""

    wall: int
    monotonic: int

    @property
    def quiet(self) -> int:
        """Return the ctime below which a file has not been touched since."""
        return self.wall - _MARGIN


#: A start before which nothing is known to be quiet.
NEVER = Start(0, 0)


def start() -> Start:
    """Begin now."""
    return Start(time.time_ns(), time.monotonic_ns())


def stepped(begun: Start) -> bool:
    """Tell whether the clock was set since."""
    return abs((time.time_ns() - begun.wall) - (time.monotonic_ns() - begun.monotonic)) > _STEP
