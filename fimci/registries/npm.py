"""What an npm registry says of one version of a package: its archive, and the hash that it must have.

`GET /NAME/VERSION` gives the manifest of one version; registries that do not know that address have the
whole document of the package at `GET /NAME`.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any
from urllib.parse import quote

from fimci.model import Digest
from fimci.registries.registry import Offered, Registry, UnobtainableError

#: Bytes of a document: those of packages with thousands of versions have 60 MB.
LIMIT = 128 << 20
ACCEPT = "application/json"


def manifest_url(registry: Registry, name: str, version: str) -> str:
    """Return where the manifest of a version is."""
    return f"{document_url(registry, name)}/{quote(version, safe='')}"


def document_url(registry: Registry, name: str) -> str:
    """Return where the document of a package is; the slash after a scope is spelt as npm does."""
    return registry.url + quote(name, safe="@")


def manifest(body: bytes, name: str, version: str) -> dict[str, Any]:
    """Read the manifest of a version, or pick it from the document. Raises `UnobtainableError`."""
    found = _object(body)
    if isinstance(found.get("versions"), dict):
        found = found["versions"].get(version)
        if not isinstance(found, dict):
            raise UnobtainableError("the registry has no such version", gone=True)
    if (found.get("name"), found.get("version")) != (name, version):
        told = f"{found.get('name')}@{found.get('version')}"[:120]
        raise UnobtainableError(f"the registry answers with another package ({told})")
    return found


def offered(found: dict[str, Any], name: str, version: str) -> Offered:
    """Return the archive of a version. Raises `UnobtainableError`."""
    dist = found.get("dist")
    dist = dist if isinstance(dist, dict) else {}
    url = dist.get("tarball")
    if not isinstance(url, str):
        raise UnobtainableError("the registry names no archive")
    digests = _integrity(dist.get("integrity")) or _shasum(dist.get("shasum"))
    if not digests:
        raise UnobtainableError("the registry states no hash of the archive")
    return Offered(f"{name.rpartition('/')[2]}-{version}.tgz", url, digests)


def _integrity(text: object) -> tuple[Digest, ...]:
    """Read Subresource Integrity: `sha512-BASE64`, several after spaces."""
    found = []
    for one in text.split()[:20] if isinstance(text, str) else ():
        algorithm, _, coded = one.partition("?")[0].partition("-")
        try:
            raw = base64.b64decode(coded, validate=True)
        except (binascii.Error, ValueError):
            continue
        if (algorithm, len(raw)) in {("sha512", 64), ("sha384", 48), ("sha256", 32), ("sha1", 20)}:
            found.append(Digest(algorithm, raw.hex()))
    return tuple(sorted(found))


def _shasum(text: object) -> tuple[Digest, ...]:
    if isinstance(text, str) and len(text) == 40 and text.isalnum():  # noqa: PLR2004  (digits of a sha1)
        return (Digest("sha1", text.lower()),)
    return ()


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UnobtainableError("the registry answers with something that is no document")
    return found
