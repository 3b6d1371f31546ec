"""Patches that a project applies to installed packages: whose they are by their names, and what they touch.

    patches/left+1.0.1.patch, patches/@scope+right+2.0.0.patch     patch-package
    patches/left@1.0.1.patch, patches/@scope__right@2.0.0.patch    npm and pnpm; bun has `%2F` for `__`

Yarn applies its own before it packs what the lockfile has the checksum of: those need no word.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_TOUCHED = re.compile(rb"^(?:\+\+\+ b|--- a|rename to )/?([^\t\r\n]+)", re.MULTILINE)
_MODULES = "node_modules/"
#: Files of one patch that are of interest.
_MOST = 10_000


class Patch(NamedTuple):
    """A patch of one release of a package, and the paths in the package that it touches."""

    path: str
    package: str
    version: str
    files: frozenset[str]


def parse(path: str, data: bytes) -> Patch | None:
    """Read a patch; `None` if its name names no package."""
    stem = path.rpartition("/")[2].removesuffix(".patch").removesuffix(".dev").replace("%2F", "/")
    at = stem.rfind("@")
    if at > 0:
        name, version = stem[:at], stem[at + 1 :]
        name = name.replace("__", "/", 1) if name.startswith("@") else name
    else:
        parts = stem.rpartition("++")[2].split("+")
        scope = 2 if parts[0].startswith("@") else 1
        name, version = "/".join(parts[:scope]), "".join(parts[scope : scope + 1])
    if not name or not version:
        return None
    found = _TOUCHED.findall(data)[:_MOST]
    return Patch(path, name, version, frozenset(_inner(one, name) for one in found))


def _inner(path: bytes, name: str) -> str:
    """Return a path of a patch as one in its package: patch-package starts from the project."""
    text = path.decode("utf-8", "surrogateescape")
    _, modules, inner = f"/{text}".rpartition(f"/{_MODULES}{name}/")
    return inner if modules else text
