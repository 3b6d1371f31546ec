"""The files of a release as a registry serves them now: what was uploaded, to be looked at once more.

Nothing is taken from what fimci or an installer kept: the question is what everybody else gets. The files
are put into a folder under their own names, as they came; nothing of them is unpacked, built or installed.
"""

from __future__ import annotations

import os
import time

from fimci.registries.registry import Offered, UnobtainableError
from fimci.releases import obtain, take
from fimci.releases.obtain import Sources, Wanted
from fimci.sources.locator import Locator

#: Seconds between two questions to a registry that does not know a release yet.
PAUSE = 10.0


def files(where: Sources, locator: Locator, folder: str, patience: float = 0.0) -> list[str]:
    """Put every file of a release, or the one that is named, into a folder; return the paths.

    For `patience` seconds a release that is not there is asked for again: an index may take minutes to
    tell of what was uploaded. Raises `FimciError`.
    """
    wanted = take.asked_for(locator)
    end = time.monotonic() + patience
    while True:
        try:
            return [_laid(where, wanted, one, folder) for one in obtain.offers(where, wanted)]
        except UnobtainableError as error:
            left = end - time.monotonic()
            if not error.gone or left <= 0:
                raise take.told(wanted, error) from error
            time.sleep(min(PAUSE, left))


def _laid(where: Sources, wanted: Wanted, offered: Offered, folder: str) -> str:
    """Fetch a file and put it into a folder. Raises `UnobtainableError`."""
    name = offered.name
    if name != os.path.basename(name) or name.startswith(".") or "\\" in name or "\0" in name:
        raise UnobtainableError(f"the registry serves a file with a name that is none: {name[:80]!r}")
    path = os.path.join(folder, name)
    with open(path, "xb") as file:
        file.write(obtain.fetched(where, wanted, offered).data)
    return path
