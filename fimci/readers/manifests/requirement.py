"""Shared by this room: a Python requirement (PEP 508), in the facts that a record states."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote

from fimci.excerpts import EXCERPT, excerpt, without_credentials
from fimci.model import Digest, OriginKind, Package, Place, Unread
from fimci.names import canonical

#: No requirement that a client writes is longer; the parser recurses into the marker.
LENGTH_LIMIT = 4000
_HASH = re.compile(r"(?:^|[#&])(sha256|sha384|sha512|sha1|md5)=([0-9a-fA-F]{32,128})(?=&|$)")
_ARCHIVE = re.compile(r"\.(?:whl|zip|tar\.gz|tgz|tar\.bz2|tar\.xz|tar)$", re.IGNORECASE)


class Malformed(Exception):  # noqa: N818  (it names the state of the text, not of the program)
    """The text is no requirement."""


class Wanted(NamedTuple):
    """One requirement: `name` normalised (PEP 503), the specifiers in canonical order."""

    name: str
    specifier: str
    kind: OriginKind = "registry"
    origin: str | None = None
    integrity: tuple[Digest, ...] = ()
    extras: tuple[str, ...] = ()
    marker: str = ""

    @property
    def version(self) -> str:
        """Return what is wanted and under which condition: `[socks]>=2; python_version < "3.11"`."""
        extras = f"[{','.join(self.extras)}]" if self.extras else ""
        return f"{extras}{self.specifier}" + (f"; {self.marker}" if self.marker else "")


def parse(text: str) -> Wanted:
    """Read one requirement. Raises `Malformed`."""
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415  (only where one is met)

    if len(text) > LENGTH_LIMIT:
        raise Malformed("longer than any requirement")
    try:
        found = Requirement(text)
    except InvalidRequirement as error:
        raise Malformed(str(error).partition("\n")[0].lower() or "no requirement") from None
    except RecursionError:
        raise Malformed("nested too deeply") from None
    wanted = Wanted(canonical(found.name), str(found.specifier))
    if found.url is not None:
        wanted = at_url(found.name, found.url)
    return wanted._replace(extras=tuple(sorted(found.extras)), marker=str(found.marker or ""))


def at_url(name: str, url: str) -> Wanted:
    """Return what a direct reference asks for: a repository, an archive or a folder."""
    scheme = url.partition(":")[0].lower()
    target, _, fragment = url.partition("#")
    kind: OriginKind = "tarball"
    if scheme.partition("+")[0] in {"git", "hg", "svn", "bzr", "ssh"}:
        kind = "git"
    elif scheme not in {"http", "https"}:
        kind = "file" if _ARCHIVE.search(target) else "directory"
    hashes = {Digest(algorithm, value.lower()) for algorithm, value in _HASH.findall(unquote(fragment))}
    return Wanted(canonical(name), "", kind, without_credentials(url), tuple(sorted(hashes)))


def stated(  # noqa: PLR0913  (each is a fact of the record)
    path: str, section: str, text: Any, counts: dict[str, int], *, flags: tuple[str, ...], line: int
) -> Iterator[Package | Unread]:
    """Yield what one requirement of a list says; comments and empty texts say nothing.

    `counts` are how often each name stood in the section before: one that occurs again is numbered.
    """
    bare = re.split(r"(?:^|\s)#", str(text), maxsplit=1)[0].strip()
    if not bare:
        return
    try:
        wanted = parse(bare)
    except Malformed as error:
        part = f"{section}: {without_credentials(str(text))}"[:EXCERPT]
        yield Unread(path=path, part=part, why=f"not a requirement: {error}", line=line)
        return
    yield package(path, section, wanted, counts, flags=flags, at=Place(path, line, excerpt(bare)))


def package(  # noqa: PLR0913  (each is a fact of the record)
    path: str, section: str, wanted: Wanted, counts: dict[str, int], *, flags: tuple[str, ...], at: Place
) -> Package:
    """Return the record; a name that occurs again (under another marker) is numbered."""
    count = counts[wanted.name] = counts.get(wanted.name, -1) + 1
    return Package(
        ecosystem="pypi",
        name=wanted.name,
        place=f"{path}#{section}/{wanted.name}" + (f"[{count}]" if count else ""),
        stated_by="manifest",
        version=wanted.version,
        origin_kind=wanted.kind,
        origin=wanted.origin,
        integrity=wanted.integrity,
        flags=tuple(sorted(flags)),
        at=at,
    )
