"""A log of the second generation: it vouches for an entry by a signed root, and for no time.

https://github.com/sigstore/rekor-tiles
"""

from __future__ import annotations

import base64
import copy
import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from fimci.attest.dsse import pae

if TYPE_CHECKING:
    from tests.artifacts.sigstore_instance import Instance

ORIGIN = "log2.invalid"
_ED25519 = b"\x01"  # in the name of a key, as notes have it


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


class SecondLog:
    """A key, and a tree of two entries, of which the first is always somebody else's."""

    def __init__(self) -> None:
        self.key = ed25519.Ed25519PrivateKey.generate()
        raw = self.key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.identity = hashlib.sha256(ORIGIN.encode() + b"\n" + _ED25519 + raw).digest()

    def trusted(self, start: dict[str, str]) -> dict[str, Any]:
        """Return the log as a root of trust has it."""
        der = self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        public = {"rawBytes": b64(der), "keyDetails": "PKIX_ED25519", "validFor": start}
        identity = {"keyId": b64(self.identity)}
        return {
            "baseUrl": f"https://{ORIGIN}",
            "hashAlgorithm": "SHA2_256",
            "publicKey": public,
            "logId": identity,
        }

    def entry(self, digest: str, signature: str, verifier: dict[str, Any]) -> dict[str, Any]:
        """Put a hash and its signature (both in base64) into the log."""
        spec = {
            "data": {"algorithm": "SHA2_256", "digest": digest},
            "signature": {"content": signature, "verifier": verifier},
        }
        body = {"apiVersion": "0.0.2", "kind": "hashedrekord", "spec": {"hashedRekordV002": spec}}
        data = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
        other = hashlib.sha256(b"\0somebody else's").digest()
        root = hashlib.sha256(b"\x01" + other + hashlib.sha256(b"\0" + data).digest()).digest()
        note = f"{ORIGIN}\n2\n{b64(root)}\n"
        mark = b64(self.identity[:4] + self.key.sign(note.encode()))
        return {
            "logIndex": "1",
            "logId": {"keyId": b64(self.identity)},
            "kindVersion": {"kind": "hashedrekord", "version": "0.0.2"},
            "inclusionProof": {
                "logIndex": "1",
                "rootHash": b64(root),
                "treeSize": "2",
                "hashes": [b64(other)],
                "checkpoint": {"envelope": f"{note}\n\u2014 {ORIGIN} {mark}\n"},
            },
            "canonicalizedBody": b64(data),
        }


def signature(bundle: dict[str, Any]) -> str:
    """Return the signature of a bundle, in base64."""
    if "dsseEnvelope" in bundle:
        return str(bundle["dsseEnvelope"]["signatures"][0]["sig"])
    return str(bundle["messageSignature"]["signature"])


def moved(instance: Instance, bundle: dict[str, Any], when: dt.datetime | None = None) -> dict[str, Any]:
    """Return a bundle as it would be with an entry of the second log, and a timestamp."""
    other = copy.deepcopy(bundle)
    if "dsseEnvelope" in bundle:
        envelope = bundle["dsseEnvelope"]
        message = pae(envelope["payloadType"], base64.b64decode(envelope["payload"]))
        digest = b64(hashlib.sha256(message).digest())
    else:
        digest = bundle["messageSignature"]["messageDigest"]["digest"]
    material = other["verificationMaterial"]
    verifier = {"keyDetails": "PKIX_ECDSA_P256_SHA_256", "x509Certificate": material["certificate"]}
    made = signature(bundle)
    material["tlogEntries"] = [instance.second.entry(digest, made, verifier)]
    stamp = instance.authority.stamped(base64.b64decode(made), when or instance.now + dt.timedelta(seconds=5))
    material["timestampVerificationData"] = {"rfc3161Timestamps": [stamp]}
    return other
