"""Shared by this room: what a requirement of the npm family asks for, and from where.

The forms are those of npm-package-arg, with yarn's and pnpm's protocols added.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from fimci.excerpts import without_credentials
from fimci.model import OriginKind

_GIT = re.compile(
    r"(?:git[+:]|github:|gitlab:|bitbucket:|gist:|ssh:|[^@/\s]{1,100}@[^/:\s]{1,250}:)"
    r"|https?://[^/\s]{1,250}/[^#\s]{0,2000}\.git(?:#|$)"
    r"|https?://(?:[^@/\s]{1,250}@)?(?:www\.)?(?:github\.com|gitlab\.com|bitbucket\.org)/[^/#\s]{1,200}/[^/#\s]{1,200}(?:#|$)",
    re.IGNORECASE,
)
#: A bare `owner/repo`, which npm looks up at GitHub; a path begins with a dot, slash or tilde.
_SHORT_GIT = re.compile(r"[^@./~\s:][^@/\s:]{0,100}/[^/#\s:]{1,200}(?:#.*)?")
_LOCAL = re.compile(r"\.{1,2}(?:[/\\]|$)|~?/|[A-Za-z]:[/\\]")
_ARCHIVE = re.compile(r"\.(?:tgz|tar\.gz|tar)$", re.IGNORECASE)
#: How a version or a range begins: with a number that is whole, or a sign.
_RANGE = re.compile(r"[v=]?\d+(?:[.x*+\s-]|$)|[\^~<>=*]")
_PROTOCOLS: dict[str, OriginKind] = {
    "workspace": "workspace",
    "link": "link",
    "portal": "link",
    "patch": "patch",
    "catalog": "registry",
    "jsr": "registry",
    "npm": "registry",
}


class NpmSpec(NamedTuple):
    """`name` is the real name where the spec is an alias; `origin` is `None` for a registry."""

    kind: OriginKind
    origin: str | None
    name: str | None = None


def parse(spec: str) -> NpmSpec:
    """Classify the right side of a requirement. Nothing is refused: what is no other form is a tag."""
    spec = spec.strip()
    protocol, colon, rest = spec.partition(":")
    protocol = protocol.lower()
    if colon and protocol == "npm":
        return NpmSpec("registry", None, _aliased(rest))
    if colon and protocol == "file":
        return _local(rest)
    if colon and protocol in _PROTOCOLS:
        kind = _PROTOCOLS[protocol]
        return NpmSpec(kind, None if kind == "registry" else without_credentials(rest))
    if _LOCAL.match(spec):
        return _local(spec)
    if _GIT.match(spec) or _SHORT_GIT.fullmatch(spec):
        return NpmSpec("git", without_credentials(spec))
    if protocol in {"http", "https"} and rest.startswith("//"):
        return NpmSpec("tarball", without_credentials(spec))
    return NpmSpec("registry", None)


def _local(path: str) -> NpmSpec:
    return NpmSpec("file" if _ARCHIVE.search(path) else "directory", path)


def _aliased(rest: str) -> str | None:
    """Return the name in `name@range`; `None` for yarn's `npm:^1.0.0`, which is no alias.

    A name may begin with a digit (`npm:1odash@1`, `npm:7zip-bin`).
    """
    name = rest if "@" not in rest[1:] else rest[: rest.index("@", 1)]
    if name is rest and _RANGE.match(name):
        return None
    return name if re.fullmatch(r"(?:@[^/\s]{1,214}/)?[\w-][^/\s]{0,213}", name, re.ASCII) else None
