"""Whom a connection over TLS trusts: the system's authorities, or those that policy names."""

from __future__ import annotations

import ssl

from fimci.delivery.refusal import RefusedError
from fimci.destinations import Destination


def context(destination: Destination) -> ssl.SSLContext:
    """Return what verifies certificate and name of the other side. Raises `RefusedError`."""
    ca = destination.ca
    pem = "-----BEGIN" in ca
    try:
        made = ssl.create_default_context(cafile=ca if ca and not pem else None, cadata=ca if pem else None)
    except (OSError, ValueError) as error:
        raise RefusedError(
            f"the certificates that `ca` names cannot be read: {error}", again=False
        ) from error
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    # Python asks OpenSSL 3 to take a cut for an end: what nobody read would count as arrived.
    made.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
    return made
