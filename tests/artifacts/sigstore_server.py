"""The services of `sigstore_instance` on loopback: sigstore's own client signs there."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.artifacts.sigstore_instance import CLAIMS, IN_TOTO, TAG, WORKFLOW, Instance, compact
from tests.artifacts.timestamp_authority import Stamp, asked

_MOST = 1 << 20
#: What a job has to ask for its identity with.
BEARER = "of-this-job"


def token(instance: Instance, **change: Any) -> str:
    """Make the identity that a job would have; sigstore reads it and leaves the judging to the authority."""
    now = int(instance.now.timestamp())
    facts = {"iss": CLAIMS[8], "aud": "sigstore", "sub": "repo:acme/demo", "iat": now, "nbf": now}
    claims = {**facts, "exp": now + 600, "job_workflow_ref": f"acme/demo@{TAG}", **change}
    parts = (json.dumps({"alg": "ES256", "typ": "JWT"}).encode(), json.dumps(claims).encode(), b"none")
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def _certificate(instance: Instance, asked: Any) -> Any:
    request = x509.load_pem_x509_csr(base64.b64decode(asked["certificateSigningRequest"]))
    leaf = instance.leaf(_Holder(request.public_key()), CLAIMS, f"{WORKFLOW}@{TAG}")
    chain = [one.public_bytes(Encoding.PEM).decode() for one in (leaf, instance.ca, instance.root)]
    return {"signedCertificateEmbeddedSct": {"chain": {"certificates": chain}}}


class _Holder:
    """A key of which only the public half is known here."""

    def __init__(self, public: Any) -> None:
        self.public = public

    def public_key(self) -> Any:
        return self.public


def _logged(instance: Instance, asked: Any) -> Any:
    proposed = asked["spec"]["proposedContent"]
    envelope = json.loads(proposed["envelope"])
    assert envelope["payloadType"] == IN_TOTO

    def hashed(data: bytes) -> dict[str, str]:
        return {"algorithm": "sha256", "value": hashlib.sha256(data).hexdigest()}

    signatures = [
        {"signature": one["sig"], "verifier": verifier}
        for one, verifier in zip(envelope["signatures"], proposed["verifiers"], strict=True)
    ]
    spec = {
        "envelopeHash": hashed(proposed["envelope"].encode()),
        "payloadHash": hashed(base64.b64decode(envelope["payload"])),
        "signatures": signatures,
    }
    entry = instance.entry({"apiVersion": "0.0.1", "kind": "dsse", "spec": spec})
    proof = entry["inclusionProof"]
    proof = {
        "logIndex": 0,
        "treeSize": 1,
        "hashes": [],
        "rootHash": base64.b64decode(proof["rootHash"]).hex(),
        "checkpoint": proof["checkpoint"]["envelope"],
    }
    promise = entry["inclusionPromise"]["signedEntryTimestamp"]
    return {
        "a" * 64: {
            "body": entry["canonicalizedBody"],
            "integratedTime": int(entry["integratedTime"]),
            "logID": base64.b64decode(entry["logId"]["keyId"]).hex(),
            "logIndex": 0,
            "verification": {"inclusionProof": proof, "signedEntryTimestamp": promise},
        }
    }


def _logged_second(instance: Instance, request: Any) -> Any:
    """Answer as a log of the second generation, which has one kind of entry."""
    given = request["hashedRekordRequestV002"]
    signature = given["signature"]
    return instance.second.entry(given["digest"], signature["content"], signature["verifier"])


def _answer(instance: Instance, path: str, data: bytes) -> tuple[str, bytes]:
    """Return the type of an answer, and what it says."""
    if path.endswith("/timestamp"):
        digest, nonce = asked(data)
        stamp = Stamp(instance.now + dt.timedelta(seconds=5), nonce)
        return "application/timestamp-reply", instance.authority.answer(digest, stamp)
    act: Callable[[Instance, Any], Any] = _certificate
    if not path.endswith("/signingCert"):
        act = _logged_second if path.endswith("/api/v2/log/entries") else _logged
    return "application/json", compact(act(instance, json.loads(data)))


@contextmanager
def served(instance: Instance, *, second: bool = False, stamps: bool = True) -> Iterator[bytes]:
    """Serve the authority and a log; yield the client's trust configuration.

    `second`: the log is one of the second generation, and `stamps` that there is a timestamp authority beside
    it, without which nobody knows when it was.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            data = self.rfile.read(min(int(self.headers["Content-Length"]), _MOST))
            kind, text = _answer(instance, self.path, data)
            self.send_response(201)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def do_GET(self) -> None:
            """Hand out the identity of the job, to whoever has its secret and asks for this audience."""
            known = self.headers.get("Authorization") == f"bearer {BEARER}"
            text = compact({"value": token(instance)})
            self.send_response(200 if known and "audience=sigstore" in self.path else 401)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield configuration(
            instance, f"http://127.0.0.1:{server.server_port}", version=1 + second, stamps=second and stamps
        )
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def configuration(instance: Instance, url: str, *, version: int = 1, stamps: bool = False) -> bytes:
    start = (instance.now - dt.timedelta(days=1)).isoformat().replace("+00:00", "Z")
    service = {"url": url, "majorApiVersion": 1, "validFor": {"start": start}, "operator": "fimci.example"}
    return json.dumps(
        {
            "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
            "trustedRoot": json.loads(instance.trusted_root()),
            "signingConfig": {
                "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
                "caUrls": [service],
                "oidcUrls": [service],
                "rekorTlogUrls": [service | {"majorApiVersion": version}],
                "rekorTlogConfig": {"selector": "ANY"},
                "tsaUrls": [service | {"url": f"{url}/timestamp"}] if stamps else [],
                "tsaConfig": {"selector": "ANY"},
            },
        }
    ).encode()
