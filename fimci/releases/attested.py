"""What a registry has of who signed a release: its own signatures, npm's attestations, those of PEP 740."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from fimci.attest import materials, roots
from fimci.attest.materials import Material
from fimci.registries import npm, pypi
from fimci.registries.registry import Offered, UnobtainableError, joined
from fimci.releases.obtain import Sources, Wanted, asked, document

#: Bytes of the attestations of one release.
_LIMIT = 8 << 20
_NONE = "the registry serves none"


def attested(where: Sources, wanted: Wanted, offered: Offered) -> list[Material]:
    """Return the evidence about a file. Raises `UnobtainableError`, and `Refusal` for what is none."""
    found = _of_npm(where, wanted) if wanted.ecosystem == "npm" else _of_python(where, wanted, offered.name)
    if not found:
        raise UnobtainableError(_NONE)
    return found


def _of_npm(where: Sources, wanted: Wanted) -> list[Material]:
    registry = where.npm.of(wanted.name)
    url = npm.manifest_url(registry, wanted.name, wanted.version)
    manifest = npm.manifest(
        asked(where, registry, url, npm.ACCEPT, npm.LIMIT).body, wanted.name, wanted.version
    )
    dist = manifest.get("dist")
    dist = dist if isinstance(dist, dict) else {}
    title = f"{wanted.name}@{wanted.version}"
    found = []
    if isinstance(dist.get("signatures"), list) and dist["signatures"]:
        found.append(Material(f"signature of {title}", "npm", _dated(where, wanted, manifest)))
    attestations = dist.get("attestations")
    there = attestations.get("url") if isinstance(attestations, dict) else None
    if isinstance(there, str):
        # As npm does it: the path that is stated, at the registry that is configured.
        url = joined(registry.url, urlsplit(joined(registry.url, there)).path)
        body = asked(where, registry, url, npm.ACCEPT, _LIMIT).body
        found += materials.parse(body, f"attestations of {title}")
    return found


def _dated(where: Sources, wanted: Wanted, manifest: dict[str, Any]) -> dict[str, Any]:
    """Add when a release was published, where its signature is by a key that has ended since."""
    signatures = (one.get("keyid") for one in manifest["dist"]["signatures"] if isinstance(one, dict))
    keys = [roots.NPM_KEYS[str(name)] for name in signatures if str(name) in roots.NPM_KEYS]
    if any(key.end is None for key in keys):
        return manifest
    try:
        times = json.loads(document(where, wanted)).get("time")
    except (UnobtainableError, ValueError, RecursionError, AttributeError):
        return manifest
    return {**manifest, "time": times}


def _of_python(where: Sources, wanted: Wanted, file: str) -> list[Material]:
    for index in where.indexes:
        try:
            page = asked(where, index, pypi.page_url(index, wanted.name), pypi.ACCEPT, pypi.LIMIT)
        except UnobtainableError as error:
            if error.gone:
                continue
            raise
        url = pypi.provenance(page.body, pypi.page_url(index, wanted.name), file)
        if not url:
            return []
        return materials.parse(asked(where, index, url, pypi.ACCEPT, _LIMIT).body, f"provenance of {file}")
    return []
