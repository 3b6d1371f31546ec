"""DSSE envelopes that are signed with a key, and the bytes that every envelope signs.

https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

from fimci.attest.refusal import Refusal


def pae(kind: str, payload: bytes) -> bytes:
    """Return what is signed: the lengths keep type and payload apart."""
    encoded = kind.encode()
    return b"DSSEv1 %d %b %d %b" % (len(encoded), encoded, len(payload), payload)


def decoded(value: Any, what: str) -> bytes:
    """Decode base64, in either alphabet. Raises `Refusal`."""
    if not isinstance(value, str):
        raise Refusal("form", f"{what} is no base64")
    bare = value.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise Refusal("form", f"{what} is no base64") from None


def parts(envelope: Any) -> tuple[str, bytes, list[bytes]]:
    """Return payload type, payload and signatures of an envelope. Raises `Refusal`."""
    if not isinstance(envelope, dict) or not isinstance(envelope.get("payloadType"), str):
        raise Refusal("form", "is no DSSE envelope")
    signatures = envelope.get("signatures")
    if not isinstance(signatures, list) or not signatures:
        raise Refusal("signature", "has no signature")
    found = [decoded(one.get("sig") if isinstance(one, dict) else None, "a signature") for one in signatures]
    return envelope["payloadType"], decoded(envelope.get("payload"), "the payload"), found


def verified(envelope: Any, key: bytes) -> tuple[str, bytes]:
    """Verify an envelope with a public key (PEM); return payload type and payload. Raises `Refusal`."""
    kind, payload, signatures = parts(envelope)
    if not any(signed_by(key, signature, pae(kind, payload)) for signature in signatures):
        raise Refusal("signature", "is not signed with the key that was named")
    return kind, payload


def keyed(bundle: Any, key: bytes, message: Callable[[], bytes]) -> tuple[str, bytes]:
    """Verify a bundle that is signed with a key; of a file (`message`), type and payload are empty.

    Raises `Refusal`.
    """
    if "dsseEnvelope" in bundle:
        return verified(bundle["dsseEnvelope"], key)
    signature = bundle.get("messageSignature")
    made = decoded(signature.get("signature") if isinstance(signature, dict) else None, "the signature")
    if not signed_by(key, made, message()):
        raise Refusal("signature", "is not a signature of this file with the key that was named")
    return "", b""


def signed_by(pem: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether a key (PEM or DER) made a signature: Ed25519, ECDSA or RSA, SHA-256. Raises `Refusal`."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm  # noqa: PLC0415  (for signatures)
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa  # noqa: PLC0415

    try:
        load = serialization.load_pem_public_key if b"-----" in pem else serialization.load_der_public_key
        key = load(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise Refusal("material", "the key is no public key in PEM") from None
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, message)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
        else:
            raise Refusal("material", "the key is of a kind that is not used here")
    except InvalidSignature:
        return False
    return True
