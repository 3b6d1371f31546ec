"""Places that packages come from, as settings name them: the URL in a setting, and what stood there before.

A URL is the value of a setting or, where a list of places is kept, part of its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from fimci.model import Change, Setting
from fimci.packages.origins import address

_URL = re.compile(r"[A-Za-z][A-Za-z+]{0,15}://\S+")
#: How a list tells apart what is in it twice.
_NUMBER = re.compile(r" \(\d+\)|\[\d+\]")

#: File, name without the URL, host, and what follows it.
_Place: TypeAlias = tuple[str, str, str, str]


def url(setting: Setting) -> str:
    """Return the URL that a setting names, else nothing."""
    found = _URL.search(setting.value) or _URL.search(setting.name)
    return found[0] if found is not None else ""


def _stood(changes: Iterable[Change]) -> dict[_Place, str]:
    """Return the URLs that settings named before and name no longer, by all of them but the scheme."""
    olds = (change.before for change in changes if change.before != change.after)
    return {_place(old): url(old) for old in olds if isinstance(old, Setting) and url(old)}


def schemed(changes: Sequence[Change]) -> dict[int, tuple[str, str]]:
    """Return old and new URL of each change, by its id, that left a place as it was but for the scheme."""
    olds = _stood(changes)
    return {
        id(change): (olds[_place(new)], url(new))
        for change in changes
        if isinstance(new := change.after, Setting) and url(new) and _place(new) in olds
    }


def _place(setting: Setting) -> _Place:
    text = url(setting)
    _, _, rest = text.partition("://")[2].replace("\\", "/").partition("/")
    name = _NUMBER.sub("", _URL.sub("", setting.name))
    return setting.path, name, address(text).host, rest.rstrip("/")
