"""Files of evidence, of whatever form, as a list of single pieces.

Sigstore bundles (v0.1 to v0.3), alone, in lists, and in JSON Lines; provenance and attestations of PEP 740;
the documents of npm and of GitHub (`attestations`), and npm's of one release; DSSE envelopes; signatures of
SSH keys. What a document says
about itself (a publisher, a predicate type) is never believed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from fimci.attest.refusal import Refusal

LIMIT = 32 << 20
_MOST = 1000
#: Documents in documents: of npm and of GitHub they are two deep.
_DEPTH = 4
_BUNDLE = "application/vnd.dev.sigstore.bundle"
#: The form into which what has none of its own is brought.
_CURRENT = "application/vnd.dev.sigstore.bundle.v0.3+json"
IN_TOTO = "application/vnd.in-toto+json"
#: How the npm registry names its keys.
_REGISTRY = "SHA256:"
_SSH = b"-----BEGIN SSH SIGNATURE-----"


class Material(NamedTuple):
    """One piece of evidence: where it stands, its form, and what it is.

    A bundle is `keyed` where a key takes the place of the certificate; its log is not asked, as whoever
    verifies names the key.
    `predicate` is the type that the document around it states, empty where there is none.
    """

    where: str
    form: Literal["bundle", "envelope", "keyed", "npm", "ssh"]
    value: Any
    predicate: str = ""


def parse(data: bytes, name: str) -> list[Material]:
    """Take a file apart. Raises `Refusal` where it holds no evidence: empty is not verified."""
    if data.lstrip().startswith(_SSH):
        return [Material(name, "ssh", data)]
    found: list[Material] = []
    for number, value in enumerate(_values(data, name)):
        for material in _within(value, f"{name}#{number}" if number else name, 0):
            found.append(material)
            if len(found) > _MOST:
                raise Refusal("form", f"{name} holds more than {_MOST:,} pieces of evidence")
    if not found:
        raise Refusal("form", f"{name} holds no evidence: an empty list proves nothing")
    return found


def _values(data: bytes, name: str) -> Iterator[Any]:
    """Yield the JSON values of a file: one, or one a line."""
    text = data[:LIMIT]
    try:
        yield json.loads(text)
    except (ValueError, RecursionError):
        lines = [line for line in text.split(b"\n") if line.strip()]
        for number, line in enumerate(lines, 1):
            try:
                yield json.loads(line)
            except (ValueError, RecursionError):
                where = f", nor is its line {number}" if len(lines) > 1 else ""
                raise Refusal("form", f"{name} is not JSON{where}") from None


def _within(value: Any, where: str, depth: int) -> Iterator[Material]:
    if depth > _DEPTH:
        raise Refusal("form", f"{where} is nested too deeply")
    if isinstance(value, list) and depth < 2:  # noqa: PLR2004  (a list of documents with lists)
        for number, item in enumerate(value):
            yield from _within(item, f"{where}[{number}]", depth + 1)
    elif isinstance(value, dict):
        yield from _document(value, where, depth)
    else:
        raise Refusal("form", f"{where} is no form of evidence that is known")


def _document(value: dict[str, Any], where: str, depth: int) -> Iterator[Material]:
    if str(value.get("mediaType", "")).startswith(_BUNDLE):
        yield Material(where, "keyed" if _is_keyed(value) else "bundle", value)
    elif "attestation_bundles" in value:
        for at, one in _items(value, "attestation_bundles", where):
            for inner, attestation in _items(one, "attestations", at):
                yield Material(inner, "bundle", _converted(attestation, inner))
    elif "attestations" in value:
        for at, one in _items(value, "attestations", where):
            bundle = one.get("bundle")
            if not isinstance(bundle, dict):
                raise Refusal("form", f"{at} has no bundle")
            yield Material(at, "bundle", bundle, str(one.get("predicateType", "")))
    elif isinstance(value.get("bundle"), dict):
        yield from _within(value["bundle"], where, depth + 1)
    else:
        yield _single(value, where)


def _is_keyed(bundle: dict[str, Any]) -> bool:
    """Tell whether a bundle is signed with somebody's key, and not with one of a registry."""
    material = bundle.get("verificationMaterial")
    key = material.get("publicKey") if isinstance(material, dict) else None
    return isinstance(key, dict) and not str(key.get("hint", "")).startswith(_REGISTRY)


def _single(value: dict[str, Any], where: str) -> Material:
    if "verification_material" in value and "envelope" in value:
        return Material(where, "bundle", _converted(value, where))
    if "payloadType" in value and "payload" in value and "signatures" in value:
        return Material(where, "envelope", value)
    if isinstance(value.get("dist"), dict) and "signatures" in value["dist"]:
        return Material(where, "npm", value)
    raise Refusal("form", f"{where} is no form of evidence that is known")


def _items(value: dict[str, Any], key: str, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    items = value.get(key)
    if not isinstance(items, list) or not items:
        raise Refusal("form", f"{where} has an empty list of {key}: that proves nothing")
    for number, item in enumerate(items):
        if not isinstance(item, dict):
            raise Refusal("form", f"{where}: {key}[{number}] is no object")
        yield f"{where}:{key}[{number}]", item


def _converted(value: dict[str, Any], where: str) -> dict[str, Any]:
    """Bring an attestation of PEP 740 into the form of a bundle."""
    try:
        material, envelope = value["verification_material"], value["envelope"]
        return {
            "mediaType": _CURRENT,
            "verificationMaterial": {
                "certificate": {"rawBytes": material["certificate"]},
                "tlogEntries": material["transparency_entries"],
            },
            "dsseEnvelope": {
                "payload": envelope["statement"],
                "payloadType": IN_TOTO,
                "signatures": [{"sig": envelope["signature"]}],
            },
        }
    except (KeyError, TypeError):
        raise Refusal("form", f"{where} is no attestation of PEP 740") from None
