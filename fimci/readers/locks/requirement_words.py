"""What one requirement means: a name and a range, or an address.

The order of questions is pip's: a URL, a path to an archive, a path, and only then a requirement
of the standard grammar (`packaging.requirements`). No file is looked at, so a path is known by its form.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

from fimci.excerpts import without_credentials
from fimci.model import UNSTATED, OriginKind, Unstated
from fimci.names import canonical
from fimci.readers.locks.pypi import ARCHIVES, is_wheel
from fimci.readers.locks.requirement_lines import Refused

_VCS = re.compile(r"(?:git|hg|svn|bzr)(?:\+[a-z-]+)?:", re.IGNORECASE)
_URL = re.compile(r"(?:https?|ftp|file|(?:git|hg|svn|bzr)(?:\+[a-z-]+)?):", re.IGNORECASE)
_BLANK = re.compile(r"\s")
_EXTRAS = re.compile(r"\[[^\[\]]*\]$")
_HASH_KEYS = frozenset({"md5", "sha1", "sha224", "sha256", "sha384", "sha512"})


class Wanted(NamedTuple):
    """A requirement: `exact` where it pins a version or is an address; hashes out of its URL."""

    name: str
    version: str | Unstated = UNSTATED
    exact: bool = False
    origin_kind: OriginKind = "registry"
    origin: str | None = None
    hashes: tuple[str, ...] = ()
    editable: bool = False


def understand(text: str, *, editable: bool = False) -> Wanted:
    """Return what a line without its options asks for. Raises `Refused` where pip would stop."""
    address, _, marker = text.partition("; " if _URL.match(text) else ";")
    address, marker = address.strip(), marker.strip()
    _check_marker(marker)
    if _URL.match(address) or _is_path(address):
        return _addressed("", address, editable=editable)
    if editable and not _names_url(address) and not _BLANK.search(address):
        return _addressed("", address, editable=True)
    wanted = _required(address, editable=editable)
    # What is pinned is so under any condition; what is wanted may be meant for another system.
    return wanted if wanted.exact or not marker else wanted._replace(version=f"{wanted.version}; {marker}")


def _check_marker(text: str) -> None:
    from packaging.markers import InvalidMarker, Marker  # noqa: PLC0415  (only where such a file is met)

    try:
        if text:
            Marker(text)
    except (InvalidMarker, RecursionError) as error:
        raise Refused(_first_line(error)) from None


def _required(text: str, *, editable: bool) -> Wanted:
    """Read `name[extras] range` or `name @ URL`."""
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415  (as above)

    try:
        requirement = Requirement(text)
    except (InvalidRequirement, RecursionError) as error:
        raise Refused(_first_line(error)) from None
    name = canonical(requirement.name)
    if requirement.url is not None:
        return _addressed(name, requirement.url, editable=editable)
    for specifier in requirement.specifier:
        if specifier.operator == "===" or (
            specifier.operator == "==" and not specifier.version.endswith(".*")
        ):
            return Wanted(name, specifier.version, exact=True)
    return Wanted(name, str(requirement.specifier))


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or ["nested too deeply"])[0].lower()


def _is_path(text: str) -> bool:
    """Tell a path by its form: an archive's ending, a slash, a dot at the beginning.

    One with a blank in it is left unread: it may as well be prose.
    """
    bare = _EXTRAS.sub("", text)
    if _BLANK.search(bare):
        return False
    if bare.lower().endswith(ARCHIVES) or "/" in bare or bare.startswith("."):
        return not _names_url(text)
    return False


def _names_url(text: str) -> bool:
    """Tell whether this is `name @ URL`: something that is no path, and an `@`."""
    before, found, _ = text.partition("@")
    return bool(found) and "/" not in before and not before.startswith(".")


def _addressed(name: str, address: str, *, editable: bool) -> Wanted:
    """Read a URL or path; what its fragment says of hash and name is taken out of it."""
    bare, _, fragment = without_credentials(address).partition("#")
    hashes, egg, kept = [], "", []
    for pair in fragment.split("&") if fragment else ():
        key, _, value = pair.partition("=")
        if key in _HASH_KEYS:
            hashes.append(f"{key}:{value}")
        elif key == "egg":
            egg = _EXTRAS.sub("", unquote(value))
        else:
            kept.append(pair)
    if not _URL.match(bare):
        bare = _EXTRAS.sub("", bare)
    file, version = _from_file_name(bare)
    return Wanted(
        name or canonical(egg or file),
        version,
        exact=True,
        origin_kind=_kind(bare),
        origin="#".join([bare, "&".join(kept)]) if kept else bare,
        hashes=tuple(hashes),
        editable=editable,
    )


def _kind(address: str) -> OriginKind:
    if _VCS.match(address):
        return "git"
    if not address.lower().split("?", 1)[0].endswith(ARCHIVES):
        return "tarball" if re.match("https?:|ftp:", address, re.IGNORECASE) else "directory"
    return "file" if address.lower().startswith("file:") or not _URL.match(address) else "tarball"


def _from_file_name(address: str) -> tuple[str, str | Unstated]:
    """Return name and version as the last part of an address spells them, as far as it does."""
    from packaging.utils import (  # noqa: PLC0415  (as above)
        InvalidSdistFilename,
        InvalidWheelFilename,
        parse_sdist_filename,
        parse_wheel_filename,
    )

    last = unquote(address.split("?", 1)[0].rstrip("/").rpartition("/")[2])
    try:
        if is_wheel(last):
            name, version, _, _ = parse_wheel_filename(last)
            return name, str(version)
        if last.endswith((".tar.gz", ".zip")) and not _VCS.match(address):
            name, version = parse_sdist_filename(last)
            return name, str(version)
    except (InvalidWheelFilename, InvalidSdistFilename):
        return last.rpartition(".")[0], UNSTATED
    if _VCS.match(address):
        last = last.partition("@")[0].removesuffix(".git")
    return last or address, UNSTATED
