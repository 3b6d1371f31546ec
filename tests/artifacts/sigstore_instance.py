"""A Sigstore of our own: authorities, logs and bundles, whatever they are to say. Nothing of it is real.

Its root is in the form that `--trusted-root` takes, and sigstore's own verifier accepts its bundles.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from fimci.attest.dsse import pae
from tests.artifacts.second_log import SecondLog
from tests.artifacts.timestamp_authority import Authority

CLAIM = "1.3.6.1.4.1.57264.1."
SCT_LIST = "1.3.6.1.4.1.11129.2.4.2"
IN_TOTO = "application/vnd.in-toto+json"
REPOSITORY = "https://github.com/acme/demo"
WORKFLOW = f"{REPOSITORY}/.github/workflows/release.yml"
TAG = "refs/tags/v1.0"
ISSUER = "https://token.actions.githubusercontent.com"
COMMIT = "ab" * 20
BUILDER = "https://github.com/actions/runner/github-hosted"
CLAIMS: dict[int, str] = {
    8: ISSUER,
    9: f"{WORKFLOW}@{TAG}",
    10: COMMIT,
    11: "github-hosted",
    12: REPOSITORY,
    13: COMMIT,
    14: TAG,
    15: "1001",
    16: "https://github.com/acme",
    17: "2002",
    18: f"{WORKFLOW}@{TAG}",
    19: COMMIT,
    20: "push",
    21: f"{REPOSITORY}/actions/runs/1/attempts/1",
    22: "public",
}


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def spki(key: Any) -> bytes:
    made: bytes = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return made


def signed(key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    return key.sign(data, ec.ECDSA(hashes.SHA256()))


def compact(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def usage_of(*allowed: str) -> x509.KeyUsage:
    """Make the extension that says what a key may do."""
    names = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
        *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**{name: name in allowed for name in names})


class Instance:
    """Two authorities, a log of certificates, two logs of signatures, and who says what time it is."""

    def __init__(self) -> None:
        self.now = dt.datetime.now(dt.timezone.utc).replace(microsecond=0)
        self.root_key, self.ca_key = (ec.generate_private_key(ec.SECP384R1()) for _ in range(2))
        self.ct_key, self.log_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        self.root = self._authority("root", self.root_key, None, 1)
        self.ca = self._authority("intermediate", self.ca_key, self.root, 0)
        self.second, self.authority = SecondLog(), Authority(self.now)

    def _authority(
        self, name: str, key: Any, issuer: x509.Certificate | None, length: int
    ) -> x509.Certificate:
        names = [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "fake"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
        subject = x509.Name(names)
        usage = usage_of("key_cert_sign", "crl_sign")
        parent = self.root_key
        built = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if issuer is None else issuer.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.now - dt.timedelta(days=30))
            .not_valid_after(self.now + dt.timedelta(days=3650))
            .add_extension(usage, critical=True)
            .add_extension(x509.BasicConstraints(ca=True, path_length=length), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(parent.public_key()), critical=False
            )
        )
        return built.sign(parent, hashes.SHA384())

    def trusted_root(self) -> bytes:
        begin = self.now - dt.timedelta(days=60)
        start = {"start": begin.isoformat().replace("+00:00", "Z")}

        def log(key: Any, name: str) -> dict[str, Any]:
            public = {"rawBytes": b64(spki(key)), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": start}
            identity = {"keyId": b64(hashlib.sha256(spki(key)).digest())}
            return {"baseUrl": name, "hashAlgorithm": "SHA2_256", "publicKey": public, "logId": identity}

        chain = [
            {"rawBytes": b64(one.public_bytes(serialization.Encoding.DER))} for one in (self.ca, self.root)
        ]
        authority = {
            "subject": {"organization": "fake", "commonName": "root"},
            "uri": "https://fulcio.invalid",
            "certChain": {"certificates": chain},
            "validFor": start,
        }
        return json.dumps(
            {
                "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
                "tlogs": [log(self.log_key, "https://rekor.invalid"), self.second.trusted(start)],
                "ctlogs": [log(self.ct_key, "https://ct.invalid")],
                "certificateAuthorities": [authority],
                "timestampAuthorities": [self.authority.trusted(begin)],
            }
        ).encode()

    def root_without_logs(self) -> bytes:
        """Return the root as an instance for private repositories has it: two authorities alone."""
        return json.dumps({**json.loads(self.trusted_root()), "tlogs": [], "ctlogs": []}).encode()

    def leaf(self, key: Any, claims: dict[int, str], identity: str, *, age: int = 0) -> x509.Certificate:
        """Make a certificate of ten minutes, published in the log of certificates."""
        usage = usage_of("digital_signature")
        begin = self.now - dt.timedelta(minutes=age)
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.ca_key.public_key())
        built = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(self.ca.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(begin + dt.timedelta(minutes=10))
            .add_extension(usage, critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(authority, critical=False)
            .add_extension(
                x509.SubjectAlternativeName([x509.UniformResourceIdentifier(identity)]), critical=True
            )
        )
        for number, text in claims.items():
            value = bytes((0x0C, len(text))) if len(text) < 128 else bytes((0x0C, 0x81, len(text)))
            extension = x509.UnrecognizedExtension(
                ObjectIdentifier(f"{CLAIM}{number}"), value + text.encode()
            )
            built = built.add_extension(extension, critical=False)
        draft = built.add_extension(self._scts(b"\0"), critical=False).sign(self.ca_key, hashes.SHA384())
        when = int(begin.timestamp() * 1000)
        tbs = draft.tbs_precertificate_bytes
        issuer = hashlib.sha256(spki(self.ca_key)).digest()
        entry = when.to_bytes(8, "big") + b"\0\x01" + issuer + len(tbs).to_bytes(3, "big") + tbs + b"\0\0"
        signature = signed(self.ct_key, b"\0\0" + entry)
        sct = b"\0" + hashlib.sha256(spki(self.ct_key)).digest() + when.to_bytes(8, "big") + b"\0\0"
        sct += b"\x04\x03" + len(signature).to_bytes(2, "big") + signature
        return built.add_extension(self._scts(sct), critical=False).sign(self.ca_key, hashes.SHA384())

    @staticmethod
    def _scts(sct: bytes) -> x509.UnrecognizedExtension:
        inner = len(sct).to_bytes(2, "big") + sct
        whole = len(inner).to_bytes(2, "big") + inner
        length = bytes((len(whole),)) if len(whole) < 128 else bytes((0x81, len(whole)))
        return x509.UnrecognizedExtension(ObjectIdentifier(SCT_LIST), b"\x04" + length + whole)

    def entry(self, body: dict[str, Any], *, delay: int = 5) -> dict[str, Any]:
        """Put a body into the log: a tree of one entry."""
        data = compact(body)
        identity = hashlib.sha256(spki(self.log_key)).digest()
        when = int(self.now.timestamp()) + delay
        leaf = hashlib.sha256(b"\0" + data).digest()
        note = f"rekor.invalid - 1\n1\n{b64(leaf)}\n"
        mark = b64(identity[:4] + signed(self.log_key, note.encode()))
        promise = {"body": b64(data), "integratedTime": when, "logID": identity.hex(), "logIndex": 0}
        return {
            "logIndex": "0",
            "logId": {"keyId": b64(identity)},
            "kindVersion": {"kind": body["kind"], "version": body["apiVersion"]},
            "integratedTime": str(when),
            "inclusionPromise": {"signedEntryTimestamp": b64(signed(self.log_key, compact(promise)))},
            "inclusionProof": {
                "logIndex": "0",
                "rootHash": b64(leaf),
                "treeSize": "1",
                "hashes": [],
                "checkpoint": {"envelope": f"{note}\n\u2014 rekor.invalid {mark}\n"},
            },
            "canonicalizedBody": b64(data),
        }

    def attested(  # noqa: PLR0913  (what a bundle may say)
        self,
        statement: dict[str, Any],
        claims: dict[int, str] | None = None,
        *,
        identity: str = f"{WORKFLOW}@{TAG}",
        kind: str = "dsse",
        payload_type: str = IN_TOTO,
        age: int = 0,
        delay: int = 5,
        version: str = "0.3",
    ) -> dict[str, Any]:
        """Make a bundle with a statement, as the attestation of a build has it."""
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = self.leaf(key, CLAIMS | (claims or {}), identity, age=age)
        payload = json.dumps(statement).encode()
        signature = b64(signed(key, pae(payload_type, payload)))
        envelope = {"payload": b64(payload), "payloadType": payload_type, "signatures": [{"sig": signature}]}
        pem = b64(leaf.public_bytes(serialization.Encoding.PEM))
        payload_hash = {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()}
        if kind == "dsse":
            envelope_hash = {"algorithm": "sha256", "value": hashlib.sha256(compact(envelope)).hexdigest()}
            signatures = [{"signature": signature, "verifier": pem}]
            spec: dict[str, Any] = {
                "envelopeHash": envelope_hash,
                "payloadHash": payload_hash,
                "signatures": signatures,
            }
            body = {"apiVersion": "0.0.1", "kind": "dsse", "spec": spec}
        else:
            logged = {
                "payloadType": payload_type,
                "signatures": [{"sig": b64(signature.encode()), "publicKey": pem}],
            }
            content = {"envelope": logged, "hash": payload_hash, "payloadHash": payload_hash}
            body = {"apiVersion": "0.0.2", "kind": "intoto", "spec": {"content": content}}
        return self._bundle(leaf, self.entry(body, delay=delay), version) | {"dsseEnvelope": envelope}

    def published(
        self, statement: dict[str, Any], key: ec.EllipticCurvePrivateKey, hint: str
    ) -> dict[str, Any]:
        """Make a bundle that a registry signs with a key of its own, as npm attests what it publishes."""
        payload = json.dumps(statement).encode()
        signature = b64(signed(key, pae(IN_TOTO, payload)))
        public = b64(f"-----BEGIN PUBLIC KEY-----\n{b64(spki(key))}\n-----END PUBLIC KEY-----\n".encode())
        logged = {
            "payloadType": IN_TOTO,
            "signatures": [{"sig": b64(signature.encode()), "publicKey": public}],
        }
        hashed = {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()}
        content = {"envelope": logged, "hash": hashed, "payloadHash": hashed}
        entry = self.entry({"apiVersion": "0.0.2", "kind": "intoto", "spec": {"content": content}})
        return {
            "mediaType": "application/vnd.dev.sigstore.bundle+json;version=0.2",
            "verificationMaterial": {"publicKey": {"hint": hint}, "tlogEntries": [entry]},
            "dsseEnvelope": {
                "payload": b64(payload),
                "payloadType": IN_TOTO,
                "signatures": [{"sig": signature}],
            },
        }

    def signed_file(  # noqa: PLR0913  (what a bundle may say)
        self,
        data: bytes,
        claims: dict[int, str] | None = None,
        *,
        identity: str = f"{WORKFLOW}@{TAG}",
        age: int = 0,
        delay: int = 5,
        version: str = "0.3",
    ) -> dict[str, Any]:
        """Make a bundle with the signature of a file."""
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = self.leaf(key, CLAIMS | (claims or {}), identity, age=age)
        signature, digest = signed(key, data), hashlib.sha256(data)
        public = {"content": b64(leaf.public_bytes(serialization.Encoding.PEM))}
        spec = {
            "data": {"hash": {"algorithm": "sha256", "value": digest.hexdigest()}},
            "signature": {"content": b64(signature), "publicKey": public},
        }
        entry = self.entry({"apiVersion": "0.0.1", "kind": "hashedrekord", "spec": spec}, delay=delay)
        message = {
            "messageDigest": {"algorithm": "SHA2_256", "digest": b64(digest.digest())},
            "signature": b64(signature),
        }
        return self._bundle(leaf, entry, version) | {"messageSignature": message}

    @staticmethod
    def _bundle(leaf: x509.Certificate, entry: dict[str, Any], version: str) -> dict[str, Any]:
        raw = {"rawBytes": b64(leaf.public_bytes(serialization.Encoding.DER))}
        media = "application/vnd.dev.sigstore.bundle"
        if version == "0.3":
            material: dict[str, Any] = {"certificate": raw}
            media = f"{media}.v0.3+json"
        else:
            material = {"x509CertificateChain": {"certificates": [raw]}}
            media = f"{media}+json;version={version}"
        return {"mediaType": media, "verificationMaterial": material | {"tlogEntries": [entry]}}


def provenance(name: str, digests: dict[str, str], **change: Any) -> dict[str, Any]:
    """Make a statement of SLSA v1 about a file, as GitHub's attestations have it."""
    workflow = {"repository": REPOSITORY, "ref": TAG, "path": ".github/workflows/release.yml"}
    definition = {
        "buildType": "https://actions.github.io/buildtypes/workflow/v1",
        "externalParameters": {"workflow": workflow},
        "resolvedDependencies": [{"uri": f"git+{REPOSITORY}@{TAG}", "digest": {"gitCommit": COMMIT}}],
    }
    statement: dict[str, Any] = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": digests}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": definition,
            "runDetails": {"builder": {"id": "https://github.com/actions/runner/github-hosted"}},
        },
    }
    return statement | change
