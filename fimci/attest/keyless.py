"""Sigstore bundles: a certificate that lived for minutes, a log that saw it, and a signature.

The checks are those of `sigstore`, with a root of trust that is given and never looked up. It does not
check entries of the kind `intoto`, which npm's provenance has: those are put together from its parts
(`fimci.attest.logged`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from fimci.attest import certificate, logged, unlogged
from fimci.attest.certificate import Claims
from fimci.attest.materials import Material
from fimci.attest.refusal import Refusal, part_of


class Verified(NamedTuple):
    """What a bundle proves: who signed, and the payload with its type; of a message, neither is there."""

    claims: Claims
    kind: str = ""
    payload: bytes = b""


class _NamesSomebody:
    """A policy for sigstore: there must be a name. Who it must be is judged afterwards, with reasons."""

    def verify(self, cert: Any) -> None:
        """Raise `Refusal` where the certificate names nobody, or several."""
        certificate.claims(cert)


class Verifier:
    """Sigstore's verifier for a root of trust, made once for a run: that takes half a second.

    A file of roots, one a line, has one for each instance that is trusted: at most one with logs, and one
    without.
    """

    def __init__(self, root: bytes) -> None:
        """Raise `Refusal` where that is no root of trust."""
        found = [_root(data) for data in _parted(root)]
        with_logs = [one for one in found if one._inner.tlogs]  # noqa: SLF001  (the one way)
        without = [one for one in found if not one._inner.tlogs]  # noqa: SLF001
        if len(with_logs) > 1 or len(without) > 1:
            raise Refusal("material", "the roots of trust are several of one kind: name one")
        self.root = next(iter(with_logs), None)
        self.unlogged = next(iter(without), None)
        self.inner: Any = _inner(self.root) if self.root is not None else None

    def verified(self, material: Material, sha256: str) -> Verified:
        """Verify a bundle for a file with that hash. Raises `Refusal`."""
        if self.unlogged is not None and (self.inner is None or _is_unlogged(material.value)):
            return _put_together(unlogged.verified, self.unlogged, material.value)
        if _is_unlogged(material.value):
            own = "an instance without logs has a root of its own (--trusted-root)"
            raise Refusal("log", f"has no entry of a log: {own}")
        if _is_keyed(material.value) or _kind(material.value) == ("intoto", "0.0.2"):
            return _put_together(logged.verified, self.inner, self.root, material.value)
        from sigstore.models import Bundle  # noqa: PLC0415  (see above)

        try:
            bundle = Bundle.from_json(json.dumps(material.value))
        except Exception as error:  # noqa: BLE001  (pydantic and binascii have errors of their own)
            raise Refusal(part_of(error, "form"), f"is no bundle that can be used: {_said(error)}") from None
        try:
            if "dsseEnvelope" in material.value:
                kind, payload = self.inner.verify_dsse(bundle, _NamesSomebody())
            else:
                kind, payload = "", b""
                self.inner.verify_artifact(_hashed(sha256), bundle, _NamesSomebody())
        except Refusal:
            raise
        except Exception as error:  # noqa: BLE001  (what cannot be checked is refused, whatever it was)
            raise Refusal(part_of(error), f"does not hold: {_said(error)}") from None
        return Verified(certificate.claims(bundle.signing_certificate), kind, payload)


def _put_together(verify: Callable[..., tuple[Claims, str, bytes]], *words: Any) -> Verified:
    try:
        return Verified(*verify(*words))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Refusal("form", f"is no bundle that can be used: {_said(error)}") from None


def _inner(root: Any) -> Any:
    from sigstore.verify import Verifier as Inner  # noqa: PLC0415  (0.5 s, where signatures are checked)

    try:
        return Inner(trusted_root=root)
    except Exception as error:  # noqa: BLE001  (of pydantic, cryptography and sigstore itself)
        raise Refusal("material", f"the root of trust cannot be used: {_said(error)}") from None


def _parted(data: bytes) -> list[bytes]:
    """Take a file of roots apart: one, or one a line (`gh attestation trusted-root`)."""
    lines = [line for line in data.split(b"\n") if line.strip()]
    if len(lines) > 1 and all(
        line.lstrip().startswith(b"{") and line.rstrip().endswith(b"}") for line in lines
    ):
        return lines
    return [data]


def _is_unlogged(bundle: Any) -> bool:
    """Tell whether a bundle has no entry of a log."""
    material = bundle.get("verificationMaterial")
    return isinstance(material, dict) and not material.get("tlogEntries")


def _root(data: bytes) -> Any:
    import os  # noqa: PLC0415  (to hand over bytes by a file, the one way there is)
    import tempfile  # noqa: PLC0415

    from sigstore.models import TrustedRoot  # noqa: PLC0415  (see above)

    handle, path = tempfile.mkstemp(suffix=".json")
    try:
        with open(handle, "wb") as file:
            file.write(data)
        return TrustedRoot.from_file(path)
    except Exception as error:  # noqa: BLE001  (of pydantic, for the most part)
        raise Refusal("material", f"the root of trust cannot be read: {_said(error)}") from None
    finally:
        os.unlink(path)


def _is_keyed(bundle: Any) -> bool:
    """Tell whether a key of a registry takes the place of a certificate."""
    material = bundle.get("verificationMaterial")
    return isinstance(material, dict) and "publicKey" in material


def _kind(bundle: Any) -> tuple[str, str]:
    try:
        kind = bundle["verificationMaterial"]["tlogEntries"][0]["kindVersion"]
        return str(kind["kind"]), str(kind["version"])
    except (KeyError, IndexError, TypeError):
        return "", ""


def _hashed(sha256: str) -> Any:
    from sigstore.hashes import Hashed  # noqa: PLC0415  (see above)
    from sigstore_models.common.v1 import HashAlgorithm  # noqa: PLC0415  (the same)

    return Hashed(algorithm=HashAlgorithm.SHA2_256, digest=bytes.fromhex(sha256))


def _said(error: Exception) -> str:
    """Return the first line of an error in a few words: some hold the whole input."""
    return (str(error).strip() or type(error).__name__).split("\n")[0][:200]
