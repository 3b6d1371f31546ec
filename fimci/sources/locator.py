"""The names of sources: a scheme and what it names (`dir:PATH`, `git:REF`, `python:PREFIX`), or a path."""

from __future__ import annotations

import os
import stat

import msgspec

from fimci.errors import UsageError

SCHEMES = ("archive", "baseline", "dir", "git", "node", "python")


class Locator(msgspec.Struct, frozen=True):
    """The name of a source: scheme, path and, for git, the side of the repository."""

    scheme: str
    path: str
    ref: str = ""

    def __str__(self) -> str:
        if self.scheme == "git":
            return f"git:{self.ref}" if self.path == "." else f"git:{self.path}@{self.ref}"
        return f"{self.scheme}:{self.path}"


def parse(text: str) -> Locator:
    """Read a locator: a scheme of `SCHEMES`, a colon, and what it names (`git:REF`, `git:PATH@REF`).

    A bare path is recognised by what it is; what is no path is taken for a git ref. Raises
    `UsageError` for a scheme that is not known.
    """
    scheme, colon, rest = text.partition(":")
    if colon and scheme in SCHEMES:
        if not rest:
            raise UsageError(f"{text!r} names nothing", f"write {scheme}:PATH")
        return _git(rest) if scheme == "git" else Locator(scheme, rest)
    try:
        mode = os.stat(text).st_mode
    except (OSError, ValueError):
        if colon and scheme.isalpha() and len(scheme) > 1:
            known = ", ".join(f"{name}:" for name in SCHEMES)
            raise UsageError(f"{scheme}: is no kind of source", f"known are {known}") from None
        return Locator("git", ".", text)
    if stat.S_ISDIR(mode):
        return Locator("dir", text)
    return Locator("baseline" if _is_baseline(text) else "archive", text)


def _git(rest: str) -> Locator:
    """Split `PATH@REF` at the first `@` that follows a folder: refs hold `@` too (`HEAD@{1}`)."""
    at = rest.find("@")
    while at > 0:
        if os.path.isdir(rest[:at]):
            return Locator("git", rest[:at], rest[at + 1 :] or "HEAD")
        at = rest.find("@", at + 1)
    return Locator("git", ".", rest)


def _is_baseline(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(10) == b'{"format":'
    except OSError:
        return False
