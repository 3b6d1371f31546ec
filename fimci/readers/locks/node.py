"""What the lockfiles of Node's clients have in common: hashes, origins and requirements.

Shared by the readers of this room, and no reader itself.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from fimci.excerpts import EXCERPT, without_credentials
from fimci.marked.document import Marked, Pointer
from fimci.model import Digest, OriginKind, Package, Place

SECTIONS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")

_SRI = re.compile(r"([a-z0-9]{2,20})-([A-Za-z0-9+/]+={0,2})(?:\?.*)?")
_BYTES = {"md5": 16, "sha1": 20, "sha256": 32, "sha384": 48, "sha512": 64}
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


def text(table: Mapping[str, Any], key: str) -> str:
    """Return the string at `key`, or an empty one where there is none."""
    value = table.get(key)
    return value if isinstance(value, str) else ""


def table(outer: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return the table at `key`, or an empty one where there is none."""
    value = outer.get(key)
    return value if isinstance(value, dict) else {}


def ranges(table: Mapping[str, Any], key: str) -> dict[str, str]:
    """Return a table of requirements, name to range; what is no string has an empty range."""
    wanted = table.get(key)
    if not isinstance(wanted, dict):
        return {}
    return {name: value if isinstance(value, str) else "" for name, value in wanted.items()}


def copied(
    path: str, prefix: str, document: Marked, manifest: Mapping[str, Any], where: Pointer
) -> Iterator[Package]:
    """Yield the lock's copy of what one manifest asks for; it stands at `where` in the document."""
    for section in SECTIONS:
        lines = document.lines(manifest.get(section), document.line((*where, section)))
        for name, wanted in ranges(manifest, section).items():
            stated = without_credentials(wanted)
            yield Package(
                ecosystem="npm",
                name=name,
                place=f"{prefix}/{section}/{name}",
                stated_by="manifest",
                version=stated,
                at=Place(path, lines.get(name, 1), f"{name}: {stated}"[:EXCERPT]),
            )
