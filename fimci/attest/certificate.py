"""What a signing certificate says of the job that asked for it (Fulcio's extensions).

https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md
"""

from __future__ import annotations

from typing import Any, NamedTuple

from fimci.attest.refusal import Refusal

_PREFIX = "1.3.6.1.4.1.57264.1."
#: Extensions in the order of their numbers, 8 to 22. The older ones (1 to 6) say less, and are not used.
NAMES = {
    8: "issuer",
    9: "signer",  # the workflow that ran, with its ref
    10: "signer-commit",
    11: "runner",
    12: "repository",
    13: "commit",
    14: "ref",
    15: "repository-id",
    16: "owner",
    17: "owner-id",
    18: "workflow",  # the one that was started, with its ref
    19: "workflow-commit",
    20: "trigger",
    21: "run",
    22: "visibility",
}
_OLD_ISSUER = 1
_UTF8 = 0x0C
_SHORT = 0x80


class Claims(NamedTuple):
    """Who signed: the subject of the certificate, and what is stated by name (`NAMES`)."""

    identity: str
    facts: dict[str, str]


def claims(certificate: Any) -> Claims:
    """Read a certificate of `cryptography`. Raises `Refusal` where it names nobody, or several."""
    from cryptography import x509  # noqa: PLC0415  (for signatures alone)

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        raise Refusal("certificate", "its certificate names nobody") from None
    found = [
        *names.get_values_for_type(x509.UniformResourceIdentifier),
        *names.get_values_for_type(x509.RFC822Name),
    ]
    if len(found) != 1 or len(list(names)) != 1:
        raise Refusal("certificate", "its certificate names not exactly one signer")
    facts: dict[str, str] = {}
    for extension in certificate.extensions:
        number = extension.oid.dotted_string.removeprefix(_PREFIX)
        if number.isdigit() and int(number) in NAMES:
            facts[NAMES[int(number)]] = _text(extension.value.value)
        elif number == str(_OLD_ISSUER):
            facts.setdefault("issuer", extension.value.value.decode("utf-8", "replace"))
    return Claims(found[0], facts)


def _text(der: bytes) -> str:
    """Decode a DER UTF8String. Raises `Refusal`."""
    if len(der) < 2 or der[0] != _UTF8:  # noqa: PLR2004  (tag and length)
        raise Refusal("certificate", "its certificate has an extension that is no text")
    length, at = der[1], 2
    if length >= _SHORT:
        count = length - _SHORT
        length, at = int.from_bytes(der[2 : 2 + count], "big"), 2 + count
    if len(der) != at + length:
        raise Refusal("certificate", "its certificate has an extension of another length than it states")
    return der[at:].decode("utf-8", "replace")
