"""The roots of trust that are shipped: from where, of which day, and with which hash.

`trusted_root.json` is that of the public Sigstore instance, as the sigstore wheel and npm carry it (the same
bytes). The keys are those with which the npm registry signs, as npm carries them. A key that has ended is
still right for what was signed before its end.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from typing import NamedTuple

from fimci.attest.refusal import Refusal

FILE = "trusted_root.json"
SHA256 = "6494e21ea73fa7ee769f85f57d5a3e6a08725eae1e38c755fc3517c9e6bc0b66"
#: When the shipped roots were held against those of sigstore 4.5.1 and npm 11.19.
TAKEN = dt.date(2026, 11, 26)
_LIMIT = 1 << 20


class Key(NamedTuple):
    """A public key of a registry: base64 of its DER, and when it ended (`None`: it signs still)."""

    spki: str
    end: dt.datetime | None


NPM_KEYS = {
    "SHA256:jl3bwswu80PjjokCgh0o2w5c2U4LhQAE57gj9cz1kzA": Key(
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE1Olb3zMAFFxXKHiIkQO5cJ3Yhl5i6UPp+IhuteBJbuHcA5UogKo0EWtlWwW6KSaKoTNEYL7JlCQiVnkhBktUgg==",
        dt.datetime(2025, 1, 29, tzinfo=dt.timezone.utc),
    ),
    "SHA256:DhQ8wR5APBvFHLF/+Tc+AYvPOdTpcIDqOhxsBHRwC7U": Key(
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEY6Ya7W++7aUPzvMTrezH6Ycx3c+HOKYCcNGybJZSCJq/fd7Qa8uuAKtdIkUQtQiEKERhAmE5lMMJhP8OkDOa2g==",
        None,
    ),
}


def trusted_root(named: str | None = None) -> bytes:
    """Return the root that is named, else the shipped one if nobody changed it. Raises `Refusal`."""
    path = named or os.path.join(os.path.dirname(__file__), FILE)
    try:
        with open(path, "rb") as file:
            data = file.read(_LIMIT)
    except OSError as error:
        raise Refusal("material", f"the root of trust {path} cannot be read: {error.strerror}") from None
    if named is None and hashlib.sha256(data).hexdigest() != SHA256:
        raise Refusal("material", "the root of trust that comes with fimci was changed: install it again")
    return data
