"""The names of sources: a scheme and what it names (`dir:PATH`, `git:REF`, `python:PREFIX`), or a path."""

from __future__ import annotations

import os
import stat

import msgspec

from fimci.errors import UsageError
from fimci.model import Digest

SCHEMES = ("archive", "baseline", "dir", "git", "hive", "node", "oci", "pkg", "python", "ssh")
#: Sources that no folder of this machine is, which may have a baseline all the same.
ELSEWHERE = ("hive", "oci", "ssh")
#: What begins or ends so is meant as a path, and is no ref of git that somebody types.
_PATHS = ("/", "./", "../", "~")
_FILES = (".whl", ".tgz", ".zip", ".gz", ".bz2", ".xz", ".zst", ".tar", ".baseline", "/")


class Locator(msgspec.Struct, frozen=True):
    """The name of a source: scheme, path and, for git, the side of the repository.

    Of an image (`oci`) `ref` is the tag or digest that is meant, or empty.
    Of a folder of another machine (`ssh`) the path is all that follows `//`.
    Of a release (`pkg`) the path is `npm/@scope/name@1.0.1`, `ref` the name of a file of it, or empty, and
    `digests` are the hashes that vouch for it.
    """

    scheme: str
    path: str
    ref: str = ""
    digests: tuple[Digest, ...] = ()

    def __str__(self) -> str:
        if self.scheme == "git":
            return f"git:{self.ref}" if self.path == "." else f"git:{self.path}@{self.ref}"
        if self.scheme == "pkg" and self.ref:
            return f"pkg:{self.path}#{self.ref}"
        if self.scheme == "oci" and self.ref:
            return f"oci:{self.path}{'@' if ':' in self.ref else ':'}{self.ref}"
        if self.scheme == "ssh":
            return f"ssh://{self.path}"
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
        if scheme == "pkg":
            from fimci import purls  # noqa: PLC0415  (where a release is named)

            named = purls.release(text)
            return Locator("pkg", named.path, named.file, named.digests)
        if scheme == "ssh":
            return _remote(rest)
        if scheme == "oci":
            return _image(rest)
        return _git(rest) if scheme == "git" else Locator(scheme, rest)
    try:
        mode = os.stat(text).st_mode
    except (OSError, ValueError):
        if colon and scheme.isalpha() and len(scheme) > 1:
            known = ", ".join(f"{name}:" for name in SCHEMES)
            raise UsageError(f"{scheme}: is not a kind of source", f"known are {known}") from None
        if text.startswith(_PATHS) or text.endswith(_FILES):
            raise UsageError(f"there is no {text}", "name what is there, or git:REF") from None
        return Locator("git", ".", text)
    if stat.S_ISDIR(mode):
        return Locator("dir", text)
    return Locator("baseline" if _is_baseline(text) else "archive", text)


def folder(text: str) -> str:
    """Return the path of a folder of this machine that is named as a source (`dir:PATH`), else the text."""
    scheme, colon, rest = text.partition(":")
    return rest if scheme == "dir" and colon and rest and not os.path.lexists(text) else text


def is_elsewhere(text: str) -> bool:
    """Tell whether a text names a source of `ELSEWHERE`, and no path here."""
    return text.partition(":")[0] in ELSEWHERE and ":" in text and not os.path.lexists(text)


def _remote(rest: str) -> Locator:
    from fimci.sources.ssh import address  # noqa: PLC0415  (where another machine is named)

    address.parse(rest.removeprefix("//"))
    if not rest.startswith("//"):
        raise UsageError(f"ssh:{rest} names no folder of a host", "write ssh://[USER@]HOST[:PORT]/PATH")
    return Locator("ssh", rest.removeprefix("//"))


def _image(rest: str) -> Locator:
    """Split `PATH@DIGEST` and `PATH:TAG`, unless there is a path of just that name."""
    if not os.path.lexists(rest):
        for mark in ("@", ":"):
            path, found, ref = rest.rpartition(mark)
            if found and path and (mark == "@" or "/" not in ref):
                return Locator("oci", path, ref)
    return Locator("oci", rest)


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
