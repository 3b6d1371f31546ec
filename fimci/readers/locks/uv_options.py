"""What `uv.lock` says of how it was made, where that loosens or tightens what may be in it.

    locked.exclude-newer                 the day, or the time before each locking, after which nothing counts
    locked.exclude-newer-package.NAME    another one for a package; `false`: none
    locked.prerelease                    whether pre-releases may be locked

The rest of `[options]`, the markers and the conflicts pick versions and systems: what they change is seen in
the packages. `[manifest]` is a copy of `pyproject.toml` by which uv tells whether the lock is stale.

Part of the reader `uv`, and no reader itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fimci.excerpts import excerpt
from fimci.marked.document import Marked, Pointer
from fimci.model import Place, Setting, Unread

_OPTIONS = "options"
_NEWER, _PACKAGES = "exclude-newer", "exclude-newer-package"
_SPAN = "exclude-newer-span"
#: Packages of which it is told that releases of another age count; no project has more.
_MOST = 10_000


def read(path: str, document: Marked) -> Iterator[Setting | Unread]:
    """Yield what the lockfile says of ages and pre-releases."""
    options = document.table(_OPTIONS)
    # A span goes before the day, which then is a stand-in for older releases of uv.
    key = _SPAN if _SPAN in options else _NEWER
    stated = {
        _NEWER: (options.get(key), key),
        "prerelease": (options.get("prerelease-mode"), "prerelease-mode"),
    }
    for name, (value, key) in stated.items():
        if value is not None:
            yield _setting(path, document, (_OPTIONS, key), name, value)
    packages = document.table(_OPTIONS, _PACKAGES)
    if len(packages) > _MOST:
        line = document.line((_OPTIONS, _PACKAGES))
        yield Unread(path=path, why=f"names more than {_MOST:,} packages", part=_PACKAGES, line=line)
    for name in list(packages)[:_MOST]:
        value = packages[name]
        if isinstance(value, dict):
            value = value.get("span", value.get("timestamp"))
        yield _setting(path, document, (_OPTIONS, _PACKAGES, name), f"{_PACKAGES}.{name}", value)


def _setting(path: str, document: Marked, pointer: Pointer, name: str, value: Any) -> Setting:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    at = Place(path, document.line(pointer), excerpt(f"{name} = {text}"))
    return Setting(path=path, name=f"locked.{name}", value=text, at=at)
