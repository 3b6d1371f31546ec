"""What the lockfiles of Node's clients have in common: hashes, origins, and doubtful documents.

Shared by the readers of this room, and no reader itself.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from fimci.marked.document import Marked
from fimci.model import Digest, OriginKind, Unread
from fimci.printable import plural

SECTIONS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")

#: What is quoted of a document.
EXCERPT = 200
#: Keys that occur twice are told one by one up to here.
_TOLD = 10

_SRI = re.compile(r"([a-z0-9]{2,20})-([A-Za-z0-9+/]+={0,2})(?:\?.*)?")
_BYTES = {"md5": 16, "sha1": 20, "sha256": 32, "sha384": 48, "sha512": 64}
_USER = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*://)(?!git@)[^/?#]*@")
_GIT = re.compile(r"git(?:\+[a-z]+)?:|(?:github|gitlab|bitbucket|gist):")
_TARBALL = re.compile(r"\.(?:tgz|tar\.gz|tar)$", re.IGNORECASE)


def digests(integrity: str) -> tuple[Digest, ...]:
    """Decode a Subresource Integrity string: `sha512-<base64>`, several separated by blanks.

    What is not in that form is left out, as Node's clients do: of `sha512-nonsense` remains
    nothing, and nothing is what they would verify.
    """
    found = set()
    for part in integrity.split():
        match = _SRI.fullmatch(part)
        if match is None:
            continue
        try:
            value = base64.b64decode(match[2], validate=True)
        except binascii.Error:
            continue
        if len(value) == _BYTES.get(match[1], len(value)):
            found.add(Digest(match[1], value.hex()))
    return tuple(sorted(found))


def without_credentials(url: str) -> str:
    """Replace user and password of a URL by `***`; the user `git` of ssh is no secret."""
    return _USER.sub(r"\1***@", url)


def kind_of(url: str, name: str, version: str, *, hashed: bool) -> OriginKind | None:
    """Tell what kind of origin a URL or `file:` path is; `None` where it is none that is known.

    A URL is a registry's if its path spells name and version as registries do: `/NAME/-/…` in
    the style of npm, `/NAME/VERSION` with the others.
    """
    if url.startswith("file:"):
        return "file" if hashed or _TARBALL.search(url) else "directory"
    if _GIT.match(url):
        return "git"
    if not url.startswith(("https://", "http://")):
        return None
    path = unquote(url.partition("#")[0].partition("?")[0])
    if f"/{name}/-/" in path or (version and f"/{name}/{version}" in path):
        return "registry"
    return "tarball"


def twice(path: str, document: Marked) -> Iterator[Unread]:
    """Tell the keys that occur twice: of two clients, one may take the first."""
    told = set()
    for pointer, line in document.duplicates[:_TOLD]:
        part = " > ".join(str(step)[:EXCERPT] for step in pointer)[:EXCERPT]
        if part not in told:
            why = "a key that occurs twice: clients differ in which counts"
            yield Unread(path=path, why=why, part=part, line=line)
        told.add(part)
    for _, line in document.duplicates[_TOLD : _TOLD + 1]:
        why = f"{plural(len(document.duplicates) - _TOLD, 'more key')} that occur twice"
        yield Unread(path=path, why=why, part="duplicate keys", line=line)


def text(table: dict[str, Any], key: str) -> str:
    """Return the string at `key`, or an empty one where there is none."""
    value = table.get(key)
    return value if isinstance(value, str) else ""


def ranges(table: dict[str, Any], key: str) -> dict[str, str]:
    """Return a table of requirements, name to range; what is no string has an empty range."""
    wanted = table.get(key)
    if not isinstance(wanted, dict):
        return {}
    return {name: value if isinstance(value, str) else "" for name, value in wanted.items()}
