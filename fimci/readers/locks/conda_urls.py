"""Shared by this room: archives of conda by their URLs, which spell channel, platform, name and version."""

from __future__ import annotations

import re
from typing import NamedTuple

_FILE = re.compile(
    r"(?:.*/)?(?P<subdir>[a-z]+(?:-[a-z0-9_]+)?)/"
    r"(?P<name>[^/]+)-(?P<version>[^/-]+)-(?P<build>[^/-]+?)(?:\.conda|\.tar\.bz2)"
)
#: No address of an archive is longer.
_LONGEST = 1_000


class Archive(NamedTuple):
    """One build of a package for one platform: each has a hash of its own."""

    subdir: str
    name: str
    version: str
    build: str

    @property
    def release(self) -> str:
        """Return what names the archive: a version is built again, and for each platform."""
        return f"{self.version}+{self.build}.{self.subdir}"


def archive(url: str) -> Archive | None:
    """Return what a URL names; `None` for what is no archive of conda."""
    bare = url.partition("#")[0].partition("?")[0]
    found = _FILE.fullmatch(bare) if len(bare) <= _LONGEST else None
    return Archive(**found.groupdict()) if found is not None else None
