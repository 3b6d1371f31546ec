"""The entry of a transparency log is of this envelope in each of its parts, or refused."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from fimci.attest import logged
from fimci.attest.refusal import Refusal

_KEY, _KIND, _PAYLOAD, _SIGNATURE = b"-----KEY-----\n", "application/vnd.in-toto+json", b"{}", b"signed"


def entry(**other: Any) -> dict[str, Any]:
    """Return an entry as a log gives it, with one part of it another."""
    told = {
        "version": "0.0.2",
        "payload": _PAYLOAD,
        "kind": _KIND,
        "signature": _SIGNATURE,
        "key": _KEY,
        **other,
    }
    twice = base64.b64encode(base64.b64encode(told["signature"])).decode()
    body = {
        "kind": "intoto",
        "apiVersion": told["version"],
        "spec": {
            "content": {
                "envelope": {
                    "payloadType": told["kind"],
                    "signatures": [{"sig": twice, "publicKey": base64.b64encode(told["key"]).decode()}],
                },
                "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(told["payload"]).hexdigest()},
            }
        },
    }
    return {"canonicalizedBody": base64.b64encode(json.dumps(body).encode()).decode()}


def test_an_entry_of_this_envelope_is_taken() -> None:
    logged._same(entry(), _KEY, _KIND, _PAYLOAD, _SIGNATURE)


@pytest.mark.parametrize(
    "other",
    [
        {"signature": b"other"},
        {"payload": b"[]"},
        {"kind": "text/plain"},
        {"key": b"-----OTHER-----"},
        {"version": "0.0.1"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_an_entry_of_another_envelope_is_refused(other: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match="another envelope"):
        logged._same(entry(**other), _KEY, _KIND, _PAYLOAD, _SIGNATURE)
