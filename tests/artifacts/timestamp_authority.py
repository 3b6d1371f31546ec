"""A timestamp authority of our own (RFC 3161): it says when a signature was there, true or not.

A log of the second generation vouches for no time, so that somebody else must. The answers are put together
here from their parts in DER, since nothing at hand makes them.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from rfc3161_client._rust import parse_timestamp_request

SHA256 = "2.16.840.1.101.3.4.2.1"
_ECDSA = "1.2.840.10045.4.3.2"
_SIGNED_DATA, _INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
_CONTENT_TYPE, _DIGEST, _CERTIFICATE = (f"1.2.840.113549.1.9.{end}" for end in ("3", "4", "16.2.47"))
_POLICY = "1.3.6.1.4.1.57264.2"
_INTEGER, _OCTETS, _OID, _TIME, _SEQUENCE, _SET = 0x02, 0x04, 0x06, 0x18, 0x30, 0x31
GRANTED, REJECTED = 0, 2
_STAMPING = ExtendedKeyUsageOID.TIME_STAMPING


def der(tag: int, *parts: bytes) -> bytes:
    """Put a value into its tag and length."""
    body = b"".join(parts)
    size = len(body).to_bytes(max(1, (len(body).bit_length() + 7) // 8), "big")
    return bytes((tag,)) + (size if len(body) < 128 else bytes((0x80 | len(size),)) + size) + body


def number(value: int) -> bytes:
    return der(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    body = [first * 40 + second]
    for value in rest:
        piece = [value & 0x7F]
        while value := value >> 7:
            piece.insert(0, 0x80 | value & 0x7F)
        body += piece
    return der(_OID, bytes(body))


def _attribute(name: str, value: bytes) -> bytes:
    return der(_SEQUENCE, oid(name), der(_SET, value))


def asked(request: bytes) -> tuple[bytes, int | None]:
    """Return the hash that a request is about, and its nonce."""
    parsed = parse_timestamp_request(request)
    return parsed.message_imprint.message, parsed.nonce


class Stamp(NamedTuple):
    """What an answer says beside the hash: when, in reply to which nonce, and with which status."""

    when: dt.datetime
    nonce: int | None = None
    status: int = GRANTED


class Authority:
    """An authority and the one certificate with which it signs."""

    def __init__(self, now: dt.datetime, purpose: x509.ObjectIdentifier = _STAMPING) -> None:
        self.now, self.purpose = now, purpose
        self.root_key = ec.generate_private_key(ec.SECP256R1())
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.root = self._certificate("timestamp root", self.root_key, ca=True)
        self.leaf = self._certificate("timestamp", self.key, ca=False)

    def _certificate(self, name: str, key: ec.EllipticCurvePrivateKey, *, ca: bool) -> x509.Certificate:
        def named(text: str) -> x509.Name:
            return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

        built = (
            x509.CertificateBuilder()
            .subject_name(named(name))
            .issuer_name(named("timestamp root"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.now - dt.timedelta(days=30))
            .not_valid_after(self.now + dt.timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if not ca:
            built = built.add_extension(x509.ExtendedKeyUsage([self.purpose]), critical=True)
        return built.sign(self.root_key, hashes.SHA256())

    def trusted(self, start: dt.datetime, end: dt.datetime | None = None) -> dict[str, Any]:
        """Return the authority as a root of trust has it."""
        valid = {"start": start.isoformat().replace("+00:00", "Z")}
        if end is not None:
            valid["end"] = end.isoformat().replace("+00:00", "Z")
        chain = [
            {"rawBytes": base64.b64encode(one.public_bytes(serialization.Encoding.DER)).decode()}
            for one in (self.leaf, self.root)
        ]
        return {
            "subject": {"organization": "fake", "commonName": "timestamp root"},
            "uri": "https://timestamp.invalid",
            "certChain": {"certificates": chain},
            "validFor": valid,
        }

    def stamped(self, signature: bytes, when: dt.datetime) -> dict[str, Any]:
        """Return what a bundle has of an answer about a signature."""
        answer = self.answer(hashlib.sha256(signature).digest(), Stamp(when))
        return {"signedTimestamp": base64.b64encode(answer).decode()}

    def answer(self, digest: bytes, stamp: Stamp) -> bytes:
        """Answer a request about a hash (SHA-256)."""
        algorithm = der(_SEQUENCE, oid(SHA256))
        info = der(
            _SEQUENCE,
            number(1),
            oid(_POLICY),
            der(_SEQUENCE, algorithm, der(_OCTETS, digest)),
            number(x509.random_serial_number()),
            der(_TIME, stamp.when.strftime("%Y%m%d%H%M%SZ").encode()),
            b"" if stamp.nonce is None else number(stamp.nonce),
        )
        certificate = self.leaf.public_bytes(serialization.Encoding.DER)
        attributes = sorted(
            (
                _attribute(_CONTENT_TYPE, oid(_INFO)),
                _attribute(_DIGEST, der(_OCTETS, hashlib.sha256(info).digest())),
                _attribute(_CERTIFICATE, self._named(certificate)),
            )
        )
        signature = self.key.sign(der(_SET, *attributes), ec.ECDSA(hashes.SHA256()))
        signer = der(
            _SEQUENCE,
            number(1),
            der(_SEQUENCE, self.leaf.issuer.public_bytes(), number(self.leaf.serial_number)),
            algorithm,
            der(0xA0, *attributes),
            der(_SEQUENCE, oid(_ECDSA)),
            der(_OCTETS, signature),
        )
        data = der(
            _SEQUENCE,
            number(3),
            der(_SET, algorithm),
            der(_SEQUENCE, oid(_INFO), der(0xA0, der(_OCTETS, info))),
            der(0xA0, certificate),
            der(_SET, signer),
        )
        token = der(_SEQUENCE, oid(_SIGNED_DATA), der(0xA0, data))
        return der(_SEQUENCE, der(_SEQUENCE, number(stamp.status)), token)

    @staticmethod
    def _named(certificate: bytes) -> bytes:
        """Name the certificate by its hash (RFC 5816), so that no other can stand in its place."""
        one = der(_SEQUENCE, der(_OCTETS, hashlib.sha256(certificate).digest()))
        return der(_SEQUENCE, der(_SEQUENCE, one))
