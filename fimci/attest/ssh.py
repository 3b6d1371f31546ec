"""Signatures of SSH keys (`ssh-keygen -Y sign`), verified in this process.

https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct
from typing import NamedTuple

from fimci.attest.refusal import Refusal

_ARMOUR = re.compile(
    rb"\s*-----BEGIN SSH SIGNATURE-----\s+([A-Za-z0-9+/=\s]{1,20000})\s*-----END SSH SIGNATURE-----\s*"
)
_MAGIC = b"SSHSIG"
_HASHES = ("sha256", "sha512")
_ECDSA = {b"nistp256": "sha256", b"nistp384": "sha384", b"nistp521": "sha512"}
_RSA = {b"rsa-sha2-256": "sha256", b"rsa-sha2-512": "sha512"}
_SHORTEST_RSA = 2048


class Signature(NamedTuple):
    """A signature taken apart: the key in its wire form, what it is for, and how it was made."""

    key: bytes
    namespace: bytes
    algorithm: str
    signature: bytes

    @property
    def fingerprint(self) -> str:
        """Return the fingerprint of the key, as `ssh-keygen -l` prints it."""
        return "SHA256:" + base64.b64encode(hashlib.sha256(self.key).digest()).decode().rstrip("=")


class Allowed(NamedTuple):
    """A line of an allowed-signers file: who, with which key, and for which namespaces (empty: any)."""

    principals: tuple[str, ...]
    key: bytes
    namespaces: tuple[str, ...] = ()


def parse(armoured: bytes) -> Signature:
    """Take a signature apart. Raises `Refusal`."""
    found = _ARMOUR.fullmatch(armoured)
    if found is None:
        raise Refusal("form", "is no SSH signature")
    try:
        data = base64.b64decode(b"".join(found[1].split()), validate=True)
    except (binascii.Error, ValueError):
        raise Refusal("form", "is no SSH signature") from None
    if not data.startswith(_MAGIC + b"\0\0\0\x01"):
        raise Refusal("form", "is an SSH signature of another version")
    rest = data[len(_MAGIC) + 4 :]
    strings = []
    for _ in range(5):
        text, rest = _string(rest)
        strings.append(text)
    if rest:
        raise Refusal("form", "has data after its signature")
    algorithm = strings[3].decode("ascii", "replace")
    if algorithm not in _HASHES:
        raise Refusal("form", f"hashes with {algorithm[:20]}")
    return Signature(strings[0], strings[1], algorithm, strings[4])


def bare(blob: bytes) -> Signature:
    """Take a signature apart that stands without its armour, as in an envelope. Raises `Refusal`."""
    return parse(b"-----BEGIN SSH SIGNATURE-----\n%b\n-----END SSH SIGNATURE-----\n" % base64.b64encode(blob))


def is_one(blob: bytes) -> bool:
    """Tell whether bytes are meant to be such a signature, and not one of a bare key."""
    return blob.startswith(_MAGIC)


def allowed(data: bytes) -> list[Allowed]:
    """Read an allowed-signers file (ssh-keygen(1)); certificates and unknown options allow nobody."""
    found = []
    for line in data.decode("utf-8", "replace").splitlines():
        words = _words(line)
        at = next((n for n, word in enumerate(words) if re.fullmatch(r"(?:ssh|ecdsa|sk)-[\w@.-]+", word)), 0)
        options = [word for word in words[1:at] if not word.startswith("namespaces=")]
        if line.startswith("#") or not at or options or at + 1 >= len(words):
            continue
        spaces = [word.partition("=")[2].strip('"') for word in words[1:at]]
        try:
            key = base64.b64decode(words[at + 1], validate=True)
        except (binascii.Error, ValueError):
            continue
        found.append(Allowed(tuple(words[0].split(",")), key, tuple(n for s in spaces for n in s.split(","))))
    return found


def verified(message: bytes, signature: Signature, signers: list[Allowed], namespace: str) -> str:
    """Return who signed a message, for that namespace alone. Raises `Refusal`."""
    if signature.namespace != namespace.encode():
        said = signature.namespace.decode("utf-8", "replace")[:40]
        raise Refusal("signature", f"was made for {said!r}, not for {namespace!r}")
    who = next(
        (a for a in signers if a.key == signature.key and (not a.namespaces or namespace in a.namespaces)),
        None,
    )
    if who is None:
        raise Refusal("identity", f"is of a key that nobody allows: {signature.fingerprint}")
    hashed = hashlib.new(signature.algorithm, message).digest()
    parts = (signature.namespace, b"", signature.algorithm.encode(), hashed)
    signed = _MAGIC + b"".join(struct.pack(">I", len(part)) + part for part in parts)
    if not _holds(signature, signed):
        raise Refusal("signature", "is not a signature of this")
    return who.principals[0]


def _holds(signature: Signature, signed: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm  # noqa: PLC0415  (for signatures)
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_ssh_public_key  # noqa: PLC0415

    made = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
    kind, _ = _string(signature.key)
    algorithm, rest = _string(signature.signature)
    blob, rest = _string(rest)
    if rest:
        return False
    try:
        key = load_ssh_public_key(kind + b" " + base64.b64encode(signature.key))
        if isinstance(key, ed25519.Ed25519PublicKey) and algorithm == b"ssh-ed25519":
            key.verify(blob, signed)
        elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm == kind:
            r, rest = _string(blob)
            s, _ = _string(rest)
            number = utils.encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
            key.verify(number, signed, ec.ECDSA(made[_ECDSA[algorithm.rpartition(b"-")[2]]]))
        elif isinstance(key, rsa.RSAPublicKey) and algorithm in _RSA and key.key_size >= _SHORTEST_RSA:
            key.verify(blob, signed, padding.PKCS1v15(), made[_RSA[algorithm]])
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, KeyError):
        return False
    return True


def _string(data: bytes) -> tuple[bytes, bytes]:
    """Take a string with its length off the front. Raises `Refusal`."""
    if len(data) < 4:  # noqa: PLR2004  (the length itself)
        raise Refusal("form", "ends early")
    (length,) = struct.unpack_from(">I", data)
    if len(data) < 4 + length:
        raise Refusal("form", "ends early")
    return data[4 : 4 + length], data[4 + length :]


def _words(line: str) -> list[str]:
    """Split at blanks outside of quotes."""
    return re.findall(r'(?:[^\s"]|"[^"]*")+', line)
