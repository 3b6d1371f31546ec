"""How both of yarn's lockfiles call a package: what asks for it, and the place of its record.

    path#left@1.0.0                  a release of a registry
    path#old@npm:left@1.0.0          the same under another name
    path#left@git, path#left@file    what comes from elsewhere
    path#left@1.0.0 (2)              the same again, with another hash or from elsewhere

Part of the readers `yarn_classic` and `yarn_berry`, and no reader itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from fimci.model import OriginKind, Unstated

#: A name in front of a range or version; a word alone is a tag.
_ALIAS = re.compile(r"npm:(@?[^@\s]{1,428})@(.*)", re.DOTALL)
_LOCAL = re.compile(r"\.{1,2}(?:/|$)|~?/|[A-Za-z]:[/\\]")
_PATHS = ("exec:", "file:", "link:", "portal:")
#: Kinds of which nobody publishes a version.
_UNPUBLISHED = frozenset({"directory", "git", "link"})


class Asked(NamedTuple):
    """What asks for a package: by which name, for which package, in which range."""

    requested: str
    name: str
    range: str


def asked(pattern: str) -> Asked:
    """Take `name@range` apart; `npm:` and a name in front of the range make it an alias."""
    at = pattern.find("@", 1)
    requested, wanted = (pattern[:at], pattern[at + 1 :]) if at > 0 else (pattern, "")
    alias = _ALIAS.fullmatch(wanted)
    if alias is not None:
        return Asked(requested, alias[1], alias[2])
    return Asked(requested, requested, wanted.removeprefix("npm:"))


def by_name(patterns: Iterable[str]) -> list[Asked]:
    """Return what asks for one entry, once for each name that it is asked for by and stands for."""
    found = {(one.requested, one.name): one for one in map(asked, patterns)}
    return list(found.values())


def is_local(wanted: str) -> bool:
    """Tell whether a range is the path of a folder or an archive."""
    return wanted.startswith(_PATHS) or _LOCAL.match(wanted) is not None


def place(one: Asked, version: str, kind: OriginKind | Unstated) -> str:
    """Return where the record of a package stands in its lockfile."""
    what = str(kind) if kind in _UNPUBLISHED or not version else version
    alias = f"npm:{one.name}@" if one.requested != one.name else ""
    return f"{one.requested}@{alias}{what}"


class Places:
    """The places that are taken: what stands there again is numbered."""

    def __init__(self) -> None:
        """Begin with none."""
        self._taken: dict[str, int] = {}

    def take(self, wanted: str) -> str:
        """Return this place, or the next one beside it."""
        self._taken[wanted] = self._taken.get(wanted, 0) + 1
        return wanted if self._taken[wanted] == 1 else f"{wanted} ({self._taken[wanted]})"
