"""Sign as the job that runs: a certificate of minutes for its identity, and an entry in a log.

The services are those of a client's trust configuration, which a file names; else those of the public
instance, as its repository of updates states them.
"""

from __future__ import annotations

import json
from typing import Any

from fimci.errors import UsageError

_LIMIT = 1 << 20


def signed(payload: bytes, services: str | None) -> bytes:
    """Return a bundle of Sigstore over an in-toto statement. Raises `UsageError`."""
    from sigstore.dsse import Statement  # noqa: PLC0415  (0.5 s, where an identity signs)
    from sigstore.oidc import IdentityToken  # noqa: PLC0415
    from sigstore.sign import SigningContext  # noqa: PLC0415
    from sigstore.verify import Verifier  # noqa: PLC0415
    from sigstore.verify.policy import UnsafeNoOp  # noqa: PLC0415  (who signed is known here: it is this job)

    raw = _token()
    config = _config(services)
    try:
        with SigningContext.from_trust_config(config).signer(IdentityToken(raw)) as signer:
            bundle = signer.sign_dsse(Statement(payload))
        # What nobody could verify later is not handed out: a log may have lied, or a clock be wrong.
        Verifier(trusted_root=config.trusted_root).verify_dsse(bundle, UnsafeNoOp())
    except Exception as error:  # noqa: BLE001  (of requests, pydantic, cryptography and sigstore itself)
        raise UsageError(
            f"could not be signed without a key: {_said(error)}",
            "see whether the services can be reached and take the identity of this job, or sign with a key",
        ) from None
    text: str = bundle.to_json()
    return json.dumps(json.loads(text), indent=1, sort_keys=True).encode() + b"\n"


def is_there() -> bool:
    """Tell whether this job has an identity."""
    from sigstore.oidc import detect_credential  # noqa: PLC0415  (see above)

    try:
        return detect_credential() is not None
    except Exception:  # noqa: BLE001  (of requests and of each kind of job: it has none that can be used)
        return False


def _token() -> str:
    """Return the identity token that the job has."""
    from sigstore.oidc import detect_credential  # noqa: PLC0415  (see above)

    why = "there is none"
    try:
        found: str | None = detect_credential()
    except Exception as error:  # noqa: BLE001  (of requests and of each kind of job)
        found, why = None, _said(error)
    if found is None:
        raise UsageError(
            f"no identity to sign with: {why}",
            "run it in a job that has one (on GitHub `permissions: id-token: write`), or name a key",
        )
    return found


def _config(services: str | None) -> Any:
    """Return where to sign: what a file names, or the public instance."""
    from sigstore.models import ClientTrustConfig  # noqa: PLC0415  (see above)

    try:
        if services is None:
            return ClientTrustConfig.production()
        with open(services, encoding="utf-8") as file:
            return ClientTrustConfig.from_json(file.read(_LIMIT))
    except Exception as error:  # noqa: BLE001  (of the disk, pydantic, and the repository of updates)
        raise UsageError(
            f"the services of {services or 'the public Sigstore'} cannot be used: {_said(error)}",
            "name a client trust configuration with --sigstore",
        ) from None


def _said(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).split("\n")[0][:200]
