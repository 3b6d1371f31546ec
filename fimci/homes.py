"""Where fimci keeps what is its own on a machine: what may be lost, and what may not."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping


def cache(environment: Mapping[str, str]) -> str:
    """Return the folder for what can be made anew."""
    if sys.platform == "win32":
        home = environment.get("LOCALAPPDATA") or os.path.expanduser("~\\AppData\\Local")
    elif sys.platform == "darwin":
        home = os.path.expanduser("~/Library/Caches")
    else:
        home = environment.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(home, "fimci")


def state(environment: Mapping[str, str]) -> str:
    """Return the folder for what has to stay, apart from the cache."""
    if sys.platform == "win32":
        home = environment.get("APPDATA") or os.path.expanduser("~\\AppData\\Roaming")
    elif sys.platform == "darwin":
        home = os.path.expanduser("~/Library/Application Support")
    else:
        home = environment.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return os.path.join(home, "fimci")
