"""Events where there is neither inotify nor fanotify (macOS, Windows), through `watchfiles`.

They come together every 50 ms or so, each path once, and say neither who wrote nor whether a file was
merely open for writing. A queue that was full is not told either: a full check from time to time is a must.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable

from fimci.errors import SourceError
from fimci.events.event import Deed, Event, Told

_DEEDS: dict[int, Deed] = {1: "created", 2: "modified", 3: "removed"}


class Portable:
    """Watches on folders and all below them."""

    name = "watchfiles"
    descriptor = None

    def __init__(self, roots: Iterable[str]) -> None:
        """Watch the `roots`. Raises `SourceError` where the library is missing."""
        try:
            from watchfiles._rust_notify import RustNotify  # noqa: PLC0415  (not on Linux)
        except ImportError as error:
            raise SourceError("watchfiles is not installed", "pip install watchfiles") from error
        self._notify = RustNotify([os.path.abspath(root) for root in roots], False, False, 300, True, True)  # noqa: FBT003  (positional in the library)

    def read(self, seconds: float) -> list[Told]:
        """Return what there is, after at most so many seconds."""
        found = self._notify.watch(50, 10, max(1, int(seconds * 1000)), None)
        if not isinstance(found, set):
            if found == "signal":
                raise KeyboardInterrupt
            return []
        now = time.time()
        return [
            Event(path.replace(os.sep, "/"), frozenset({_DEEDS[deed]}), os.path.isdir(path), now)
            for deed, path in sorted(found)
        ]

    def close(self) -> None:
        """Hear of nothing any more."""
        self._notify.close()
