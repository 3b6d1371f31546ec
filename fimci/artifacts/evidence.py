"""What vouches for an artifact, as two sides: what is asked for, and what could be verified.

Three states are kept apart. What is verified is on both sides. What failed is on the right alone
(`signature.failed`, `signer.FACT`, `provenance.fault`). What is not verified, for want of evidence, is on the
left alone: no evidence is never success.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from fimci.artifacts.claims import npm_manifest
from fimci.artifacts.members import Members
from fimci.artifacts.names import Named
from fimci.attest import dsse, identity, materials, npm, ssh, statements
from fimci.attest.certificate import Claims
from fimci.attest.identity import Signer
from fimci.attest.keyless import Verified, Verifier
from fimci.attest.logged import REGISTRY
from fimci.attest.materials import Material
from fimci.attest.refusal import Refusal
from fimci.attest.ssh import Allowed
from fimci.attest.statements import Artifact
from fimci.model import Place, Record, Setting

#: For what SSH signatures of artifacts are made (`ssh-keygen -Y sign -n file`).
NAMESPACE = "file"
_PROVENANCE = frozenset({statements.SLSA_V1, statements.SLSA_V02})


class Means(NamedTuple):
    """By what evidence is judged: who is expected, the root of trust, and keys that are trusted by name."""

    signer: Signer
    verifier: Verifier | None
    key: bytes
    allowed: Sequence[Allowed]


class Evidence(NamedTuple):
    """Both sides, and sentences about what was verified."""

    left: list[Record]
    right: list[Record]
    notes: list[str]


def artifact(found: Members, named: Named) -> Artifact:
    """Return what a statement must be about."""
    with open(found.path, "rb") as file:
        sha512 = hashlib.sha512()
        while chunk := file.read(1 << 20):
            sha512.update(chunk)
    parsed = npm_manifest(found) if named.kind == "npm" else None
    release = f"{parsed.name}@{parsed.version}" if parsed is not None else ""
    return Artifact(found.file, {"sha256": found.sha256, "sha512": sha512.hexdigest()}, release)


def judged(path: str, what: Artifact, pieces: Sequence[Material], means: Means, *, alone: bool) -> Evidence:
    """Verify every piece of evidence that is about an artifact.

    `alone`: it is the only one of the run, so that evidence about nothing else must be about it.
    """
    left: list[Record] = [_fact(what.file, "signature", "verified")]
    left += [_fact(what.file, f"attestation.{kind}", "verified") for kind in means.signer.predicates]
    right: list[Record] = []
    notes: list[str] = []
    numbered = list(enumerate(pieces))
    chosen = [one for one in numbered if _is_about(one[1], what)] or (numbered if alone else [])
    for number, piece in chosen:
        try:
            held, statement = proved(path, what, piece, means)
        except Refusal as refusal:
            name = f"signature.failed.{refusal.part}.{number}"
            right.append(_fact(what.file, name, f"{piece.where}: {refusal}"))
            continue
        faults = list(_by_others(what.file, number, piece, held.claims, means.signer))
        if statement is not None:
            faults += _by_another_builder(what.file, number, statement, means.signer)
            faults += _false(what.file, number, piece, held.claims, statement, means.signer)
        right += faults
        if not faults:
            kind = str(statement.get("predicateType", "")) if statement is not None else ""
            notes.append(f"{what.file}: verified: {_told(held.claims)}{f', {kind}' if kind else ''}")
            right += _counted(what.file, piece, held.claims, kind, means.signer)
    return Evidence(left, right, notes)


def _counted(file: str, piece: Material, claims: Claims, kind: str, signer: Signer) -> Iterator[Setting]:
    """Yield what a piece that holds is a proof of.

    A registry says what it serves, and a key that it was used: where a job is expected, only its own
    certificate says that it was that one.
    """
    own = piece.form == "bundle" and claims.identity != REGISTRY
    built = not signer.builder or kind in _PROVENANCE
    if (own and built) or not signer.is_asked:
        yield _fact(file, "signature", "verified")
    if kind in signer.predicates:
        yield _fact(file, f"attestation.{kind}", "verified")


def proved(
    path: str, what: Artifact, piece: Material, means: Means
) -> tuple[Verified, dict[str, Any] | None]:
    """Verify one piece; return who signed, and the statement, if it is one. Raises `Refusal`."""
    if piece.form == "ssh":
        return Verified(Claims(_by_ssh(path, piece, means), {})), None
    if piece.form == "npm":
        npm.verified(piece.value, what.release, what.digests["sha512"])
        return Verified(Claims(REGISTRY, {})), None
    if piece.form in {"envelope", "keyed"}:
        found = _by_key(path, piece, means)
    elif means.verifier is None:
        raise Refusal("material", "there is no root of trust for it")
    else:
        found = means.verifier.verified(piece, what.digests["sha256"])
    if not found.kind:  # a message, whose hash was compared
        return found, None
    statement = statements.parsed(found.kind, found.payload)
    statements.about(statement, what)
    return found, statement


def _by_key(path: str, piece: Material, means: Means) -> Verified:
    """Verify what a key signed: a bare one in PEM, or one of SSH where fimci wrote a summary."""
    if piece.form == "envelope":
        kind, payload, signatures = dsse.parts(piece.value)
        if all(map(ssh.is_one, signatures)):
            return _by_ssh_key(kind, payload, signatures[0], means)
    if not means.key:
        raise Refusal("material", "is signed with a key, and none is named (--key)")
    if piece.form == "envelope":
        return Verified(Claims("key", {}), *dsse.verified(piece.value, means.key))

    def message() -> bytes:
        with open(path, "rb") as file:
            return file.read()

    return Verified(Claims("key", {}), *dsse.keyed(piece.value, means.key, message))


def _by_ssh_key(kind: str, payload: bytes, signature: bytes, means: Means) -> Verified:
    if not means.allowed:
        raise Refusal("material", "is signed with an SSH key, and nobody is allowed (--allowed-signers)")
    signed = dsse.pae(kind, payload)
    who = ssh.verified(signed, ssh.bare(signature), list(means.allowed), statements.SUMMARIES)
    return Verified(Claims(who, {}), kind, payload)


def _by_ssh(path: str, piece: Material, means: Means) -> str:
    if not means.allowed:
        raise Refusal("material", "is signed with an SSH key, and nobody is allowed (--allowed-signers)")
    with open(path, "rb") as file:
        return ssh.verified(file.read(), ssh.parse(piece.value), list(means.allowed), NAMESPACE)


def _by_others(file: str, number: int, piece: Material, claims: Claims, signer: Signer) -> Iterator[Setting]:
    """Yield what is not as it is expected of the signer."""
    if piece.form == "bundle" and claims.identity != REGISTRY:
        for name, expected, actual in identity.faults(signer, claims):
            yield _fact(file, f"signer.{name}.{number}", f"{name} is {actual}, expected {expected}")


def _by_another_builder(
    file: str, number: int, statement: dict[str, Any], signer: Signer
) -> Iterator[Setting]:
    """Yield that a provenance names another builder than the one that is expected."""
    if signer.builder and str(statement.get("predicateType")) in _PROVENANCE:
        actual = statements.builder(statement)
        if actual != signer.builder:
            told = f"builder is {actual[:200] or 'not stated'}, expected {signer.builder}"
            yield _fact(file, f"signer.builder.{number}", told)


def _false(  # noqa: PLR0913, PLR0917  (what is judged, and by what)
    file: str, number: int, piece: Material, claims: Claims, statement: dict[str, Any], signer: Signer
) -> Iterator[Setting]:
    """Yield what a statement says that nothing bears out."""
    if piece.predicate and piece.predicate != statement.get("predicateType"):
        yield _fact(file, f"provenance.type.{number}", "is of another type than the document around it says")
    if piece.form == "bundle":
        known = {} if claims.identity == REGISTRY else claims.facts
        found = list(statements.borne_out(statement, known, signer.predicates))
    else:  # of a key, nobody says more than the statement itself
        found = list(statements.failed(statement))
    for count, fault in enumerate(found):
        yield _fact(file, f"provenance.{number}.{count}", fault)


def _is_about(piece: Material, what: Artifact) -> bool:
    """Tell, before anything is verified, whether a piece speaks of this artifact and not of another one."""
    if piece.form == "ssh":
        return piece.where.startswith(f"{what.file}.")
    if piece.form == "npm":
        return f"{piece.value.get('name')}@{piece.value.get('version')}" == what.release
    try:
        value = piece.value if piece.form == "envelope" else piece.value.get("dsseEnvelope")
        if value is None:
            digest = piece.value["messageSignature"]["messageDigest"]["digest"]
            return base64.b64decode(digest).hex() == what.digests["sha256"]
        subjects = json.loads(dsse.decoded(value["payload"], "the payload"))["subject"]
        digests = {str(text) for one in subjects for text in one["digest"].values()}
        names = {str(one.get("name", "")).rpartition("/")[2] for one in subjects}
    except (Refusal, KeyError, TypeError, AttributeError, ValueError, binascii.Error):
        return False
    return not digests.isdisjoint(what.digests.values()) or what.file in names


def _told(claims: Claims) -> str:
    issuer = claims.facts.get("issuer", "")
    return f"{claims.identity} ({issuer})" if issuer else claims.identity


def _fact(path: str, name: str, value: str) -> Setting:
    return Setting(path=path, name=name, value=value, at=Place(path))


def parsed(paths: Sequence[str]) -> list[Material]:
    """Read files of evidence. Raises `Refusal`, and `OSError` for what cannot be read."""
    found: list[Material] = []
    for path in paths:
        with open(path, "rb") as file:
            data = file.read(materials.LIMIT + 1)
        name = path.replace("\\", "/").rpartition("/")[2]
        if len(data) > materials.LIMIT:
            raise Refusal("form", f"{name} is larger than {materials.LIMIT:,} bytes")
        found += materials.parse(data, name)
    return found
