"""Which source of events is used: the one that tells most, of those that this process may have."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

from fimci.events.event import Source
from fimci.snapshot import reason

#: The names that can be asked for.
SOURCES = ("fanotify", "inotify", "watchfiles")


def opened(
    roots: Iterable[str], skip: Callable[[str], bool] = lambda _: False, wanted: str = ""
) -> tuple[Source, str]:
    """Open the best source for folders, or the one that is `wanted`; return it with a note on its limits.

    `skip` names folders (`/a/b/`) that need no watch. Raises `OSError` or `SourceError` where there is none.
    """
    found = list(roots)
    if sys.platform != "linux" or wanted == "watchfiles":
        from fimci.events.portable import Portable  # noqa: PLC0415  (not on Linux)

        return Portable(found), "who changed a file is not told on this system, nor that events were lost"
    why = ""
    if wanted != "inotify":
        from fimci.events.fanotify import Fanotify  # noqa: PLC0415  (one of them is used)

        try:
            return Fanotify(found), ""
        except OSError as error:
            if wanted:
                raise
            why = reason(error)
    from fimci.events.inotify import Inotify  # noqa: PLC0415  (the same)

    return Inotify(found, skip), f"who changed a file is not told: fanotify is not to be had ({why})" * bool(
        why
    )
