"""Bundles whose log entry is of the kind `intoto`, as npm's provenance has it.

The pieces are sigstore's: the proof that the log has the entry, the chain of the certificate, its proof of
publication. Put together here are the signature over the envelope, and that the entry is of this envelope
and this certificate: the logged signature is twice in base64 there.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from fimci.attest import certificate, dsse, roots
from fimci.attest.certificate import Claims
from fimci.attest.refusal import Refusal, part_of

#: Who signs with a key of the registry, in the place of a job.
REGISTRY = "npm registry"
#: The form of bundles in which a log may promise an entry that it does not prove yet.
_EARLY = "application/vnd.dev.sigstore.bundle+json;version=0.1"


def verified(verifier: Any, root: Any, bundle: Any) -> tuple[Claims, str, bytes]:
    """Verify such a bundle; return who signed, and the payload with its type. Raises `Refusal`."""
    kind, payload, signatures = dsse.parts(bundle.get("dsseEnvelope"))
    if len(signatures) != 1:
        raise Refusal("signature", "has not exactly one signature")
    material = bundle["verificationMaterial"]
    entries = material["tlogEntries"]
    if len(entries) != 1:
        raise Refusal("log", "has not exactly one entry of a log")
    hint = str((material.get("publicKey") or {}).get("hint", ""))
    own = None if hint else leaf(material)
    try:
        when = _promised(root, entries[0]) if _is_early(bundle, entries[0]) else _logged(root, entries[0])
        if own is not None:
            trusted(verifier, root, own, when)
    except Refusal:
        raise
    except Exception as error:  # noqa: BLE001  (whatever it was, it could not be checked)
        raise Refusal(part_of(error, "log"), f"does not hold: {str(error).split(chr(10))[0][:200]}") from None
    key = _registry_key(hint, when) if own is None else public(own)
    if not dsse.signed_by(key, signatures[0], dsse.pae(kind, payload)):
        raise Refusal("signature", "the signature is not that of the certificate or key")
    _same(entries[0], _logged_key(own, key), kind, payload, signatures[0])
    who = Claims(REGISTRY, {}) if own is None else certificate.claims(own)
    return who, kind, payload


def _registry_key(hint: str, when: Any) -> bytes:
    """Return the key of a registry that a bundle names, if it signed at that time. Raises `Refusal`."""
    key = roots.NPM_KEYS.get(hint)
    if key is None:
        raise Refusal("identity", f"is signed with a key that is not known: {hint[:80]}")
    if key.end is not None and when > key.end:
        raise Refusal("time", "is signed with a key of the registry that had ended")
    return base64.b64decode(key.spki)


def _logged_key(own: Any, key: bytes) -> bytes:
    """Return what the log must have in the place of the key: npm writes its own without line breaks."""
    if own is None:
        return b"".join((b"-----BEGIN PUBLIC KEY-----", base64.b64encode(key), b"-----END PUBLIC KEY-----"))
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415  (for signatures alone)

    pem: bytes = own.public_bytes(Encoding.PEM)
    return b"".join(pem.split())


def leaf(material: Any) -> Any:
    """Return the certificate of a bundle. Raises `Refusal`."""
    from cryptography import x509  # noqa: PLC0415  (for signatures alone)

    try:
        chain = material.get("x509CertificateChain")
        raw = material["certificate"] if "certificate" in material else chain["certificates"][0]
        return x509.load_der_x509_certificate(base64.b64decode(raw["rawBytes"]))
    except (KeyError, IndexError, TypeError, ValueError):
        raise Refusal("certificate", "has no certificate that can be read") from None


def public(own: Any) -> bytes:
    """Return the key of a certificate, in DER."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415  (the same)

    spki: bytes = own.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return spki


def _logged(root: Any, entry: Any) -> Any:
    """Check that the log has the entry; return when it was put there, which the log vouches for."""
    import datetime as dt  # noqa: PLC0415  (with the rest)

    from sigstore._internal.trust import KeyringPurpose  # noqa: PLC0415  (see `fimci.attest.keyless`)
    from sigstore.models import TransparencyLogEntry  # noqa: PLC0415
    from sigstore_models.rekor.v1 import TransparencyLogEntry as Inner  # noqa: PLC0415

    if not entry.get("inclusionProof"):
        raise Refusal("log", "has no inclusion proof of its log entry")
    inner = Inner.from_json(json.dumps(entry))
    if not inner.integrated_time or inner.inclusion_promise is None:
        raise Refusal("time", "no time of its entry is vouched for")
    TransparencyLogEntry(inner)._verify(root.rekor_keyring(KeyringPurpose.VERIFY))  # noqa: SLF001  (the one way)
    return dt.datetime.fromtimestamp(int(inner.integrated_time), tz=dt.timezone.utc)


def _is_early(bundle: Any, entry: Any) -> bool:
    """Tell a bundle of the first form without a proof, as npm's documents are until the middle of 2023."""
    return bundle.get("mediaType") == _EARLY and not entry.get("inclusionProof")


def _promised(root: Any, entry: Any) -> Any:
    """Check that the log has signed that it will have the entry; return when, which it vouches for."""
    import datetime as dt  # noqa: PLC0415  (with the rest)

    from sigstore._internal.trust import KeyringPurpose  # noqa: PLC0415  (see `fimci.attest.keyless`)
    from sigstore._utils import KeyID  # noqa: PLC0415  (the same)

    promise = (entry.get("inclusionPromise") or {}).get("signedEntryTimestamp")
    if not entry.get("integratedTime") or not promise:
        raise Refusal("time", "no time of its entry is vouched for")
    log, when = base64.b64decode(entry["logId"]["keyId"]), int(entry["integratedTime"])
    promised = {
        "body": entry["canonicalizedBody"],
        "integratedTime": when,
        "logID": log.hex(),
        "logIndex": int(entry["logIndex"]),
    }
    data = json.dumps(promised, sort_keys=True, separators=(",", ":")).encode()
    keyring = root.rekor_keyring(KeyringPurpose.VERIFY)
    try:
        keyring.verify(key_id=KeyID(log), signature=base64.b64decode(promise), data=data)
    except Exception as error:  # noqa: BLE001  (of sigstore and cryptography: in any case it is not promised)
        raise Refusal(
            "log", f"does not hold: the inclusion promise is not of the log: {error}"[:250]
        ) from None
    return dt.datetime.fromtimestamp(when, tz=dt.timezone.utc)


def trusted(verifier: Any, root: Any, own: Any, when: Any, *, published: bool = True) -> None:
    """Check the chain of a certificate at that time, that it was published, and what it may be used for.

    `published`: false where the root of trust has no log of certificates. Raises `Refusal`, and errors of
    sigstore.
    """
    from cryptography import x509  # noqa: PLC0415  (for signatures alone)
    from cryptography.x509.oid import ExtendedKeyUsageOID  # noqa: PLC0415
    from sigstore._internal.sct import verify_sct  # noqa: PLC0415  (see `fimci.attest.keyless`)
    from sigstore._internal.timestamp import TimestampSource, TimestampVerificationResult  # noqa: PLC0415
    from sigstore._internal.trust import KeyringPurpose  # noqa: PLC0415

    source = TimestampSource.TRANSPARENCY_SERVICE
    chain = verifier._verify_chain_at_time(own, TimestampVerificationResult(source=source, time=when))  # noqa: SLF001  (the one way)
    if published:
        verify_sct(own, chain, root.ct_keyring(KeyringPurpose.VERIFY))
    usage = own.extensions.get_extension_for_class(x509.KeyUsage).value
    purposes = own.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    if not usage.digital_signature or ExtendedKeyUsageOID.CODE_SIGNING not in purposes:
        raise Refusal("certificate", "the certificate is not for signing code")
    if not own.not_valid_before_utc <= when <= own.not_valid_after_utc:
        raise Refusal("time", "was logged while the certificate was not valid")


def _same(entry: Any, key: bytes, kind: str, payload: bytes, signature: bytes) -> None:
    """Check that the log's entry is of this envelope, signature and certificate or key."""
    try:
        body = json.loads(base64.b64decode(entry["canonicalizedBody"]))
        content = body["spec"]["content"]
        (logged,) = content["envelope"]["signatures"]
        hashed = content["payloadHash"]
        twice = base64.b64decode(base64.b64decode(logged["sig"]))
        there = base64.b64decode(logged["publicKey"])
        same = (
            (body["kind"], body["apiVersion"]) == ("intoto", "0.0.2")
            and (hashed["algorithm"], hashed["value"]) == ("sha256", hashlib.sha256(payload).hexdigest())
            and content["envelope"]["payloadType"] == kind
            and twice == signature
            and b"".join(there.split()) == b"".join(key.split())
        )
    except (KeyError, TypeError, ValueError):
        same = False
    if not same:
        raise Refusal("log", "the entry of the log is of another envelope")
