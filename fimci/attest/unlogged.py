"""Bundles of an instance that has no log: a certificate that lived for minutes, and a timestamp that it did.

The code host signs so what its private repositories build. Nobody else sees that it was signed; so a bundle
without an entry counts only under a root of trust that was named and has no log itself. The pieces are those
of sigstore, as in `fimci.attest.logged`.
"""

from __future__ import annotations

import base64
from typing import Any

from fimci.attest import certificate, dsse, logged
from fimci.attest.certificate import Claims
from fimci.attest.refusal import Refusal, part_of

_MOST = 32


def verified(root: Any, bundle: Any) -> tuple[Claims, str, bytes]:
    """Verify such a bundle; return who signed, and the payload with its type. Raises `Refusal`."""
    from sigstore.verify import Verifier  # noqa: PLC0415  (see `fimci.attest.keyless`)

    kind, payload, signatures = dsse.parts(bundle.get("dsseEnvelope"))
    if len(signatures) != 1:
        raise Refusal("signature", "has not exactly one signature")
    material = bundle["verificationMaterial"]
    leaf = logged.leaf(material)
    verifier = Verifier.__new__(Verifier)  # whose beginning asks for a log
    verifier._trusted_root, verifier._fulcio_certificate_chain = root, root.get_fulcio_certs()  # noqa: SLF001
    try:
        times = [_time(verifier, one, signatures[0]) for one in _stamps(material)]
        for when in times:
            logged.trusted(verifier, root, leaf, when, published=bool(root._inner.ctlogs))  # noqa: SLF001
    except Refusal:
        raise
    except Exception as error:  # noqa: BLE001  (whatever it was, it could not be checked)
        raise Refusal(part_of(error), f"does not hold: {str(error).split(chr(10))[0][:200]}") from None
    if not dsse.signed_by(logged.public(leaf), signatures[0], dsse.pae(kind, payload)):
        raise Refusal("signature", "the signature is not that of the certificate")
    return certificate.claims(leaf), kind, payload


def _stamps(material: Any) -> list[bytes]:
    """Return the timestamps of a bundle. Raises `Refusal` where there are none, or too many."""
    listed = (material.get("timestampVerificationData") or {}).get("rfc3161Timestamps") or []
    if not 0 < len(listed) <= _MOST:
        raise Refusal("time", "has neither an entry of a log nor a timestamp")
    return [base64.b64decode(one["signedTimestamp"]) for one in listed]


def _time(verifier: Any, stamp: bytes, signature: bytes) -> Any:
    """Return the time that an authority vouches for; each of them must hold. Raises `Refusal`."""
    from rfc3161_client import decode_timestamp_response  # noqa: PLC0415  (for signatures alone)

    found = verifier._verify_signed_timestamp(decode_timestamp_response(stamp), signature)  # noqa: SLF001
    if found is None:
        raise Refusal("time", "has a timestamp of no authority that is trusted, or of another signature")
    return found.time
